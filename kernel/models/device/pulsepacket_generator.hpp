#pragma once
#include <algorithm>
#include <cmath>
#include <deque>

#include <nest_lab/device.hpp>

namespace nl {

struct pulsepacket_generator {
  static constexpr auto doc =
      "Packets of spikes around given times, the same train for all targets.\n"
      "\n"
      "Around each of pulse_times, activity spikes are drawn from the normal distribution with standard deviation sdev (Diesmann,\n"
      "Gewaltig & Aertsen 1999, doi:10.1038/990101). A spike at time t is sent in the step that begins at the first grid point not\n"
      "before t. Spikes of a packet that would lie before the time at which the packet is set are left out; only spikes with\n"
      "start < t <= stop are sent.";
  static constexpr Role role = Role::spikes;
  static constexpr bool stochastic = true;
  struct P {
    std::vector<double> pulse_times;
    std::int64_t activity = 0;
    double sdev = 0;
  };
  struct S {
    std::size_t next = 0;      // pulse that is not drawn yet
    std::deque<Step> waiting;  // spikes that are drawn, ascending
    OutSpike out;
    std::vector<double> drawn_times;
    std::int64_t drawn_activity = -1;
    double drawn_sdev = -1;
  };
  static constexpr auto params =
      table(field("pulse_times", &P::pulse_times, "ms", any(), "Times of the packets"),
            field("activity", &P::activity, "", between(0, 1e6), "Number of spikes of a packet"),
            field("sdev", &P::sdev, "ms", at_least(0), "Standard deviation of the times in a packet"));

  static void normalise(P& p, double, Step) { std::sort(p.pulse_times.begin(), p.pulse_times.end()); }

  // Packets are drawn anew when they change, and go on when something else does.
  static void prepare(const P& p, S& s, const Window&, double, Step) {
    if (s.drawn_times == p.pulse_times && s.drawn_activity == p.activity && s.drawn_sdev == p.sdev) return;
    s.drawn_times = p.pulse_times;
    s.drawn_activity = p.activity;
    s.drawn_sdev = p.sdev;
    s.next = 0;
    s.waiting.clear();
  }

  static std::span<const OutSpike> spikes(const P& p, S& s, const Window&, const DeviceStep& x) {
    constexpr double widest = 12;  // standard deviations: a normal number is never further out
    if (s.next < p.pulse_times.size() && p.pulse_times[s.next] - widest * p.sdev <= to_ms(x.step + 1, x.h))
      draw(p, s, x);
    while (!s.waiting.empty() && s.waiting.front() < x.step) s.waiting.pop_front();
    s.out.multiplicity = 0;
    for (; !s.waiting.empty() && s.waiting.front() == x.step; s.waiting.pop_front()) ++s.out.multiplicity;
    if (!x.active || s.out.multiplicity == 0) return {};
    return {&s.out, 1};
  }

 private:
  static void draw(const P& p, S& s, const DeviceStep& x) {
    Sequence random(x.random);
    for (; s.next < p.pulse_times.size() && p.pulse_times[s.next] - 12 * p.sdev <= to_ms(x.step + 1, x.h); ++s.next)
      for (std::int64_t k = 0; k < p.activity; ++k) {
        const double t = p.pulse_times[s.next] + (p.sdev > 0 ? p.sdev * random.normal() : 0);
        if (t >= to_ms(x.step, x.h)) s.waiting.push_back(grid_point(t, x.h));
      }
    std::sort(s.waiting.begin(), s.waiting.end());
  }
};

}  // namespace nl
