#pragma once
#include <array>

#include <nest_lab/fixed_degree.hpp>

namespace nl {

struct fixed_outdegree : FixedDegree<false> {
  static constexpr auto doc =
      "Each source makes `outdegree` connections to targets drawn at random, with replacement where multapses are allowed.\n"
      "In space a mask restricts whom a node may be connected with, and p says how likely each of these is drawn.";
  static constexpr bool to_devices = false;
  static constexpr std::array required{"outdegree"};
};

}  // namespace nl
