// Layout of the nodes on threads, and rows and taps built for it, straight from the recipes: there is no list of all edges in
// between.
#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <cstring>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "src/connections.hpp"

namespace nl {

int Simulation::effective_threads() const {
  std::size_t chunks = 0;
  for (auto* s : stores_) chunks += s->chunks();
  return int(
      std::clamp<std::size_t>(chunks / 2, 1, std::size_t(threads_)));  // small networks are fastest on one thread
}

void Simulation::layout() {
  if (laid_out_) return;
  if (!layers_.empty()) dissolve([](Handle, double&, Step&) { return true; }, now_);
  draw_all_trains();
  park_drawn();
  laid_out_ = true;
  taps_built_ = false;
  pathways_built_ = false;
  keep_archives();
  keep_learning();
  team_size_ = effective_threads();
  if (!pool_ || pool_->size != team_size_) pool_ = std::make_unique<Threads>(team_size_);
  for (auto* s : stores_)  // what landed goes back to the neurons, before the pages go
    if (s->lands())
      for (std::size_t c = 0; c < s->chunks(); ++c)
        for (int ch = 0; ch < s->spike_channels(); ++ch) s->land(c, ch, nullptr);
  team_.clear();
  team_.resize(std::size_t(team_size_));
  owner_.assign(where_.size(), 0);
  slot_.assign(where_.size(), 0);
  std::vector<std::vector<PageMap::Chunk>> chunks(team_.size());
  for (std::uint32_t k = 0; k < stores_.size(); ++k) {
    NeuronStore& s = *stores_[k];
    for (std::uint32_t c = 0; c < s.chunks(); ++c) {
      const int thread = int(std::uint64_t(c) * std::uint64_t(team_size_) / s.chunks());
      ThreadState& team = team_[std::size_t(thread)];
      const std::uint32_t slot = std::uint32_t(team.node_at.size());
      team.chunks.push_back({k, c, slot});
      chunks[std::size_t(thread)].push_back({s.spike_channels(), s.lands()});
      team.node_at.resize(slot + chunk_lanes, 0);
      for (int i = 0; i < s.lanes(c); ++i) {
        const NodeId id = s.ids[c * chunk_lanes + std::size_t(i)];
        owner_[id] = std::uint8_t(thread);
        slot_[id] = slot + std::uint32_t(i);
        team.node_at[slot + std::size_t(i)] = id;
      }
    }
  }
  for (std::size_t t = 0; t < team_.size(); ++t) {
    team_[t].pages = PageMap(chunks[t]);
    team_[t].input = Buffer<double>(team_[t].pages.size(), 0.0);
    team_[t].spike_input.resize(std::size_t(team_[t].pages.channels));
    for (auto* s : stores_)
      team_[t].current_input.resize(std::max(team_[t].current_input.size(), std::size_t(s->current_channels())));
    for (const ChunkRef& c : team_[t].chunks)
      if (stores_[c.store]->lands())
        for (int ch = 0; ch < stores_[c.store]->spike_channels(); ++ch)
          stores_[c.store]->land(c.chunk, ch, team_[t].input.data() + team_[t].pages.at(ch, c.slot));
    team_[t].trains_drawn = now_;
    team_[t].drawn.resize(history_.size());
  }
}

// --- rows

namespace {

// A set of rows that are built together: what ends in one page of one thread.
struct Set {
  std::uint32_t thread, page, negative_page;
  std::int32_t to_slot,
      to_negative;  // from the place in the page to the slot of the node, and to that of the other sign
  bool counts, transitions, precise;
  auto operator<=>(const Set&) const = default;
  // What plastic synapses need besides: the slot, and where input goes when the weight changes its sign.
  void look(std::uint32_t slot, std::uint32_t place, std::uint32_t negative) {
    negative_page = negative / page_slots;
    to_slot = std::int32_t(slot) - std::int32_t(place % page_slots);
    to_negative = std::int32_t(negative % page_slots) - std::int32_t(place % page_slots);
  }
};

std::pair<NodeId, NodeId> range_of(const Ids& ids) {
  if (ids.list.empty()) return {ids[0], ids[ids.size() - 1]};
  const auto [a, b] = std::minmax_element(ids.list.begin(), ids.list.end());
  return {*a, *b};
}

}  // namespace

// Where the synapses of a layer go: for each node and sign of the weight the set (upper half) and the slot (lower half).
struct Simulation::Destinations {
  std::vector<Set> sets;
  std::vector<std::uint32_t> of[2];

