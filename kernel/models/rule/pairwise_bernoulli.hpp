#pragma once
#include <algorithm>
#include <array>

#include <nest_lab/rule.hpp>

namespace nl {

struct pairwise_bernoulli {
  static constexpr auto doc =
      "Each pair of source and target is connected with probability p. For constant p the work is proportional to\n"
      "the connections, not to the pairs.";
  static constexpr bool by_target = false;
  static constexpr bool to_devices = true;
  static constexpr bool exact = false;
  static constexpr std::array required{"p"};

  static void check(const RuleCall& c) {
    const auto [low, high] = c.args->p.bounds();
    if (c.args->p.is_constant() && !(low >= 0 && high <= 1))
      throw Error("BadRule", "pairwise_bernoulli: p must be a probability", number(c.args->p.value()), "from 0 to 1",
                  "Give the probability that a pair is connected.");
  }
  static std::int64_t rows(const RuleCall& c) { return c.sources->size(); }
  static double expected(const RuleCall& c) {
    const double p = c.args->p.is_constant() ? c.args->p.value() : 1;
    return p * double(c.sources->size()) * double(c.targets->size());
  }
  static std::vector<std::int64_t> shape(const RuleCall&) { return {}; }

  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const NodeId source = (*c.sources)[row];
    Stream s = c.random;
    s.row = std::uint64_t(row);
    auto add = [&](std::int64_t i) {
      if (const NodeId t = (*c.targets)[i]; source != t || c.args->allow_autapses) out.add(source, t);
    };
    if (c.args->p.is_constant()) draw_with_chance(s, c.args->p.value(), c.targets->size(), add);
    else dense(c, s, c.targets->size(), add);
  }

  template <class Add>
  static void dense(const RuleCall& c, const Stream& s, std::int64_t n, Add&& add) {
    alignas(64) std::uint32_t word[draw_group];
    double p[draw_group];
    Stream of_p = s;
    of_p.purpose = std::uint32_t(Purpose::degree);
    for (std::int64_t i = 0; i < n; i += draw_group) {
      draw64(s, std::uint32_t(i / draw_group), word);
      const int m = int(std::min<std::int64_t>(draw_group, n - i));
      c.args->p.draw(of_p, std::uint32_t(i), {p, std::size_t(m)});
      for (int j = 0; j < m; ++j)
        if (to_uniform(word[j]) < p[j]) add(i + j);
    }
  }
};

}  // namespace nl
