// Plastic synapses: what Connect gives them, the spikes they carry, and the spikes of their targets that they look back at.
//
// A spike goes through the plastic synapses of its source when the slice of min_delay after its own begins, as in the
// reference simulator, so that weights read between runs are the same. What the synapses deliver is sent ahead into a ring
// of inputs. For one target the order of additions is (step of emission, source, layer), whatever the number of threads.
#include <algorithm>
#include <cmath>

#include <nest_lab/names.hpp>

#include "src/connections.hpp"

namespace nl {

namespace {

const std::vector<double>& recorders(const Model& m) {
  static const std::vector<double> none;
  const auto found = m.synapse.find(recorder_of_synapses);
  return found == m.synapse.end() ? none : std::get<std::vector<double>>(found->second);
}

}  // namespace

const PlasticInfo* Simulation::plastic_of(const Model& m) {
  if (m.info->is_plastic() || !recorders(m).empty()) return m.info->plastic.get();
  return nullptr;
}

std::uint32_t Simulation::recorder_of(const Model& m) const {
  return recorders(m).empty() ? PlasticPath::none : place(NodeId(recorders(m)[0])).lane;
}

// --- Connect

namespace {

double initial(const Model& m, const PlasticInfo::Member& member) {
  return member.name.empty() ? member.initial : from_value<double>(m.synapse.at(member.name));
}

// Checks one value of a member, or of a parameter that all connections share.
void check_value(const Model& m, const FieldInfo& f, double x) {
  if (f.type == Type::integer && std::isfinite(x) && x == std::floor(x)) checked_value(m.name, f, std::int64_t(x));
  else checked_value(m.name, f, x);
}

Error shared_by_all(const Model& m, const std::string& name) {
  return Error("BadValue", m.name + " has one " + name + " for all its connections", "a value for some", "no " + name,
               "Set it with SetDefaults('" + m.name + "', {'" + name + "': ...}) or CopyModel.");
}

// Value of a parameter that all connections share. An item of a dictionary keeps its first value while it has no meaning.
double common_value(const Model& m, const std::map<std::string, Value>& values, std::size_t k) {
  const PlasticInfo& info = *m.info->plastic;
  const std::string &name = info.common[k], &within = info.common_within[k];
  if (within.empty()) return from_value<double>(values.at(name));
  const Value* v = std::get<DictPtr>(values.at(within))->find(name);
  return v ? number_of(*std::ranges::find(m.info->find(within)->inner, name, &FieldInfo::name), *v)
           : info.common_initial[k];
}

std::vector<std::string> known_keys(const Model& m) {
  std::vector<std::string> names{"synapse_model", "weight", "delay", "receptor_type", "synapse_label"};
  for (auto& member : m.info->plastic->members)
    if (!member.name.empty()) names.push_back(member.name);
  return names;
}

}  // namespace

// Members that nothing was said about; a static synapse gets some when it is recorded.
void Simulation::complete(Recipe& r) const {
  const Model& m = *models_[std::size_t(r.synapse)];
  const PlasticInfo* info = plastic_of(m);
  if (!info) return r.columns.clear();
  for (std::size_t k = r.columns.size(); k < info->members.size(); ++k) {
    r.columns.emplace_back();
    r.columns.back().p = Parameter(initial(m, info->members[k]));
  }
}

void Simulation::take_given(Recipe& r, const Model& m, const ConnectCall& c) {
  const PlasticInfo* info = plastic_of(m);
  complete(r);
  check_modulator(m);
  for (auto& g : c.given) {
    const int k = info ? info->find(g.name) : -1;
    if (k >= 0) {
      r.columns[std::size_t(k)] = g.value;
      continue;
    }
    const FieldInfo* f = m.info->find(g.name);
    if (f && f->shared) throw shared_by_all(m, g.name);
    throw unknown_name("UnknownName", "syn_spec of " + m.name + " has no key of this name", g.name, known_keys(m));
  }
}

// Every value in its bounds, and all of a connection together. Values that differ are looked at one by one, unless what is
// known of their expressions is enough.
void Simulation::check_given(const Recipe& r) const {
  const Model& m = *models_[std::size_t(r.synapse)];
  const PlasticInfo& info = *plastic_of(m);
  const auto common = common_values(r.synapse);
  bool fixed = true;
  for (std::size_t k = 0; k < info.members.size(); ++k) {
    if (info.members[k].name.empty()) continue;
    const FieldInfo& f = *m.info->find(info.members[k].name);
    const auto [low, high] = r.columns[k].bounds();
    if (!r.columns[k].array.empty())
      for (double x : r.columns[k].array) check_value(m, f, x);
    if (r.columns[k].fixed()) check_value(m, f, low);
    else
      fixed &= std::isfinite(low) && std::isfinite(high) && f.bounds.contain(low) && f.bounds.contain(high) &&
               f.type == Type::real;
  }
  std::vector<double> values;
  for (auto& c : r.columns) {
    fixed &= c.fixed();
    values.push_back(c.fixed() ? c.p.value() : 0);
  }
  const auto [low, high] = r.weight.bounds();
  if (fixed) {
    Complaint first = info.check(common.data(), values.data(), low),
              second = info.check(common.data(), values.data(), high);
    if (!first.what && !second.what) return;
    if (r.weight.fixed()) return complain(m.name, first);
  }
  r.prepare();
  RowReader reader;
  for (std::int64_t row = 0, rows = r.rule->rows(r.call()); row < rows; ++row) {
    const auto [edges, w, d] = reader.read(r, row);
    const auto& columns = reader.columns(r, row);
    for (std::size_t i = 0; i < edges->size(); ++i) {
      for (std::size_t k = 0; k < columns.size(); ++k)
        if (columns[k]) check_value(m, *m.info->find(info.members[k].name), values[k] = columns[k][i]);
      complain(m.name, info.check(common.data(), values.data(), w ? w[i] : r.weight.p.value()));
    }
  }
}

void Simulation::check_defaults(const Model& m, const std::map<std::string, Value>& values) {
  const PlasticInfo& info = *m.info->plastic;
  std::vector<double> common, own;
  for (std::size_t k = 0; k < info.common.size(); ++k) common.push_back(common_value(m, values, k));
  for (auto& member : info.members)
    own.push_back(member.name.empty() ? member.initial : from_value<double>(values.at(member.name)));
  complain(m.name, info.check(common.data(), own.data(), from_value<double>(values.at("weight"))));
}

// A field that names nodes: they must be there, and of the kind that the field needs.
void Simulation::check_nodes(const Model& m, const FieldInfo& f, const Value& v) const {
  if (f.type != Type::nodes) return;
  auto* ids = std::get_if<std::vector<double>>(&v);
  if (!ids) return;  // of another type, which is refused
  for (double id : *ids) {
    if (!(id >= 1) || id != std::floor(id) || id > 4e9)
      throw Error("BadValue", m.name + "." + f.name + " must name nodes", number(id), "ids of nodes",
                  "Give a NodeCollection.");
    place(NodeId(id));
  }
  if (m.info->kind != Kind::synapse) return;
  const bool modulator = m.info->plastic->modulator == f.name;
  if (ids->empty() && (!modulator || modulator_of(m) == PlasticPath::none)) return;
  const Role role = modulator ? Role::modulator : Role::weight_recorder;
  if (ids->size() == 1 && is_device(NodeId((*ids)[0])) && device(NodeId((*ids)[0])).role() == role) return;
  const std::string right = with_article(models_with(role));
  throw Error(
      "BadValue", m.name + "." + f.name + " must be one node, " + right,
      ids->size() == 1 ? with_article(model_of(NodeId((*ids)[0])).name) : std::to_string(ids->size()) + " nodes",
      right + (modulator ? "" : ", or an empty NodeCollection"), "Create " + right + " and give it.");
}

// Static synapses change their way when they begin or cease to be recorded.
void Simulation::recorder_changed(const Model& m, const PlasticInfo* before) {
  if (plastic_of(m) == before) return;
  const bool any = std::any_of(layers_.begin(), layers_.end(), [&](auto& l) { return l.synapse == m.id; });
  if (any) dissolve([](Handle, double&, Step&) { return true; }, now_);
}

// Devices have no spikes of their own, or none that they remember.
void Simulation::check_synapse_end(const Model& synapse, const Model& node, bool source) const {
  if (node.prototype && node.prototype->role() == Role::weight_recorder)
    throw Error("IllegalConnection", with_article(node.name) + " is not connected", node.name,
                "the weight_recorder of a synapse model",
                "SetDefaults('" + synapse.name + "', {'weight_recorder': recorder}).");
  const PlasticInfo* info = plastic_of(synapse);
  if (!info || !info->always || !node.prototype || node.info->element_is_neuron) return;
  if (source)
    throw Error(
        "IllegalConnection", with_article(synapse.name) + " cannot start at " + with_article(node.name), node.name,
        "neurons as sources",
        "Put a parrot_neuron between: the device to the parrot with static_synapse, the parrot to the targets.");
  if (info->looks_back)
    throw Error("IllegalConnection",
                with_article(synapse.name) + " cannot end at " + with_article(node.name) + ", which does not spike",
                node.name, "neurons as targets", "Use static_synapse for it.");
}

std::vector<double> Simulation::common_values(int synapse) const {
  const Model& m = *models_[std::size_t(synapse)];
  std::vector<double> out;
  const PlasticInfo& info = *plastic_of(m);
  for (std::size_t k = 0; k < info.common.size(); ++k) out.push_back(common_value(m, m.synapse, k));
  return out;
}

double Simulation::plastic_bytes(const Recipe& r, double edges) const {
  const PlasticInfo* info = plastic_of(r.synapse);
  if (!info) return 0;
  double bytes = 0;
  bool shared = true;
  for (std::size_t k = 0; k < info->members.size(); ++k)
    shared &= k >= r.columns.size() || r.columns[k].fixed() || info->members[k].part == Part::state;
  for (std::size_t k = 0; k < info->members.size(); ++k) {
    const Part part = info->members[k].part;
    const bool differ = k < r.columns.size() && !r.columns[k].fixed();
    const bool each = part == Part::state || differ || (part == Part::source_state && !shared);
    bytes += 8 * (each ? edges : part == Part::source_state ? double(r.sources.size()) * threads_ : 0);
  }
  return bytes;
}

// --- values of connections

std::vector<int> Connections::models() const {
  std::vector<double> ids(handles.size());
  column(Column::synapse, ids.data());
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return {ids.begin(), ids.end()};
}

bool Connections::member(const std::string& name, double* out, Type& type) const {
  bool known = false;
  std::vector<double> source(handles.size()), synapse(handles.size());
  column(Column::source, source.data());
  column(Column::synapse, synapse.data());
  const Rows* rows = nullptr;
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const PlasticInfo* info = sim->plastic_of(int(synapse[i]));
    const int k = info ? info->find(name) : -1;
    out[i] = std::nan("");
    if (k < 0) continue;
    known = true;
    type = info->members[std::size_t(k)].type;
    const Handle h = handles[i];
    if (h.table() >= device_tables) {
      out[i] = sim->device_edges_[h.table() - device_tables].constant[std::size_t(k)];
      continue;
    }
    if (!rows || rows->table != h.table()) rows = &sim->rows_of_table(h.table());
    out[i] = rows->columns->columns[std::size_t(k)].get(std::size_t(source[i]) - rows->first, h.at());
  }
  return known;
}

