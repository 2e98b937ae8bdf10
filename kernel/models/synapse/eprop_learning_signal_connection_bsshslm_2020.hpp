#pragma once
#include <nest_lab/coupling.hpp>

namespace nl {

struct eprop_learning_signal_connection_bsshslm_2020 : DelayedCoupling {
  static constexpr auto doc =
      "Carries the error of a readout to a neuron that learns by e-prop, where it is part of the learning signal.\n\n"
      "The learning signal at time t is the sum of weight * error(t - delay) over the connections. Gradients are aligned for a delay\n"
      "of one step; a longer one is kept, where the reference simulator takes it for one step (Bellec et al. 2020,\n"
      "doi:10.1038/s41467-020-17236-y).";
  static constexpr const char* carries = "learning signal";
};

}  // namespace nl
