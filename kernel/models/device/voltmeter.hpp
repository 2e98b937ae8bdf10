#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct voltmeter {
  static constexpr auto doc =
      "Records the membrane potential of the nodes it is connected to.\n\n"
      "Connect it to the nodes: Connect(voltmeter, nodes). A sample is taken at the end of every interval, at times with\n"
      "start < t <= stop; events holds senders, times and an array per name in record_from. Samples of the running slice\n"
      "(min_delay) are handed out with the next one, as in the reference simulator.";
  static constexpr Role role = Role::multimeter;
  struct P {
    std::vector<std::string> record_from = {"V_m"};
    double interval = 1, offset = 0;
    std::string record_to = "memory";
    bool time_in_steps = false;
  };
  struct S {};
  static constexpr auto params =
      table(field("record_from", &P::record_from, "", any(), "Names of the recordables"),
            field("interval", &P::interval, "ms", above(0), "Time between samples"),
            field("offset", &P::offset, "ms", at_least(0), "Time of sample number 0"),
            field("record_to", &P::record_to, "", any(), "Where events go: 'memory'"),
            field("time_in_steps", &P::time_in_steps, "", any(), "Times as step and offset instead of ms"));

  static void check(const P& p, double h, Step) {
    if (!on_grid(p.interval, h) || p.interval < h * (1 - 1e-9))
      throw Error("BadValue", "voltmeter.interval must be a multiple of the resolution", number(p.interval) + " ms",
                  "multiples of " + number(h) + " ms", "Choose an interval of a whole number of steps.");
    if (!on_grid(p.offset, h))
      throw Error("BadValue", "voltmeter.offset must be a multiple of the resolution", number(p.offset) + " ms",
                  "multiples of " + number(h) + " ms", "Choose an offset of a whole number of steps.");
  }
};

}  // namespace nl