// Names, types and bounds, and what a connection's values are together once all are set.
void Connections::check_members(const Values& values) const {
  const auto ids = models();
  const auto known = factors();
  for (auto& [name, x] : values) {
    if (name == "weight" || name == "delay" || std::find(known.begin(), known.end(), name) != known.end()) continue;
    for (int id : ids) {
      const Model& m = *sim->models_[std::size_t(id)];
      const FieldInfo* f = m.info->find(name);
      if (f && f->shared) throw shared_by_all(m, name);
      if (!sim->plastic_of(m) || sim->plastic_of(m)->find(name) < 0) {
        std::vector<std::string> names{"weight", "delay"};
        for (auto& key : known_keys(m))
          if (m.info->plastic->find(key) >= 0) names.push_back(key);
        throw unknown_name("UnknownName", "connections have no property of this name that can be set", name, names);
      }
      for (double v : x) check_value(m, *f, v);
    }
  }
  std::vector<double> synapse(handles.size()), weight(handles.size());
  column(Column::synapse, synapse.data());
  column(Column::weight, weight.data());
  for (auto& [name, x] : values)
    if (name == "weight")
      for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = x[i % x.size()];
  for (int id : ids) {
    const PlasticInfo* info = sim->plastic_of(id);
    if (!info) continue;
    std::vector<std::vector<double>> members;
    for (auto& member : info->members) {
      Type type;
      auto& now = members.emplace_back(handles.size(), member.initial);
      if (!member.name.empty()) this->member(member.name, now.data(), type);
      for (auto& [name, x] : values)
        if (name == member.name)
          for (std::size_t i = 0; i < now.size(); ++i) now[i] = x[i % x.size()];
    }
    const auto common = sim->common_values(id);
    std::vector<double> one(members.size());
    for (std::size_t i = 0; i < handles.size(); ++i) {
      if (int(synapse[i]) != id) continue;
      for (std::size_t k = 0; k < one.size(); ++k) one[k] = members[k][i];
      complain(sim->models_[std::size_t(id)]->name, info->check(common.data(), one.data(), weight[i]));
    }
  }
}