  Destinations(const Simulation& sim, const Layer& layer) {
    std::map<Set, std::uint32_t> index;
    for (int negative = 0; negative < 2; ++negative) {
      of[negative].assign(sim.where_.size(), 0);
      std::uint32_t last_store = device_place, thread = 0, page = 0, from = 0, set = 0;
      int channel = 0;
      for (std::size_t id = 1; id < sim.where_.size(); ++id) {
        const Place& p = sim.where_[id];
        if (p.store == device_place) continue;
        const PageMap& pages = sim.team_[sim.owner_[id]].pages;
        const NeuronStore& store = *sim.stores_[p.store];
        if (p.store != last_store) channel = store.spike_channel(layer.receptor, negative && !layer.plastic);
        if (channel >= 0 && !pages.has(channel, sim.slot_[id])) continue;  // cannot be a target of this layer
        const std::uint32_t slot = sim.slot_[id], place = pages.place(channel, slot);
        if (p.store != last_store || thread != sim.owner_[id] || page != place / page_slots || from != slot - place) {
          last_store = p.store;
          thread = sim.owner_[id];
          page = place / page_slots;
          from = slot - place;
          Set s{thread, page, page, 0, 0, store.counts_spikes(), store.reads_transitions(), store.precise()};
          if (layer.plastic) s.look(slot, place, pages.place(store.spike_channel(layer.receptor, true), slot));
          set = index.try_emplace(s, std::uint32_t(index.size())).first->second;
        }
        of[negative][id] = set << 16 | place % page_slots;
      }
    }
    sets.resize(index.size());
    for (auto& [s, i] : index) sets[i] = s;
  }
  Rows rows(std::size_t set, const Layer& layer, NodeId first, NodeId last, double common) const {
    Rows r;
    r.thread = sets[set].thread;
    r.page = sets[set].page;
    r.negative_page = sets[set].negative_page;
    r.to_slot = sets[set].to_slot;
    r.to_negative = sets[set].to_negative;
    r.counts = sets[set].counts;
    r.transitions = sets[set].transitions;
    r.precise = sets[set].precise;
    r.receptor = layer.receptor;
    r.format = layer.format;
    r.common = common;
    r.first = first;
    r.last = last;
    r.row.resize(last - first);
    if (r.format == WeightFormat::per_source) r.of_source = Buffer<double>(last - first, 0.0);
    if (layer.plastic) r.columns = std::make_unique<SynapseColumns>(*layer.plastic, layer.constant);
    return r;
  }
};

namespace {

// A recipe whose rows belong to sources, read in ascending order of the sources.
struct Feed {
  const Recipe* recipe;
  std::vector<std::uint32_t> order;  // of its rows, where the sources do not ascend
  std::int64_t next = 0, rows;

  explicit Feed(const Recipe& r) : recipe(&r), rows(r.rule->rows(r.call())) {
    if (std::is_sorted(r.sources.list.begin(), r.sources.list.end())) return;
    order.resize(std::size_t(rows));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = std::uint32_t(i);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return r.sources.list[a] < r.sources.list[b]; });
  }
  std::int64_t row(std::int64_t i) const { return order.empty() ? i : order[std::size_t(i)]; }
  NodeId source(std::int64_t i) const { return recipe->sources[row(i)]; }
  void seek(NodeId first) {
    std::int64_t low = 0, high = rows;
    while (low < high)
      (source((low + high) / 2) < first ? low : high) = (low + high) / 2 + (source((low + high) / 2) < first);
    next = low;
  }
};

}  // namespace

