// Few connections among many come and go during a run: the rows they stand in are written anew, the others copied in one piece.
// Plastic synapses, whose values stand in columns beside the rows, become edges and are built anew.
#include <cmath>

#include "src/connections.hpp"
#include "src/structure.hpp"

namespace nl {

struct Simulation::RowChange {
  std::vector<std::uint64_t> gone;  // places, ascending
  struct Added {
    NodeId source;
    Step delay;
    std::uint16_t slot;
    double weight;
  };
  std::vector<Added> added;
};

namespace {

template <class Change>
class Rewriter {
  const Rows& old_;
  const Change& change_;
  Rows rows_;
  std::size_t gone_ = 0, added_ = 0;
  using Added = typename Change::Added;
  std::vector<Added> synapses_;
  std::vector<std::uint32_t> count_;

  // Sources from ... to - 1, of which nothing changes.
  void copy(NodeId from, NodeId to) {
    from = std::max(from, old_.first);
    to = std::min(to, old_.last);
    if (from >= to) return;
    const std::uint64_t begin = old_.of(from).first, end = to < old_.last ? old_.of(to).first : old_.size;
    if (end > begin)
      std::memcpy(rows_.data.data() + rows_.size * rows_.stride(), old_.data.data() + begin * old_.stride(),
                  (end - begin) * old_.stride());
    for (NodeId s = from; s < to; ++s) {
      const Row& before = old_.of(s);
      Row& r = rows_.row[s - rows_.first];
      r = before;
      r.first = before.first - begin + rows_.size;
      if (before.delays == 0) continue;
      r.first_run = std::uint32_t(rows_.runs.size());
      rows_.runs.insert(rows_.runs.end(), old_.runs_of(before), old_.runs_of(before) + before.delays);
    }
    rows_.size += end - begin;
  }

  void rewrite(NodeId s) {
    synapses_.clear();
    if (s >= old_.first && s < old_.last) {
      const Row& r = old_.of(s);
      for (std::uint32_t k = 0; k < r.delays; ++k) {
        const auto [delay, begin, end] = old_.run(r, k);
        for (std::uint64_t i = begin; i < end; ++i) {
          if (gone_ < change_.gone.size() && change_.gone[gone_] == i) ++gone_;
          else synapses_.push_back({s, delay, old_.target(i), old_.weight(s, i)});
        }
      }
    }
    for (; added_ < change_.added.size() && change_.added[added_].source == s; ++added_)
      synapses_.push_back(change_.added[added_]);
    rows_.row[s - rows_.first].first = rows_.size;
    if (synapses_.empty()) return;
    const auto [low, high] =
        std::minmax_element(synapses_.begin(), synapses_.end(), [](auto& a, auto& b) { return a.delay < b.delay; });
    const Step lowest = low->delay;
    count_.assign(std::size_t(high->delay - lowest + 1), 0);
    for (auto& x : synapses_) ++count_[std::size_t(x.delay - lowest)];
    const std::uint64_t first = rows_.size;
    rows_.open_row(s, lowest, count_);
    for (auto& x : synapses_) rows_.set(first + count_[std::size_t(x.delay - lowest)]++, s, x.slot, x.weight);
  }

 public:
  Rewriter(const Rows& old, const Change& change) : old_(old), change_(change) {}

  Rows run() {
    rows_.table = old_.table;
    rows_.thread = old_.thread;
    rows_.page = old_.page;
    rows_.format = old_.format;
    rows_.receptor = old_.receptor;
    rows_.counts = old_.counts;
    rows_.transitions = old_.transitions;
    rows_.precise = old_.precise;
    rows_.common = old_.common;
    rows_.first = old_.first;
    rows_.last = old_.last;
    if (!change_.added.empty()) {
      rows_.first = std::min(old_.first, change_.added.front().source);
      rows_.last = std::max(old_.last, change_.added.back().source + 1);
    }
    rows_.row.resize(rows_.last - rows_.first);
    rows_.runs.reserve(old_.runs.size() + change_.added.size());
    if (rows_.format == WeightFormat::per_source) {
      rows_.of_source = Buffer<double>(rows_.last - rows_.first, 0.0);
      std::copy(old_.of_source.begin(), old_.of_source.end(), rows_.of_source.begin() + (old_.first - rows_.first));
    }
    rows_.make_room(old_.size - change_.gone.size() + change_.added.size(), 0);
    NodeId done = rows_.first;
    while (gone_ < change_.gone.size() || added_ < change_.added.size()) {
      NodeId next = rows_.last;
      if (gone_ < change_.gone.size()) next = std::min(next, old_.source_at(change_.gone[gone_]));
      if (added_ < change_.added.size()) next = std::min(next, change_.added[added_].source);
      skip(done, next);
      rewrite(next);
      done = next + 1;
    }
    skip(done, rows_.last);
    return std::move(rows_);
  }