void Connections::set_member(const std::string& name, const std::vector<double>& values) {
  std::map<std::uint32_t, std::vector<std::size_t>> by_table;
  for (std::size_t i = 0; i < handles.size(); ++i) by_table[handles[i].table()].push_back(i);
  for (auto& [table, which] : by_table) {
    if (table >= device_tables) {
      DeviceEdges& e = sim->device_edges_[table - device_tables];
      e.constant[std::size_t(sim->plastic_of(e.synapse)->find(name))] = values[which[0] % values.size()];
      continue;
    }
    Rows& r = const_cast<Rows&>(sim->rows_of_table(table));
    SynapseColumn& c = r.columns->columns[std::size_t(r.columns->info->find(name))];
    if (c.each.empty()) {
      std::vector<double> each(r.size);
      for (NodeId s = r.first; s < r.last; ++s)
        for (std::uint64_t i = r.of(s).first; i < r.end(r.of(s)); ++i) each[i] = c.get(s - r.first, i);
      c.each = std::move(each);
    }
    for (std::size_t i : which) c.each[handles[i].at()] = values[i % values.size()];
    r.settle_columns();
  }
}

// --- the parts of a thread

void Simulation::build_plastic() {
  plastic_ = modulated_ = false;
  Step longest = 0;
  pushes_.assign(where_.size(), 0);
  for (auto& team : team_) team.plastic.paths.clear();
  for (auto& l : layers_) {
    if (!l.plastic) continue;
    const auto common = common_values(l.synapse);
    const std::uint32_t recorder = recorder_of(*models_[std::size_t(l.synapse)]);
    const std::uint32_t modulator = modulator_of(*models_[std::size_t(l.synapse)]);
    modulated_ |= modulator != PlasticPath::none;
    if (recorder != PlasticPath::none) number_ports(l);
    for (auto& r : l.rows) {
      plastic_ = true;
      if (l.plastic->draws) r.number_twins();
      team_[r.thread].plastic.paths.push_back({&r, common, l.receptor, recorder, modulator});
      PlasticPath& path = team_[r.thread].plastic.paths.back();
      path.former = former_of(*models_[std::size_t(l.synapse)]);
      if (!path.former.empty()) path.settled.resize(r.last - r.first);
      if (l.plastic->rests) path.rests_until.resize(r.last - r.first);
      for (NodeId s = r.first; s < r.last; ++s) {
        const Row& row = r.of(s);
        if (row.delays == 0) continue;
        pushes_[s] = 1;
        longest = std::max(longest, r.highest(row));
      }
    }
  }
  for (auto& team : team_) {
    PlasticThread& p = team.plastic;
    if (plastic_ && !p.ring.fits(team.pages, longest)) {
      p.ring.drain(now_, [&](Step step, std::uint32_t page, std::uint32_t slot, double x) {
        const std::uint32_t at = team.pages.slot(page, slot);
        arrivals_[step].push_back({team.node_at[at], team.pages.channel(page, slot), x});
      });
      p.ring.shape(team.pages, longest);
    }
    count_readers(team);
    build_learning(team);
    build_recall(team);
  }
  tune_archives();
  mark_trains();
}