// Writes the rows of a range of sources, one after the other: all synapses of a source are drawn, sorted by set and delay while
// they are in the cache, and appended. Nothing is drawn twice and nothing is kept beside the rows.
struct Simulation::RowWriter {
  const Simulation& sim;
  const Layer& layer;
  const Destinations& to;
  std::vector<Feed> feeds;
  NodeId first, last;
  std::vector<Rows> rows;  // by set
  RowReader reader;
  std::vector<std::uint32_t> place, delay, count;
  std::vector<double> weight;
  std::vector<std::uint64_t> waiting = {};       // a heap: next source (upper half) and number of each feed
  std::vector<std::size_t> differs = {};         // members of plastic synapses that differ ...
  std::vector<std::vector<double>> values = {};  // ... and their values in the row

  void run() {
    differs = layer.differing();
    values.resize(differs.size());
    for (std::size_t k = 0; k < to.sets.size(); ++k)
      rows.push_back(to.rows(k, layer, first, last, sim.common_weight(layer.synapse)));
    reserve();
    for (Feed& f : feeds) {
      f.seek(first);
      wait(f);
    }
    for (NodeId s = first; s < last; ++s) {
      place.clear();
      delay.clear();
      weight.clear();
      for (auto& v : values) v.clear();
      while (!waiting.empty() && NodeId(waiting.front() >> 32) == s) {
        std::pop_heap(waiting.begin(), waiting.end(), std::greater{});
        Feed& f = feeds[std::uint32_t(waiting.back())];
        waiting.pop_back();
        for (; f.next < f.rows && f.source(f.next) == s; ++f.next) take(f);
        wait(f);
      }
      if (!place.empty()) write(s);
      else
        for (Rows& r : rows) r.row[s - first].first = r.size;
    }
  }

  // Feeds wait for their next source; those of one source are read in the order of their Connect calls.
  void wait(const Feed& f) {
    if (f.next == f.rows) return;
    waiting.push_back(std::uint64_t(f.source(f.next)) << 32 | std::uint64_t(&f - feeds.data()));
    std::push_heap(waiting.begin(), waiting.end(), std::greater{});
  }

  // What is reserved and not used costs nothing: the system gives memory when it is first written.
  void reserve() {
    std::vector<double> expected(rows.size(), 0.0);
    for (const Feed& f : feeds) {
      const Recipe& r = *f.recipe;
      std::vector<double> share(rows.size(), 0.0);
      const auto [low, high] = r.weight.bounds();
      for (int negative = 0; negative < 2; ++negative)
        if (negative ? low < 0 : high >= 0)
          for (std::int64_t i = 0; i < r.targets.size(); ++i) ++share[to.of[negative][r.targets[i]] >> 16];
      Feed part = f;
      part.seek(first);
      const std::int64_t begin = part.next;
      part.seek(last);
      const double edges =
          r.rule->expected(r.call()) * double(part.next - begin) / double(std::max<std::int64_t>(1, f.rows));
      for (std::size_t k = 0; k < share.size(); ++k) expected[k] += edges * share[k] / double(r.targets.size());
    }
    for (std::size_t k = 0; k < rows.size(); ++k)
      if (expected[k] > 0) rows[k].make_room(std::uint64_t(expected[k] + 8 * std::sqrt(expected[k]) + 64), 0);
  }

  void take(Feed& f) {
    const Recipe& r = *f.recipe;
    const auto [edges, w, d] = reader.read(r, f.row(f.next));
    const std::size_t n = edges->size(), at = place.size();
    place.resize(at + n);
    delay.resize(at + n);
    weight.resize(at + n);
    for (std::size_t i = 0; i < n; ++i) weight[at + i] = w ? w[i] : r.weight.p.value();
    const Step fixed = d ? 0 : delay_in_steps(r.delay.p.value(), sim.h_);
    for (std::size_t i = 0; i < n; ++i) delay[at + i] = std::uint32_t(d ? delay_in_steps(d[i], sim.h_) : fixed);
    for (std::size_t i = 0; i < n; ++i) place[at + i] = to.of[weight[at + i] < 0][edges->target[i]];
    if (!differs.empty()) take_columns(r, f.row(f.next), n);
  }

