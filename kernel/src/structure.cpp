// Synaptic elements: what users say and see of them, and their growth.
#include "src/structure.hpp"

#include <cmath>

namespace nl {

namespace {

const std::vector<FieldInfo>& element_fields() {
  static const std::vector<FieldInfo> fields{
      {"z", "", "Number of elements, connected or not", Type::real, 0.0, at_least(0)},
      {"growth_rate", "1/ms", "Scale of growth and loss", Type::real, 1.0, any()},
      {"tau_vacant", "", "Share of the vacant elements lost at each update", Type::real, 0.1, {0, 1, true}},
      {"continuous", "", "Whether the number may be broken", Type::flag, true, any()},
  };
  return fields;
}

const GrowthCurveInfo& standard_curve() {
  for (auto& [name, c] : Registry::get().growth_curves)
    if (c.standard) return c;
  throw std::logic_error("no standard growth curve");
}

const GrowthCurveInfo& curve_named(const std::string& element, const Value& v) {
  const auto& curves = Registry::get().growth_curves;
  auto* name = std::get_if<std::string>(&v);
  if (!name)
    throw Error("BadType", element + ".growth_curve must be a string", "another type", "the name of a growth curve",
                "nest.growth_curves lists them.");
  if (auto found = curves.find(*name); found != curves.end()) return found->second;
  std::vector<std::string> names;
  for (auto& [known, c] : curves) names.push_back(known);
  throw unknown_name("BadValue", element + ": there is no growth curve of this name", *name, names);
}

}  // namespace

std::uint32_t Simulation::Structure::name_of(const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return std::uint32_t(found - names.begin());
  names.push_back(name);
  return std::uint32_t(names.size() - 1);
}

Simulation::Structure::Element* Simulation::Structure::find(NodeId id, std::uint32_t name) {
  if (id >= of_node.size()) return nullptr;
  for (Element& e : of_node[id])
    if (e.name == name) return &e;
  return nullptr;
}

// --- what users say

// One node's elements from a dictionary: `whole` replaces what there was, else only elements that are there are changed.
Simulation::Structure::Elements Simulation::Structure::parse(const std::string& model, const Dict& given,
                                                             const Elements& old, bool whole) {
  Elements out;
  if (!whole) out = old;
  for (auto& [key, value] : given.items) {
    const std::string where = model + ".synaptic_elements." + key;
    auto* dict = std::get_if<DictPtr>(&value);
    if (!dict)
      throw Error("BadType", where + " must be a dictionary", "another type", "a dictionary of parameters",
                  "Write for example {'" + key + "': {'growth_rate': 0.001}}.");
    const std::uint32_t name = name_of(key);
    auto same = [&](const Element& e) { return e.name == name; };
    const auto before = std::find_if(old.begin(), old.end(), same);
    if (!whole && before == old.end()) {
      std::vector<std::string> known;
      for (auto& e : old) known.push_back(names[e.name]);
      throw unknown_name("UnknownName", model + " has no synaptic element of this name", key, known);
    }
    Element e{name, &standard_curve()};
    if (!whole) e = *before;
    else if (before != old.end()) e.connected = before->connected;
    if (auto* curve = (*dict)->find("growth_curve")) e.curve = &curve_named(where, *curve);
    if (whole || e.curve != before->curve)
      for (std::size_t k = 0; k < e.curve->params.size(); ++k) e.p[k] = from_value<double>(e.curve->params[k].fallback);
    std::vector<std::string> known{"growth_curve", "z_connected"};
    for (auto* fields : {&element_fields(), &e.curve->params})
      for (auto& f : *fields) known.push_back(f.name);
    for (auto& [parameter, v] : (*dict)->items) {
      if (std::find(known.begin(), known.end(), parameter) == known.end())
        throw unknown_name("UnknownName", where + " has no parameter of this name", parameter, known);
      if (parameter == "z_connected" &&
          !(std::holds_alternative<std::int64_t>(v) && std::get<std::int64_t>(v) == e.connected))
        throw Error("BadValue", where + ".z_connected cannot be set", "a value for it",
                    std::to_string(e.connected) + ", the number of its connections",
                    "Leave it out: it counts connections.");
      for (auto& f : element_fields()) {
        if (f.name != parameter) continue;
        const Value x = checked_value(where, f, v);
        if (f.name == "z") e.z = from_value<double>(x);
        else if (f.name == "growth_rate") e.growth_rate = from_value<double>(x);
        else if (f.name == "tau_vacant") e.tau_vacant = from_value<double>(x);
        else e.continuous = std::get<bool>(x);
      }
      for (std::size_t k = 0; k < e.curve->params.size(); ++k)
        if (e.curve->params[k].name == parameter)
          e.p[k] = from_value<double>(checked_value(where, e.curve->params[k], v));
    }
    if (const Complaint c = e.curve->check(e.p.data()); c.what)
      throw Error("BadValue", where + ": " + c.what, number(c.value), c.allowed, c.todo);
    if (whole) out.push_back(e);
    else *std::find_if(out.begin(), out.end(), same) = e;
  }
  std::sort(out.begin(), out.end(), [&](auto& a, auto& b) { return names[a.name] < names[b.name]; });
  return out;
}

DictPtr Simulation::Structure::show(NodeId id, const Elements& elements) {
  auto all = std::make_shared<Dict>();
  for (const Element& e : elements) {
    auto one = std::make_shared<Dict>();
    one->items = {{"continuous", e.continuous}, {"growth_curve", e.curve->name}, {"growth_rate", e.growth_rate},
                  {"tau_vacant", e.tau_vacant}, {"z", id ? z(id, e) : e.z},      {"z_connected", e.connected}};
    for (std::size_t k = 0; k < e.curve->params.size(); ++k) one->items.emplace_back(e.curve->params[k].name, e.p[k]);
    all->items.emplace_back(names[e.name], DictPtr(std::move(one)));
  }
  return all;
}

// Replaces the elements of a node; time must have been cut before.
void Simulation::Structure::give(NodeId id, Elements elements) {
  if (of_node.size() <= id) of_node.resize(id + 1), trace_.resize(id + 1);
  const Place& p = sim.place(id);
  trace_[id] = {sim.stores_[p.store]->calcium(p.lane, sim.now_, sim.h_), sim.now_};
  for (Element& e : elements) e.ca = trace_[id].ca, e.age = 0, e.offset = 0;
  of_node[id] = std::move(elements);
  ordered_ = checked = false;
}

void Simulation::Structure::forget(NodeId first) {
  if (of_node.size() > first) of_node.resize(first), trace_.resize(first);
  ordered_ = checked = false;
}

// --- growth

void Simulation::Structure::note_spike(NodeId id, Step stamp, double offset) {
  if (id >= of_node.size() || of_node[id].empty()) return;
  const bool again = !spikes_.empty() && spikes_.back().node == id && spikes_.back().stamp == stamp;
  if (again && sim.stores_[sim.where_[id].store]->reads_transitions()) return;  // one transition, as two spikes
  spikes_.push_back({id, stamp, offset});
}

// Between updates spikes only add up; so that they do not fill the memory, elements grow when there are many.
void Simulation::Structure::make_room(Step stamp) {
  constexpr std::size_t many = 1 << 20;
  if (spikes_.size() > many && stamp == sim.now_ + 1) grow();
}

void Simulation::Structure::order() {
  if (ordered_) return;
  order_.clear();
  owners_.clear();
  for (NodeId id = 0; id < of_node.size(); ++id) {
    if (!of_node[id].empty()) owners_.push_back(id);
    for (std::uint32_t k = 0; k < of_node[id].size(); ++k) order_.emplace_back(id, k);
  }
  std::stable_sort(order_.begin(), order_.end(), [&](auto& a, auto& b) {
    return of_node[a.first][a.second].curve->name < of_node[b.first][b.second].curve->name;
  });
  ordered_ = true;
}

// All elements grow to the present. Nothing depends on when this is done.
void Simulation::Structure::grow(Threads* pool) {
  const Step to = sim.now_;
  if (to == grown && spikes_.empty()) return;
  order();
  std::map<NodeId, std::vector<GrowthCut>> cuts;
  for (const Spike& s : spikes_) {
    const Place& p = sim.where_[s.node];
    const Common& c = sim.stores_[p.store]->common_value(p.lane);
    Trace& t = trace_[s.node];
    const double ms = double(s.stamp - t.at) * sim.h_ + t.offset - s.offset;
    t = {t.ca * std::exp(-ms / c.tau_Ca) + c.beta_Ca, s.stamp, s.offset};
    cuts[s.node].push_back({s.stamp - grown, 0, t.ca, s.offset});
  }
  spikes_.clear();
  std::vector<std::span<const std::pair<NodeId, std::uint32_t>>> blocks;
  for (std::size_t i = 0; i < order_.size();) {
    std::size_t j = i;
    auto curve = [&](std::size_t k) { return of_node[order_[k].first][order_[k].second].curve; };
    while (j < order_.size() && j < i + growth_lanes && curve(j) == curve(i)) ++j;
    blocks.emplace_back(order_.data() + i, j - i);
    i = j;
  }
  std::atomic<std::size_t> next{0};
  auto work = [&](int) {
    for (std::size_t k; (k = next++) < blocks.size();) grow_block(blocks[k], cuts, to);
  };
  if (pool) pool->run(work);
  else work(0);
  grown = to;
}

double Simulation::Structure::read(NodeId id, const Element& e) const {
  const Place& p = sim.where_[id];
  const double tau = sim.stores_[p.store]->common_value(p.lane).tau_Ca;
  return e.curve->read({e.z, e.ca, e.growth_rate, tau, double(e.age) * sim.h_ + e.offset, e.p.data()});
}

void Simulation::Structure::grow_block(std::span<const std::pair<NodeId, std::uint32_t>> elements,
                                       const std::map<NodeId, std::vector<GrowthCut>>& spikes, Step to) {
  GrowthBlock b;
  b.h = sim.h_;
  b.tau.fill(1);
  b.p.fill(of_node[elements[0].first][elements[0].second].p);
  std::vector<GrowthCut> cuts;
  for (int i = 0; i < int(elements.size()); ++i) {
    const auto [id, k] = elements[std::size_t(i)];
    const Element& e = of_node[id][k];
    const Place& p = sim.where_[id];
    b.z[i] = e.z;
    b.ca[i] = e.ca;
    b.rate[i] = e.growth_rate;
    b.age[i] = e.age;
    b.offset[i] = e.offset;
    b.p[i] = e.p;
    b.tau[i] = sim.stores_[p.store]->common_value(p.lane).tau_Ca;
    if (auto found = spikes.find(id); found != spikes.end())
      for (const GrowthCut& cut : found->second) cuts.push_back({cut.at, i, cut.ca, cut.offset});
  }
  std::stable_sort(cuts.begin(), cuts.end(), [](auto& x, auto& y) { return x.at < y.at; });
  of_node[elements[0].first][elements[0].second].curve->advance(b, to - grown, cuts);
  for (int i = 0; i < int(elements.size()); ++i) {
    Element& e = of_node[elements[std::size_t(i)].first][elements[std::size_t(i)].second];
    e.z = b.z[i];
    e.ca = b.ca[i];
    e.age = b.age[i];
    e.offset = b.offset[i];
  }
}

double Simulation::Structure::z(NodeId id, const Element& e) {
  grow();
  return read(id, e);
}

// What the user changes, and updates, cut time for all elements.
void Simulation::Structure::cut() {
  grow();
  order();
  for (NodeId id : owners_) {
    const Place& p = sim.where_[id];
    trace_[id] = {sim.stores_[p.store]->calcium(p.lane, sim.now_, sim.h_), sim.now_};
    for (Element& e : of_node[id]) {
      e.z = read(id, e);
      e.ca = trace_[id].ca;
      e.age = 0;
      e.offset = 0;
    }
  }
}

// --- at the border

Simulation::Structure& Simulation::structure() {
  if (!structure_) {
    structure_ = std::make_unique<Structure>(*this);
    structure_->grown = now_;
  }
  return *structure_;
}

namespace {

bool says_elements(const std::string& name) { return name == "synaptic_elements" || name == "synaptic_elements_param"; }
// Elements grow by calcium, which is a trace of spikes.
bool grows(const ModelInfo& m) { return m.kind == Kind::neuron && m.archives; }
bool says_calcium(const std::string& name) { return name == "Ca" || name == "tau_Ca" || name == "beta_Ca"; }

const Dict& elements_of(const std::string& model, const std::string& name, const Setting& s, std::int64_t i) {
  auto* each = std::get_if<std::vector<Value>>(&s);
  auto* v = each ? &(*each)[std::size_t(i)] : std::get_if<Value>(&s);
  if (auto* dict = v ? std::get_if<DictPtr>(v) : nullptr) return **dict;
  throw Error("BadType", model + "." + name + " must be a dictionary", "another type",
              "a dictionary of elements, each a dictionary of parameters",
              "Write for example {'name': {'growth_rate': 0.001}}.");
}

}  // namespace

// Takes what is said of elements out of the settings of nodes, and checks it.
Simulation::ElementSettings Simulation::take_elements(const Ids& ids, Settings& settings) {
  ElementSettings out;
  for (std::int64_t i = 0; i < ids.size(); ++i)
    if (!grows(*model_of(ids[i]).info)) return out;  // there they are refused like any unknown name
  for (auto& [name, s] : settings) {
    out.calcium |= structure_ && says_calcium(name);
    if (!says_elements(name)) continue;
    if (auto* each = std::get_if<std::vector<Value>>(&s); each && std::int64_t(each->size()) != ids.size())
      throw Error("BadValue",
                  model_of(ids[0]).name + "." + name + ": there must be one value for all nodes or one for each",
                  std::to_string(each->size()) + " values for " + std::to_string(ids.size()) + " nodes",
                  "1 or " + std::to_string(ids.size()) + " values", "Give as many values as nodes, or a single one.");
    each_elements(ids, name, s, [](NodeId, Structure::Elements&&) {});
    out.said.emplace_back(name, s);
  }
  std::erase_if(settings, [](auto& x) { return says_elements(x.first); });
  return out;
}

// Calls f with what each node gets. Neighbours without elements of one model get the same.
template <class F>
void Simulation::each_elements(const Ids& ids, const std::string& name, const Setting& s, F&& f) {
  static const Structure::Elements none;
  const Model* model = nullptr;
  Structure::Elements last;
  const bool whole = name == "synaptic_elements", one = std::holds_alternative<Value>(s);
  for (std::int64_t i = 0; i < ids.size(); ++i) {
    const Model& m = model_of(ids[i]);
    const auto& all = structure().of_node;
    const Structure::Elements& old = ids[i] < all.size() ? all[ids[i]] : none;
    if (one && whole && old.empty() && model == &m) {
      f(ids[i], Structure::Elements(last));
      continue;
    }
    Structure::Elements made = structure().parse(m.name, elements_of(m.name, name, s, i), old, whole);
    model = old.empty() ? &m : nullptr;
    if (model) last = made;
    f(ids[i], std::move(made));
  }
}

void Simulation::give_elements(const Ids& ids, const ElementSettings& settings) {
  for (auto& [name, s] : settings.said)
    each_elements(ids, name, s, [&](NodeId id, Structure::Elements&& e) { structure_->give(id, std::move(e)); });
  if (settings.any()) structure_->cut();
}

void Simulation::cut_growth() { structure().cut(); }

// The same for new nodes of a model: those that are its defaults.
void Simulation::give_default_elements(const Model& m, NodeId first, std::int64_t n) {
  if (!structure_) return;
  const auto found = structure_->defaults.find(m.name);
  if (found == structure_->defaults.end()) return;
  structure_->cut();
  for (std::int64_t i = 0; i < n; ++i) structure_->give(first + NodeId(i), found->second);
}

void Simulation::take_back_elements(NodeId first) {
  if (structure_) structure_->forget(first);
}

std::optional<Setting> Simulation::take_default_elements(const Model& m, Settings& settings) {
  std::optional<Setting> out;
  if (!grows(*m.info)) return out;
  for (auto& [name, s] : settings)
    if (name == "synaptic_elements") {
      structure().parse(m.name, elements_of(m.name, name, s, 0), {}, true);
      out = s;
    }
  std::erase_if(settings, [](auto& x) { return x.first == "synaptic_elements"; });
  return out;
}

void Simulation::set_default_elements(const Model& m, const Setting& s) {
  structure_->defaults[m.name] = structure_->parse(m.name, elements_of(m.name, "synaptic_elements", s, 0), {}, true);
}

void Simulation::copy_default_elements(const std::string& from, const std::string& to) {
  if (!structure_) return;
  structure_->defaults.erase(to);
  if (structure_->defaults.contains(from)) structure_->defaults[to] = structure_->defaults[from];
}

DictPtr Simulation::default_elements(const Model& m) const {
  if (!structure_ || !structure_->defaults.contains(m.name)) return std::make_shared<Dict>();
  return structure_->show(0, structure_->defaults[m.name]);
}

DictPtr Simulation::elements(NodeId id) const {
  if (!structure_ || id >= structure_->of_node.size()) return std::make_shared<Dict>();
  return structure_->show(id, structure_->of_node[id]);
}

}  // namespace nl