// Ports of a recorded layer: numbers among the connections of the model in order of sources and targets.
void Simulation::number_ports(const Layer& l) {
  const std::string& name = models_[std::size_t(l.synapse)]->name;
  const Connections all = connections({std::nullopt, std::nullopt, name, std::nullopt});
  std::uint32_t number = 0;
  Rows* rows = nullptr;
  for (const Handle& h : all.handles) {
    if (h.table() >= device_tables) continue;
    if (!rows || rows->table != h.table()) rows = const_cast<Rows*>(&rows_of_table(h.table()));
    rows->columns->port.resize(rows->size);
    rows->columns->port[h.at()] = number++;
  }
}

// How many synapses look back at each neuron, and which of its spikes they have seen.
void Simulation::count_readers(ThreadState& team) {
  auto& archive = team.plastic.archive;
  const bool any = std::any_of(team.plastic.paths.begin(), team.plastic.paths.end(),
                               [](const PlasticPath& p) { return p.rows->columns->info->looks_back; });
  if (!any) return archive.clear();
  archive.resize(team.node_at.size());
  for (std::size_t slot = 0; slot < archive.size(); ++slot) {
    PostArchive& a = archive[slot];
    if (auto kept = kept_archives_.extract(team.node_at[slot]); !kept.empty()) a = std::move(kept.mapped());
    a.incoming = 0;
    if (a.past) a.past->longest_delay = 0;
    for (int k = a.first(); k < a.size; ++k) a.at(k).read = 0;
  }
  for (const PlasticPath& p : team.plastic.paths) {
    const Rows& r = *p.rows;
    if (!r.columns->info->looks_back) continue;
    const auto& all = r.columns->columns;
    const SynapseColumn* up_to_date =
        r.columns->info->since < 0 ? &all.back() : &all[std::size_t(r.columns->info->since)];
    for (NodeId s = r.first; s < r.last; ++s)
      for (std::uint32_t run = 0; run < r.of(s).delays; ++run)
        for (auto [d, i, end] = r.run(r.of(s), run); i < end; ++i) {
          PostArchive& a = archive[team.pages.slot(r.page, r.target(i))];
          ++a.incoming;
          if (!a.past) a.past = std::make_unique<PostArchive::Past>();
          a.past->longest_delay = std::max(a.past->longest_delay, to_ms(d, h_));
          const double seen = up_to_date->get(s - r.first, i) - to_ms(d, h_);
          for (int k = a.first(); k < a.size; ++k) a.at(k).read += a.at(k).t <= seen + same_time;
        }
  }
}