  void take_columns(const Recipe& r, std::int64_t row, std::size_t n) {
    const auto& columns = reader.columns(r, row);
    for (std::size_t k = 0; k < differs.size(); ++k) {
      const double* x = columns[differs[k]];
      if (x) values[k].insert(values[k].end(), x, x + n);
      else values[k].insert(values[k].end(), n, r.columns[differs[k]].p.value());
    }
  }

  void write(NodeId s) {
    const auto [low, high] = std::minmax_element(delay.begin(), delay.end());
    const std::uint32_t lowest = *low, span = *high - lowest + 1;
    count.assign(rows.size() * span, 0);
    for (std::size_t i = 0; i < place.size(); ++i) ++count[(place[i] >> 16) * span + delay[i] - lowest];
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const std::uint64_t used = rows[k].size;
      rows[k].open_row(s, Step(lowest), {count.data() + k * span, span});
      rows[k].make_room(rows[k].size, used);
      if (!differs.empty()) rows[k].columns->resize(rows[k].size);
    }
    for (std::size_t i = 0; i < place.size(); ++i) {
      Rows& r = rows[place[i] >> 16];
      const std::uint64_t at = r.row[s - first].first + count[(place[i] >> 16) * span + delay[i] - lowest]++;
      r.set(at, s, std::uint16_t(place[i]), weight[i]);
      for (std::size_t c = 0; c < differs.size(); ++c) r.columns->put(differs[c], at, values[c][i]);
    }
  }
};

// Of rules that fix what a target receives: each thread replays the recipes for its targets twice, to count and to fill. Rows are
// filled as synapses come, and sorted by delay once they are complete.
struct Simulation::RowFiller {
  const Simulation& sim;
  const Layer& layer;
  const Destinations& to;
  const std::vector<const Recipe*>& recipes;
  int thread;
  NodeId first, last;
  std::optional<Step> one_delay;                          // of all synapses
  std::vector<Rows> rows = {};                            // by set
  std::vector<std::vector<std::uint32_t>> count = {};     // by set, then source
  std::vector<std::vector<std::uint16_t>> delay_of = {};  // by set, then synapse
  RowReader reader = {};
  const Recipe* recipe = nullptr;  // what is being read, and where in it
  std::int64_t row = 0;
  std::size_t edge = 0;
  std::vector<std::size_t> differs = layer.differing();
  const std::vector<const double*>* columns = nullptr;
  std::vector<std::uint32_t> ahead = {}, place = {};  // of the row that is being sorted
  std::vector<char> synapses = {};
  std::vector<double> values = {};

  // Calls f(set, source, slot, weight, delay) for every synapse that ends on this thread.
  template <class F>
  void each(F&& f) {
    for (const Recipe* r : recipes) {
      recipe = r;
      const bool scattered = r->rule->scattered;
      const std::int64_t rows = r->rule->rows(r->call());
      for (row = 0; row < rows; ++row) {
        if (!scattered && sim.owner_[r->targets[row]] != thread) continue;
        const auto [edges, w, d] = reader.read(*r, row);
        const Step fixed = d ? 0 : delay_in_steps(r->delay.p.value(), sim.h_);
        const double w0 = w ? 0 : r->weight.p.value();
        columns = nullptr;
        for (std::size_t i = 0; i < edges->size(); ++i) {
          if (scattered && sim.owner_[edges->target[i]] != thread) continue;
          edge = i;
          const double weight = w ? w[i] : w0;
          const std::uint32_t at = to.of[weight < 0][edges->target[i]];
          f(at >> 16, edges->source[i], std::uint16_t(at), weight, d ? delay_in_steps(d[i], sim.h_) : fixed);
        }
      }
    }
  }

  void run() {
    count.resize(to.sets.size());
    each([&](std::uint32_t set, NodeId source, std::uint16_t, double, Step) {
      if (count[set].empty()) count[set].assign(last - first, 0);
      ++count[set][source - first];
    });
    rows.resize(count.size());
    delay_of.resize(count.size());
    for (std::size_t set = 0; set < count.size(); ++set)
      if (!count[set].empty()) open(set);
    each([&](std::uint32_t set, NodeId source, std::uint16_t slot, double w, Step delay) {
      const std::uint64_t at = rows[set].of(source).first + count[set][source - first]++;
      rows[set].set(at, source, slot, w);
      if (!one_delay) delay_of[set][at] = std::uint16_t(delay);
      for (std::size_t c : differs) put(rows[set], c, at);
    });
    for (std::size_t set = 0; set < count.size(); ++set)
      if (!count[set].empty()) close(set);
  }

