// Connections that come and go: at each update, neurons with more connections than elements lose some, and vacant elements of
// the two sides find each other, both at random.
//
// Butz & van Ooyen (2013), doi:10.1371/journal.pcbi.1003259; Diaz-Pier et al. (2016), doi:10.3389/fnana.2016.00057. As in the
// papers, all connections beyond the number of elements go at once, and without multapses no pair is connected twice. The
// reference simulator raises the number of elements again to that of the connections when the first one has gone, so that all but
// one come back at once, with other partners; it takes no notice of allow_multapses, does not count what
// SynapseCollection.disconnect() removes, and misses updates that fall between two of its communication steps.
#include <cmath>

#include "src/connections.hpp"
#include "src/structure.hpp"

namespace nl {

// One stream for each synapse, update and kind of decision.
struct Simulation::Structure::Draws {
  Stream random;
  std::uint32_t element = 0;
  std::uint32_t below(std::uint32_t n) {
    auto next = [&] { return draw1(random, element++); };
    return bounded(next(), n, next);
  }
  // Moves k of the items, drawn at random, to the front.
  template <class T>
  void choose(T* items, std::size_t n, std::size_t k) {
    for (std::size_t i = 0; i < k; ++i) std::swap(items[i], items[i + below(std::uint32_t(n - i))]);
  }
};

Step Simulation::Structure::next_update(Step end) const {
  if (!enabled) return end;
  return std::min(end, (sim.now_ / interval_steps() + 1) * interval_steps());
}

bool Simulation::Structure::due() const { return enabled && sim.now_ % interval_steps() == 0 && updated != sim.now_; }

std::int64_t Simulation::Structure::vacant(const Element& e) { return std::int64_t(std::floor(e.z)) - e.connected; }

Recipe Simulation::Structure::recipe_of(const StructuralSynapse& s, NodeId source, NodeId target) {
  return sim.make_recipe({source, 1, 1, {}}, {target, 1, 1, {}}, s.call);
}

// That connections can be made between all neurons that have the elements.
void Simulation::Structure::check() {
  if (checked || !enabled) return;
  for (auto& s : synapses) {
    Ids sources, targets;
    const std::uint32_t pre = name_of(s.pre), post = name_of(s.post);
    for (NodeId id = 1; id < of_node.size(); ++id) {
      if (find(id, pre)) sources.list.push_back(id);
      if (find(id, post)) targets.list.push_back(id);
    }
    if (sources.list.empty() || targets.list.empty()) continue;
    Recipe r = recipe_of(s, sources.list[0], targets.list[0]);
    sim.check_ends(sources, targets, r);
    sim.check_ports(sources, targets, r);
    const auto [low, high] = r.delay.bounds();
    sim.check_delay(low);
    sim.check_delay(high);
    sim.note_delays(delay_in_steps(low, sim.h_), delay_in_steps(high, sim.h_));
    sim.hold_ports(sources, targets);
  }
  checked = true;
}

template <class F>
void Simulation::Structure::each_structural_edge(const StructuralSynapse& s, const std::vector<std::uint8_t>& from,
                                                 const std::vector<std::uint8_t>& to, F&& f) {
  const int synapse = sim.find_model(s.call.synapse, "synapse model").id;
  for (const Layer& l : sim.layers_)
    if (l.synapse == synapse)
      for (const Rows& r : l.rows)
        for (NodeId a = r.first; a < r.last; ++a)
          if (from.empty() || from[a]) sim.each_edge(r, a, to, [&](NodeId b, std::uint64_t i) { f(r, a, b, i); });
}

// Neurons with more connections than elements lose what is too many.
void Simulation::Structure::prune(const StructuralSynapse& s, bool by_source, Draws& draws, Gone& gone) {
  const std::uint32_t mine = name_of(by_source ? s.pre : s.post), theirs = name_of(by_source ? s.post : s.pre);
  std::vector<std::uint8_t> marked(sim.where_.size(), 0);
  bool any = false;
  for (NodeId id : owners_)
    if (const Element* e = find(id, mine); e && vacant(*e) < 0) marked[id] = 1, any = true;
  if (!any) return;
  struct Candidate {
    NodeId node, other;
    Step delay;
    double weight;
    std::uint64_t handle;
    auto key() const { return std::tie(node, other, delay, weight, handle); }
  };
  std::vector<Candidate> all;
  each_structural_edge(
      s, by_source ? marked : std::vector<std::uint8_t>{}, by_source ? std::vector<std::uint8_t>{} : marked,
      [&](const Rows& r, NodeId a, NodeId b, std::uint64_t i) {
        const std::uint64_t handle = Handle(r.table, i).bits;
        if (!find(by_source ? b : a, theirs) || gone.contains(handle)) return;
        all.push_back({by_source ? a : b, by_source ? b : a, r.delay(r.of(a), i), r.weight(a, i), handle});
      });
  std::sort(all.begin(), all.end(), [](auto& x, auto& y) { return x.key() < y.key(); });
  for (std::size_t i = 0, j = 0; i < all.size(); i = j) {
    while (j < all.size() && all[j].node == all[i].node) ++j;
    Element& e = *find(all[i].node, mine);
    const std::size_t k = std::min(j - i, std::size_t(-vacant(e)));
    draws.choose(all.data() + i, j - i, k);
    e.connected -= std::int64_t(k);
    for (std::size_t c = i; c < i + k; ++c) {
      gone.insert(all[c].handle);
      give_back(find(all[c].other, theirs));
    }
  }
}

// Nodes with vacant elements, each as often as it has some.
std::vector<NodeId> Simulation::Structure::vacancies(std::uint32_t name) const {
  std::vector<NodeId> out;
  for (NodeId id : owners_)
    for (const Element& e : of_node[id])
      if (e.name == name) out.insert(out.end(), std::size_t(std::max<std::int64_t>(0, vacant(e))), id);
  return out;
}

std::unordered_set<std::uint64_t> Simulation::Structure::pairs_of(const StructuralSynapse& s,
                                                                  const std::vector<NodeId>& sources,
                                                                  const Gone& gone) {
  std::vector<std::uint8_t> marked(sim.where_.size(), 0);
  for (NodeId id : sources) marked[id] = 1;
  std::unordered_set<std::uint64_t> pairs;
  each_structural_edge(s, marked, {}, [&](const Rows& r, NodeId a, NodeId b, std::uint64_t i) {
    if (!gone.contains(Handle(r.table, i).bits)) pairs.insert(std::uint64_t(a) << 32 | b);
  });
  return pairs;
}

// Of the side with more vacant elements some are drawn; each of the other side gets one of them.
void Simulation::Structure::sprout(const StructuralSynapse& s, Draws& draws, const Gone& gone,
                                   std::vector<NewEdges>& made) {
  const std::uint32_t pre = name_of(s.pre), post = name_of(s.post);
  std::vector<NodeId> from = vacancies(pre), to = vacancies(post);
  const std::size_t n = std::min(from.size(), to.size());
  if (n == 0) return;
  std::vector<NodeId>& larger = from.size() > to.size() ? from : to;
  draws.choose(larger.data(), larger.size(), n);
  from.resize(n);
  to.resize(n);
  std::unordered_set<std::uint64_t> pairs;
  if (!s.call.args.allow_multapses) pairs = pairs_of(s, from, gone);
  const Recipe r = recipe_of(s, from[0], to[0]);
  NewEdges e{r.synapse, r.receptor, r.label, {}, {}, {}, {}, {}};
  for (std::size_t k = 0; k < n; ++k) {
    if (from[k] == to[k] && !s.call.args.allow_autapses) continue;
    if (!s.call.args.allow_multapses && !pairs.insert(std::uint64_t(from[k]) << 32 | to[k]).second) continue;
    e.source.push_back(from[k]);
    e.target.push_back(to[k]);
    ++find(from[k], pre)->connected;
    ++find(to[k], post)->connected;
  }
  std::vector<double> delay(e.source.size());
  e.weight.resize(e.source.size());
  auto draw = [&](const Strength& x, Purpose purpose, std::vector<double>& out) {
    x.p.draw({sim.key_, s.id, std::uint32_t(purpose), std::uint64_t(sim.now_)}, 0, out);
  };
  draw(r.weight, Purpose::weight, e.weight);
  if (!r.weight.fixed())
    for (double& w : e.weight) w = double(float(w));
  draw(r.delay, Purpose::delay, delay);
  for (std::size_t k = 0; k < r.columns.size(); ++k)
    draw(r.columns[k], Purpose(std::uint32_t(Purpose::column) + k), e.columns.emplace_back(e.source.size()));
  for (double d : delay) e.delay.push_back(delay_in_steps(d, sim.h_));
  made.push_back(std::move(e));
}

void Simulation::Structure::update(Threads* pool) {
  grow(pool);
  cut();
  updated = sim.now_;
  Gone gone;
  std::vector<NewEdges> made;
  for (auto& s : synapses) {
    const Stream random{sim.key_, s.id, std::uint32_t(Purpose::structure), std::uint64_t(sim.now_)};
    Draws of_sources{random}, of_targets{random.leaf(1)}, of_pairs{random.leaf(2)};
    prune(s, true, of_sources, gone);
    prune(s, false, of_targets, gone);
    sprout(s, of_pairs, gone, made);
  }
  for (NodeId id : owners_)
    for (Element& e : of_node[id])
      if (const std::int64_t n = vacant(e); n > 0) e.z -= double(n) * e.tau_vacant;
  if (!gone.empty() || !made.empty()) sim.change_rows({gone.begin(), gone.end()}, made);
}

// What Connect says takes elements.
void Simulation::Structure::count(const Recipe& r, const std::string& pre, const std::string& post) {
  const std::uint32_t from = name_of(pre), to = name_of(post);
  cut();
  auto take = [&](Element* e) {
    if (!e) return;
    ++e->connected;
    // A connection that is there has its elements.
    if (double(e->connected) > std::floor(e->z)) e->z = double(e->connected) + e->z - std::floor(e->z);
  };
  sim.replay(r, [&](const Edges& edges, const double*, const double*) {
    for (std::size_t k = 0; k < edges.size(); ++k) {
      take(find(edges.source[k], from));
      take(find(edges.target[k], to));
    }
  });
}

void Simulation::Structure::give_back(Element* e) {
  if (e && e->connected > 0) --e->connected;  // Connect may have taken none
}

// What Disconnect removes gives back the elements of the structural synapse that the connection fits best.
void Simulation::Structure::give_back(const Connections& c) {
  if (synapses.empty()) return;
  cut();
  std::vector<double> source(c.handles.size()), target(source), model(source);
  c.column(Connections::Column::source, source.data());
  c.column(Connections::Column::target, target.data());
  c.column(Connections::Column::synapse, model.data());
  std::unordered_set<std::uint64_t> seen;
  for (std::size_t k = 0; k < source.size(); ++k) {
    if (!seen.insert(c.handles[k].bits).second) continue;
    Element *from = nullptr, *to = nullptr;
    for (auto& s : synapses) {
      if (sim.find_model(s.call.synapse).id != int(model[k])) continue;
      Element *a = find(NodeId(source[k]), name_of(s.pre)), *b = find(NodeId(target[k]), name_of(s.post));
      if ((a != nullptr) + (b != nullptr) > (from != nullptr) + (to != nullptr)) from = a, to = b;
    }
    give_back(from);
    give_back(to);
  }
}

// Before each stretch of a run: updates connections if it is time to. Returns when the stretch ends.
Step Simulation::restructure(Step end) {
  if (!structure_) return end;
  structure_->grow(pool_.get());
  if (structure_->due()) {
    structure_->update(pool_.get());
    refresh();
  }
  return structure_->next_update(end);
}

void Simulation::check_structure() {
  if (structure_) structure_->check();
}

void Simulation::note_growth(Step step) {
  const std::size_t at = std::size_t(step) & history_mask_;
  structure_->make_room(step + 1);
  for (NodeId id : history_[at]) structure_->note_spike(id, step + 1, 0);
  for (auto& spike : weighted_[at]) structure_->note_spike(spike.source, step + 1, spike.offset);
}

void Simulation::count_elements(const Recipe& r, const ConnectCall& c) {
  if (!c.pre_element.empty()) structure().count(r, c.pre_element, c.post_element);
}

// --- what users set

void Simulation::set_structural_plasticity(bool on) {
  Structure& s = structure();
  s.enabled = on;
  s.checked = false;
}

bool Simulation::structural_plasticity() const { return structure_ && structure_->enabled; }

void Simulation::set_structural_interval(double ms) {
  if (!(std::isfinite(ms) && ms > 0) || !on_grid(ms, h_))
    throw Error("BadValue", "structural_plasticity_update_interval must be a positive multiple of the resolution",
                number(ms) + " ms", "multiples of " + number(h_) + " ms", "Choose for example 100.0.");
  structure().interval = ms;
}

double Simulation::structural_interval() const { return structure_ ? structure_->interval : 10000.0; }

void Simulation::set_structural_synapses(std::vector<StructuralSynapse> synapses) {
  refuse_while_running("changing structural_plasticity_synapses");
  std::uint32_t id = next_call_;
  for (auto& s : synapses) {
    Model& m = find_model(s.call.synapse, "synapse model");
    if (m.info->kind != Kind::synapse) find_model(s.call.synapse + " ", "synapse model");
    if (carries(m.id))
      throw Error("BadValue", "structural_plasticity_synapses makes connections for spikes", s.call.synapse,
                  "synapse models that carry spikes", "Choose another synapse model.");
    bool array = !s.call.weight.array.empty() || !s.call.delay.array.empty();
    for (auto& g : s.call.given) array |= !g.value.array.empty();
    if (array)
      throw Error("BadValue", "structural_plasticity_synapses takes no arrays of values", "an array",
                  "a number or a parameter", "Give one value, or a random parameter such as nest.random.uniform().");
    bool places = s.call.weight.p.needs() || s.call.delay.p.needs();
    for (auto& g : s.call.given) places |= g.value.p.needs() != 0;
    if (places)
      throw Error("BadValue", "structural_plasticity_synapses takes no values that depend on positions",
                  "a parameter of nest.spatial", "a number or a random parameter",
                  "Give one value, or a random parameter such as nest.random.uniform().");
    check_call(make_recipe({1, 1, 1, {}}, {1, 1, 1, {}}, s.call), s.call);
    s.id = id++;
  }
  next_call_ = id;
  structure().synapses = std::move(synapses);
  structure_->checked = false;
}

std::vector<StructuralSynapse> Simulation::structural_synapses() const {
  return structure_ ? structure_->synapses : std::vector<StructuralSynapse>{};
}

}  // namespace nl
