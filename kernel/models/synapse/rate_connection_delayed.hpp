#pragma once
#include <nest_lab/coupling.hpp>

namespace nl {

struct rate_connection_delayed : DelayedCoupling {
  static constexpr auto doc =
      "Carries the rate of a neuron to another one, where it arrives after a delay.\n\n"
      "The input of the target at time t is the sum of weight * rate(t - delay) over its connections (Hahne et al. 2017,\n"
      "doi:10.3389/fninf.2017.00034).";
  static constexpr const char* carries = "rate";
};

}  // namespace nl
