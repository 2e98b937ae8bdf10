// What neurons remember of continuous variables for their synapses, and which synapses ask for it.
#include <nest_lab/recall.hpp>
#include <nest_lab/store.hpp>

#include <cmath>

#include "src/connections.hpp"

namespace nl {

// --- what a neuron remembers

void RecallArchive::forget() {
  while (first_ < events_.size() && events_[first_].read >= incoming_) ++first_;
  if (first_ < 64 || 2 * first_ < events_.size()) return;
  events_.erase(events_.begin(), events_.begin() + std::ptrdiff_t(first_));
  first_ = 0;
}

void RecallArchive::hold_for(std::size_t steps, std::span<const double> now) {
  const std::size_t n = now.size(), before = line_.size() / std::max<std::size_t>(n, 1);
  if (before == steps) return;
  std::rotate(line_.begin(), line_.begin() + std::ptrdiff_t(oldest_), line_.end());
  oldest_ = 0;
  if (before > steps) {
    line_.erase(line_.begin(), line_.end() - std::ptrdiff_t(steps * n));
    return;
  }
  std::vector<double> oldest(now.begin(), now.end());
  if (before > 0) oldest.assign(line_.begin(), line_.begin() + std::ptrdiff_t(n));
  std::vector<double> line;
  for (std::size_t k = before; k < steps; ++k) line.insert(line.end(), oldest.begin(), oldest.end());
  line.insert(line.end(), line_.begin(), line_.end());
  line_ = std::move(line);
}

void RecallArchive::forget_readers() {
  incoming_ = 0;
  for (RecalledEvent& e : events_) e.read = 0;
}

// Until all readers are known, `read` of an event counts those whose first unseen event it is.
void RecallArchive::add_reader(Step delay, Step seen) {
  ++incoming_;
  if (const std::size_t at = place(seen); at < events_.size()) ++events_[at].read;
  const std::size_t wanted = std::bit_ceil(std::size_t(2 * delay + 2));  // a spike waits for up to min_delay
  if (levels_.size() >= wanted) return;
  std::vector<Level> levels(wanted);
  for (const Level& l : levels_)
    if (l.stamp >= 0) levels[std::size_t(l.stamp) & (wanted - 1)] = l;
  levels_ = std::move(levels);
}

void RecallArchive::readers_known() {
  if (incoming_ == 0) {
    events_.clear();
    levels_.clear();
    first_ = 0;
    return;
  }
  std::uint32_t waiting = 0;
  for (std::size_t i = first_; i < events_.size(); ++i) {
    waiting += events_[i].read;
    events_[i].read = waiting;
  }
  for (std::size_t i = first_; i < events_.size(); ++i) events_[i].read = incoming_ - events_[i].read;
}

// --- connecting

void Simulation::check_recall(const Model& synapse, const Model& node) const {
  const PlasticInfo* info = plastic_of(synapse);
  if (!info || info->asks_for.empty() || node.info->recalls == info->asks_for) return;
  std::string names;
  for (auto& m : models_)
    if (m->info->recalls == info->asks_for) names += (names.empty() ? "" : ", ") + m->name;
  throw Error("IllegalConnection",
              with_article(synapse.name) + " cannot end at " + with_article(node.name) + ", which does not remember " +
                  info->asks_for,
              node.name, names, "Use static_synapse for it, or another model of neurons.");
}

// --- layout

// Stamp of a spike by its time, which may lie between grid points.
static Step stamp_of(double ms, double h) { return Step(std::ceil(ms / h - 1e-6)); }

void Simulation::build_recall(ThreadState& team) {
  auto& archive = team.plastic.recall;
  archive.clear();
  const auto asks = [](const PlasticPath& p) { return !p.rows->columns->info->asks_for.empty(); };
  const bool any = std::ranges::any_of(team.plastic.paths, asks);
  archive.resize(any ? team.node_at.size() : 0);
  for (const ChunkRef& ref : team.chunks) {
    NeuronStore& store = *stores_[ref.store];
    if (store.info->recalls.empty()) continue;
    for (int i = 0; i < store.lanes(ref.chunk); ++i) {
      RecallArchive* a = store.recall(std::size_t(ref.chunk) * chunk_lanes + std::size_t(i));
      a->forget_readers();
      if (any) archive[ref.slot + std::uint32_t(i)] = a;
    }
  }
  for (const PlasticPath& path : team.plastic.paths) {
    if (!asks(path)) continue;
    const Rows& r = *path.rows;
    for (NodeId s = r.first; s < r.last; ++s)
      for (std::uint32_t k = 0; k < r.of(s).delays; ++k)
        for (auto [d, i, end] = r.run(r.of(s), k); i < end; ++i) {
          const double last = r.columns->columns.back().get(s - r.first, i);
          archive[team.pages.slot(r.page, r.target(i))]->add_reader(d, stamp_of(last, h_) - d);
        }
  }
  for (const ChunkRef& ref : team.chunks) {
    NeuronStore& store = *stores_[ref.store];
    if (store.info->recalls.empty()) continue;
    for (int i = 0; i < store.lanes(ref.chunk); ++i)
      store.recall(std::size_t(ref.chunk) * chunk_lanes + std::size_t(i))->readers_known();
  }
}

}  // namespace nl
