#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct ac_generator {
  static constexpr auto doc =
      "Sinusoidal current.\n\n    I(t) = offset + amplitude sin(2 pi frequency t + phase)\n\n"
      "Time counts from the start of the simulation, also when the device starts later.";
  static constexpr Role role = Role::current;
  struct P {
    double amplitude = 0, frequency = 0, phase = 0, offset = 0;
  };
  struct S {
    double y_0 = 0, y_1 = 0, I = 0;
  };
  static constexpr auto params = table(field("amplitude", &P::amplitude, "pA", any(), "Amplitude of the sine"),
                                       field("frequency", &P::frequency, "Hz", any(), "Frequency of the sine"),
                                       field("phase", &P::phase, "deg", any(), "Phase at time 0"),
                                       field("offset", &P::offset, "pA", any(), "Constant part"),
                                       Field<S, double>{"y_0", &S::y_0, "pA", any(), "Cosine part", "readonly"},
                                       Field<S, double>{"y_1", &S::y_1, "pA", any(), "Sine part", "readonly"});
  static constexpr auto recordables = table(recordable("I", &S::I, "pA", "Current put out"));

  static Emission emit(const P& p, S& s, const Window&, const DeviceStep& x) {
    const double pi = 3.14159265358979323846;
    const double angle = 2 * pi * p.frequency * 1e-3 * to_ms(x.step + 1, x.h) + p.phase * pi / 180;
    s.y_0 = p.amplitude * std::cos(angle);
    s.y_1 = p.amplitude * std::sin(angle);
    s.I = x.active ? s.y_1 + p.offset : 0;
    return {.a = s.I, .on = x.active};
  }
};

}  // namespace nl
