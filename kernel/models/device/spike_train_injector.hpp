#pragma once
#include <nest_lab/spike_train.hpp>

namespace nl {

struct spike_train_injector {
  static constexpr auto doc =
      "A neuron that fires at given times.\n\n"
      "As spike_generator, but it counts as a neuron: it may be the source of any synapse, and its spikes can be recorded\n"
      "and counted like those of the others.";
  static constexpr Role role = Role::spikes;
  static constexpr bool element_is_neuron = true;
  struct P {
    std::vector<double> spike_times, spike_multiplicities;
    bool allow_offgrid_times = false, precise_times = false, shift_now_spikes = false;
  };
  struct S {
    SpikeTrain train;
  };
  static constexpr auto params = table(
      field("spike_times", &P::spike_times, "ms", any(), "Times of the spikes, ascending"),
      field("spike_multiplicities", &P::spike_multiplicities, "", at_least(0),
            "Number of spikes sent at once, per spike time"),
      field("allow_offgrid_times", &P::allow_offgrid_times, "", any(),
            "Round times up to the grid instead of refusing them"),
      field("precise_times", &P::precise_times, "", any(), "Keep times between grid points for models that use them"),
      field("shift_now_spikes", &P::shift_now_spikes, "", any(), "Send spikes due at the present time one step later"));

  static void check(const P& p, double h, Step now) {
    SpikeTrain::check("spike_train_injector", p.spike_times, 0, p.spike_multiplicities.size(), p.allow_offgrid_times,
                      p.precise_times, p.shift_now_spikes, h, now);
  }
  static void normalise(P& p, double h, Step now) {
    SpikeTrain::normalise(p.spike_times, p.allow_offgrid_times, p.shift_now_spikes, h, now);
  }
  static void prepare(const P& p, S& s, const Window& w, double h, Step) {
    s.train.prepare(p.spike_times, w.origin, p.precise_times, h);
  }
  static std::span<const OutSpike> spikes(const P& p, S& s, const Window&, const DeviceStep& x) {
    return s.train.at(x, {}, p.spike_multiplicities);
  }
};

}  // namespace nl
