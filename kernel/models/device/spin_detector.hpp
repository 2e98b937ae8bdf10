#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct spin_detector {
  static constexpr auto doc =
      "Records the transitions of the binary neurons connected to it.\n\n"
      "events holds senders, times (ms, or steps with time_in_steps) and state, 1 after a transition up (two spikes at once) and 0\n"
      "after one down (a single spike), for times with start < t <= stop. The weight and the delay of the connection have no\n"
      "effect. Setting n_events to 0 forgets what was recorded.";
  static constexpr Role role = Role::spike_recorder;
  static constexpr unsigned receives = signal::transitions;
  static constexpr auto value_name = "state";
  struct P {};
  struct S {};
  static constexpr auto params = table();

  static double value(std::int64_t spikes) { return spikes == 2; }
};

}  // namespace nl
