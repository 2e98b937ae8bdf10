#pragma once
#include <array>

#include <nest_lab/fixed_degree.hpp>

namespace nl {

struct fixed_indegree : FixedDegree<true> {
  static constexpr auto doc =
      "Each target receives `indegree` connections from sources drawn at random, with replacement where multapses are allowed.\n"
      "In space a mask restricts whom a node may be connected with, and p says how likely each of these is drawn.";
  static constexpr bool to_devices = true;
  static constexpr std::array required{"indegree"};
};

}  // namespace nl
