// Layout of the nodes on threads, and rows and taps built for it. Each recipe is replayed twice, to count and to fill: there
// is no list of edges in between, and nothing is sorted.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

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
  laid_out_ = true;
  taps_built_ = false;
  team_size_ = effective_threads();
  if (!pool_ || pool_->size != team_size_) pool_ = std::make_unique<Threads>(team_size_);
  team_.clear();
  team_.resize(std::size_t(team_size_));
  owner_.assign(where_.size(), 0);
  slot_.assign(where_.size(), 0);
  int channels = 1;
  for (std::uint32_t k = 0; k < stores_.size(); ++k) {
    NeuronStore& s = *stores_[k];
    channels = std::max(channels, s.spike_channels());
    for (std::uint32_t c = 0; c < s.chunks(); ++c) {
      const int thread = int(std::uint64_t(c) * std::uint64_t(team_size_) / s.chunks());
      ThreadState& team = team_[std::size_t(thread)];
      const std::uint32_t slot = std::uint32_t(team.node_at.size());
      team.chunks.push_back({k, c, slot});
      team.node_at.resize(slot + chunk_lanes, 0);
      for (int i = 0; i < s.lanes(c); ++i) {
        const NodeId id = s.ids[c * chunk_lanes + std::size_t(i)];
        owner_[id] = std::uint8_t(thread);
        slot_[id] = slot + std::uint32_t(i);
        team.node_at[slot + std::size_t(i)] = id;
      }
    }
  }
  for (auto& team : team_) {
    const std::uint32_t slots = std::uint32_t(team.node_at.size());
    team.pages = {std::max(1u, (slots + page_slots - 1) / page_slots), std::min(std::max(slots, 1u), page_slots),
                  channels};
    team.input = Buffer<double>(team.pages.size(), 0.0);
  }
}

// --- rows

struct Simulation::Builder {
  Simulation& sim;
  Layer& layer;
  const std::vector<const Recipe*>& recipes;
  int thread;
  NodeId first, last;
  std::uint32_t lowest, columns;
  std::vector<Rows> rows;  // by page, plain and counting targets apart
  std::vector<std::vector<std::uint32_t>> cursor;
  std::vector<std::array<int, 2>> channel;  // by store and sign of the weight

  // Calls f(set of rows, cell = source and delay, source, slot, weight) for every edge that ends on this thread.
  template <class F>
  void each(F&& f) {
    const PageMap& pages = sim.team_[std::size_t(thread)].pages;
    for (const Recipe* r : recipes) {
      const double w0 = r->weight.fixed() ? r->weight.p.value() : 0;
      const Step d0 = r->delay.fixed() ? delay_in_steps(r->delay.p.value(), sim.h_) : 0;
      const bool drawn = r->weight.array.empty();
      sim.replay(*r, thread, [&](const Edges& e, const double* w, const double* d) {
        for (std::size_t i = 0; i < e.size(); ++i) {
          const NodeId t = e.target[i];
          if (sim.owner_[t] != thread) continue;
          const std::uint32_t slot = sim.slot_[t], store = sim.where_[t].store;
          const double weight = w ? (drawn ? double(float(w[i])) : w[i]) : w0;
          const int ch = channel[store][weight < 0];
          const std::uint32_t page =
              ch >= 0 ? pages.page(ch, slot) : std::uint32_t(pages.channels) * pages.pages + slot / page_slots;
          const std::uint32_t delay = std::uint32_t(d ? delay_in_steps(d[i], sim.h_) : d0) - lowest;
          f(page * 2 + sim.stores_[store]->counts_spikes(), std::size_t(e.source[i] - first) * columns + delay,
            e.source[i], slot, weight);
        }
      });
    }
  }

  void run() {
    const PageMap& pages = sim.team_[std::size_t(thread)].pages;
    const std::size_t sets = std::size_t(pages.channels + 1) * pages.pages * 2;
    cursor.resize(sets);
    const std::size_t cells = std::size_t(last - first) * columns;
    for (auto* s : sim.stores_)
      channel.push_back({s->spike_channel(layer.receptor, false), s->spike_channel(layer.receptor, true)});
    each([&](std::uint32_t set, std::size_t cell, NodeId, std::uint32_t, double) {
      if (cursor[set].empty()) cursor[set].assign(cells, 0);
      ++cursor[set][cell];
    });
    rows.resize(sets);
    for (std::uint32_t set = 0; set < sets; ++set)
      if (!cursor[set].empty()) open(set);
    each([&](std::uint32_t set, std::size_t cell, NodeId source, std::uint32_t slot, double w) {
      Rows& r = rows[set];
      const std::uint32_t at = cursor[set][cell]++;
      r.target[at] = std::uint16_t(slot % page_slots);
      if (r.format == WeightFormat::single) r.single[at] = float(w);
      else if (r.format == WeightFormat::wide) r.wide[at] = w;
      else if (r.format == WeightFormat::per_source) r.of_source[source - first] = w;
    });
    cursor.clear();
    std::erase_if(rows, [](auto& r) { return r.target.empty(); });
  }

