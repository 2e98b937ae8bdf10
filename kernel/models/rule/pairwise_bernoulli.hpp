#pragma once
#include <algorithm>
#include <array>

#include <nest_lab/rule.hpp>

namespace nl {

struct pairwise_bernoulli {
  static constexpr auto doc =
      "Each pair of source and target is connected with probability p. For constant p the work is proportional to\n"
      "the connections, not to the pairs. In space p may depend on where the nodes are, and a mask restricts the\n"
      "pairs to those near each other.";
  static constexpr bool by_target = false;
  static constexpr bool in_space = true;
  static constexpr bool either_side = true;
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
    if (c.space) return expected_in_space(c);
    const double p = c.args->p.is_constant() ? c.args->p.value() : 1;
    return p * double(c.sources->size()) * double(c.targets->size());
  }
  static std::vector<std::int64_t> shape(const RuleCall&) { return {}; }

  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const NodeId source = (*c.sources)[row];
    Stream s = c.random;
    s.row = std::uint64_t(row);
    if (c.space) return row_in_space(c, s, source, out);
    auto add = [&](std::int64_t i) {
      if (const NodeId t = (*c.targets)[i]; source != t || c.args->allow_autapses) out.add(source, t);
    };
    if (c.args->p.is_constant()) draw_with_chance(s, c.args->p.value(), c.targets->size(), add);
    else dense(c, s, c.targets->size(), add);
  }

  static void row_in_space(const RuleCall& c, const Stream& s, NodeId source, Edges& out) {
    thread_local std::vector<std::uint32_t> reached;
    reached_by(c, source, reached);
    auto add = [&](std::int64_t i) {
      const NodeId t = (*c.targets)[reached[std::size_t(i)]];
      if (source != t || c.args->allow_autapses) out.add(source, t);
    };
    if (c.args->p.is_constant()) return draw_with_chance(s, c.args->p.value(), std::int64_t(reached.size()), add);
    each_probability(c, s, source, reached, [&](std::size_t i, double p, std::uint32_t word) {
      if (to_uniform(word) < p) add(std::int64_t(i));
    });
  }

  // Calls f(number, probability, random word) for all that a source reaches.
  template <class F>
  static void each_probability(const RuleCall& c, const Stream& s, NodeId source,
                               const std::vector<std::uint32_t>& reached, F&& f) {
    thread_local Pairing::Room room;
    alignas(64) std::uint32_t word[draw_group];
    double p[draw_group];
    NodeId from[draw_group], to[draw_group];
    std::fill_n(from, draw_group, source);
    Stream of_p = s;
    of_p.purpose = std::uint32_t(Purpose::degree);
    for (std::size_t i = 0; i < reached.size(); i += draw_group) {
      const std::size_t m = std::min<std::size_t>(draw_group, reached.size() - i);
      for (std::size_t j = 0; j < m; ++j) to[j] = (*c.targets)[reached[i + j]];
      const Scene scene = c.space->look(c.args->p.needs(), from, to, m, room);
      draw64(s, std::uint32_t(i / draw_group), word);
      c.args->p.draw(of_p, std::uint32_t(i), {p, m}, &scene);
      for (std::size_t j = 0; j < m; ++j) f(i + j, p[j], word[j]);
    }
  }

  static double expected_in_space(const RuleCall& c) {
    return double(c.sources->size()) * c.space->once([&] {
      return mean_reached(c, [&](NodeId source, const std::vector<std::uint32_t>& reached) {
        if (c.args->p.is_constant()) return c.args->p.value() * double(reached.size());
        double sum = 0;
        each_probability(c, c.random, source, reached,
                         [&](std::size_t, double p, std::uint32_t) { sum += std::clamp(p, 0.0, 1.0); });
        return std::max(sum, 1e-3);  // a sample that finds none does not say that there are none
      });
    });
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
