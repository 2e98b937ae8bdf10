#pragma once
#include <array>
#include <utility>

#include <nest_lab/rule.hpp>

namespace nl {

struct symmetric_pairwise_bernoulli {
  static constexpr auto doc =
      "Each pair of source and target is connected both ways with probability p; a node is not connected with itself.\n"
      "Say so: conn_spec needs allow_autapses=False and make_symmetric=True. From a population to itself every pair of nodes\n"
      "is looked at twice, once from each side, and so can be connected twice.";
  static constexpr bool by_target = false;
  static constexpr bool to_devices = false;
  static constexpr bool exact = false;
  static constexpr bool both_ways = true;
  static constexpr std::array<std::pair<const char*, bool>, 3> needs{
      {{"allow_autapses", false}, {"allow_multapses", true}, {"make_symmetric", true}}};
  static constexpr std::array required{"p"};

  static void check(const RuleCall& c) {
    const Parameter& p = c.args->p;
    if (!p.is_constant() || !(p.value() >= 0 && p.value() <= 1))
      throw Error("BadRule", "symmetric_pairwise_bernoulli: p must be a number and a probability", p.text(),
                  "from 0 to 1", "Give the probability that a pair is connected.");
  }
  static std::int64_t rows(const RuleCall& c) { return c.sources->size(); }
  static double expected(const RuleCall& c) {
    return c.args->p.value() * double(c.sources->size()) * double(c.targets->size());
  }
  static std::vector<std::int64_t> shape(const RuleCall&) { return {}; }

  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const NodeId source = (*c.sources)[row];
    Stream s = c.random;
    s.row = std::uint64_t(row);
    draw_with_chance(s, c.args->p.value(), c.targets->size(), [&](std::int64_t i) {
      if (const NodeId t = (*c.targets)[i]; t != source) out.add(source, t);
    });
  }
};

}  // namespace nl
