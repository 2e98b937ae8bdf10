// Generators that give each target a train with a state of its own. What a train emits is drawn once, in order of time, and
// waits at the thread of its target until it arrives; so a state does not care about delays, or about changes of them.
#include <algorithm>

#include "src/simulation.hpp"

namespace nl {

// Trains keep their states: groups are added, never removed, and edges of devices are never reordered.
void Simulation::find_trains() {
  for (ThreadState& team : team_) team.trains.clear();
  trains_to_devices_.clear();
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> group_of;
  for (std::size_t k = 0; k < train_groups_.size(); ++k) {
    group_of[{train_groups_[k].call, train_groups_[k].instance}] = k;
    train_groups_[k].edges.clear();
  }
  for (std::size_t table = 0; table < device_edges_.size(); ++table) {
    const DeviceEdges& e = device_edges_[table];
    for (std::size_t i = 0; i < e.source.size(); ++i) {
      if (!is_device(e.source[i]) || device(e.source[i]).role() != Role::trains) continue;
      const std::uint32_t instance = where_[e.source[i]].lane;
      const auto [found, fresh] = group_of.try_emplace({e.call, instance}, train_groups_.size());
      if (fresh) train_groups_.push_back({e.call, instance, table, {}, device(e.source[i]).make_trains()});
      train_groups_[found->second].edges.push_back(std::uint32_t(i));
    }
  }
  for (std::size_t k = 0; k < train_groups_.size(); ++k) {
    TrainGroup& g = train_groups_[k];
    g.trains->resize(g.edges.size());
    for (std::uint32_t train = 0; train < g.edges.size(); ++train) {
      const NodeId target = device_edges_[g.table].target[g.edges[train]];
      auto& parts = is_device(target) ? trains_to_devices_ : team_[owner_[target]].trains;
      if (parts.empty() || parts.back().group != k) parts.push_back({k, {}});
      parts.back().trains.push_back(train);
    }
  }
}

template <class Sink>
void Simulation::run_trains(const std::vector<TrainPart>& parts, Step step, Sink&& sink) {
  std::vector<TrainSpike> out;
  for (const TrainPart& part : parts) {
    const TrainGroup& g = train_groups_[part.group];
    const auto& ring = instances_[g.instance].ring;
    const Emission& e = ring[std::size_t(step) & (ring.size() - 1)];
    if (!e.on) continue;
    const std::uint64_t row = (std::uint64_t(step) & 0xffffffffu) | std::uint64_t(g.instance & 0xffff) << 32;
    g.trains->advance(part.trains, {step, h_, e, {key_, g.call, std::uint32_t(Purpose::train), row}}, out);
    for (const TrainSpike& s : out) sink(g, s);
    out.clear();
  }
}

void Simulation::draw_trains(ThreadState& team) {
  for (Step step = team.trains_drawn; step < now_; ++step)
    run_trains(team.trains, step, [&](const TrainGroup& g, const TrainSpike& s) {
      const DeviceEdges& e = device_edges_[g.table];
      const std::uint32_t i = g.edges[s.train];
      const NeuronStore& store = *stores_[where_[e.target[i]].store];
      const int channel = store.spike_channel(e.receptor, e.weight[i] < 0);
      if (channel < 0) return;
      const double n = store.reads_transitions() ? transition(std::size_t(s.multiplicity)) : double(s.multiplicity);
      const double value = store.counts_spikes() ? n : n * e.weight[i];
      team.drawn[std::size_t(step + e.delay[i]) & history_mask_].push_back({e.target[i], channel, value, s.offset});
    });
  team.trains_drawn = now_;
}

// Before anything changes that trains on their way depend on.
void Simulation::draw_all_trains() {
  for (ThreadState& team : team_) draw_trains(team);
}

void Simulation::take_drawn(ThreadState& team, Step step, bool landing) {
  auto& due = team.drawn[std::size_t(step) & history_mask_];
  for (const Arrival& a : due)
    if (stores_[where_[a.target].store]->lands() == landing) arrive(team, a);
  if (landing || team.pages.first_landing >= team.pages.pages) due.clear();
}

// Before the threads are given other nodes.
void Simulation::park_drawn() {
  for (ThreadState& team : team_)
    for (std::size_t k = 0; k < team.drawn.size(); ++k) {
      if (team.drawn[k].empty()) continue;
      const Step step = now_ + Step((k - std::size_t(now_)) & history_mask_);
      auto& parked = arrivals_[step];
      parked.insert(parked.end(), team.drawn[k].begin(), team.drawn[k].end());
      team.drawn[k].clear();
      quiet_until_ = std::max(quiet_until_, step + 1);
    }
}

void Simulation::record_trains(Step step) {
  run_trains(trains_to_devices_, step, [&](const TrainGroup& g, const TrainSpike& s) {
    const DeviceEdges& e = device_edges_[g.table];
    const std::uint32_t i = g.edges[s.train];
    const Listener listener{where_[e.target[i]].lane, e.receptor, e.weight[i], e.delay[i]};
    hear(listener, e.source[i], step, std::size_t(s.multiplicity), 1, s.offset);
  });
}

}  // namespace nl
