#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include <nest_lab/rule.hpp>

namespace nl {

struct fixed_indegree {
  static constexpr auto doc =
      "Each target receives `indegree` connections from sources drawn at random, with replacement where multapses are allowed.\n"
      "In space a mask restricts whom a node may be connected with, and p says how likely each of these is drawn.";
  static constexpr bool by_target = true;
  static constexpr bool to_devices = true;
  static constexpr bool exact = true;
  static constexpr bool in_space = true;
  static constexpr std::array required{"indegree"};

  static std::int64_t degree(const RuleCall& c, std::int64_t row) {
    if (c.args->indegree.is_constant()) return whole_degree(c.args->indegree.value());
    double k;
    Stream s = c.random;
    s.purpose = std::uint32_t(Purpose::degree);
    c.args->indegree.draw(s, std::uint32_t(row), {&k, 1});
    return std::max<std::int64_t>(0, whole_degree(k));
  }

  static void check(const RuleCall& c) {
    const std::int64_t n = c.sources->size(), most = whole_degree(std::ceil(c.args->indegree.bounds().second));
    if (most < 0)
      throw Error("BadRule", "fixed_indegree: indegree must not be negative", number(c.args->indegree.value()),
                  "0 or more", "Give the number of connections each target receives.");
    if (c.space) return check_reached(c, "fixed_indegree", [&](std::int64_t row) { return degree(c, row); });
    if (!c.args->indegree.is_constant()) return;
    if (n == 0 && most > 0)
      throw Error("BadRule", "fixed_indegree needs at least one source", "0 sources", "1 or more",
                  "Give the sources to draw from.");
    if (!c.args->allow_multapses && most > n)
      throw Error("BadRule", "fixed_indegree without multapses: indegree is larger than the number of sources",
                  std::to_string(most) + " of " + std::to_string(n) + " sources", "at most " + std::to_string(n),
                  "Lower indegree, give more sources, or set allow_multapses to True.");
    if (c.args->allow_autapses || most == 0 || most + (c.args->allow_multapses ? 0 : 1) <= n) {
      if (!(n == 1 && most > 0 && !c.args->allow_autapses)) return;
    }
    for (std::int64_t i = 0; i < c.targets->size(); ++i)
      for (std::int64_t j = 0; j < n; ++j)
        if ((*c.sources)[j] == (*c.targets)[i])
          throw Error("BadRule", "fixed_indegree without autapses: too few sources other than the target itself",
                      std::to_string(most) + " of " + std::to_string(n - 1) + " sources",
                      "at most " + std::to_string(n - 1), "Lower indegree, give more sources, or allow autapses.");
  }
  static std::int64_t rows(const RuleCall& c) { return c.targets->size(); }
  static double expected(const RuleCall& c) {
    if (c.args->indegree.is_constant()) return double(c.targets->size()) * c.args->indegree.value();
    double sum = 0;
    for (std::int64_t i = 0; i < c.targets->size(); ++i) sum += double(degree(c, i));
    return sum;
  }
  static std::vector<std::int64_t> shape(const RuleCall& c) { return {c.targets->size(), degree(c, 0)}; }

  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const std::int64_t n = c.sources->size(), k = degree(c, row);
    const NodeId t = (*c.targets)[row];
    if (c.space) {
      draw_reached(c, row, k, out.source);
      out.target.resize(out.source.size(), t);
      return;
    }
    Stream s = c.random;
    s.row = std::uint64_t(row);
    if (!c.args->allow_multapses) return distinct(c, s, n, k, t, out);
    draw_repeated(s, *c.sources, k, t, c.args->allow_autapses, [&](NodeId source) { out.add(source, t); });
  }
  static std::int64_t place(const RuleCall& c, std::int64_t row, std::int64_t k, const Edges&) {
    return row * degree(c, 0) + k;
  }

  static void distinct(const RuleCall& c, const Stream& s, std::int64_t n, std::int64_t k, NodeId t, Edges& out) {
    thread_local std::vector<std::uint32_t> drawn;
    std::int64_t self = -1;
    if (!c.args->allow_autapses)
      for (std::int64_t j = 0; j < n && self < 0; ++j)
        if ((*c.sources)[j] == t) self = j;
    draw_distinct(s, n, std::min(k, n - (self >= 0)), self, drawn);
    for (std::uint32_t j : drawn) out.add((*c.sources)[j], t);
  }
};

}  // namespace nl
