#pragma once
#include <nest_lab/precise.hpp>

namespace nl {

struct parrot_neuron_ps {
  static constexpr auto doc =
      "Repeats every spike it receives, at the very time at which it arrives.\n"
      "\n"
      "As parrot_neuron, but spikes keep their times between grid points (Morrison, Straube, Plesser & Diesmann 2007,\n"
      "doi:10.1162/neco.2007.19.1.47). Weights are ignored; spikes that arrive with receptor_type 1 are received but not repeated.";

  struct P {};
  struct S {};
  struct V {};

  static constexpr auto params = table();
  static constexpr auto recordables = table();

  static constexpr int spike_channels = 1, current_channels = 0;
  static constexpr bool counts_spikes = true, precise = true;
  static constexpr int spike_channel(int receptor, bool) {
    return receptor == 0 ? 0 : receptor == 1 ? ignored : refused;
  }
  static constexpr int current_channel(int) { return refused; }

  static V prepare(const P&, double) { return {}; }

  template <class In, class Emit>
  static void step(const P&, const V&, S&, const In& in, std::span<const PreciseInput> inputs, Emit&& emit) {
    for (const PreciseInput& e : inputs)
      for (int k = 0; k < int(e.value); ++k) emit(e.offset);
    for (int k = 0; k < int(in.spikes[0]); ++k) emit(0.0);
  }
};

}  // namespace nl