  void put(Rows& r, std::size_t column, std::uint64_t at) {
    if (!columns) columns = &reader.columns(*recipe, row);
    const double* x = (*columns)[column];
    r.columns->put(column, at, x ? x[edge] : recipe->columns[column].p.value());
  }

  void open(std::size_t set) {
    Rows& r = rows[set] = to.rows(set, layer, first, last, sim.common_weight(layer.synapse));
    std::uint64_t size = 0;
    for (NodeId s = first; s < last; ++s) {
      r.row[s - first].first = size;
      size += std::exchange(count[set][s - first], 0);
    }
    r.make_room(size, 0);
    if (r.columns) r.columns->resize(size);
    if (!one_delay) delay_of[set].resize(size);
  }

  void close(std::size_t set) {
    Rows& r = rows[set];
    for (NodeId s = first; s < last; ++s) {
      const std::uint32_t n = count[set][s - first];
      if (one_delay || n == 0) {
        ahead.assign(1, n);
        r.open_row(s, one_delay.value_or(1), ahead);
        continue;
      }
      const std::span delay(delay_of[set].data() + r.size, n);
      const auto [low, high] = std::ranges::minmax(delay);
      ahead.assign(std::size_t(high - low) + 1, 0);
      for (std::uint16_t d : delay) ++ahead[d - low];
      r.open_row(s, low, ahead);
      if (low < high) sort(r, s, delay, low);
    }
    count[set] = {};
    delay_of[set] = {};
  }

  // Synapses of one delay stay in the order in which they came.
  void sort(Rows& r, NodeId s, std::span<const std::uint16_t> delay, Step lowest) {
    const std::size_t n = delay.size(), stride = r.stride(), begin = r.of(s).first;
    place.resize(n);
    for (std::size_t i = 0; i < n; ++i) place[i] = ahead[std::size_t(delay[i] - lowest)]++;
    char* data = r.data.data() + begin * stride;
    synapses.assign(data, data + n * stride);
    for (std::size_t i = 0; i < n; ++i) std::memcpy(data + place[i] * stride, synapses.data() + i * stride, stride);
    for (std::size_t c : differs) {
      double* x = r.columns->columns[c].each.data() + begin;
      values.assign(x, x + n);
      for (std::size_t i = 0; i < n; ++i) x[place[i]] = values[i];
    }
  }
};

namespace {

// The delay of all recipes, where they have one and the same.
std::optional<Step> delay_of_all(const std::vector<const Recipe*>& recipes, double h) {
  std::optional<Step> one;
  for (const Recipe* r : recipes) {
    if (!r->delay.fixed()) return {};
    const Step delay = delay_in_steps(r->delay.p.value(), h);
    if (one.value_or(delay) != delay) return {};
    one = delay;
  }
  return one;
}

}  // namespace

double Simulation::common_weight(int synapse) const {
  const Model& m = *models_[std::size_t(synapse)];
  return m.info->common_weight ? std::get<double>(m.synapse.at("weight")) : 0;
}

void Simulation::keep_rows(Layer& layer, std::vector<Rows>& rows) {
  for (auto& r : rows)
    if (r.size > 0) {
      r.table = next_table_++;
      if (r.columns) r.settle_columns();
      layer.rows.push_back(std::move(r));
    }
}

