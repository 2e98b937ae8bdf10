#pragma once
#include <cmath>

#include <nest_lab/device.hpp>

namespace nl {

struct sinusoidal_poisson_generator {
  static constexpr auto doc =
      "Spikes of a Poisson process whose rate follows a sine.\n"
      "\n"
      "    rate(t) = max(0, rate + amplitude sin(2 pi frequency t + phase))\n"
      "\n"
      "t is the end of the step, counted from time 0 whatever start and origin are; the number of spikes in a step has the\n"
      "Poisson distribution with mean rate(t) * resolution. With individual_spike_trains every target receives a train of its own,\n"
      "otherwise all receive the same one; this is a choice for the model (SetDefaults, CopyModel), not for a node.";
  static constexpr Role role = Role::counts;
  struct P {
    double rate = 0, amplitude = 0, frequency = 0, phase = 0;
    bool individual_spike_trains = true;
  };
  struct S {
    double y_0 = 0, y_1 = 0, rate = 0;
    OutSpike out;
  };
  static constexpr auto params =
      table(field("rate", &P::rate, "spikes/s", between(-1e9, 1e9), "Mean rate"),
            field("amplitude", &P::amplitude, "spikes/s", between(-1e9, 1e9), "Amplitude of the modulation"),
            field("frequency", &P::frequency, "Hz", any(), "Frequency of the modulation"),
            field("phase", &P::phase, "deg", any(), "Phase of the modulation at time 0"),
            Field<P, bool>{"individual_spike_trains", &P::individual_spike_trains, "", any(),
                           "Whether every target receives a train of its own", "default"},
            Field<S, double>{"y_0", &S::y_0, "1/ms", any(), "Cosine part of the modulation", "readonly"},
            Field<S, double>{"y_1", &S::y_1, "1/ms", any(), "Sine part of the modulation", "readonly"});
  static constexpr auto recordables = table(recordable("rate", &S::rate, "spikes/s", "Rate in this step"));

  static Role role_of(const P& p) { return p.individual_spike_trains ? Role::counts : Role::spikes; }

  // As currents, it is on in steps that end at start <= t < stop.
  static Emission emit(const P& p, S& s, const Window& w, const DeviceStep& x) {
    const double pi = 3.14159265358979323846;
    const double angle = 2 * pi * p.frequency * 1e-3 * to_ms(x.step + 1, x.h) + p.phase * pi / 180;
    s.y_0 = 1e-3 * p.amplitude * std::cos(angle);
    s.y_1 = 1e-3 * p.amplitude * std::sin(angle);
    s.rate = std::max(0.0, p.rate + p.amplitude * std::sin(angle));
    const bool on = !w.frozen && w.first(x.h) <= x.step + 1 && x.step + 1 < w.last(x.h) && s.rate > 0;
    return {.a = s.rate * x.h * 1e-3, .on = on, .varying = p.amplitude != 0 && p.frequency != 0};
  }

  static std::span<const OutSpike> spikes(const P& p, S& s, const Window& w, const DeviceStep& x) {
    const Emission e = emit(p, s, w, x);
    if (!e.on) return {};
    Sequence random(x.random);
    s.out.multiplicity = poisson(e.a, random);
    return {&s.out, 1};
  }
};

}  // namespace nl
