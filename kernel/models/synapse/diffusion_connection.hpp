#pragma once
#include <nest_lab/coupling.hpp>

namespace nl {

struct diffusion_connection : InstantCoupling {
  static constexpr auto doc =
      "Carries the rate of a population to another one, as mean and variance of the input that it gives.\n\n"
      "To the drift of the target's input it adds drift_factor * rate, to the diffusion diffusion_factor * rate, without delay. For\n"
      "K synapses of weight J (mV) onto a membrane with time constant tau_m (ms) the factors are K J tau_m / 1000 and\n"
      "K J^2 tau_m / 1000 (Hahne et al. 2017, doi:10.3389/fninf.2017.00034; Schuecker et al. 2017,\n"
      "doi:10.1371/journal.pcbi.1005179). The weight has no effect.";
  static constexpr const char* carries = "rate of a population";
  struct P : InstantCoupling::P {
    double drift_factor = 1, diffusion_factor = 1;
  };
  static constexpr auto params =
      table(field("drift_factor", &P::drift_factor, "mV s", any(), "Factor of the rate in the drift of the input"),
            field("diffusion_factor", &P::diffusion_factor, "mV^2 s", any(), "Factor of the rate in its diffusion"),
            Field<InstantCoupling::P, double>{"weight", &InstantCoupling::P::weight, "", any(),
                                              "Without effect: the factors take its place", "fixed"},
            Field<InstantCoupling::P, double>{"delay", &InstantCoupling::P::delay, "ms", any(),
                                              "Without effect: the signal arrives at once", "fixed"},
            field("receptor_type", &InstantCoupling::P::receptor_type, "", at_least(0), "Port of the target"));
  static constexpr std::array factors{"drift_factor", "diffusion_factor"};
};

}  // namespace nl
