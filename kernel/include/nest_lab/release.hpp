// A third factor: what a device has taken note of, as the synapses that name it see it.
#pragma once

namespace nl {

struct Release {
  double t;       // ms, when it is there
  double amount;  // number of spikes
};

}  // namespace nl
