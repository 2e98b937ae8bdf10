#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include <nest_lab/rule.hpp>

namespace nl {

struct all_to_all {
  static constexpr auto doc = "Every source to every target. Without autapses a node is not connected to itself.";
  static constexpr bool by_target = false;
  static constexpr bool to_devices = true;
  static constexpr bool exact = true;
  static constexpr std::array<const char*, 0> required{};

  static void check(const RuleCall&) {}
  static std::int64_t rows(const RuleCall& c) { return c.sources->size(); }
  static double expected(const RuleCall& c) { return double(c.sources->size()) * double(c.targets->size()); }
  static std::vector<std::int64_t> shape(const RuleCall& c) { return {c.targets->size(), c.sources->size()}; }
  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const NodeId s = (*c.sources)[row];
    for (std::int64_t i = 0; i < c.targets->size(); ++i) {
      const NodeId t = (*c.targets)[i];
      if (s != t || c.args->allow_autapses) out.add(s, t);
    }
  }
  // Pairs that are passed over have their place all the same.
  static std::int64_t place(const RuleCall& c, std::int64_t row, std::int64_t k, const Edges& edges) {
    std::int64_t t = k;
    while ((*c.targets)[t] != edges.target[std::size_t(k)]) ++t;
    return t * c.sources->size() + row;
  }
};

}  // namespace nl
