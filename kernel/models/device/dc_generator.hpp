#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct dc_generator {
  static constexpr auto doc =
      "Constant current.\n\nThe amplitude, times the weight of the connection, reaches each target after the delay of the connection.";
  static constexpr Role role = Role::current;
  struct P {
    double amplitude = 0;
  };
  struct S {
    double I = 0;
  };
  static constexpr auto params = table(field("amplitude", &P::amplitude, "pA", any(), "Current while active"));
  static constexpr auto recordables = table(recordable("I", &S::I, "pA", "Current put out"));

  static Emission emit(const P& p, S& s, const Window&, const DeviceStep& x) {
    s.I = x.active ? p.amplitude : 0;
    return {.a = s.I, .on = x.active};
  }
};

}  // namespace nl
