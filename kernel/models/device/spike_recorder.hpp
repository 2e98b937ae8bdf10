#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct spike_recorder {
  static constexpr auto doc =
      "Records the spikes of the nodes connected to it.\n\n"
      "events holds senders and times (ms, or steps with time_in_steps) of spikes with start < t <= stop. The weight and the\n"
      "delay of the connection have no effect. Setting n_events to 0 forgets what was recorded.";
  static constexpr Role role = Role::spike_recorder;
  static constexpr unsigned receives = signal::both;
  struct P {
    std::string record_to = "memory";
    bool time_in_steps = false;
  };
  struct S {};
  static constexpr auto params =
      table(field("record_to", &P::record_to, "", any(), "Where events go: 'memory'"),
            field("time_in_steps", &P::time_in_steps, "", any(), "Times as step and offset instead of ms"));
};

}  // namespace nl
