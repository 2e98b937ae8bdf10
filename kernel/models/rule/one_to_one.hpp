#pragma once
#include <algorithm>
#include <array>
#include <cmath>

#include <nest_lab/rule.hpp>

namespace nl {

struct one_to_one {
  static constexpr auto doc = "The first source to the first target, the second to the second, and so on.";
  static constexpr bool by_target = false;
  static constexpr bool to_devices = true;
  static constexpr bool exact = true;
  static constexpr bool both_ways = true;
  static constexpr std::array<const char*, 0> required{};

  static void check(const RuleCall& c) {
    if (c.sources->size() == c.targets->size()) return;
    throw Error("BadRule", "one_to_one needs as many sources as targets",
                std::to_string(c.sources->size()) + " sources, " + std::to_string(c.targets->size()) + " targets",
                "equal numbers", "Slice the larger collection, or choose all_to_all.");
  }
  static std::int64_t rows(const RuleCall& c) { return c.sources->size(); }
  static double expected(const RuleCall& c) {
    std::int64_t selves = 0;
    if (!c.args->allow_autapses)
      for (std::int64_t i = 0; i < c.targets->size(); ++i) selves += (*c.sources)[i] == (*c.targets)[i];
    return double(c.targets->size() - selves);
  }
  static std::vector<std::int64_t> shape(const RuleCall& c) { return {c.targets->size()}; }
  static void row(const RuleCall& c, std::int64_t row, Edges& out) {
    const NodeId s = (*c.sources)[row], t = (*c.targets)[row];
    if (c.args->allow_autapses || s != t) out.add(s, t);
  }
  static std::int64_t place(const RuleCall&, std::int64_t row, std::int64_t, const Edges&) { return row; }
};

}  // namespace nl
