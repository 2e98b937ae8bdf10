// What recorders keep: spikes as (step, sender), samples as a table in order of time.
#pragma once
#include <algorithm>
#include <vector>

#include <nest_lab/core.hpp>

namespace nl {

inline constexpr std::uint64_t no_sample = 0x7ff8dead00000000u;  // a NaN that stands for a frozen node

// Takes the first so many values out of each list, of which some are shorter.
template <class... T>
void drop_first(std::size_t n, std::vector<T>&... lists) {
  (lists.erase(lists.begin(), lists.begin() + std::ptrdiff_t(std::min(n, lists.size()))), ...);
}

struct SpikeLog {
  std::vector<NodeId> sender;
  std::vector<Step> step;
  std::vector<double> offset;  // ms before the step; filled from the first spike on that has one
  std::vector<double> value;   // for recorders that note a number beside each event
  void forget(std::size_t first) { drop_first(first, sender, step, offset, value); }
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
  void forget(std::size_t first_events) {
    drop_first(first_events, sender, target, port, receptor, weight, offset, step);
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
  // So many events, which are those of a number of whole samples.
  void forget(std::size_t events) {
    std::size_t samples = 0, gone = 0;
    while (samples < count.size() && gone + count[samples] <= events) gone += count[samples++];
    drop_first(samples, times, count);
    drop_first(gone * columns, values);
  }
};

}  // namespace nl
