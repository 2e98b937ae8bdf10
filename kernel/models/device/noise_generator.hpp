#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct noise_generator {
  static constexpr auto doc =
      "Gaussian white noise current, drawn anew every dt and for every target.\n\n"
      "    I(t) = mean + sqrt(std^2 + std_mod^2 sin(2 pi frequency t + phase)) N(0, 1),   constant for dt\n\n"
      "The first draw is made when the device becomes active; the modulation counts from time 0 always, also where the\n"
      "reference simulator lets it depend on how a run is cut into parts.\n\n"
      "The membrane potential's variance depends on dt (Brunel & Sergi 1998 treat the white-noise limit): smaller dt needs\n"
      "larger std.";
  static constexpr Role role = Role::noise;
  struct P {
    double mean = 0, std = 0, std_mod = 0, frequency = 0, phase = 0, dt = 1;
  };
  struct S {
    double y_0 = 0, y_1 = 0, I = 0;
    double mean = 0, sigma = 0;  // of the present draw: changes show at the next one
    std::int64_t draw = -1;
    Step first = 0;
    bool was_active = false;
  };
  static constexpr auto params =
      table(field("mean", &P::mean, "pA", any(), "Mean current"),
            field("std", &P::std, "pA", at_least(0), "Standard deviation"),
            field("std_mod", &P::std_mod, "pA", at_least(0),
                  "Amplitude of the modulation of the standard deviation; at most std"),
            field("frequency", &P::frequency, "Hz", any(), "Frequency of the modulation"),
            field("phase", &P::phase, "deg", any(), "Phase of the modulation at time 0"),
            field("dt", &P::dt, "ms", above(0), "Time for which the current is constant"),
            Field<S, double>{"y_0", &S::y_0, "", any(), "Cosine of the modulation", "readonly"},
            Field<S, double>{"y_1", &S::y_1, "", any(), "Sine of the modulation", "readonly"});
  static constexpr auto recordables =
      table(recordable("I", &S::I, "pA", "Mean over the targets of the current put out"));

  static void check(const P& p, double h, Step) {
    if (p.std_mod > p.std)
      throw Error("BadValue", "noise_generator.std_mod must not exceed std", number(p.std_mod) + " pA",
                  "at most " + number(p.std) + " pA", "Lower std_mod or raise std.");
    if (!on_grid(p.dt, h) || p.dt < h * (1 - 1e-9))
      throw Error("BadValue", "noise_generator.dt must be a multiple of the resolution", number(p.dt) + " ms",
                  "multiples of " + number(h) + " ms", "Choose dt as a whole number of steps.");
  }

  static void adapt(P& p, double h) {
    if (!on_grid(p.dt, h)) p.dt = 10 * h;
  }

  static Emission emit(const P& p, S& s, const Window&, const DeviceStep& x) {
    const double pi = 3.14159265358979323846;
    if (x.active && !s.was_active) s.first = x.step;
    s.was_active = x.active;
    const std::int64_t draw = (x.step - s.first) / to_steps(p.dt, x.h) + s.first;
    const double angle = 2 * pi * p.frequency * 1e-3 * to_ms(x.step + 1, x.h) + p.phase * pi / 180;
    s.y_0 = p.std_mod != 0 ? std::cos(angle) : 0;
    s.y_1 = p.std_mod != 0 ? std::sin(angle) : 0;
    if (draw != s.draw) {
      s.mean = p.mean;
      s.sigma = std::sqrt(p.std * p.std + s.y_1 * p.std_mod * p.std_mod);
    }
    s.draw = draw;
    s.I = x.active ? s.mean : 0;
    return {.a = s.mean, .b = s.sigma, .draw = draw, .on = x.active};
  }
};

}  // namespace nl
