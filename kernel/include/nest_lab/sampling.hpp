// What multimeter and voltmeter share: they differ in what they record if nothing is said.
#pragma once
#include "device.hpp"

namespace nl {

template <bool Voltage>
struct Sampling {
  static constexpr Role role = Role::multimeter;
  struct P {
    std::vector<std::string> record_from = Voltage ? std::vector<std::string>{"V_m"} : std::vector<std::string>{};
    double interval = 1, offset = 0;
  };
  struct S {};
  static constexpr auto params = table(field("record_from", &P::record_from, "", any(), "Names of the recordables"),
                                       field("interval", &P::interval, "ms", above(0), "Time between samples"),
                                       field("offset", &P::offset, "ms", at_least(0), "Time of sample number 0"));

  static void check(const P& p, double h, Step) {
    check_grid("interval", p.interval, h, "an interval");
    check_grid("offset", p.offset, h, "an offset");
    if (p.interval < h * (1 - 1e-9)) refuse("interval", p.interval, h, "an interval");
  }

 private:
  static void check_grid(const std::string& name, double ms, double h, const char* one) {
    if (!on_grid(ms, h)) refuse(name, ms, h, one);
  }
  static void refuse(const std::string& name, double ms, double h, const char* one) {
    throw Error("BadValue",
                std::string(Voltage ? "voltmeter." : "multimeter.") + name + " must be a multiple of the resolution",
                number(ms) + " ms", "multiples of " + number(h) + " ms",
                std::string("Choose ") + one + " of a whole number of steps.");
  }
};

}  // namespace nl
