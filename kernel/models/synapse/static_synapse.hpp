#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct static_synapse : StaticSynapse {
  static constexpr auto doc =
      "Static synapse: weight and delay of its own, no plasticity.\n\nA spike that leaves at t reaches the target at t + delay and adds weight to the input that receptor_type names.";
  static constexpr bool common_weight = false;
};

}  // namespace nl
