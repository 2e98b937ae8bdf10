// Spikes between grid points. A spike carries the time to the end of its step; nodes that are precise get it as an event of its
// own, in order of time, all others in the sum of their step.
#include <algorithm>
#include <tuple>

#include "src/simulation.hpp"

namespace nl {

std::size_t Simulation::run_of(const std::vector<WeightedSpike>& list, std::size_t i) {
  std::size_t n = 1;
  auto same = [&](const WeightedSpike& a, const WeightedSpike& b) {
    return a.source == b.source && a.factor == b.factor && a.offset == b.offset;
  };
  while (i + n < list.size() && same(list[i + n], list[i])) ++n;
  return n;
}

void Simulation::arrive(ThreadState& team, const Arrival& a) {
  if (a.offset != 0 && stores_[where_[a.target].store]->precise())
    team.inputs.push_back({slot_[a.target], a.channel, a.offset, a.value});
  else team.input[team.pages.at(a.channel, slot_[a.target])] += a.value;
}

void Simulation::deliver_precise(ThreadState& team, const Rows& r, Step delay, const WeightedSpike& spike) {
  const auto [begin, end] = r.segment(r.of(spike.source), delay);
  for (std::uint64_t i = begin; i < end; ++i) {
    const NodeId t = team.node_at[team.pages.slot(r.page, r.target(i))];
    const double w = r.counts ? 1.0 : spike.factor * r.weight(spike.source, i);
    const int channel = stores_[where_[t].store]->spike_channel(r.receptor, w < 0);
    if (channel >= 0) team.inputs.push_back({slot_[t], channel, spike.offset, w});
  }
}

// By node and time; what reaches one input of a node at the same moment is one event.
void Simulation::sort_inputs(ThreadState& team) {
  auto& in = team.inputs;
  auto key = [](const PreciseInput& e) { return std::tuple(e.lane, -e.offset, e.channel); };
  std::stable_sort(in.begin(), in.end(), [&](auto& a, auto& b) { return key(a) < key(b); });
  std::size_t n = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (n > 0 && key(in[n - 1]) == key(in[i])) in[n - 1].value += in[i].value;
    else in[n++] = in[i];
  }
  in.resize(n);
}

// Of one chunk; chunks are asked for in order of their slots, once.
std::span<const PreciseInput> Simulation::inputs_of(ThreadState& team, std::uint32_t slot) {
  auto below = [&](std::uint32_t limit) {
    return std::partition_point(team.inputs.begin(), team.inputs.end(), [&](auto& e) { return e.lane < limit; });
  };
  const auto begin = below(slot), end = below(slot + chunk_lanes);
  for (auto e = begin; e != end; ++e) e->lane -= slot;
  return {begin, end};
}

// Of all threads, by source and time.
void Simulation::merge_precise(std::size_t lag, std::vector<WeightedSpike>& out) {
  std::vector<PreciseSpike> all;
  for (ThreadState& team : team_) {
    all.insert(all.end(), team.precise[lag].begin(), team.precise[lag].end());
    team.precise[lag].clear();
  }
  if (all.empty()) return;
  std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.source < b.source; });
  for (auto& s : all) out.push_back({s.source, 1, s.offset});
  spikes_ += std::int64_t(all.size());
}

}  // namespace nl
