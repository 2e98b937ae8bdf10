#pragma once
#include <nest_lab/coupling.hpp>

namespace nl {

struct rate_connection_instantaneous : InstantCoupling {
  static constexpr auto doc =
      "Carries the rate of a neuron to another one without a delay.\n\n"
      "The input of the target during a step is the sum of weight * rate over its connections, with the rates at the beginning of\n"
      "the step (Hahne et al. 2017, doi:10.3389/fninf.2017.00034). Values are exchanged in every step: that is what the waveform\n"
      "relaxation of the reference simulator converges to, so that use_wfr and its settings do not change the result.";
  static constexpr const char* carries = "rate";
};

}  // namespace nl
