// Devices that take spikes: recorders, and those that make something else of them.
#include "src/simulation.hpp"

namespace nl {

// A generator that draws for each target gives every device that listens to it a train of its own.
void Simulation::find_listeners() {
  recorder_set_.resize(where_.size());
  drawn_to_device_.clear();
  listeners_.clear();
  for (Instance& i : instances_) i.targets = 0;
  for (auto& e : device_edges_)
    for (std::size_t i = 0; i < e.source.size(); ++i) {
      const bool from_device = is_device(e.source[i]);
      const Role role = from_device ? device(e.source[i]).role() : Role::spikes;
      if (from_device) ++instances_[where_[e.source[i]].lane].targets;
      if (!is_device(e.target[i]) || role == Role::multimeter || role == Role::trains) continue;
      const Listener listener{where_[e.target[i]].lane, e.receptor, e.weight[i], e.delay[i]};
      if (role == Role::counts)
        drawn_to_device_.push_back({where_[e.source[i]].lane, e.call, std::uint32_t(i), listener});
      else if (device(e.target[i]).role() != Role::spike_recorder) listeners_[e.source[i]].push_back(listener);
    }
}

void Simulation::record_spike(std::uint32_t recorder, NodeId sender, Step stamp, std::size_t multiplicity,
                              double offset) {
  const Instance& i = instances_[recorder];
  if (i.frozen() || stamp <= i.first || stamp > i.last) return;
  SpikeLog& log = spike_logs_[recorder];
  const bool valued = !i.model->info->event_value.empty();
  const std::size_t events = valued ? 1 : multiplicity;
  log.sender.insert(log.sender.end(), events, sender);
  log.step.insert(log.step.end(), events, stamp);
  if (valued) log.value.push_back(i.device->value(std::int64_t(multiplicity)));
  if (offset != 0 || !log.offset.empty()) {
    log.offset.resize(log.step.size() - events);
    log.offset.insert(log.offset.end(), events, offset);
  }
}

void Simulation::hear(const Listener& l, NodeId source, Step step, std::size_t multiplicity, double factor,
                      double offset) {
  Device& d = *instances_[l.instance].device;
  if (d.role() == Role::spike_recorder) return record_spike(l.instance, source, step + 1, multiplicity, offset);
  d.receive({source, l.receptor, step, step + l.delay, std::int64_t(multiplicity), l.weight * factor}, h_);
}

void Simulation::report(NodeId source, Step step, std::size_t multiplicity, double factor, double offset) {
  for (std::uint32_t r : recorders_of(source)) record_spike(r, source, step + 1, multiplicity, offset);
  if (listeners_.empty()) return;
  if (auto found = listeners_.find(source); found != listeners_.end())
    for (const Listener& l : found->second) hear(l, source, step, multiplicity, factor, offset);
}

// Spikes that a source emits at once stand one after the other.
void Simulation::record_spikes(Step step) {
  const std::size_t at = std::size_t(step) & history_mask_;
  const auto& all = history_[at];
  for (std::size_t i = 0, n; i < all.size(); i += n) {
    n = 1;
    while (i + n < all.size() && all[i + n] == all[i]) ++n;
    report(all[i], step, n, 1, 0);
  }
  const auto& weighted = weighted_[at];
  for (std::size_t i = 0, n; i < weighted.size(); i += n) {
    n = run_of(weighted, i);
    report(weighted[i].source, step, n, weighted[i].factor, weighted[i].offset);
  }
}

void Simulation::record_drawn(Step step) {
  for (auto& d : drawn_to_device_) {
    const auto& ring = instances_[d.generator].ring;
    const Emission& e = ring[std::size_t(step) & (ring.size() - 1)];
    if (!e.on) continue;
    const Stream s{key_, d.call, std::uint32_t(Purpose::poisson), std::uint64_t(step) & 0xffffffffu};
    const std::uint32_t n = drawn_count(e, s, 0x80000000u + d.place);
    if (n > 0) hear(d.target, instances_[d.generator].device->id, step, n, 1, 0);
  }
}

}  // namespace nl