void Simulation::build_layer(Layer& layer, const std::vector<const Recipe*>& recipes) {
  NodeId first = std::numeric_limits<NodeId>::max(), last = 0;
  for (const Recipe* r : recipes) {
    const auto [a, b] = range_of(r->sources);
    first = std::min(first, a);
    last = std::max(last, b + 1);
  }
  const Destinations to(*this, layer);
  prepare_rules(recipes);
  if (recipes[0]->rule->by_target) {
    std::vector<RowFiller> fillers;
    for (int t = 0; t < team_size_; ++t)
      fillers.push_back({*this, layer, to, recipes, t, first, last, delay_of_all(recipes, h_)});
    pool_->run([&](int t) { fillers[std::size_t(t)].run(); });
    for (auto& f : fillers) keep_rows(layer, f.rows);
    return;
  }
  std::vector<Feed> feeds;
  for (const Recipe* r : recipes) feeds.emplace_back(*r);
  std::vector<RowWriter> writers;
  const auto part = divide_sources(recipes, first, last);
  for (int t = 0; t < team_size_; ++t)
    writers.push_back(
        {*this, layer, to, feeds, part[std::size_t(t)], part[std::size_t(t) + 1], {}, {}, {}, {}, {}, {}});
  pool_->run([&](int t) { writers[std::size_t(t)].run(); });
  for (auto& w : writers) keep_rows(layer, w.rows);
}

void Simulation::prepare_rules(const std::vector<const Recipe*>& recipes) {
  std::atomic<std::size_t> next{0};
  pool_->run([&](int) {
    for (std::size_t k; (k = next++) < recipes.size();) recipes[k]->prepare();
  });
}

// Ranges of sources with about the same number of synapses, one for each thread.
std::vector<NodeId> Simulation::divide_sources(const std::vector<const Recipe*>& recipes, NodeId first,
                                               NodeId last) const {
  std::vector<double> density(last - first + 1, 0.0);  // change of the number of synapses from one source to the next
  for (const Recipe* r : recipes) {
    const auto [a, b] = range_of(r->sources);
    const double each = r->rule->expected(r->call()) / double(b - a + 1);
    density[a - first] += each;
    density[b + 1 - first] -= each;
  }
  double total = 0, here = 0;
  for (const Recipe* r : recipes) total += r->rule->expected(r->call());
  std::vector<NodeId> out{first};
  double sum = 0;
  for (NodeId s = first; s < last; ++s) {
    here += density[s - first];
    sum += here;
    while (sum >= total * double(out.size()) / team_size_ && int(out.size()) < team_size_) out.push_back(s + 1);
  }
  out.resize(std::size_t(team_size_) + 1, last);
  return out;
}

// Connections that came in many small calls are put together: each layer costs a little in every step.
void Simulation::merge_layers() {
  std::set<std::tuple<int, std::int64_t, int>> kinds;
  for (auto& l : layers_) kinds.emplace(l.synapse, l.label, l.receptor);
  if (layers_.size() > 48 + kinds.size()) dissolve([](Handle, double&, Step&) { return true; }, now_);
}

namespace {

bool agree(const std::vector<Strength>& a, const std::vector<Strength>& b) {
  for (std::size_t k = 0; k < a.size(); ++k)
    if (a[k].fixed() != b[k].fixed() || (a[k].fixed() && a[k].p.value() != b[k].p.value())) return false;
  return true;
}

// Value of each member that all recipes have in common, nan where there is none.
std::vector<double> constants_of(const std::vector<const Recipe*>& recipes) {
  std::vector<double> out;
  for (std::size_t k = 0; k < recipes[0]->columns.size(); ++k) {
    const Strength& first = recipes[0]->columns[k];
    bool same = first.fixed();
    for (const Recipe* r : recipes) same = same && r->columns[k].fixed() && r->columns[k].p.value() == first.p.value();
    out.push_back(same ? first.p.value() : std::nan(""));
  }
  return out;
}

}  // namespace

std::vector<std::size_t> Layer::differing() const {
  std::vector<std::size_t> out;
  for (std::size_t k = 0; k < constant.size(); ++k)
    if (std::isnan(constant[k])) out.push_back(k);
  return out;
}