 private:
  // Sources that are new have rows all the same, which are empty.
  void skip(NodeId from, NodeId to) {
    for (NodeId s = from; s < std::min(to, old_.first); ++s) rows_.row[s - rows_.first].first = rows_.size;
    copy(from, to);
    for (NodeId s = std::max(from, old_.last); s < to; ++s) rows_.row[s - rows_.first].first = rows_.size;
  }
};

}  // namespace

void Simulation::change_rows(const std::vector<std::uint64_t>& gone, const std::vector<NewEdges>& made) {
  settle_spikes(now_);
  RowChanges changes;
  std::unordered_set<std::uint64_t> plastic;
  for (std::uint64_t bits : gone) {
    Handle h(0, 0);
    h.bits = bits;
    for (std::size_t l = 0; l < layers_.size(); ++l)
      for (std::size_t k = 0; k < layers_[l].rows.size(); ++k) {
        if (layers_[l].rows[k].table != h.table()) continue;
        if (layers_[l].plastic) plastic.insert(bits);
        else changes[{l, k}].gone.push_back(h.at());
      }
  }
  bool rebuild = !plastic.empty();
  for (auto& e : made) {
    if (plastic_of(e.synapse)) rebuild |= !e.source.empty();
    else plan_rows(e, changes);
  }
  for (auto& [at, change] : changes) {
    Rows& r = layers_[at.first].rows[at.second];
    std::sort(change.gone.begin(), change.gone.end());
    std::stable_sort(change.added.begin(), change.added.end(), [](auto& a, auto& b) { return a.source < b.source; });
    r = Rewriter<RowChange>(r, change).run();
  }
  if (rebuild) change_plastic(plastic, made);
  pathways_built_ = false;
  ++version_;
}

void Simulation::change_plastic(const std::unordered_set<std::uint64_t>& gone, const std::vector<NewEdges>& made) {
  for (auto& team : team_) push(team);  // spikes of the slice that is over leave by the connections of then
  leaving_.clear();
  dissolve([&](Handle h, double&, Step&) { return !gone.contains(h.bits); }, now_, true);
  for (auto& e : made) {
    if (!plastic_of(e.synapse) || e.source.empty()) continue;
    EdgeList list;
    for (std::size_t k = 0; k < e.source.size(); ++k) list.add(e.source[k], e.target[k], e.weight[k], e.delay[k]);
    list.columns = e.columns;
    add_edges(e.synapse, e.label, e.receptor, std::move(list));
  }
}

// Where new connections go. Layers and tables that are missing are made, and are empty at first.
void Simulation::plan_rows(const NewEdges& e, RowChanges& changes) {
  if (e.source.empty()) return;
  Layer& layer = layer_for(e);
  const std::size_t l = std::size_t(&layer - layers_.data()), tables = layer.rows.size();
  for (std::size_t k = 0; k < e.source.size(); ++k) {
    const NodeId t = e.target[k];
    const NeuronStore& store = *stores_[where_[t].store];
    const PageMap& pages = team_[owner_[t]].pages;
    const std::uint32_t place = pages.place(store.spike_channel(e.receptor, e.weight[k] < 0), slot_[t]);
    const std::size_t r = rows_for(layer, e.source[k], owner_[t], place / page_slots, store);
    changes[{l, r}].added.push_back({e.source[k], e.delay[k], std::uint16_t(place % page_slots), e.weight[k]});
  }
  if (layer.rows.size() > tables)  // numbers of tables follow each other in a layer
    for (Rows& r : layer.rows) r.table = next_table_++;
}

// The layer for new connections; its weights are made wide enough for theirs.
Layer& Simulation::layer_for(const NewEdges& e) {
  const bool common = models_[std::size_t(e.synapse)]->info->common_weight;
  auto found = std::find_if(layers_.begin(), layers_.end(), [&](auto& l) {
    return l.synapse == e.synapse && l.receptor == e.receptor && l.label == e.label;
  });
  const bool single = std::all_of(e.weight.begin(), e.weight.end(), [](double w) { return double(float(w)) == w; });
  if (found == layers_.end()) {
    const bool same = std::all_of(e.weight.begin(), e.weight.end(), [&](double w) { return w == e.weight[0]; });
    const WeightFormat format = common   ? WeightFormat::common
                                : same   ? WeightFormat::per_source
                                : single ? WeightFormat::single
                                         : WeightFormat::wide;
    layers_.push_back({e.synapse, e.label, e.receptor, format, {}});
    return layers_.back();
  }
  Layer& l = *found;
  auto fits = [&](NodeId s, double w) {
    for (auto& r : l.rows)
      if (s >= r.first && s < r.last && r.of(s).delays && r.of_source[s - r.first] != w) return false;
    return true;
  };
  bool keep = l.format != WeightFormat::single || single;
  if (l.format == WeightFormat::per_source) {
    std::map<NodeId, double> of_source;
    for (std::size_t k = 0; k < e.source.size(); ++k)
      keep &= of_source.try_emplace(e.source[k], e.weight[k]).first->second == e.weight[k] &&
              fits(e.source[k], e.weight[k]);
  }
  if (keep) return l;
  for (auto& r : l.rows) r.widen();
  l.format = WeightFormat::wide;
  return l;
}

// Rows of one thread and page lie one after the other in the order of their sources.
std::size_t Simulation::rows_for(Layer& l, NodeId source, std::uint32_t thread, std::uint32_t page,
                                 const NeuronStore& targets) {
  std::optional<std::size_t> best;
  for (std::size_t k = 0; k < l.rows.size(); ++k)
    if (const Rows& r = l.rows[k]; r.thread == thread && r.page == page && r.counts == targets.counts_spikes() &&
                                   r.transitions == targets.reads_transitions() && r.precise == targets.precise())
      if (!best || r.first <= source) best = k;
  if (best) return *best;
  Rows r;
  r.thread = thread;
  r.page = page;
  r.counts = targets.counts_spikes();
  r.transitions = targets.reads_transitions();
  r.precise = targets.precise();
  r.receptor = l.receptor;
  r.format = l.format;
  r.common = common_weight(l.synapse);
  r.first = 1;
  r.last = NodeId(where_.size());
  r.row.resize(r.last - r.first);
  if (r.format == WeightFormat::per_source) r.of_source = Buffer<double>(r.row.size(), 0.0);
  l.rows.push_back(std::move(r));
  return l.rows.size() - 1;
}

}  // namespace nl
