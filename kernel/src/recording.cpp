// What recorders have recorded: reading it, and letting it go.
#include <algorithm>
#include <bit>

#include "src/simulation.hpp"

namespace nl {

// Samples of the slice (min_delay) that is not over yet are held back, as the reference simulator does.
std::size_t Simulation::samples_ready(const SampleLog& log) const {
  const Step slice = delay_known() ? min_delay_ : 1;
  const Step ready = now_ > 0 ? (now_ - 1) / slice * slice : 0;
  return std::size_t(std::upper_bound(log.times.begin(), log.times.end(), ready) - log.times.begin());
}

std::int64_t Simulation::n_events(NodeId id) const { return instances_[place(id).lane].forgotten + kept(id); }

std::int64_t Simulation::kept(NodeId id) const {
  const std::uint32_t k = place(id).lane;
  if (auto log = spike_logs_.find(k); log != spike_logs_.end()) return std::int64_t(log->second.sender.size());
  if (auto log = weight_logs_.find(k); log != weight_logs_.end()) return std::int64_t(log->second.sender.size());
  const SampleLog& log = sample_logs_.at(k);
  std::int64_t n = 0;
  for (std::size_t i = 0, ready = samples_ready(log); i < ready; ++i) n += log.count[i];
  return n;
}

// Multimeters: slice by slice, in a slice target by target, each in order of time.
Simulation::Events Simulation::events(NodeId id, std::int64_t from) const {
  const std::uint32_t k = place(id).lane;
  Events out;
  if (auto found = weight_logs_.find(k); found != weight_logs_.end())
    return weight_events(found->second, std::size_t(from));
  if (auto found = spike_logs_.find(k); found != spike_logs_.end()) {
    const SpikeLog& log = found->second;
    const std::size_t begin = std::min(std::size_t(from), log.sender.size());
    std::vector<double> senders(log.sender.begin() + std::ptrdiff_t(begin), log.sender.end()), times;
    times.reserve(senders.size());
    for (std::size_t i = begin; i < log.step.size(); ++i) times.push_back(double(log.step[i]));
    out.columns = {{"senders", std::move(senders)}, {"times", std::move(times)}};
    if (const std::string& name = instances_[k].model->info->event_value; !name.empty())
      out.columns.emplace_back(name, std::vector<double>(log.value.begin() + std::ptrdiff_t(begin), log.value.end()));
    if (!log.offset.empty()) {
      std::vector<double> offsets(log.offset);
      offsets.resize(log.step.size());
      offsets.erase(offsets.begin(), offsets.begin() + std::ptrdiff_t(begin));
      out.columns.emplace_back("offsets", std::move(offsets));
    }
    return out;
  }
  const SampleLog& log = sample_logs_.at(k);
  out.columns = {{"senders", {}}, {"times", {}}};
  for (auto& name : record_from(k)) out.columns.emplace_back(name, std::vector<double>{});
  const Step slice = delay_known() ? min_delay_ : 1;
  std::vector<std::size_t> start{0};
  for (std::size_t i = 0; i < log.times.size(); ++i) start.push_back(start.back() + log.count[i] * log.columns);
  const std::size_t ready = samples_ready(log);
  for (std::size_t i = 0; i < ready;) {
    std::size_t j = i;
    while (j < ready && (log.times[j] - 1) / slice == (log.times[i] - 1) / slice && log.count[j] == log.count[i]) ++j;
    for (std::uint32_t t = 0; t < log.count[i]; ++t)
      for (std::size_t s = i; s < j; ++s) {
        if (log.columns == 0 || std::bit_cast<std::uint64_t>(log.values[start[s] + t * log.columns]) == no_sample)
          continue;
        out.columns[0].second.push_back(log.targets[t]);
        out.columns[1].second.push_back(double(log.times[s]));
        for (std::size_t c = 0; c < log.columns; ++c)
          out.columns[2 + c].second.push_back(log.values[start[s] + t * log.columns + c]);
      }
    i = j;
  }
  for (auto& [name, values] : out.columns)
    values.erase(values.begin(), values.begin() + std::ptrdiff_t(std::min(std::size_t(from), values.size())));
  return out;
}

void Simulation::forget_events(std::uint32_t instance, std::int64_t first) {
  if (auto log = spike_logs_.find(instance); log != spike_logs_.end()) return log->second.forget(std::size_t(first));
  if (auto log = weight_logs_.find(instance); log != weight_logs_.end()) return log->second.forget(std::size_t(first));
  sample_logs_.at(instance).forget(std::size_t(first));
}

void Simulation::clear_events(std::uint32_t instance) {
  forget_events(instance, kept(instances_[instance].device->id));
  instances_[instance].forgotten = 0;
}

// --- recorders whose events go elsewhere

std::vector<NodeId> Simulation::streaming() const {
  std::vector<NodeId> out;
  for (const Instance& i : instances_)
    if (i.model->info->events && i.device->window.record_to != "memory") out.push_back(i.device->id);
  return out;
}

void Simulation::forget(NodeId id, std::int64_t first) {
  const std::uint32_t k = place(id).lane;
  forget_events(k, first);
  instances_[k].forgotten += first;
}

// Number and thread have as many digits as the largest ones, so that files sort; one file takes what all threads record.
std::string Simulation::file_of(NodeId id) const {
  auto padded = [](std::int64_t x, std::int64_t largest) {
    const std::string digits = std::to_string(x);
    return std::string(std::to_string(largest).size() - digits.size(), '0') + digits;
  };
  const Window& w = device(id).window;
  return (data_path.empty() ? "" : data_path + "/") + data_prefix + (w.label.empty() ? model_of(id).name : w.label) +
         "-" + padded(id, num_nodes()) + "-" + padded(0, threads_) + "." + w.file_extension;
}

}  // namespace nl
