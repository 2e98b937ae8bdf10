#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct static_synapse_lbl : LabelledSynapse {
  static constexpr auto doc =
      "Static synapse: weight and delay of its own, no plasticity.\n\nA spike that leaves at t reaches the target at t + delay and adds weight to the input that receptor_type names. Carries a label.";
  static constexpr bool common_weight = false;
};

}  // namespace nl
