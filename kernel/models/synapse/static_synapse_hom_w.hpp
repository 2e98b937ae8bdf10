#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct static_synapse_hom_w : StaticSynapse {
  static constexpr auto doc =
      "Static synapse with one weight shared by all connections of the model.\n\nChange it with SetDefaults.";
  static constexpr bool common_weight = true;
};

}  // namespace nl
