// What recorders keep: spikes as (step, sender), samples as a table in order of time.
#pragma once
#include <algorithm>
#include <vector>

#include <nest_lab/core.hpp>

namespace nl {

struct SpikeLog {
  std::vector<NodeId> sender;
  std::vector<Step> step;
  std::vector<double> offset;  // ms before the step; filled from the first spike on that has one
  std::vector<double> value;   // for recorders that note a number beside each event
  void clear() {
    sender.clear();
    offset.clear();
    value.clear();
    step.clear();
  }
};

struct WeightLog {                       // what synapses delivered
  std::vector<double> senders, targets;  // ids that are recorded, ascending; all where there are none
  Step first = forever, last = forever;  // deliveries of spikes with first < stamp <= last
  bool takes(Step stamp, NodeId source, NodeId target) const {
    auto named = [](const std::vector<double>& ids, NodeId id) {
      return ids.empty() || std::binary_search(ids.begin(), ids.end(), double(id));
    };
    return stamp > first && stamp <= last && named(senders, source) && named(targets, target);
  }
  std::vector<NodeId> sender, target;
  std::vector<std::uint32_t> port;
  std::vector<int> receptor;
  std::vector<double> weight, offset;
  std::vector<Step> step;
  void clear() {
    sender.clear();
    target.clear();
    port.clear();
    receptor.clear();
    weight.clear();
    offset.clear();
    step.clear();
  }
};

struct SampleLog {
  std::vector<NodeId> targets;                         // in order of connection
  std::size_t columns = 0;                             // recordables
  std::vector<Step> times;                             // of the samples, ascending
  std::vector<std::uint32_t> count;                    // how many targets there were at that time
  std::vector<double> values;                          // per time: target by target, its columns
  Step interval = 1, offset = 0, first = 0, last = 0;  // samples at offset + k * interval with first < t <= last
  bool frozen = false;
  bool takes(Step t) const {
    return !frozen && t > first && t <= last && t >= offset && t > 0 && (t - offset) % interval == 0;
  }
  std::vector<std::vector<double>> of_devices;  // values of generators at the steps of the running slice
  void clear() {
    times.clear();
    count.clear();
    values.clear();
  }
};

}  // namespace nl
