#pragma once
#include <nest_lab/sampling.hpp>

namespace nl {

struct voltmeter : Sampling<true> {
  static constexpr auto doc =
      "Records the membrane potential of the nodes it is connected to.\n\n"
      "Connect it to the nodes: Connect(voltmeter, nodes). A sample is taken at the end of every interval, at times with\n"
      "start < t <= stop; events holds senders, times and an array per name in record_from. Samples of the running slice\n"
      "(min_delay) are handed out with the next one, as in the reference simulator.";
};

}  // namespace nl
