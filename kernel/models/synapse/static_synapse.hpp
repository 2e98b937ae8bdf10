#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct static_synapse {
  static constexpr auto doc =
      "Static synapse: weight and delay of its own, no plasticity.\n\nA spike that leaves at t reaches the target at t + delay and adds weight to the input that receptor_type names.";
  static constexpr bool common_weight = false;
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
