#pragma once
#include <algorithm>
#include <vector>

#include <nest_lab/device.hpp>

namespace nl {

struct volume_transmitter {
  static constexpr auto doc =
      "Collects spikes of neurons that release a neuromodulator, for the synapses on which it acts.\n"
      "\n"
      "Neurons are connected to it with static synapses, whose delay counts and whose weight does not. It is connected to\n"
      "nothing: a synapse model names it, SetDefaults(model, {'volume_transmitter': transmitter}) or CopyModel. All synapses of\n"
      "that model see what was released when a spike of their source comes, and every deliver_interval times the shortest\n"
      "delay, at the end of the step. A frozen transmitter takes no spikes and delivers nothing.\n"
      "\n"
      "Potjans, Morrison & Diesmann (2010) doi:10.3389/fncom.2010.00141.";
  static constexpr Role role = Role::modulator;
  static constexpr int inputs = 1;
  struct P {
    std::int64_t deliver_interval = 1;
  };
  struct S {
    std::vector<Release> released;  // in order of time
  };
  static constexpr auto params = table(
      field("deliver_interval", &P::deliver_interval, "", at_least(1), "Time between deliveries, in shortest delays"));

  static void receive(const P&, S& s, const Window& w, const InSpike& x, double h) {
    if (w.frozen) return;
    const double t = to_ms(x.arrives + 1, h);
    const auto at = std::lower_bound(s.released.begin(), s.released.end(), t - 0.5 * h,
                                     [](const Release& r, double ms) { return r.t < ms; });
    if (at != s.released.end() && at->t < t + 0.5 * h) at->amount += double(x.multiplicity);
    else s.released.insert(at, {t, double(x.multiplicity)});
  }

  static std::span<const Release> released(const S& s) { return s.released; }
  static bool delivers(const P& p, Step now, Step min_delay) { return now / min_delay % p.deliver_interval == 0; }
  static void forget(S& s, double before) {
    const auto kept =
        std::find_if(s.released.begin(), s.released.end(), [&](const Release& r) { return r.t >= before; });
    s.released.erase(s.released.begin(), kept);
  }
};

}  // namespace nl
