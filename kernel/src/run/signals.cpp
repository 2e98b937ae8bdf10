// Continuous coupling: connections that carry signals other than spikes, what the sources put out in each step, and the steps
// that are repeated until coupled waveforms agree (waveform relaxation, Lelarasmee et al. 1982, doi:10.1109/TCAD.1982.1270004; for
// networks of neurons Hahne et al. 2015, doi:10.3389/fninf.2015.00022).
//
// Threads meet in every step where a connection has no delay. So the window of the relaxation is a single step, and values that
// are exchanged at once need no relaxation at all: results depend neither on slices nor on how a run is cut.
#include "src/signals.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "src/connections.hpp"

namespace nl {

// --- settings

void Simulation::set_relaxation(const Relaxation& r) {
  refuse_while_running("changing the waveform relaxation");
  auto refuse = [](const char* kind, const char* what, const std::string& value, const std::string& allowed,
                   const char* todo) { throw Error(kind, what, value, allowed, todo); };
  if (r.use != relaxation_.use && num_nodes() > 0)
    refuse("State", "use_wfr cannot change once there are nodes", r.use ? "True" : "False", "before the first Create",
           "Call ResetKernel first, then set use_wfr.");
  if (r.interval != relaxation_.interval) {
    if (!r.use)
      refuse("State", "wfr_comm_interval has no meaning while use_wfr is off", number(r.interval) + " ms",
             "setting it while use_wfr is on", "Set use_wfr to True first.");
    if (num_connections(-1) > 0)
      refuse("State", "wfr_comm_interval cannot change once there are connections", number(r.interval) + " ms",
             "before the first Connect", "Call ResetKernel first, then set wfr_comm_interval.");
    if (!(r.interval >= h_ * (1 - 1e-9)) || !std::isfinite(r.interval))
      refuse("BadValue", "wfr_comm_interval must be at least the resolution", number(r.interval) + " ms",
             "at least " + number(h_) + " ms", "Choose a longer interval.");
  }
  if (!(r.tolerance >= 0) || !std::isfinite(r.tolerance))
    refuse("BadValue", "wfr_tol must be finite and not negative", number(r.tolerance), "0 or more",
           "Choose for example 0.0001.");
  if (r.most_iterations < 1)
    refuse("BadValue", "wfr_max_iterations must be positive", std::to_string(r.most_iterations), "1 or more",
           "Choose for example 15.");
  if (r.order != 0 && r.order != 1 && r.order != 3)
    refuse("BadValue", "there is no wfr_interpolation_order of this value", std::to_string(r.order), "0, 1 or 3",
           "Choose 3, the most accurate one.");
  relaxation_ = r;
}

// --- connecting

namespace {

bool same(const Ids& a, const Ids& b) {
  if (a.size() != b.size()) return false;
  for (std::int64_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

std::string joined(const std::vector<std::string>& names, const char* between) {
  std::string out;
  for (auto& name : names) out += (out.empty() ? "" : between) + name;
  return out;
}

bool has_weight(const ModelInfo& m) { return m.factors[0] == "weight"; }

// Receptor types at which signals arrive.
std::string ports_of(const NeuronStore& store) {
  std::vector<std::string> types;
  for (int type = 0; type <= store.ports(); ++type)
    if (store.port(type, false) >= 0 || store.port(type, true) >= 0) types.push_back(std::to_string(type));
  return joined(types, ", ");
}

}  // namespace

// Refuses a weight or delay for a synapse model that has none.
void Simulation::check_factor(int synapse, const char* what) const {
  const Model& m = *models_[std::size_t(synapse)];
  const bool delay = std::string(what) == "delay";
  if (delay ? m.info->has_delay : has_weight(*m.info)) return;
  const std::string others = joined(m.info->factors, " and ");
  throw Error("BadValue", m.name + " has no " + what, with_article(what), delay ? "no delay" : others,
              delay ? "Leave delay out: the signal arrives at once." : "Give " + others + " instead.");
}

void Simulation::check_coupled(const Recipe& r, const ConnectCall& c) const {
  const Model& syn = *models_[std::size_t(r.synapse)];
  check_call(r, c);
  for (auto& f : c.factors)
    for (std::size_t k = 0; k < r.factors.size(); ++k)
      if (syn.info->factors[k] == f.name) {
        check_shape(r, f.shape, f.name.c_str());
        check_finite(f.value, (f.name + "s").c_str(), "");
      }
  check_coupled_ends(r.sources, r.targets, r);
  if (c.symmetric) check_coupled_ends(r.targets, r.sources, r);
  if (syn.info->both_ways && !c.symmetric && !(c.rule == "all_to_all" && same(r.sources, r.targets)))
    throw Error("IllegalConnection",
                with_article(syn.name) + " connects both ways, but this makes it in one direction only",
                "rule " + c.rule + " without make_symmetric",
                rules_both_ways() + " with make_symmetric, or all_to_all from a population to itself",
                "Write {'rule': 'one_to_one', 'make_symmetric': True}.");
}

void Simulation::check_coupled_ends(const Ids& sources, const Ids& targets, const Recipe& r) const {
  const Model& syn = *models_[std::size_t(r.synapse)];
  const std::string& signal = syn.info->carries;
  enum class Side { emits, takes };
  auto refuse = [&](const std::string& what, const std::string& value, Side side) {
    std::vector<std::string> names;
    for (auto& m : models_)
      if (side == Side::emits ? m->info->values_of(signal).second > 0 : m->info->takes == signal)
        names.push_back(m->name);
    throw Error("IllegalConnection", what, value, names.empty() ? "nothing so far" : joined(names, ", "),
                "Choose another synapse model, or other nodes.");
  };
  const auto from = runs(sources), to = runs(targets);
  const auto [low, high] = r.weight.bounds();
  for (auto& [source, n] : from) {
    const Model& s = *by_name_.find(source)->second;
    if (s.info->values_of(signal).second == 0)
      refuse(with_article(source) + " does not put out the signal that " + syn.name + " carries (" + signal + ")",
             source + " as source", Side::emits);
    if ((s.prototype || s.info->emits_after) && !syn.info->has_delay)
      throw Error("IllegalConnection", "the signal of " + with_article(source) + " arrives with a delay only",
                  syn.name + ", which has none", "synapse models with a delay", "Choose another synapse model.");
    for (auto& [target, m] : to) {
      const Model& t = *by_name_.find(target)->second;
      if (t.info->takes != signal)
        refuse(with_article(target) + " does not take the signal that " + syn.name + " carries (" + signal + ")",
               source + " to " + target, Side::takes);
      const bool one_sum = !has_weight(*syn.info);
      if (((one_sum || high >= 0) && t.store->port(r.receptor, false) < 0) ||
          (!one_sum && low < 0 && t.store->port(r.receptor, true) < 0))
        throw Error("IllegalConnection", target + " has no such receptor_type for the signal " + signal,
                    "receptor_type " + std::to_string(r.receptor), "receptor_type " + ports_of(*t.store),
                    "Give one of these as receptor_type.");
      if (t.store->ports() * int(syn.info->factors.size()) * s.info->values_of(signal).second !=
          t.store->coupled_channels())
        refuse("the signal of " + with_article(source) + " has another form than " + with_article(target) + " takes",
               source + " to " + target, Side::takes);
    }
  }
}

void Simulation::complete_coupled(Recipe& r, const ConnectCall& c) const {
  const Model& syn = *models_[std::size_t(r.synapse)];
  const ModelInfo& info = *syn.info;
  if (!has_weight(info))
    for (auto& name : info.factors) {
      r.factors.emplace_back();
      r.factors.back().p = Parameter(std::get<double>(syn.synapse.at(name)));
      for (auto& f : c.factors)
        if (f.name == name) r.factors.back() = f.value;
    }
  if (!info.has_delay) r.delay.p = Parameter(extrema_fixed_ ? to_ms(min_delay_, h_) : h_);
  check_coupled(r, c);
  const double expected = r.rule->expected(r.call()) * (c.symmetric ? 2 : 1);
  if (expected > 1e6)
    require_memory("these connections", {{"connections", expected * 80 * double(info.factors.size())}});
}

// Kept as edges, like the connections of devices; rows are made from them when the network is laid out.
void Simulation::accept_coupled(const Recipe& r, const ConnectCall& c) {
  const ModelInfo& info = *models_[std::size_t(r.synapse)]->info;
  if (r.rule->expected(r.call()) == 0) return;
  DeviceEdges table{r.synapse, r.label, r.receptor, r.id, {}, {}, {}, {}, {}};
  table.factor.resize(r.factors.size());
  const double w0 = r.weight.fixed() ? r.weight.p.value() : 0, d0 = r.delay.fixed() ? r.delay.p.value() : 0;
  Step low = forever, high = 0;
  r.prepare();
  RowReader reader;
  std::vector<double> drawn;
  for (std::int64_t row = 0, rows = r.rule->rows(r.call()); row < rows; ++row) {
    const auto [edges, w, d] = reader.read(r, row);
    for (std::size_t i = 0; i < edges->size(); ++i) {
      const Step delay = info.has_delay ? delay_in_steps(d ? d[i] : d0, h_) : 0;
      low = std::min(low, delay);
      high = std::max(high, delay);
      table.add(edges->source[i], edges->target[i], w ? w[i] : w0, delay, now_);
      if (c.symmetric) table.add(edges->target[i], edges->source[i], w ? w[i] : w0, delay, now_);
    }
    for (std::size_t f = 0; f < r.factors.size(); ++f) {
      const double* x = reader.factor(r, f, row, drawn);
      for (std::size_t i = 0; i < edges->size(); ++i)
        table.factor[f].insert(table.factor[f].end(), c.symmetric ? 2 : 1, x ? x[i] : r.factors[f].p.value());
    }
  }
  if (!info.has_delay)
    low = high = relaxation_.use ? std::max<Step>(1, delay_in_steps(relaxation_.interval, h_)) : Step(1);
  if (low <= high && (info.has_delay || !extrema_fixed_)) note_delays(low, high);
  if (!table.source.empty()) device_edges_.push_back(std::move(table));
  taps_built_ = false;
  next_call_ = std::max(next_call_, r.id + 1);
  ++version_;
}

void Simulation::drop_edges(const std::map<std::uint64_t, bool>& gone) {
  for (std::uint32_t k = 0; k < device_edges_.size(); ++k) {
    DeviceEdges& e = device_edges_[k];
    if (!carries(e.synapse)) continue;
    DeviceEdges rest{e.synapse, e.label, e.receptor, e.call, {}, {}, {}, {}, {}};
    DeviceEdges past = rest;
    past.until = now_;
    rest.factor.resize(e.factor.size());
    past.factor.resize(e.factor.size());
    for (std::size_t i = 0; i < e.source.size(); ++i) {
      DeviceEdges& to = gone.contains(Handle(device_tables + k, i).bits) ? past : rest;
      to.add(e.source[i], e.target[i], e.weight[i], e.delay[i], e.since[i]);
      for (std::size_t f = 0; f < e.factor.size(); ++f) to.factor[f].push_back(e.factor[f][i]);
    }
    if (past.source.empty()) continue;
    e = std::move(rest);
    past_edges_.push_back(std::move(past));  // what it carried is still under way
  }
}

// --- factors besides the weight

std::vector<std::string> Connections::factors() const {
  std::vector<std::string> out;
  for (std::size_t k = 0; k < handles.size(); ++k) {
    const bool edge = handles[k].table() >= device_tables;
    const ModelInfo* m =
        edge ? sim->models_[std::size_t(sim->device_edges_[handles[k].table() - device_tables].synapse)]->info
             : nullptr;
    if (!m || has_weight(*m) || (k > 0 && m->factors != out)) return {};
    out = m->factors;
  }
  return out;
}

namespace {

std::size_t place_of(const std::vector<std::string>& names, const std::string& name) {
  return std::size_t(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

void Connections::factor(const std::string& name, double* out) const {
  const std::size_t f = place_of(factors(), name);
  for (std::size_t k = 0; k < handles.size(); ++k)
    out[k] = sim->device_edges_[handles[k].table() - device_tables].factor[f][handles[k].at()];
}

void Connections::set_factor(const std::string& name, const std::vector<double>& values) {
  if (version != sim->version_) column(Column::source, nullptr);
  for (double x : values)
    if (!std::isfinite(x))
      throw Error("BadValue", name + "s must be finite", number(x), "finite numbers", "Replace nan and inf.");
  const std::size_t f = place_of(factors(), name);
  for (std::size_t k = 0; k < handles.size(); ++k)
    sim->device_edges_[handles[k].table() - device_tables].factor[f][handles[k].at()] = values[k % values.size()];
  sim->taps_built_ = false;
}

// --- layout

// Which nodes put out which signal, in the order in which threads own them, and room for their values.
void Simulation::build_sources(std::vector<Signal>& signals) const {
  std::map<std::string, std::vector<std::uint8_t>> marks;
  std::map<std::string, bool> delayed;
  for (auto* tables : {&device_edges_, &past_edges_})
    for (auto& e : *tables) {
      const ModelInfo& syn = *models_[std::size_t(e.synapse)]->info;
      if (syn.carries.empty() || e.source.empty()) continue;
      auto& mark = marks[syn.carries];
      mark.resize(where_.size());
      for (NodeId s : e.source) mark[s] = 1;
      delayed[syn.carries] |= syn.has_delay;
    }
  for (auto& [name, mark] : marks) {
    Signal s;
    s.name = name;
    s.slot.assign(where_.size(), Signal::no_slot);
    auto add = [&](NodeId id) {
      if (id == 0 || !mark[id]) return;
      s.slot[id] = std::uint32_t(s.source.size());
      s.source.push_back(id);
      const ModelInfo& m = *model_of(id).info;
      s.values = m.values_of(name).second;
      s.waveform = m.relaxes && relaxation_.use && !delayed[name];
    };
    for (auto& team : team_)
      for (NodeId id : team.node_at) add(id);
    for (auto& i : instances_) add(i.device->id);
    std::size_t ring = 2;
    while (!s.waveform && Step(ring) < max_delay_ + longest_slice() + 2) ring *= 2;
    s.mask = ring - 1;
    s.data = Buffer<double>(ring * s.stride(), 0.0);
    signals.push_back(std::move(s));
  }
}

// Values under way keep their place in time when a network is laid out anew.
void Simulation::keep_values(const std::vector<Signal>& past) {
  for (Signal& now : signals_)
    for (const Signal& then : past) {
      if (then.name != now.name || now.waveform || then.waveform) continue;
      for (Step step = std::max<Step>(0, now_ - Step(std::min(now.mask, then.mask))); step < now_; ++step)
        for (NodeId id : now.source) {
          const std::uint32_t from = id < then.slot.size() ? then.slot[id] : Signal::no_slot;
          if (from == Signal::no_slot) continue;
          for (int v = 0; v < now.values; ++v)
            now.data[now.place(step) + std::size_t(v) * now.source.size() + now.slot[id]] =
                then.data[then.place(step) + std::size_t(v) * then.source.size() + from];
        }
    }
}

void Simulation::build_signals() {
  std::vector<Signal> past = std::move(signals_);
  signals_.clear();
  meets_ = repeats_ = false;
  for (auto& team : team_) team.coupled.clear();
  build_sources(signals_);
  if (signals_.empty()) return;
  keep_values(past);
  for (auto& team : team_) {
    team.coupled.resize(team.chunks.size());
    for (std::size_t k = 0; k < team.chunks.size(); ++k) {
      CoupledChunk& c = team.coupled[k];
      const NeuronStore& store = *stores_[team.chunks[k].store];
      for (std::uint32_t s = 0; s < signals_.size(); ++s) {
        const auto [value, n] = store.info->values_of(signals_[s].name);
        if (n == 0) continue;
        CoupledChunk::Output o{s, {}, 0, value};
        const std::size_t first = std::size_t(team.chunks[k].chunk) * chunk_lanes;
        for (int i = 0; i < store.lanes(team.chunks[k].chunk); ++i) {
          const std::uint32_t slot = signals_[s].slot[store.ids[first + std::size_t(i)]];
          if (slot == Signal::no_slot) continue;
          if (o.lanes.empty()) o.first_slot = slot;
          o.lanes.push_back(std::uint32_t(i));
        }
        if (!o.lanes.empty()) c.outputs.push_back(std::move(o));
      }
    }
  }
  build_coupled_rows();
}

// Sorted by target and source, so that sums do not depend on the order in which connections were made by several threads.
void Simulation::build_coupled_rows() {
  struct Entry {
    std::uint32_t thread, chunk, signal, lane;
    int port;
    NodeId source;
    const DeviceEdges* table;
    std::size_t at;
  };
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t>
      chunk_of;  // (store, chunk) -> place in its thread's list
  for (auto& team : team_)
    for (std::uint32_t k = 0; k < team.chunks.size(); ++k) chunk_of[{team.chunks[k].store, team.chunks[k].chunk}] = k;
  std::vector<Entry> entries;
  for (auto* tables : {&device_edges_, &past_edges_})
    for (auto& e : *tables) {
      const ModelInfo& syn = *models_[std::size_t(e.synapse)]->info;
      if (syn.carries.empty()) continue;
      std::uint32_t signal = 0;
      while (signal < signals_.size() && signals_[signal].name != syn.carries) ++signal;
      meets_ |= !syn.has_delay && !e.source.empty();
      for (std::size_t i = 0; i < e.source.size(); ++i) {
        if (e.until < forever && e.until + e.delay[i] <= now_) continue;
        const Place& p = where_[e.target[i]];
        const int port = stores_[p.store]->port(e.receptor, has_weight(syn) && e.weight[i] < 0);
        if (port < 0) continue;
        entries.push_back({owner_[e.target[i]], chunk_of.at({p.store, p.lane / chunk_lanes}), signal,
                           p.lane % chunk_lanes, port, e.source[i], &e, i});
      }
    }
  auto key = [](const Entry& e) {
    return std::tuple(e.thread, e.chunk, e.signal, e.port, e.lane, e.source, e.table->delay[e.at]);
  };
  std::stable_sort(entries.begin(), entries.end(), [&](auto& a, auto& b) { return key(a) < key(b); });
  // Connections that bring the same value all the time count as one: with third factors they are frequent.
  auto alike = [&](const Entry& a, const Entry& b) {
    return key(a) == key(b) && a.table->since[a.at] == b.table->since[b.at] && a.table->until == b.table->until;
  };
  const Entry* last = nullptr;
  for (const Entry& e : entries) {
    CoupledChunk& c = team_[e.thread].coupled[e.chunk];
    if (c.rows.empty() || c.rows.back().signal != e.signal) {
      c.rows.emplace_back();
      c.rows.back().signal = e.signal;
      c.rows.back().factor.resize(std::max<std::size_t>(1, e.table->factor.size()));
    }
    CoupledRows& r = c.rows.back();
    if (r.rows.empty() || r.rows.back().lane != e.lane || r.rows.back().port != e.port)
      r.rows.push_back({e.lane, 0, e.port});
    auto factor = [&](std::size_t f) {
      return e.table->factor.empty() ? e.table->weight[e.at] : e.table->factor[f][e.at];
    };
    if (last && alike(*last, e)) {
      for (std::size_t f = 0; f < r.factor.size(); ++f) r.factor[f].back() += factor(f);
      continue;
    }
    last = &e;
    const Step delay = e.table->delay[e.at], since = e.table->since[e.at], until = e.table->until;
    r.slot.push_back(signals_[e.signal].slot[e.source]);
    r.delay.push_back(std::uint16_t(delay));
    r.since.push_back(since + delay > now_ ? since : 0);
    r.until.push_back(until);
    if (since + delay > now_) r.settled = std::max(r.settled, since + delay);
    if (until < forever) r.settled = std::max(r.settled, until + delay);
    for (std::size_t f = 0; f < r.factor.size(); ++f) r.factor[f].push_back(factor(f));
    r.rows.back().end = std::uint32_t(r.slot.size());
  }
  for (auto& team : team_)
    for (std::size_t k = 0; k < team.coupled.size(); ++k) {
      CoupledChunk& c = team.coupled[k];
      const NeuronStore& store = *stores_[team.chunks[k].store];
      for (CoupledRows& r : c.rows) {
        if (r.settled <= now_) r.forget_past();
        c.delayed &= std::ranges::find(r.delay, 0) == r.delay.end();
        if (std::all_of(r.delay.begin(), r.delay.end(), [](auto d) { return d == 0; })) r.delay.clear();
        c.repeats |= signals_[r.signal].waveform;
      }
      c.repeats = store.info->relaxes && (c.repeats || (!c.outputs.empty() && signals_[c.outputs[0].signal].waveform));
      repeats_ |= c.repeats;
      if (c.rows.empty()) continue;
      c.sums = Buffer<double>(std::size_t(store.coupled_channels()) * chunk_lanes, 0.0);
      for (int ch = 0; ch < store.coupled_channels(); ++ch)
        c.channel.push_back(c.sums.data() + std::size_t(ch) * chunk_lanes);
    }
}

void CoupledRows::forget_past() {
  std::size_t kept = 0, at = 0;
  for (Row& row : rows) {
    for (; at < row.end; ++at) {
      if (until[at] < forever) continue;
      slot[kept] = slot[at];
      if (!delay.empty()) delay[kept] = delay[at];
      for (auto& f : factor) f[kept] = f[at];
      ++kept;
    }
    row.end = std::uint32_t(kept);
  }
  slot.resize(kept);
  if (!delay.empty()) delay.resize(kept);
  for (auto& f : factor) f.resize(kept);
  since.clear();
  until.clear();
}

// --- running

// What is put out in the step that begins, or has ended.
void Simulation::emit_signals(ThreadState& team, Step step, bool after) {
  for (std::size_t k = 0; k < team.coupled.size(); ++k) {
    const ChunkRef& ref = team.chunks[k];
    NeuronStore& store = *stores_[ref.store];
    if (store.info->emits_after != after) continue;
    for (const CoupledChunk::Output& o : team.coupled[k].outputs) {
      Signal& s = signals_[o.signal];
      double* out[16];
      for (int v = 0; v < s.values; ++v)
        out[v] = s.data.data() + s.place(step) + std::size_t(v) * s.source.size() + o.first_slot;
      const Stream random{key_, ref.store, std::uint32_t(Purpose::escape), std::uint64_t(step)};
      store.emit(
          ref.chunk,
          {step, h_, random, nullptr, nullptr, nullptr, nullptr, nullptr, relaxation_.use ? int(relaxation_.order) : 0},
          o.lanes, o.first, s.values, out);
    }
  }
}

void Simulation::store_value(NodeId device, Step step, double value) {
  for (Signal& s : signals_)
    if (device < s.slot.size() && s.slot[device] != Signal::no_slot) s.data[s.place(step) + s.slot[device]] = value;
}

namespace {

constexpr std::size_t at_once = 256;

// Sum of factor * value in a fixed order that eight lanes of a register can follow.
void add_weighted(const double* factor, const double* value, std::size_t n, double (&part)[8], std::size_t& count) {
  std::size_t i = 0;
  for (; count % 8 != 0 && i < n; ++i) part[count++ % 8] += factor[i] * value[i];
  for (; i + 8 <= n; i += 8, count += 8)
    for (std::size_t j = 0; j < 8; ++j) part[j] += factor[i + j] * value[i + j];
  for (; i < n; ++i) part[count++ % 8] += factor[i] * value[i];
}

double total(const double (&part)[8]) {
  return ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

}  // namespace

// Adds up what the rows of one chunk bring in a step.
void Simulation::gather_rows(CoupledChunk& c, CoupledRows& r, const NeuronStore& store, std::size_t first_lane,
                             Step step) const {
  const Signal& s = signals_[r.signal];
  const std::size_t stride = s.stride(), n = s.source.size(), factors = r.factor.size();
  const int per_port = store.coupled_channels() / store.ports();
  double value[at_once], factor[at_once];
  std::uint32_t begin = 0;
  const bool plain = factors == 1 && s.values == 1 && !r.delay.empty() && r.since.empty();
  for (const CoupledRows::Row& row : r.rows) {
    const bool shaped = store.shapes(first_lane + row.lane);
    if (plain && !shaped && row.end == begin + 1) {  // a single connection
      const double x = s.data[s.place(step - r.delay[begin]) + r.slot[begin]];
      c.channel[std::size_t(row.port * per_port)][row.lane] += r.factor[0][begin++] * x;
      continue;
    }
    for (int v = 0; v < s.values; ++v) {
      const double* data = s.data.data() + std::size_t(v) * n;
      for (std::size_t f = 0; f < factors; ++f) {
        double part[8] = {};
        std::size_t count = 0;
        for (std::uint32_t from = begin; from < row.end; from += at_once) {
          const std::size_t size = std::min<std::size_t>(at_once, row.end - from);
          const std::uint32_t* slot = r.slot.data() + from;
          const double* weight = r.factor[f].data() + from;
          std::size_t taken = size;
          if (r.delay.empty()) {
            const double* now = data + s.place(step);
            for (std::size_t i = 0; i < size; ++i) value[i] = now[slot[i]];
          } else {
            const std::uint16_t* delay = r.delay.data() + from;
            const std::uint32_t at = std::uint32_t(step), mask = std::uint32_t(s.mask), wide = std::uint32_t(stride);
            for (std::size_t i = 0; i < size; ++i) value[i] = data[((at - delay[i]) & mask) * wide + slot[i]];
          }
          if (!r.since.empty()) {
            taken = 0;
            for (std::size_t i = 0; i < size; ++i) {
              const Step emitted = step - (r.delay.empty() ? 0 : r.delay[from + i]);
              if (emitted < 0 || emitted < r.since[from + i] || emitted >= r.until[from + i]) continue;
              value[taken] = value[i];
              factor[taken++] = weight[i];
            }
            weight = factor;
          }
          if (shaped) store.shape(first_lane + row.lane, value, taken);
          add_weighted(weight, value, taken, part, count);
        }
        c.channel[std::size_t(row.port * per_port + int(f) * s.values + v)][row.lane] += total(part);
      }
    }
    begin = row.end;
  }
}

const double* const* Simulation::gather(ThreadState& team, std::size_t k, Step step) {
  CoupledChunk& c = team.coupled[k];
  if (c.rows.empty()) return nullptr;
  if (c.delayed && c.gathered == step) return c.channel.data();
  c.gathered = step;
  const ChunkRef& ref = team.chunks[k];
  std::fill(c.sums.begin(), c.sums.end(), 0.0);
  for (CoupledRows& r : c.rows) {
    if (!r.since.empty() && step >= r.settled) r.forget_past();
    gather_rows(c, r, *stores_[ref.store], std::size_t(ref.chunk) * chunk_lanes, step);
  }
  return c.channel.data();
}

// A slice of a network with continuous coupling. A thread that fails goes on meeting the others, without working.
void Simulation::coupled_slice(int thread, Step from, Step to) {
  ThreadState& team = team_[std::size_t(thread)];
  std::exception_ptr failure;
  auto attempt = [&](auto&& work) {
    if (coupling_failed_) return;
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
      coupling_failed_ = true;
    }
  };
  attempt([&] { open_slice(team, from); });
  for (CoupledChunk& c : team.coupled) c.failed.clear();
  for (Step step = from; step < to; ++step) {
    team.lag = std::size_t(step - from);
    attempt([&] {
      open_step(team, step);
      emit_signals(team, step, false);
    });
    if (meets_) pool_->barrier.wait();
    if (repeats_) relax(team, step, attempt);
    attempt([&] {
      update(team, step);
      emit_signals(team, step, true);
      close_step(team, step);
    });
  }
  if (failure) std::rethrow_exception(failure);
}

// Repeats a step until the waveforms that neurons show each other are those that follow from them.
template <class Attempt>
void Simulation::relax(ThreadState& team, Step step, Attempt&& attempt) {
  for (int iteration = 0;; ++iteration) {
    team.change = 0;
    attempt([&] {
      for (std::size_t k = 0; k < team.coupled.size(); ++k)
        if (team.coupled[k].repeats) team.change = std::max(team.change, repeat_step(team, k, step, iteration));
    });
    pool_->barrier.wait([&] {
      double change = 0;
      for (auto& t : team_) change = std::max(change, t.change);
      const bool enough = change <= relaxation_.tolerance;
      const bool last = iteration + 1 >= relaxation_.most_iterations;
      unconverged_ += last && !enough;
      converged_ = enough || last || coupling_failed_;
      for (Signal& s : signals_)
        if (s.waveform) s.turn ^= 1;
    });
    if (converged_) return;
  }
}

double Simulation::repeat_step(ThreadState& team, std::size_t k, Step step, int iteration) {
  CoupledChunk& c = team.coupled[k];
  const ChunkRef& ref = team.chunks[k];
  NeuronStore& store = *stores_[ref.store];
  double** const spikes = team.spike_input.data();
  double** const currents = team.current_input.data();
  for (int ch = 0; ch < store.spike_channels(); ++ch) spikes[ch] = team.input.data() + team.pages.at(ch, ref.slot);
  const bool current = !team.current[k].empty();
  if (current)
    for (int ch = 0; ch < store.current_channels(); ++ch)
      currents[ch] = team.current[k].data() + std::size_t(ch) * chunk_lanes;
  if (iteration == 0) {
    if (!team.taps[k].empty()) add_taps(team, k, step, spikes, current ? currents : nullptr, Feeding::all);
    store.snapshot(ref.chunk);
    c.failed_before = c.failed.size();
  } else {
    store.rewind(ref.chunk);
  }
  c.failed.resize(c.failed_before);
  c.spikes.clear();
  const Stream random{key_, ref.store, std::uint32_t(Purpose::escape), std::uint64_t(step)};
  const ChunkStep x{step,
                    h_,
                    random,
                    spikes,
                    current ? currents : nullptr,
                    &c.spikes,
                    &c.failed,
                    gather(team, k, step),
                    int(relaxation_.order)};
  store.update(ref.chunk, x);
  if (c.outputs.empty()) return 0;
  const CoupledChunk::Output& o = c.outputs[0];
  Signal& s = signals_[o.signal];
  const double* before[16];
  double* out[16];
  for (int v = 0; v < s.values; ++v) {
    const std::size_t at = std::size_t(v) * s.source.size() + o.first_slot;
    before[v] = s.data.data() + s.turn * s.stride() + at;
    out[v] = s.data.data() + (s.turn ^ 1) * s.stride() + at;
  }
  return store.reemit(ref.chunk, x, o.lanes, before, out);
}

}  // namespace nl
