#pragma once
#include <array>
#include <cmath>

#include <nest_lab/rule.hpp>
#include <nest_lab/variates.hpp>

namespace nl {

struct pairwise_poisson {
  static constexpr auto doc =
      "Each pair of source and target is connected as many times as a Poisson distribution of mean pairwise_avg_num_conns says.\n"
      "The connections of a source to all targets are then Poisson too, and given their number each goes to any target alike:\n"
      "that is how they are drawn, so that the work is proportional to the connections, not to the pairs.";
  static constexpr bool by_target = false;
  static constexpr bool to_devices = true;
  static constexpr bool exact = false;
  static constexpr std::array required{"pairwise_avg_num_conns"};

  static void check(const RuleCall& c) {
    const auto [low, high] = c.args->p.bounds();
    if (!c.args->p.is_constant() || !(low >= 0 && std::isfinite(high)))
      throw Error("BadRule", "pairwise_poisson: pairwise_avg_num_conns must be a number and not negative",
                  c.args->p.is_constant() ? number(c.args->p.value()) : "a random parameter", "0 or more",
                  "Give the mean number of connections of a pair.");
    if (!c.args->allow_multapses)
      throw Error("BadRule", "pairwise_poisson connects some pairs more than once", "allow_multapses=False", "True",
                  "Allow multapses, or use pairwise_bernoulli.");
  }
  static std::int64_t rows(const RuleCall& c) { return c.sources->size(); }
  static double expected(const RuleCall& c) {
    return c.args->p.value() * double(c.sources->size()) * double(c.targets->size());
  }
  static std::vector<std::int64_t> shape(const RuleCall&) { return {}; }

  // Autapses are drawn like all others and left out, which leaves the other pairs alone.
  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const NodeId source = (*c.sources)[row];
    Stream s = c.random, of_number = c.random;
    s.row = of_number.row = std::uint64_t(row);
    of_number.purpose = std::uint32_t(Purpose::degree);
    const double n = Draws(of_number, 0).poisson(c.args->p.value() * double(c.targets->size()));
    draw_repeated(s, *c.targets, std::int64_t(n), source, true, [&](NodeId t) {
      if (t != source || c.args->allow_autapses) out.add(source, t);
    });
  }
};

}  // namespace nl
