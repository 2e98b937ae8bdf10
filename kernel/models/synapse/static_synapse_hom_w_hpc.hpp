#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct static_synapse_hom_w_hpc {
  static constexpr auto doc =
      "Static synapse with one weight shared by all connections of the model.\n\nChange it with SetDefaults.\n\nThe name is kept for existing programs: connections are stored compactly in any case.";
  static constexpr bool common_weight = true;
  struct P {
    double weight = 1, delay = 1;
    std::int64_t receptor_type = 0;
  };
  static constexpr auto params =
      table(field("weight", &P::weight, "", any(), "Strength, in the unit of the target's input"),
            field("delay", &P::delay, "ms", above(0), "Time from spike to effect, at least one step"),
            field("receptor_type", &P::receptor_type, "", at_least(0), "Port of the target"));
};

}  // namespace nl
