#pragma once
#include <nest_lab/coupling.hpp>

namespace nl {

struct rate_connection_delayed : DelayedCoupling {
  static constexpr auto doc =
      "Carries the rate of a neuron to another one, where it arrives after a delay.\n\n"
      "The input of the target at time t is the sum of weight * rate(t - delay) over its connections (Hahne et al. 2017,\n"
      "doi:10.3389/fninf.2017.00034). A weight or delay that is changed holds for what is put out from then on; in NEST 3.10 it\n"
      "holds for what was put out in the last min_delay, too.";
  static constexpr const char* carries = "rate";
};

}  // namespace nl