void Simulation::build() {
  layout();
  if (recipes_.empty()) return;
  merge_layers();
  struct Plan {
    Layer layer;
    std::vector<const Recipe*> recipes;
    std::vector<double> of_source;
  };
  std::vector<Plan> plans;
  for (Recipe& r : recipes_) {
    complete(r);
    const PlasticInfo* plastic = plastic_of(r.synapse);
    const WeightFormat format = format_of(r, models_[std::size_t(r.synapse)]->info->common_weight, plastic);
    // Recipes with one weight share a layer as long as no source would get two.
    auto fits = [&](Plan& p) {
      const Layer& l = p.layer;
      if (l.synapse != r.synapse || l.label != r.label || l.receptor != r.receptor || l.format != format) return false;
      if (p.recipes[0]->rule->by_target != r.rule->by_target) return false;
      if (plastic) return plans.size() > 16 || agree(p.recipes[0]->columns, r.columns);
      if (format != WeightFormat::per_source) return true;
      for (std::int64_t i = 0; i < r.sources.size(); ++i)
        if (const double w = p.of_source[r.sources[i]]; !std::isnan(w) && w != r.weight.p.value()) return false;
      return true;
    };
    auto found = std::find_if(plans.begin(), plans.end(), fits);
    if (found == plans.end()) {
      plans.push_back({{r.synapse, r.label, r.receptor, format, {}, plastic, {}}, {}, {}});
      found = plans.end() - 1;
      if (format == WeightFormat::per_source) found->of_source.assign(where_.size(), std::nan(""));
    }
    if (format == WeightFormat::per_source)
      for (std::int64_t i = 0; i < r.sources.size(); ++i) found->of_source[r.sources[i]] = r.weight.p.value();
    found->recipes.push_back(&r);
  }
  for (auto& p : plans) {
    if (p.layer.plastic) p.layer.constant = constants_of(p.recipes);
    build_layer(p.layer, p.recipes);
    layers_.push_back(std::move(p.layer));
  }
  recipes_.clear();
  open_lists_.clear();
  pending_edges_ = 0;
  pending_exact_ = true;
  pathways_built_ = false;
}

// The rows by thread and page, and what is under way through them.
void Simulation::build_pathways() {
  if (pathways_built_) return;
  pathways_built_ = true;
  for (auto& team : team_) team.pathways.clear();
  for (auto& l : layers_) {
    if (l.plastic) continue;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Pathway*> pathways;
    for (auto& team : team_) team.pathways.reserve(team.pathways.size() + l.rows.size());
    for (auto& r : l.rows) {
      ThreadState& team = team_[r.thread];
      if (r.page >= team.pages.pages) continue;  // ends nowhere
      Pathway*& pathway = pathways[{r.thread, r.page * 8 + r.counts + 2u * r.transitions + 4u * r.precise}];
      if (!pathway) pathway = &team.pathways.emplace_back(history_.size());
      pathway->add(r);
    }
  }
  for (auto& team : team_) team.launched = std::max<Step>(0, now_ - Step(history_.size()));
  build_plastic();
}

// --- taps

void Simulation::build_taps() {
  if (taps_built_) return;
  taps_built_ = true;
  draw_all_trains();
  std::map<std::pair<int, std::size_t>, std::size_t> chunk_of;  // (store, chunk) -> place in its thread's list
  for (auto& team : team_) {
    team.taps.assign(team.chunks.size(), {});
    team.current.clear();
    team.current.resize(team.chunks.size());
    team.samplers.clear();
    for (std::size_t k = 0; k < team.chunks.size(); ++k)
      chunk_of[{int(team.chunks[k].store), team.chunks[k].chunk}] = k;
  }
  std::size_t ring = 1;
  while (Step(ring) < max_delay_ + longest_slice() + 4) ring *= 2;
  for (auto& i : instances_)
    if (i.ring.size() < ring) {
      std::vector<Emission> wider(ring);
      for (std::size_t k = 0; k < i.ring.size(); ++k) {  // what is under way stays under way
        const Step step = now_ - 1 - Step(k);
        if (step >= 0) wider[std::size_t(step) & (ring - 1)] = i.ring[std::size_t(step) & (i.ring.size() - 1)];
      }
      i.ring = std::move(wider);
    }
  std::erase_if(past_edges_, [&](auto& e) { return e.until + max_delay_ + 1 <= now_; });
  for (auto* tables : {&device_edges_, &past_edges_})
    for (auto& e : *tables)
      for (std::size_t i = 0; i < e.source.size(); ++i)
        if (!carries(e.synapse) && !is_device(e.target[i]) && is_device(e.source[i]))
          if (const Role role = device(e.source[i]).role(); role != Role::multimeter && role != Role::trains)
            add_tap(e, i, chunk_of);
  find_listeners();
  find_trains();
  for (auto& [instance, log] : sample_logs_) add_samplers(instance, log);
  build_signals();
}

