#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct static_synapse_hpc : StaticSynapse {
  static constexpr auto doc =
      "Static synapse: weight and delay of its own, no plasticity.\n\nThe name is kept for existing programs: connections are stored compactly in any case.";
  static constexpr bool common_weight = false;
};

}  // namespace nl
