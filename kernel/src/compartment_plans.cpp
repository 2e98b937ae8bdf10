// Building neurons that are trees of compartments from what users write: lists of dictionaries, one for each compartment or
// receptor. A list is looked at as a whole before anything changes.
#include <algorithm>
#include <numeric>

#include "src/compartments.hpp"
#include "src/simulation.hpp"

namespace nl {

namespace {

enum Membrane { C_m, g_C, g_L, e_L, v_comp };

const std::vector<FieldInfo>& membrane_fields() {
  static const std::vector<FieldInfo> fields{
      {"C_m", "nF", "Capacitance of the membrane", Type::real, 1.0, above(0)},
      {"g_C", "uS", "Conductance to the parent; of no account at the root", Type::real, 0.01, at_least(0)},
      {"g_L", "uS", "Conductance of the leak", Type::real, 0.1, at_least(0)},
      {"e_L", "mV", "Reversal potential of the leak", Type::real, -70.0, any()},
      {"v_comp", "mV", "Voltage at the start", Type::real, -70.0, any()},
  };
  return fields;
}

std::string numbered(const char* list, std::size_t number) {
  return std::string(list) + "[" + std::to_string(number) + "]";
}

void refuse_unknown_keys(const Dict& d, const std::string& where, const std::vector<std::string>& known) {
  for (auto& [key, value] : d.items)
    if (std::ranges::find(known, key) == known.end())
      throw unknown_name("UnknownName", where + " has no key of this name", key, known);
}

// The value of a key that must be there, as a whole number.
std::int64_t whole_number(const Dict& d, const std::string& where, const char* key, const char* todo) {
  const Value* v = d.find(key);
  if (!v)
    throw Error("BadValue", where + " needs " + key, std::string("no ") + key, std::string(key) + " in each of them",
                todo);
  return std::get<std::int64_t>(checked_value(where, {key, "", "", Type::integer, std::int64_t(0), any()}, *v));
}

// Parameters of tables that follow one another; those that are left out have their defaults.
void read_params(const Value* given, const std::string& where, const std::vector<const std::vector<FieldInfo>*>& tables,
                 std::vector<double>& out) {
  std::vector<const FieldInfo*> fields;
  for (auto* table : tables)
    for (auto& f : *table) fields.push_back(&f);
  for (auto* f : fields) out.push_back(std::get<double>(f->fallback));
  if (!given) return;
  const Value checked = checked_value(where, {"params", "", "", Type::dictionary, DictPtr{}, any()}, *given);
  const std::string inside = where + ".params";
  for (auto& [name, value] : std::get<DictPtr>(checked)->items) {
    const auto f = std::ranges::find(fields, name, [](auto* f) { return f->name; });
    if (f == fields.end()) {
      std::vector<std::string> names;
      for (auto* x : fields) names.push_back(x->name);
      throw unknown_name("UnknownName", inside + " has no parameter of this name", name, names);
    }
    const std::size_t at = std::size_t(f - fields.begin());
    out[at] = std::get<double>(checked_value(inside, **f, value));
  }
}

std::string up_to(int last) { return last == 0 ? "0" : "0 to " + std::to_string(last); }

bool same_value(const Value& a, const Value& b) {
  if (a.index() != b.index()) return false;
  if (auto* d = std::get_if<DictPtr>(&a)) {
    const auto &x = (*d)->items, &y = std::get<DictPtr>(b)->items;
    return x.size() == y.size() && std::ranges::all_of(x, [&](auto& item) {
             const Value* other = std::get<DictPtr>(b)->find(item.first);
             return other && same_value(item.second, *other);
           });
  }
  if (auto* list = std::get_if<std::vector<DictPtr>>(&a))
    return std::ranges::equal(*list, std::get<std::vector<DictPtr>>(b),
                              [](auto& x, auto& y) { return same_value(x, y); });
  return a == b;
}

bool is_receptors(std::size_t field) { return field >= CompartmentStore::receptors; }

}  // namespace

// --- one compartment, one receptor

void CompartmentStore::add_compartment(CellPlan& plan, const Dict& d) const {
  const int n = int(plan.parent.size());
  const std::string where = name + "." + numbered("compartments", std::size_t(n));
  refuse_unknown_keys(d, where, {"parent_idx", "params"});
  const std::int64_t parent =
      whole_number(d, where, "parent_idx", "Give -1 for the root, else the number of the compartment it grows from.");
  const std::string value = "parent_idx " + std::to_string(parent);
  if (n == 0 && parent != -1)
    throw Error("BadValue", where + " must be the root", value, "-1 for the first compartment",
                "List compartments from the root outwards.");
  if (n > 0 && parent == -1)
    throw Error("BadValue", where + ": there is a root already", value, up_to(n - 1),
                "A neuron is one tree: give a parent.");
  if (n > 0 && (parent < 0 || parent >= n))
    throw Error("BadValue", where + ": its parent does not exist yet", value, up_to(n - 1),
                "List compartments from the root outwards.");
  std::vector<double> p;
  std::vector<const std::vector<FieldInfo>*> tables{&membrane_fields()};
  for (auto& channel : model_.channels) tables.push_back(&channel.params);
  read_params(d.find("params"), where, tables, p);
  if (n > 0 && p[g_C] == 0)
    throw Error("BadValue", where + ".params.g_C is out of bounds", "0 uS", "above 0 uS, except at the root",
                "Give the conductance to the parent.");
  plan.parent.push_back(int(parent));
  plan.membrane.push_back({p[C_m], p[g_C], p[g_L], p[e_L], p[v_comp]});
  plan.channels.emplace_back(p.begin() + v_comp + 1, p.end());
  const double* own = plan.channels.back().data();
  for (auto& channel : model_.channels) {
    if (channel.check) complain(where + ".params", channel.check(own));
    own += channel.params.size();
  }
}

void CompartmentStore::add_receptor(CellPlan& plan, const Dict& d) const {
  const std::string where = name + "." + numbered("receptors", plan.receptors.size());
  refuse_unknown_keys(d, where, {"comp_idx", "receptor_type", "params"});
  const std::int64_t compartment = whole_number(d, where, "comp_idx", "Give the number of its compartment.");
  const int n = int(plan.parent.size());
  if (compartment < 0 || compartment >= n)
    throw Error("BadValue", where + ": its compartment does not exist", "comp_idx " + std::to_string(compartment),
                n == 0 ? "none: there are no compartments yet" : up_to(n - 1), "Add the compartment first.");
  std::vector<std::string> kinds;
  for (auto& kind : model_.receptors) kinds.push_back(kind.name);
  const Value* type = d.find("receptor_type");
  if (!type)
    throw Error("BadValue", where + " needs receptor_type", "no receptor_type", "receptor_type in each of them",
                "Give the name of a kind of receptor, for example '" + kinds[0] + "'.");
  const std::string kind =
      std::get<std::string>(checked_value(where, {"receptor_type", "", "", Type::text, std::string(), any()}, *type));
  const auto found = std::ranges::find(kinds, kind);
  if (found == kinds.end())
    throw unknown_name("UnknownName", where + ": there is no kind of receptor of this name", kind, kinds);
  CellPlan::Receptor r{int(compartment), int(found - kinds.begin()), {}};
  const Mechanism& m = model_.receptors[std::size_t(r.kind)];
  read_params(d.find("params"), where, {&m.params}, r.parameters);
  if (m.check) complain(where + ".params", m.check(r.parameters.data()));
  plan.receptors.push_back(std::move(r));
}

// --- plans

// The plan after a change, without writing anything: what is set is set once, later on there is only adding.
CompartmentStore::PlanPtr CompartmentStore::worked_out(const CellPlan& plan, std::size_t field,
                                                       const std::vector<DictPtr>& given) const {
  const char* list = is_receptors(field) ? "receptors" : "compartments";
  if ((field == compartments || field == receptors) && !listed(plan, field).empty())
    throw Error("State", name + "." + list + " are set already",
                std::to_string(listed(plan, field).size()) + " " + list, "setting them once, adding at any time",
                std::string("Add to them: ") + list + " += [...], or set add_" + list + ".");
  CellPlan next = plan;
  for (auto& d : given) {
    if (is_receptors(field)) add_receptor(next, *d);
    else add_compartment(next, *d);
  }
  return finished(std::move(next));
}

CompartmentStore::PlanPtr CompartmentStore::changed(const PlanPtr& plan, std::size_t field, const Value& value) const {
  const auto& given = std::get<std::vector<DictPtr>>(value);
  if (given.empty()) return plan;
  for (auto& c : changes_)
    if (c.from == plan && c.field == field && c.given == given) return c.to;
  if (const auto there = listed(*plan, field);
      (field == compartments || field == receptors) && !there.empty() && given.size() >= there.size()) {
    // What is read can be set: nothing changes, or what follows it is added.
    const auto rest = given.begin() + std::ptrdiff_t(there.size());
    if (same_value(std::vector<DictPtr>(given.begin(), rest), there))
      return changed(plan, field + 1, std::vector<DictPtr>(rest, given.end()));
  }
  constexpr std::size_t remembered = 8;
  PlanPtr to = worked_out(*plan, field, given);
  if (changes_.size() == remembered) changes_.erase(changes_.begin());
  changes_.push_back({plan, field, given, to});
  return to;
}

CompartmentStore::PlanPtr CompartmentStore::finished(CellPlan plan) const {
  std::vector<int> key{int(plan.parent.size())};
  key.insert(key.end(), plan.parent.begin(), plan.parent.end());
  for (auto& c : plan.channels) {
    const double* own = c.data();
    for (auto& channel : model_.channels) {
      key.push_back(!channel.present || channel.present(own));
      own += channel.params.size();
    }
  }
  for (auto& r : plan.receptors) key.insert(key.end(), {r.compartment, r.kind});
  auto& shape = shapes_[key];
  if (!shape) shape = std::make_shared<CompartmentShape>(model_, plan);
  plan.shape = shape;
  plan.recordables.clear();
  auto add = [&](const RecordableInfo& r, const std::string& name, const std::string& of) {
    plan.recordables.push_back({name, r.unit, r.doc + of});
  };
  for (std::size_t c = 0; c < plan.parent.size(); ++c)
    add({"", "mV", "Voltage"}, "v_comp" + std::to_string(c), " of compartment " + std::to_string(c));
  for (auto& channel : model_.channels)
    for (auto& s : channel.states)
      for (std::size_t c = 0; c < plan.parent.size(); ++c)
        add(s, s.name + "_" + std::to_string(c), ", compartment " + std::to_string(c));
  for (std::size_t r = 0; r < plan.receptors.size(); ++r)
    for (auto& s : model_.receptors[std::size_t(plan.receptors[r].kind)].states)
      add(s, s.name + "_" + std::to_string(r), ", receptor " + std::to_string(r));
  return std::make_shared<CellPlan>(std::move(plan));
}

CompartmentShape::CompartmentShape(const CompartmentModel& m, const CellPlan& plan)
    : parent(plan.parent), by_receptor_(plan.receptors.size()) {
  std::size_t offset = 0;
  for (auto& channel : m.channels) {
    Group g{&channel, offset, {}, {}, false};
    auto& element = by_compartment_.emplace_back(parent.size(), -1);
    for (std::size_t c = 0; c < parent.size(); ++c) {
      if (channel.present && !channel.present(plan.channels[c].data() + offset)) continue;
      element[c] = int(g.compartment.size());
      g.compartment.push_back(int(c));
    }
    g.everywhere = g.compartment.size() == parent.size();
    offset += channel.params.size();
    groups.push_back(std::move(g));
  }
  for (std::size_t kind = 0; kind < m.receptors.size(); ++kind) {
    Group g{&m.receptors[kind], 0, {}, {}, false};
    for (std::size_t r = 0; r < plan.receptors.size(); ++r) {
      if (std::size_t(plan.receptors[r].kind) != kind) continue;
      by_receptor_[r] = int(g.compartment.size());
      g.compartment.push_back(plan.receptors[r].compartment);
      g.receptor.push_back(int(r));
    }
    groups.push_back(std::move(g));
  }
}

int CompartmentShape::element_of_channel(std::size_t group, std::size_t compartment) const {
  return compartment < parent.size() ? by_compartment_[group][compartment] : -1;
}

int CompartmentShape::element_of_receptor(std::size_t receptor) const {
  return receptor < by_receptor_.size() ? by_receptor_[receptor] : -1;
}

// --- fields

std::vector<DictPtr> CompartmentStore::listed(const CellPlan& plan, std::size_t field) const {
  std::vector<DictPtr> out;
  auto add = [&](std::vector<std::pair<std::string, Value>> items) {
    out.push_back(std::make_shared<Dict>(Dict{std::move(items)}));
  };
  if (is_receptors(field)) {
    std::vector<std::size_t> order(plan.receptors.size());  // compartment by compartment, as the reference lists them
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::ranges::stable_sort(
        order, {}, [&](std::size_t i) { return std::pair(plan.receptors[i].compartment, plan.receptors[i].kind); });
    for (std::size_t i : order)
      add({{"comp_idx", std::int64_t(plan.receptors[i].compartment)},
           {"receptor_idx", std::int64_t(i)},
           {"receptor_type", model_.receptors[std::size_t(plan.receptors[i].kind)].name}});
  } else {
    for (int parent : plan.parent) add({{"comp_idx", std::int64_t(out.size())}, {"parent_idx", std::int64_t(parent)}});
  }
  return out;
}

void CompartmentStore::check_changes(const Lane& lane, Changes changes) const {
  PlanPtr plan = lane.plan;
  for (std::size_t field = compartments; field <= add_receptors; ++field)
    for (auto& [changed_field, value] : changes)
      if (changed_field == field) plan = changed(plan, field, value);
}

Complaint CompartmentStore::check(std::size_t lane, Changes changes) const {
  check_changes(lanes_[lane], changes);
  return {};
}

Complaint CompartmentStore::check_default(Changes changes) const {
  check_changes(fallback_, changes);
  return {};
}

void CompartmentStore::use(Lane& lane, PlanPtr plan) {
  ports_ = std::max(ports_, int(plan->receptors.size()));
  compartments_ = std::max(compartments_, int(plan->parent.size()));
  lane.plan = std::move(plan);
}

void CompartmentStore::set_value(std::size_t lane, std::size_t field, const Value& v) {
  PlanPtr plan = changed(lanes_[lane].plan, field, v);
  if (plan == lanes_[lane].plan) return;
  use(lanes_[lane], std::move(plan));
  mark_stale(lane);
}

void CompartmentStore::set_default_value(std::size_t field, const Value& v) {
  use(fallback_, changed(fallback_.plan, field, v));
}

void CompartmentStore::copy_defaults(const NeuronStore& from) {
  const auto& other = static_cast<const CompartmentStore&>(from);
  fallback_ = other.fallback_;
  fallback_common = other.fallback_common;
  use(fallback_, finished(*other.fallback_.plan));
}

ModelInfo describe_compartments(const char* name, const char* doc, const CompartmentModel& model) {
  ModelInfo m;
  m.name = name;
  m.doc = doc;
  m.kind = Kind::neuron;
  auto list = [&](const char* field, const char* text, bool writeonly) {
    FieldInfo f{field, "", text, Type::dictionaries, std::vector<DictPtr>{}, any()};
    f.writeonly = writeonly;
    m.params.push_back(std::move(f));
  };
  m.params.push_back({"V_th", "mV", "Threshold of the root; inf: never reached", Type::real, -55.0, any_or_never()});
  list("compartments", "Compartments from the root outwards: parent_idx (-1 at the root) and params of each", false);
  list("add_compartments", "Compartments to be added to those that are there", true);
  list("receptors", "Receptors by receptor_type of connections: comp_idx, receptor_type (a name) and params of each",
       false);
  list("add_receptors", "Receptors to be added to those that are there", true);
  add_common_neuron_fields(m);
  m.spiking = true;
  m.weight_unit = "uS";
  auto one = [](std::vector<std::pair<std::string, Value>> items) {
    return std::vector<DictPtr>{std::make_shared<Dict>(Dict{std::move(items)})};
  };
  m.needs.emplace_back("compartments", one({{"parent_idx", std::int64_t(-1)}}));
  if (!model.receptors.empty())
    m.needs.emplace_back("receptors", one({{"comp_idx", std::int64_t(0)}, {"receptor_type", model.receptors[0].name}}));
  for (auto& kind : model.channels)
    for (auto& s : kind.states) m.numbered.push_back({s.name + "_", s.unit, s.doc});
  for (auto& kind : model.receptors)
    for (auto& s : kind.states) m.numbered.push_back({s.name + "_", s.unit, s.doc});
  m.numbered.push_back({"v_comp", "mV", "Voltage of a compartment"});
  m.make_store = [&model] { return std::make_unique<CompartmentStore>(model); };
  return m;
}

}  // namespace nl
