#pragma once
#include <nest_lab/sampling.hpp>

namespace nl {

struct multimeter : Sampling<false> {
  static constexpr auto doc =
      "Records state variables of the nodes it is connected to.\n\n"
      "Connect it to the nodes: Connect(multimeter, nodes). A sample is taken at the end of every interval, at times with\n"
      "start < t <= stop; events holds senders, times and an array per name in record_from. Samples of the running slice\n"
      "(min_delay) are handed out with the next one, as in the reference simulator. With an offset, samples are taken at offset,\n"
      "offset + interval, and so on; NEST 3.10 leaves out the first of them where offset is one step.";
};

}  // namespace nl