void Simulation::keep_archives() {
  for (auto& team : team_)
    for (std::size_t slot = 0; slot < team.plastic.archive.size(); ++slot)
      if (team.plastic.archive[slot].length() > 0)
        kept_archives_[team.node_at[slot]] = std::move(team.plastic.archive[slot]);
}

void Simulation::tune_archives() {
  for (auto& team : team_)
    for (std::size_t slot = 0; slot < team.plastic.archive.size(); ++slot) {
      PostArchive& a = team.plastic.archive[slot];
      if (a.incoming == 0) continue;
      const Place& p = where_[team.node_at[slot]];
      const Common& common = stores_[p.store]->common_value(p.lane);
      a.rate = 1 / common.tau_minus;
      a.past->slow_rate = 1 / common.tau_minus_triplet;
    }
}

const PostArchive* Simulation::archive_of(NodeId id) const {
  if (is_device(id)) return nullptr;
  if (auto kept = kept_archives_.find(id); kept != kept_archives_.end()) return &kept->second;
  if (id >= owner_.size() || owner_[id] >= team_.size()) return nullptr;
  const auto& archive = team_[owner_[id]].plastic.archive;
  return slot_[id] < archive.size() ? &archive[slot_[id]] : nullptr;
}

// --- during a run

// Spikes of the slice in order of (step, source). Those that were here before have left.
void Simulation::queue_spikes(Step from, Step to) {
  if (pushes_at(from)) leaving_.clear();
  for (Step step = from; step < to; ++step) {
    const std::size_t at = std::size_t(step) & history_mask_, first = leaving_.size();
    for (NodeId s : history_[at])
      if (pushes_[s]) leaving_.push_back({step, s, 1, 0});
    for (auto& w : weighted_[at])
      if (pushes_[w.source]) leaving_.push_back({step, w.source, w.factor, w.offset});
    std::stable_sort(leaving_.begin() + std::ptrdiff_t(first), leaving_.end(),
                     [](auto& a, auto& b) { return a.source < b.source; });
    for (std::size_t k = first; k < leaving_.size(); ++k) remember_train(leaving_[k].source, step + 1);
  }
}

RowCall Simulation::row_call(ThreadState& team, const PlasticPath& path, NodeId source, const Row& row,
                             const Spike& spike) const {
  Rows& r = *path.rows;
  const SynapseColumns& c = *r.columns;
  return {spike,
          spike.stamp - 1,
          r.data.data() + row.first * r.stride(),
          r.runs_of(row),
          row.delays,
          source - r.first,
          row.first,
          c.views.data(),
          c.shared,
          path.common.data(),
          c.info->looks_back ? team.plastic.archive.data() + r.to_slot : nullptr,
          &team.plastic.ring,
          r.page,
          r.negative_page,
          r.to_negative,
          r.counts,
          c.twin.empty() ? nullptr : c.twin.data(),
          team.node_at.data() + r.to_slot,
          nullptr,
          c.info->learns ? team.plastic.learning.data() + r.to_slot : nullptr,
          released(path),
          c.info->asks_for.empty() ? nullptr : team.plastic.recall.data() + r.to_slot,
          nullptr};
}

