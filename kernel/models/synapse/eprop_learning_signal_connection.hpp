#pragma once
#include <nest_lab/coupling.hpp>

namespace nl {

struct eprop_learning_signal_connection : DelayedCoupling {
  static constexpr auto doc =
      "Carries the error of an eprop_readout to an eprop_iaf, where it is part of the learning signal.\n\n"
      "The learning signal at time t is the sum of weight * error(t - delay) over the connections. Gradients are aligned for a delay\n"
      "of one step; a longer one is kept, where the reference simulator takes it for one step (Korcsak-Gorzo et al. 2025,\n"
      "arXiv:2511.21674).";
  static constexpr const char* carries = "online learning signal";
};

}  // namespace nl
