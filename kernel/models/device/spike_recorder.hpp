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
  struct P {};
  struct S {};
  static constexpr auto params = table();
};

}  // namespace nl
