#pragma once
#include <nest_lab/coupling.hpp>

namespace nl {

struct sic_connection : DelayedCoupling {
  static constexpr auto doc =
      "Carries the slow inward current that an astrocyte causes in a neuron.\n\n"
      "The current of the target at time t is the sum of weight * SIC(t - delay) over its connections, in pA (Nadkarni & Jung 2003,\n"
      "doi:10.1103/PhysRevLett.91.268101).";
  static constexpr const char* carries = "slow inward current";
};

}  // namespace nl
