#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct parrot_neuron {
  static constexpr auto doc =
      "Repeats every spike it receives, in the step in which it arrives.\n"
      "\n"
      "Weights are ignored; two spikes that arrive together are repeated as two. Spikes that arrive with receptor_type 1 are\n"
      "received but not repeated. With a poisson_generator in front it makes one random train that all its targets share.";

  struct P {
    double flush_event_send_interval = inf;
  };
  struct S {
    double received = 0;  // spikes repeated in the last step
  };
  struct V {};

  static constexpr auto params =
      table(field(flush_interval, &P::flush_event_send_interval, "ms", above(0),
                  "Time without spikes after which connections that learn from spike to spike follow the gradient"));
  static constexpr auto recordables = table();

  static constexpr int spike_channels = 1, current_channels = 0;
  static constexpr bool counts_spikes = true;
  static constexpr unsigned sends = signal::both;  // spikes that came in twos and ones go out so
  static constexpr int spike_channel(int receptor, bool) {
    return receptor == 0 ? 0 : receptor == 1 ? ignored : refused;
  }
  static constexpr int current_channel(int) { return refused; }

  NL_HD static V prepare(const P&, double) { return {}; }

  NL_HD static int step(const P&, const V&, S& s, const Inputs<1, 0>& in) {
    s.received = in.spikes[0];
    return int(in.spikes[0]);
  }
};

}  // namespace nl