  // Counts become starts; the arrays get their size.
  void open(std::uint32_t set) {
    Rows& r = rows[set];
    r.thread = std::uint32_t(thread);
    r.page = set / 2;
    r.receptor = layer.receptor;
    r.counts = set % 2;
    r.first = first;
    r.last = last;
    r.lowest_delay = lowest;
    r.delays = columns;
    r.format = layer.format;
    r.base = Buffer<std::uint64_t>(last - first + 1);
    if (columns > 1) r.offset = Buffer<std::uint32_t>(std::size_t(last - first) * columns);
    std::uint64_t total = 0;
    for (std::size_t s = 0; s < last - first; ++s) {
      r.base[s] = total;
      for (std::uint32_t k = 0; k < columns; ++k) {
        std::uint32_t& c = cursor[set][s * columns + k];
        if (columns > 1) r.offset[s * columns + k] = std::uint32_t(total - r.base[s]);
        const std::uint32_t n = c;
        c = std::uint32_t(total);
        total += n;
      }
    }
    if (total >= 0xffffffffull)
      throw Error("Memory", "more synapses in one page than can be indexed", number(double(total)),
                  "4294967294 per thread and page", "Use more threads.");
    r.base[last - first] = total;
    r.target = Buffer<std::uint16_t>(total);
    if (r.format == WeightFormat::single) r.single = Buffer<float>(total);
    if (r.format == WeightFormat::wide) r.wide = Buffer<double>(total);
    if (r.format == WeightFormat::per_source) r.of_source = Buffer<double>(last - first, 0.0);
    if (r.format == WeightFormat::common)
      r.common = std::get<double>(sim.models_[std::size_t(layer.synapse)]->synapse.at("weight"));
  }
};

namespace {

std::pair<NodeId, NodeId> range_of(const Ids& ids) {
  if (ids.list.empty()) return {ids[0], ids[ids.size() - 1]};
  const auto [a, b] = std::minmax_element(ids.list.begin(), ids.list.end());
  return {*a, *b};
}

}  // namespace

// Range of delays that the recipes will draw, in steps.
std::pair<Step, Step> Simulation::delay_range(const std::vector<const Recipe*>& recipes) const {
  Step low = forever, high = 0;
  for (const Recipe* r : recipes) {
    auto [a, b] = r->delay.bounds();
    if (r->delay.array.empty() && !r->delay.fixed() && !(b - a < 256 * h_)) {  // a long tail: look what is really there
      a = std::numeric_limits<double>::infinity();
      b = 0;
      replay(*r, -1, [&](const Edges& e, const double*, const double* d) {
        for (std::size_t i = 0; i < e.size(); ++i) a = std::min(a, d[i]), b = std::max(b, d[i]);
      });
      if (b == 0) continue;
    }
    low = std::min(low, std::max<Step>(1, delay_in_steps(a, h_)));
    high = std::max(high, delay_in_steps(b, h_));
  }
  return {low, std::max(low, high)};
}

void Simulation::build_layer(Layer& layer, const std::vector<const Recipe*>& recipes) {
  NodeId first = std::numeric_limits<NodeId>::max(), last = 0;
  for (const Recipe* r : recipes) {
    const auto [a, b] = range_of(r->sources);
    first = std::min(first, a);
    last = std::max(last, b + 1);
  }
  const auto [low, high] = delay_range(recipes);
  std::vector<Builder> builders;
  for (int t = 0; t < team_size_; ++t)
    builders.push_back(
        {*this, layer, recipes, t, first, last, std::uint32_t(low), std::uint32_t(high - low + 1), {}, {}, {}});
  pool_->run([&](int t) { builders[std::size_t(t)].run(); });
  for (auto& b : builders)
    for (auto& r : b.rows) {
      r.table = next_table_++;
      layer.rows.push_back(std::move(r));
    }
}