void Simulation::push(ThreadState& team) {
  std::vector<Delivery> log;
  for (const Leaving& spike : leaving_)
    for (PlasticPath& path : team.plastic.paths) {
      Rows& r = *path.rows;
      if (spike.source < r.first || spike.source >= r.last) continue;
      const Row& row = r.of(spike.source);
      if (row.delays == 0) continue;
      const SynapseColumns& c = *r.columns;
      const Stream random{key_, spike.source, std::uint32_t(Purpose::synapse), std::uint64_t(spike.step)};
      const auto train = c.info->learns ? std::span<const Step>(trains_[spike.source]) : std::span<const Step>();
      const double t = to_ms(spike.step + 1, h_) - spike.offset;
      RowCall call =
          row_call(team, path, spike.source, row, {t, 0, 0, h_, spike.factor, random, 0, spike.step + 1, train});
      call.common = settle(team, path, spike.source, row, t);
      if (c.info->rests) call.rests_until = &path.rests_until[spike.source - r.first];
      const bool neuron = !is_device(spike.source) || model_of(spike.source).info->element_is_neuron;
      if (path.recorder == PlasticPath::none || !neuron) {
        c.info->deliver(call);
        continue;
      }
      log.clear();
      call.log = &log;
      c.info->deliver(call);
      for (const Delivery& d : log)
        team.plastic.recorded.push_back({spike.step, path.recorder, c.port[row.first + d.at], spike.source,
                                         call.node[r.target(row.first + d.at)], path.receptor, d.weight, spike.offset});
    }
}

// In order of (step, source, target): what one target received is in one thread, and in order there.
void Simulation::merge_recorded() {
  std::vector<Recorded> all;
  for (auto& team : team_) {
    all.insert(all.end(), team.plastic.recorded.begin(), team.plastic.recorded.end());
    team.plastic.recorded.clear();
  }
  std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) {
    return std::tuple(a.step, a.source, a.target) < std::tuple(b.step, b.source, b.target);
  });
  for (const Recorded& r : all) record_delivery(r);
}

void Simulation::tune_weight_logs() {
  for (auto& [instance, log] : weight_logs_) {
    const Instance& i = instances_[instance];
    log.first = i.frozen() ? forever : i.device->window.first(h_);
    log.last = i.device->window.last(h_);
    for (std::size_t f = 0; f < i.model->info->own; ++f) {
      const std::string& name = i.model->info->params[f].name;
      if (name != "senders" && name != "targets") continue;
      auto& list = name == "senders" ? log.senders : log.targets;
      list = std::get<std::vector<double>>(i.device->get(f));
      std::sort(list.begin(), list.end());
    }
  }
}

void Simulation::record_delivery(const Recorded& r) {
  WeightLog& log = weight_logs_.find(r.recorder)->second;
  if (!log.takes(r.step + 1, r.source, r.target)) return;
  log.sender.push_back(r.source);
  log.target.push_back(r.target);
  log.port.push_back(r.port);
  log.receptor.push_back(r.receptor);
  log.weight.push_back(r.weight);
  log.offset.push_back(r.offset);
  log.step.push_back(r.step + 1);
}

Simulation::Events Simulation::weight_events(const WeightLog& log, std::size_t from) const {
  Events out;
  auto add = [&](const char* name, const auto& values) {
    const auto begin = values.begin() + std::ptrdiff_t(std::min(from, values.size()));
    out.columns.emplace_back(name, std::vector<double>(begin, values.end()));
  };
  add("senders", log.sender);
  add("times", log.step);
  add("targets", log.target);
  add("weights", log.weight);
  add("receptors", log.receptor);
  add("ports", log.port);
  if (std::any_of(log.offset.begin(), log.offset.end(), [](double x) { return x != 0; })) add("offsets", log.offset);
  return out;
}

// A spike is stamped with the end of its step.
void Simulation::remember_spikes(ThreadState& team, Step step) {
  const double t = to_ms(step + 1, h_), min_delay = to_ms(min_delay_, h_);
  for (NodeId id : team.emitted[team.lag])
    if (PostArchive& a = team.plastic.archive[slot_[id]]; a.incoming > 0) a.add(t, min_delay);
  for (const PreciseSpike& s : team.precise[team.lag])
    if (PostArchive& a = team.plastic.archive[slot_[s.source]]; a.incoming > 0) a.add(t - s.offset, min_delay);
}

}  // namespace nl
