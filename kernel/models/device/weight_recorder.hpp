#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct weight_recorder {
  static constexpr auto doc =
      "Records what synapses deliver.\n"
      "\n"
      "It is not connected: a synapse model names it, SetDefaults(model, {'weight_recorder': recorder}) or CopyModel. Each\n"
      "delivery of a connection of that model from a neuron is one event: weights is what the target receives, times the time\n"
      "of the spike of the source, start < t <= stop. senders and targets narrow it down to some nodes; empty means all.";
  static constexpr Role role = Role::weight_recorder;
  struct P {
    NodeList senders, targets;
  };
  struct S {};
  static constexpr auto params =
      table(field("senders", &P::senders, "", any(), "Sources that are recorded; all when empty"),
            field("targets", &P::targets, "", any(), "Targets that are recorded; all when empty"));
};

}  // namespace nl
