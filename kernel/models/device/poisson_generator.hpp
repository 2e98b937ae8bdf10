#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct poisson_generator {
  static constexpr auto doc =
      "Spikes of a Poisson process, an independent train for every target.\n"
      "\n"
      "In each step with start < t <= stop every connection receives a number of spikes drawn from the Poisson distribution\n"
      "with mean rate * resolution (inverse cumulative distribution on 32-bit uniform numbers; events rarer than 2^-32 per\n"
      "step do not occur). Rates above 1e9 spikes/s are refused: that many spikes can be neither recorded nor relayed.";
  static constexpr Role role = Role::counts;
  struct P {
    double rate = 0;
  };
  struct S {};
  static constexpr auto params =
      table(field("rate", &P::rate, "spikes/s", between(0, 1e9), "Mean rate of every train"));

  static Emission emit(const P& p, S&, const Window&, const DeviceStep& x) {
    return {.a = p.rate * x.h * 1e-3, .on = x.active && p.rate > 0};
  }
};

}  // namespace nl