// Adds one connection to a tap that has room for it, or opens a new one.
void Simulation::add_tap(const DeviceEdges& e, std::size_t i,
                         const std::map<std::pair<int, std::size_t>, std::size_t>& chunk_of) {
  const NodeId t = e.target[i];
  const Place& p = where_[t];
  const NeuronStore& store = *stores_[p.store];
  const Role role = device(e.source[i]).role();
  const bool counts = role == Role::counts;
  const double w = counts && store.counts_spikes() ? 1.0 : e.weight[i];
  const int channel = counts ? store.spike_channel(e.receptor, e.weight[i] < 0) : store.current_channel(e.receptor);
  if (channel < 0) return;
  ThreadState& team = team_[owner_[t]];
  const std::size_t k = chunk_of.at({int(p.store), p.lane / chunk_lanes});
  const int lane = int(p.lane % chunk_lanes);
  const std::uint32_t instance = where_[e.source[i]].lane;
  if (!counts && team.current[k].empty())
    team.current[k] = Buffer<double>(std::size_t(store.current_channels()) * chunk_lanes, 0.0);
  auto& taps = team.taps[k];
  const Step delay = e.delay[i];
  const Step since = e.since[i] + e.delay[i] + 1 > now_ ? e.since[i] : 0;  // no matter any more: joins the others
  std::uint32_t repeat = 0;  // how many taps of this call are taken for this lane: multapses draw independently
  for (Tap& tap : taps) {
    if (tap.instance != instance || tap.call != e.call || tap.channel != channel || tap.delay != delay ||
        tap.since != since || tap.until != e.until) {
      repeat += tap.instance == instance && tap.call == e.call && lane >= tap.begin && lane < tap.end &&
                since < tap.until && tap.since < e.until;
      continue;
    }
    if (lane >= tap.end) {
      if (tap.weight.empty() && lane == tap.end && w == tap.common) {
        ++tap.end;
        return;
      }
      if (tap.weight.empty()) tap.weight.assign(std::size_t(tap.end - tap.begin), tap.common);
      tap.weight.resize(std::size_t(lane + 1 - tap.begin), 0.0);
      tap.weight.back() = w;
      tap.end = lane + 1;
      return;
    }
    ++repeat;
  }
  Tap tap;
  tap.instance = instance;
  tap.call = e.call;
  tap.role = role;
  tap.transitions = store.reads_transitions();
  tap.channel = channel;
  tap.delay = delay;
  tap.since = since;
  tap.until = e.until;
  tap.repeat = repeat;
  tap.begin = lane;
  tap.end = lane + 1;
  tap.common = w;
  taps.push_back(std::move(tap));
}

std::vector<std::string> Simulation::record_from(std::uint32_t instance) const {
  const Instance& i = instances_[instance];
  for (std::size_t f = 0; f < i.model->info->own; ++f)
    if (i.model->info->params[f].name == "record_from") return std::get<std::vector<std::string>>(i.device->get(f));
  return {};
}

void Simulation::add_samplers(std::uint32_t instance, SampleLog& log) {
  const auto names = record_from(instance);
  log.columns = names.size();
  for (std::uint32_t order = 0; order < log.targets.size(); ++order) {
    const NodeId t = log.targets[order];
    if (is_device(t)) continue;
    auto& samplers = team_[owner_[t]].samplers;
    if (samplers.empty() || samplers.back().instance != instance) samplers.push_back({instance, {}, {}, {}, {}});
    Sampler& s = samplers.back();
    s.place.emplace_back(where_[t].store, where_[t].lane);
    s.order.push_back(order);
    std::vector<std::uint32_t> columns;
    const auto& recordables = recordables_of(t);
    for (auto& name : names)
      for (std::uint32_t k = 0; k < recordables.size(); ++k)
        if (recordables[k].name == name) columns.push_back(k);
    s.recordables.push_back(columns);
  }
}

}  // namespace nl
