#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include <nest_lab/rule.hpp>

namespace nl {

struct all_to_all {
  static constexpr auto doc = "Every source to every target. Without autapses a node is not connected to itself.";
  static constexpr bool by_target = true;
  static constexpr bool exact = true;
  static constexpr std::array<const char*, 0> required{};

  static void check(const RuleCall&) {}
  static std::int64_t rows(const RuleCall& c) { return c.targets->size(); }
  static NodeId target(const RuleCall& c, std::int64_t row) { return (*c.targets)[row]; }
  static double expected(const RuleCall& c) { return double(c.sources->size()) * double(c.targets->size()); }
  static std::vector<std::int64_t> shape(const RuleCall& c) { return {c.targets->size(), c.sources->size()}; }
  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const NodeId t = (*c.targets)[row];
    for (std::int64_t i = 0; i < c.sources->size(); ++i) {
      const NodeId s = (*c.sources)[i];
      if (s != t || c.args->allow_autapses) out.add(s, t);
    }
  }
};

}  // namespace nl
