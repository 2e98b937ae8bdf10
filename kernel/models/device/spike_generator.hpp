#pragma once
#include <nest_lab/spike_train.hpp>

namespace nl {

struct spike_generator {
  static constexpr auto doc =
      "Spikes at given times.\n\n"
      "All targets receive the same spikes, each after the delay of its connection. spike_weights multiply the weight of the\n"
      "connection, spike_multiplicities send several spikes at once. Only spikes with start < t <= stop are sent.";
  static constexpr Role role = Role::spikes;
  static constexpr unsigned sends = signal::both;
  struct P {
    std::vector<double> spike_times, spike_weights, spike_multiplicities;
    bool allow_offgrid_times = false, precise_times = false, shift_now_spikes = false;
  };
  struct S {
    SpikeTrain train;
  };
  static constexpr auto params = table(
      field("spike_times", &P::spike_times, "ms", any(), "Times of the spikes, ascending"),
      field("spike_weights", &P::spike_weights, "", any(), "Factor for the weight of the connection, per spike"),
      field("spike_multiplicities", &P::spike_multiplicities, "", between(0, 1e6),
            "Number of spikes sent at once, per spike time"),
      field("allow_offgrid_times", &P::allow_offgrid_times, "", any(),
            "Round times up to the grid instead of refusing them"),
      field("precise_times", &P::precise_times, "", any(), "Keep times between grid points for models that use them"),
      field("shift_now_spikes", &P::shift_now_spikes, "", any(), "Send spikes due at the present time one step later"));

  static void check(const P& p, double h, Step now) {
    SpikeTrain::check("spike_generator", p.spike_times, p.spike_weights.size(), p.spike_multiplicities.size(),
                      p.allow_offgrid_times, p.precise_times, p.shift_now_spikes, h, now);
  }
  static void normalise(P& p, double h, Step now) {
    SpikeTrain::normalise(p.spike_times, p.allow_offgrid_times, p.shift_now_spikes, h, now);
  }
  static void prepare(const P& p, S& s, const Window& w, double h, Step) {
    s.train.prepare(p.spike_times, w.origin, p.precise_times, h);
  }
  static std::span<const OutSpike> spikes(const P& p, S& s, const Window&, const DeviceStep& x) {
    return s.train.at(x, p.spike_weights, p.spike_multiplicities);
  }
};

}  // namespace nl