void Simulation::build() {
  layout();
  if (layers_.size() > 48) dissolve([](Handle, double&, Step&) { return true; }, now_);
  if (recipes_.empty()) return;
  struct Plan {
    Layer layer;
    std::vector<const Recipe*> recipes;
    std::vector<double> of_source;
  };
  std::vector<Plan> plans;
  for (const Recipe& r : recipes_) {
    const WeightFormat format = format_of(r, models_[std::size_t(r.synapse)]->info->common_weight);
    // Recipes with one weight share a layer as long as no source would get two.
    auto fits = [&](Plan& p) {
      const Layer& l = p.layer;
      if (l.synapse != r.synapse || l.label != r.label || l.receptor != r.receptor || l.format != format) return false;
      if (format != WeightFormat::per_source) return true;
      for (std::int64_t i = 0; i < r.sources.size(); ++i)
        if (const double w = p.of_source[r.sources[i]]; !std::isnan(w) && w != r.weight.p.value()) return false;
      return true;
    };
    auto found = std::find_if(plans.begin(), plans.end(), fits);
    if (found == plans.end()) {
      plans.push_back({{r.synapse, r.label, r.receptor, format, {}}, {}, {}});
      found = plans.end() - 1;
      if (format == WeightFormat::per_source) found->of_source.assign(where_.size(), std::nan(""));
    }
    if (format == WeightFormat::per_source)
      for (std::int64_t i = 0; i < r.sources.size(); ++i) found->of_source[r.sources[i]] = r.weight.p.value();
    found->recipes.push_back(&r);
  }
  for (auto& p : plans) {
    build_layer(p.layer, p.recipes);
    layers_.push_back(std::move(p.layer));
  }
  recipes_.clear();
  pending_edges_ = 0;
  pending_exact_ = true;
  for (auto& team : team_) team.rows.clear();
  for (auto& l : layers_)
    for (auto& r : l.rows)
      if (r.page < std::uint32_t(team_[r.thread].pages.channels) * team_[r.thread].pages.pages)
        team_[r.thread].rows.push_back(&r);
}

// --- taps

void Simulation::build_taps() {
  if (taps_built_) return;
  taps_built_ = true;
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
        if (!is_device(e.target[i]) && is_device(e.source[i]) && device(e.source[i]).role() != Role::multimeter)
          add_tap(e, i, chunk_of);
  for (auto& [instance, log] : sample_logs_) add_samplers(instance, log);
}

// Adds one connection to a tap that has room for it, or opens a new one.
void Simulation::add_tap(const DeviceEdges& e, std::size_t i,
                         const std::map<std::pair<int, std::size_t>, std::size_t>& chunk_of) {
  const NodeId t = e.target[i];
  const Place& p = where_[t];
  const NeuronStore& store = *stores_[p.store];
  const Role role = device(e.source[i]).role();
  const bool poisson = role == Role::poisson;
  const double w = poisson && store.counts_spikes() ? 1.0 : e.weight[i];
  const int channel = poisson ? store.spike_channel(e.receptor, e.weight[i] < 0) : store.current_channel(e.receptor);
  if (channel < 0) return;
  ThreadState& team = team_[owner_[t]];
  const std::size_t k = chunk_of.at({int(p.store), p.lane / chunk_lanes});
  const int lane = int(p.lane % chunk_lanes);
  const std::uint32_t instance = where_[e.source[i]].lane;
  if (!poisson && team.current[k].empty())
    team.current[k] = Buffer<double>(std::size_t(store.current_channels()) * chunk_lanes, 0.0);
  auto& taps = team.taps[k];
  const Step since = e.since[i] + e.delay[i] + 1 > now_ ? e.since[i] : 0;  // no matter any more: joins the others
  std::uint32_t repeat = 0;  // how many taps of this call are taken for this lane: multapses draw independently
  for (Tap& tap : taps) {
    if (tap.instance != instance || tap.call != e.call || tap.channel != channel || tap.delay != e.delay[i] ||
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
  tap.channel = channel;
  tap.delay = e.delay[i];
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
    const auto& recordables = model_of(t).info->recordables;
    for (auto& name : names)
      for (std::uint32_t k = 0; k < recordables.size(); ++k)
        if (recordables[k].name == name) columns.push_back(k);
    s.recordables.push_back(columns);
  }
}

}  // namespace nl
