#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include <nest_lab/rule.hpp>

namespace nl {

struct fixed_outdegree {
  static constexpr auto doc =
      "Each source makes `outdegree` connections to targets drawn at random, with replacement where multapses are allowed.\n"
      "In space a mask restricts whom a node may be connected with, and p says how likely each of these is drawn.";
  static constexpr bool by_target = false;
  static constexpr bool to_devices = false;
  static constexpr bool exact = true;
  static constexpr bool in_space = true;
  static constexpr std::array required{"outdegree"};

  static std::int64_t degree(const RuleCall& c, std::int64_t row) {
    if (c.args->outdegree.is_constant()) return whole_degree(c.args->outdegree.value());
    double k;
    Stream s = c.random;
    s.purpose = std::uint32_t(Purpose::degree);
    c.args->outdegree.draw(s, std::uint32_t(row), {&k, 1});
    return std::max<std::int64_t>(0, whole_degree(k));
  }

  static void check(const RuleCall& c) {
    if (whole_degree(std::ceil(c.args->outdegree.bounds().second)) < 0)
      throw Error("BadRule", "fixed_outdegree: outdegree must not be negative", number(c.args->outdegree.value()),
                  "0 or more", "Give the number of connections each source makes.");
    if (c.space) return check_reached(c, "fixed_outdegree", [&](std::int64_t row) { return degree(c, row); });
    if (!c.args->outdegree.is_constant()) return;
    const std::int64_t n = c.targets->size(), k = whole_degree(c.args->outdegree.value());
    if (n == 0 && k > 0)
      throw Error("BadRule", "fixed_outdegree needs at least one target", "0 targets", "1 or more",
                  "Give the targets to draw from.");
    const std::int64_t most =
        c.args->allow_multapses ? (c.args->allow_autapses || n > 1 ? k : 0) : n - (c.args->allow_autapses ? 0 : 1);
    if (k > most)
      throw Error("BadRule", "fixed_outdegree: outdegree is larger than the number of targets to choose from",
                  std::to_string(k) + " of " + std::to_string(n) + " targets", "at most " + std::to_string(most),
                  "Lower outdegree, give more targets, or set allow_multapses to True.");
  }
  static std::int64_t rows(const RuleCall& c) { return c.sources->size(); }
  static double expected(const RuleCall& c) {
    if (c.args->outdegree.is_constant()) return double(c.sources->size()) * c.args->outdegree.value();
    double sum = 0;
    for (std::int64_t i = 0; i < c.sources->size(); ++i) sum += double(degree(c, i));
    return sum;
  }
  static std::vector<std::int64_t> shape(const RuleCall& c) { return {c.sources->size(), degree(c, 0)}; }

  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const std::int64_t n = c.targets->size(), k = degree(c, row);
    const NodeId source = (*c.sources)[row];
    if (c.space) {
      draw_reached(c, row, k, out.target);
      out.source.resize(out.target.size(), source);
      return;
    }
    Stream s = c.random;
    s.row = std::uint64_t(row);
    if (!c.args->allow_multapses) {
      thread_local std::vector<std::uint32_t> drawn;
      std::int64_t self = -1;
      if (!c.args->allow_autapses)
        for (std::int64_t j = 0; j < n && self < 0; ++j)
          if ((*c.targets)[j] == source) self = j;
      draw_distinct(s, n, std::min(k, n - (self >= 0)), self, drawn);
      for (std::uint32_t j : drawn) out.add(source, (*c.targets)[j]);
      return;
    }
    draw_repeated(s, *c.targets, k, source, c.args->allow_autapses, [&](NodeId t) { out.add(source, t); });
  }
  static std::int64_t place(const RuleCall& c, std::int64_t row, std::int64_t k, const Edges&) {
    return row * degree(c, 0) + k;
  }
};

}  // namespace nl
