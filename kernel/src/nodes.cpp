// Creating nodes, and reading and writing their parameters. Everything is checked before anything is changed.
#include <algorithm>
#include <cmath>
#include <fstream>

#include "src/simulation.hpp"

namespace nl {

namespace {

struct CommonField {
  const char *name, *unit, *doc;
  Bounds bounds;
  Type type;
  double (*get)(const Common&);
  void (*set)(Common&, double);
};

#define NL_COMMON(name, unit, bounds, type, doc)   \
  {#name,                                          \
   unit,                                           \
   doc,                                            \
   bounds,                                         \
   type,                                           \
   [](const Common& c) { return double(c.name); }, \
   [](Common& c, double x) { c.name = decltype(c.name)(x); }}

const std::vector<CommonField>& common_fields() {
  static const std::vector<CommonField> fields{
      NL_COMMON(tau_minus, "ms", above(0), Type::real,
                "Time constant of the postsynaptic trace for spike-timing plasticity"),
      NL_COMMON(tau_minus_triplet, "ms", above(0), Type::real,
                "Time constant of the slow postsynaptic trace (triplet rule)"),
      NL_COMMON(tau_Ca, "ms", above(0), Type::real, "Time constant of the calcium trace"),
      NL_COMMON(beta_Ca, "", above(0), Type::real, "Calcium added by each spike"),
      NL_COMMON(ignore_and_spike_interval, "ms", above(0), Type::real,
                "Interval of spikes while ignore_and_spike is on"),
      NL_COMMON(ignore_and_spike_offset, "ms", above(0), Type::real,
                "Time from switching ignore_and_spike on to the first spike"),
      NL_COMMON(frozen, "", any(), Type::flag, "Whether the node stands still"),
      NL_COMMON(ignore_and_spike, "", any(), Type::flag, "Whether the node ignores its input and spikes like a clock"),
  };
  return fields;
}

// The common field behind a parameter that is not the model's own: of a node without traces it is `frozen` alone.
const CommonField& common_field(const ModelInfo& m, std::size_t field) {
  std::size_t at = field - m.own;
  while (m.params[field].name != common_fields()[at].name) ++at;
  return common_fields()[at];
}

struct WindowField {
  FieldInfo info;
  Value (*get)(const Window&);
  void (*set)(Window&, const Value&);
};

template <auto member>
WindowField window_field(const char* name, const char* unit, Bounds bounds, const char* doc,
                         std::vector<std::string> choices = {}, std::vector<std::string> when = {}) {
  using T = std::remove_cvref_t<decltype(Window{}.*member)>;
  FieldInfo info{name, unit, doc, type_of<T>(), to_value(Window{}.*member), bounds};
  info.choices = std::move(choices);
  info.when = std::move(when);
  return {std::move(info), [](const Window& w) { return to_value(w.*member); },
          [](Window& w, const Value& v) { w.*member = from_value<T>(v); }};
}

const std::vector<WindowField>& window_fields() {
  static const std::vector<WindowField> fields{
      window_field<&Window::origin>("origin", "ms", any(), "Time that start and stop count from"),
      window_field<&Window::start>("start", "ms", at_least(0), "Active after this time, counted from origin"),
      window_field<&Window::stop>("stop", "ms", at_least(0), "Active up to this time, counted from origin"),
      window_field<&Window::label>("label", "", any(), "A name of the user's choice"),
      window_field<&Window::stimulus_source>("stimulus_source", "", any(), "Backend that feeds the device; none here"),
      window_field<&Window::frozen>("frozen", "", any(), "Whether the device stands still"),
      window_field<&Window::record_to>("record_to", "", any(), "Where events go", {"memory", "ascii", "screen"}),
      window_field<&Window::time_in_steps>("time_in_steps", "", any(), "Times as step and offset instead of ms"),
      window_field<&Window::precision>("precision", "", between(0, 17), "Digits of numbers after the point", {},
                                       {"ascii", "screen"}),
      window_field<&Window::file_extension>("file_extension", "", any(), "What the name of a file ends with", {},
                                            {"ascii"}),
  };
  return fields;
}

bool of_recorders(const FieldInfo& f) { return f.name == "record_to" || f.name == "time_in_steps" || !f.when.empty(); }

const char* type_text(Type t) {
  static const char* text[] = {"a number",     "a whole number",         "True or False",
                               "a string",     "a list of numbers",      "a list of names",
                               "a dictionary", "a list of dictionaries", "nodes"};
  return text[int(t)];
}

std::string show(const Value& v, const std::string& unit) {
  const std::string u = unit.empty() ? "" : " " + unit;
  if (auto* d = std::get_if<double>(&v)) return number(*d) + u;
  if (auto* i = std::get_if<std::int64_t>(&v)) return std::to_string(*i) + u;
  if (auto* b = std::get_if<bool>(&v)) return *b ? "True" : "False";
  if (auto* s = std::get_if<std::string>(&v)) return "'" + *s + "'";
  if (auto* a = std::get_if<std::vector<double>>(&v)) return "a list of " + std::to_string(a->size()) + " numbers";
  if (auto* a = std::get_if<std::vector<std::string>>(&v)) return "a list of " + std::to_string(a->size()) + " names";
  if (auto* d = std::get_if<DictPtr>(&v)) return "a dictionary of " + std::to_string((*d)->items.size()) + " items";
  return "a list of " + std::to_string(std::get<std::vector<DictPtr>>(v).size()) + " dictionaries";
}

std::string bounds_text(const FieldInfo& f) {
  const std::string u = f.unit.empty() ? "" : " " + f.unit;
  const bool low = std::isfinite(f.bounds.lower), high = std::isfinite(f.bounds.upper);
  if (low && high) return "from " + number(f.bounds.lower) + " to " + number(f.bounds.upper) + u;
  if (low) return (f.bounds.lower_open ? "above " : "at least ") + number(f.bounds.lower) + u;
  if (high) return (f.bounds.upper_open ? "below " : "at most ") + number(f.bounds.upper) + u;
  const std::string finite = "a finite number" + (f.unit.empty() ? "" : " in " + f.unit);
  return f.bounds.never ? finite + ", or inf" : finite;
}

}  // namespace

// A dictionary whose items are fields, each checked. The choice of a dictionary may also be called its type.
static DictPtr checked_items(const std::string& model, const FieldInfo& f, const Dict& given) {
  const bool typed = std::ranges::find(f.inner, f.name, &FieldInfo::name) != f.inner.end();
  auto out = std::make_shared<Dict>();
  for (auto& [key, value] : given.items) {
    const std::string name = typed && key == "type" ? f.name : key;
    auto found = std::ranges::find(f.inner, name, &FieldInfo::name);
    if (found == f.inner.end()) {
      std::vector<std::string> names;
      if (typed) names.push_back("type");
      for (auto& inner : f.inner)
        if (inner.name != f.name) names.push_back(inner.name);
      throw unknown_name("UnknownName", model + "." + f.name + " has no item of this name", key, names);
    }
    out->items.emplace_back(name, checked_value(model + "." + f.name, *found, value));
  }
  return out;
}

// The items of a dictionary with some of them changed. With another choice all others begin anew; those that have no meaning
// with the choice are left out, and cannot be given.
static DictPtr merged(const std::string& model, const FieldInfo& f, const Value& before, const Dict& change) {
  const Dict& old = *std::get<DictPtr>(before);
  const Value* chosen = change.find(f.name);
  const std::string choice = std::get<std::string>(chosen ? *chosen : *old.find(f.name));
  const bool anew = choice != std::get<std::string>(*old.find(f.name));
  auto out = std::make_shared<Dict>();
  for (auto& inner : f.inner) {
    const Value* given = change.find(inner.name);
    if (!inner.has_meaning(choice)) {
      if (given)
        throw Error("BadValue", model + "." + f.name + "." + inner.name + " has no meaning for " + choice,
                    show(*given, inner.unit), "leaving it out",
                    "Set type to '" + inner.when[0] + "', or leave it out.");
      continue;
    }
    const Value* kept = anew ? nullptr : old.find(inner.name);
    out->items.emplace_back(inner.name, given ? *given : kept ? *kept : inner.fallback);
  }
  return out;
}

// Turns v into what the field holds, or says why that cannot be.
Value checked_value(const std::string& model, const FieldInfo& f, const Value& v) {
  const std::string name = model + "." + f.name;
  auto wrong_type = [&] {
    return Error("BadType", name + " must be " + type_text(f.type), show(v, ""), type_text(f.type),
                 "Give " + std::string(type_text(f.type)) + ".");
  };
  auto in_bounds = [&](double x) {
    // No limit is said by infinity and by the largest number there is; that a threshold is never reached, by infinity.
    const double* fallback = std::get_if<double>(&f.fallback);
    const bool endless = fallback && std::abs(*fallback) >= std::numeric_limits<double>::max() && *fallback * x > 0;
    if (std::isnan(x) || (std::isinf(x) && !endless && !(f.bounds.never && x > 0)))
      throw Error("BadValue", name + " must be finite", number(x) + (f.unit.empty() ? "" : " " + f.unit),
                  bounds_text(f), "Give a finite number.");
    if (!f.bounds.contain(x))
      throw Error("BadValue", name + " is out of bounds", number(x) + (f.unit.empty() ? "" : " " + f.unit),
                  bounds_text(f), "Choose a value that is allowed.");
  };
  switch (f.type) {
    case Type::real: {
      if (!std::holds_alternative<double>(v) && !std::holds_alternative<std::int64_t>(v)) throw wrong_type();
      const double x = from_value<double>(v);
      in_bounds(x);
      return x;
    }
    case Type::integer: {
      if (!std::holds_alternative<std::int64_t>(v)) throw wrong_type();
      in_bounds(double(std::get<std::int64_t>(v)));
      return v;
    }
    case Type::flag:
      if (!std::holds_alternative<bool>(v)) throw wrong_type();
      return v;
    case Type::text:
      if (!std::holds_alternative<std::string>(v)) throw wrong_type();
      if (!f.choices.empty() && std::ranges::find(f.choices, std::get<std::string>(v)) == f.choices.end())
        throw unknown_name("BadValue", name + " has no choice of this name", std::get<std::string>(v), f.choices);
      return v;
    case Type::array:
      if (std::holds_alternative<double>(v) || std::holds_alternative<std::int64_t>(v)) {  // a list of one
        in_bounds(from_value<double>(v));
        return std::vector<double>{from_value<double>(v)};
      }
      if (!std::holds_alternative<std::vector<double>>(v)) throw wrong_type();
      for (double x : std::get<std::vector<double>>(v)) in_bounds(x);
      return v;
    case Type::names:
      if (auto* s = std::get_if<std::string>(&v)) return std::vector<std::string>{*s};
      if (auto* a = std::get_if<std::vector<double>>(&v); a && a->empty()) return std::vector<std::string>{};
      if (!std::holds_alternative<std::vector<std::string>>(v)) throw wrong_type();
      return v;
    case Type::dictionary:
      if (!std::holds_alternative<DictPtr>(v)) throw wrong_type();
      return f.inner.empty() ? v : Value(checked_items(model, f, *std::get<DictPtr>(v)));
    case Type::dictionaries:
      if (auto* d = std::get_if<DictPtr>(&v)) return std::vector<DictPtr>{*d};
      if (auto* a = std::get_if<std::vector<double>>(&v); a && a->empty()) return std::vector<DictPtr>{};
      if (!std::holds_alternative<std::vector<DictPtr>>(v)) throw wrong_type();
      return v;
    case Type::nodes:
      if (auto* id = std::get_if<std::int64_t>(&v)) return std::vector<double>{double(*id)};
      if (!std::holds_alternative<std::vector<double>>(v)) throw wrong_type();
      return v;
  }
  return v;
}

void add_common_neuron_fields(ModelInfo& m) {
  m.own = m.params.size();
  for (auto& f : common_fields()) {
    const std::string name = f.name;
    const bool spikes = m.spiking && !m.population;
    if (!m.archives && name != "frozen" && !(spikes && name.starts_with("ignore_and_spike"))) continue;
    Value fallback = f.get(Common{});
    if (f.type == Type::flag) fallback = f.get(Common{}) != 0;
    m.params.push_back({f.name, f.unit, f.doc, f.type, fallback, f.bounds});
  }
  if (m.archives) m.params.push_back({"Ca", "", "Calcium trace", Type::real, 0.0, at_least(0), true});
}

void add_common_device_fields(ModelInfo& m) {
  m.own = m.params.size();
  for (auto& f : window_fields()) {
    if (m.kind == Kind::modulator && f.info.name != "frozen") continue;
    if (of_recorders(f.info) && !m.events) continue;
    if (m.kind == Kind::recorder && f.info.name == "stimulus_source") continue;
    if (m.kind == Kind::recorder && !m.events && f.info.name == "label") continue;
    if (m.element_is_neuron && (f.info.name == "stimulus_source" || f.info.name == "label")) continue;
    m.params.push_back(f.info);
  }
}

namespace {

const WindowField& window_field_named(const std::string& name) {
  for (auto& f : window_fields())
    if (f.info.name == name) return f;
  throw std::logic_error("no such window field");
}

std::vector<std::string> settable(const ModelInfo& m) {
  std::vector<std::string> names;
  for (auto& f : m.params)
    if (!f.readonly) names.push_back(f.name);
  if (m.events) names.push_back("n_events");
  return names;
}

std::size_t field_index(const Model& m, const std::string& name) {
  for (std::size_t i = 0; i < m.info->params.size(); ++i)
    if (m.info->params[i].name == name) {
      if (m.info->params[i].readonly)
        throw Error("BadValue", m.name + "." + name + " cannot be set", "a value for it", "reading only",
                    "Leave it out.");
      return i;
    }
  throw unknown_name("UnknownName", m.name + " has no parameter of this name", name, settable(*m.info));
}

// Value number i of n of a setting, for a field.
Value value_at(const Setting& s, const FieldInfo& f, std::int64_t i) {
  if (auto* v = std::get_if<Value>(&s)) return *v;
  if (auto* a = std::get_if<std::vector<double>>(&s)) {
    if (is_list(f.type)) return *a;
    const double x = (*a)[std::size_t(i)];
    if (f.type == Type::flag) return x != 0;
    if (f.type == Type::integer && x == std::floor(x) && std::abs(x) < 0x1p62) return std::int64_t(x);
    return x;  // a part of a whole number is refused as such
  }
  return std::get<std::vector<Value>>(s)[std::size_t(i)];
}

// A list of dictionaries is one value for a field that holds such lists, and a value for each node elsewhere.
void gather_dictionaries(Setting& s, const FieldInfo& f) {
  auto* each = std::get_if<std::vector<Value>>(&s);
  if (f.type != Type::dictionaries || !each || !std::holds_alternative<DictPtr>(each->front())) return;
  std::vector<DictPtr> all;
  for (Value& v : *each)
    if (auto* d = std::get_if<DictPtr>(&v)) all.push_back(*d);
  if (all.size() == each->size()) s = Value(std::move(all));
}

// A list of texts is one value for a field that holds such lists, and a text for each node where a field is one text.
void spread_texts(Setting& s, const FieldInfo& f) {
  if (f.type != Type::text) return;
  auto* one = std::get_if<Value>(&s);
  auto* names = one ? std::get_if<std::vector<std::string>>(one) : nullptr;
  if (names) s = std::vector<Value>(names->begin(), names->end());
}

void check_length(const std::string& model, const Setting& s, const FieldInfo& f, std::int64_t n) {
  std::int64_t length = n;
  if (auto* a = std::get_if<std::vector<double>>(&s); a && !is_list(f.type)) length = std::int64_t(a->size());
  if (auto* a = std::get_if<std::vector<Value>>(&s)) length = std::int64_t(a->size());
  if (length != n)
    throw Error("BadValue", model + "." + f.name + ": there must be one value for all nodes or one for each",
                std::to_string(length) + " values for " + std::to_string(n) + " nodes",
                "1 or " + std::to_string(n) + " values", "Give as many values as nodes, or a single one.");
}

}  // namespace

void complain(const std::string& model, const Complaint& c) {
  const std::string unit = *c.unit ? std::string(" ") + c.unit : "";
  if (c.what) throw Error("BadValue", model + ": " + c.what, number(c.value) + unit, c.allowed, c.todo);
}

const Simulation::Place& Simulation::place(NodeId id) const {
  if (id == 0 || id >= where_.size())
    throw Error("Stale", "there is no such node", "node id " + std::to_string(id),
                num_nodes() == 0 ? "no nodes yet" : "1 to " + std::to_string(num_nodes()),
                "Create nodes first, or use ids of this simulation.");
  return where_[id];
}

void Simulation::check_ids(const Ids& ids) const {
  for (std::int64_t i = 0; i < ids.size(); ids.list.empty() ? i = std::max<std::int64_t>(i + 1, ids.size() - 1) : ++i)
    place(ids[i]);
}

void Simulation::refuse_while_running(const char* what) const {
  if (running_)
    throw Error("State", std::string(what) + " is not possible during a run", "a run is under way",
                "before or after a run", "Wait for the run to end, or stop it.");
}

const Model& Simulation::model_of(NodeId id) const {
  const Place& p = place(id);
  if (p.store == device_place) return *instances_[p.lane].model;
  return *by_name_.find(stores_[p.store]->name)->second;
}

std::vector<std::pair<std::string, std::int64_t>> Simulation::runs(const Ids& ids) const {
  check_ids(ids);
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (std::int64_t i = 0; i < ids.size(); ++i) {
    const std::string& name = model_of(ids[i]).name;
    if (!out.empty() && out.back().first == name) ++out.back().second;
    else out.emplace_back(name, 1);
  }
  return out;
}

NodeId Simulation::create(const std::string& name, std::int64_t n, const Settings& params, const Placement* placement) {
  refuse_while_running("Create");
  Model& m = find_model(name, "node model");
  if (m.info->kind == Kind::synapse)
    throw unknown_name("UnknownModel", "this is a synapse model, not a node model", name, {});
  if (n < 1)
    throw Error("BadValue", "the number of nodes must be positive", std::to_string(n), "1 or more",
                "Give how many nodes to create.");
  const double bytes = double(n) * (m.store ? double(m.store->bytes_per_lane()) : 600.0);
  if (n > 100000) require_memory(("nodes of " + name).c_str(), {{"state and parameters of the nodes", bytes}});
  if (std::size_t(n) + where_.size() >= 0xfffffff0u)
    throw Error("BadValue", "too many nodes", std::to_string(n), "4294967279 in all", "Create fewer nodes.");

  const NodeId first = NodeId(where_.size());
  if (placement) {
    spaces_.push_back(make_space(*placement, first, n, {key_, next_draw_, std::uint32_t(Purpose::position), 0}));
    next_draw_ += !placement->drawn.empty();
  }
  if (m.store) {
    if (m.store->size() == 0) {
      m.store->index = std::uint32_t(stores_.size());
      stores_.push_back(m.store.get());
    }
    const std::uint32_t lane = std::uint32_t(m.store->size());
    m.store->grow(first, std::size_t(n));
    while (m.store->numbers.size() < m.store->chunks()) m.store->numbers.push_back(next_chunk_++);
    for (std::int64_t i = 0; i < n; ++i) where_.push_back({m.store->index, lane + std::uint32_t(i)});
    if (m.store->fallback_calcium != 0)
      for (std::int64_t i = 0; i < n; ++i) m.store->set_calcium(lane + std::size_t(i), m.store->fallback_calcium, now_);
  } else {
    for (std::int64_t i = 0; i < n; ++i) {
      where_.push_back({device_place, std::uint32_t(instances_.size())});
      instances_.push_back({m.prototype->clone(), &m, {}});
      instances_.back().device->id = first + NodeId(i);
      instances_.back().device->prepare(h_, now_);
      if (m.prototype->role() == Role::spike_recorder) spike_logs_[std::uint32_t(instances_.size() - 1)];
      if (m.prototype->role() == Role::weight_recorder) weight_logs_[std::uint32_t(instances_.size() - 1)];
      if (m.prototype->role() == Role::multimeter) sample_logs_[std::uint32_t(instances_.size() - 1)];
    }
  }
  m.instances += std::uint64_t(n);
  laid_out_ = false;
  touched_ = true;
  give_default_elements(m, first, n);
  if (!params.empty()) {
    try {
      set({first, n, 1, {}}, params);
    } catch (...) {  // leave no nodes behind that nobody has a name for
      m.instances -= std::uint64_t(n);
      where_.resize(first);
      if (placement) {
        spaces_.pop_back();
        next_draw_ -= !placement->drawn.empty();
      }
      take_back_elements(first);
      if (m.store) m.store->shrink(std::size_t(n));
      else
        for (std::int64_t i = 0; i < n; ++i) {
          spike_logs_.erase(std::uint32_t(instances_.size() - 1));
          sample_logs_.erase(std::uint32_t(instances_.size() - 1));
          weight_logs_.erase(std::uint32_t(instances_.size() - 1));
          instances_.pop_back();
        }
      throw;
    }
  }
  return first;
}

// First all values are converted and checked, node by node, then all are written.
void Simulation::set(const Ids& ids, const Settings& settings) {
  check_ids(ids);
  const std::int64_t n = ids.size();
  if (n == 0) return;
  const std::uint32_t call = next_draw_;
  Settings ready = settings;
  for (auto& [name, s] : ready)
    if (auto* p = std::get_if<Parameter>(&s)) s = draw(*p, ids);
  const ElementSettings elements = take_elements(ids, ready);

  struct Write {
    std::int64_t i;
    std::size_t field;
    Value value;
  };
  std::vector<Write> writes;
  std::vector<std::unique_ptr<Device>> changed(is_device(ids[0]) ? std::size_t(n) : 0);
  const Model* previous = nullptr;
  std::vector<std::size_t> fields;
  try {
    for (std::int64_t i = 0; i < n; ++i) {
      const Model& m = model_of(ids[i]);
      if (&m != previous) {
        fields.clear();
        for (auto& [name, s] : ready) {
          if (m.info->events && name == "n_events") {
            const Value* v = std::get_if<Value>(&s);
            const bool number = v && (std::holds_alternative<double>(*v) || std::holds_alternative<std::int64_t>(*v));
            if (!number || from_value<double>(*v) != 0)
              throw Error("BadValue", m.name + ".n_events can only be set to 0", v ? show(*v, "") : "a list", "0",
                          "Set it to 0 to forget what was recorded.");
            fields.push_back(std::size_t(-1));
            continue;
          }
          fields.push_back(field_index(m, name));
          gather_dictionaries(s, m.info->params[fields.back()]);
          spread_texts(s, m.info->params[fields.back()]);
          check_length(m.name, s, m.info->params[fields.back()], n);
        }
        previous = &m;
      }
      const std::size_t start = writes.size();
      std::vector<std::pair<std::size_t, Value>> own;
      for (std::size_t k = 0; k < ready.size(); ++k) {
        if (fields[k] == std::size_t(-1)) continue;
        const FieldInfo& f = m.info->params[fields[k]];
        // one value for all nodes of a model is checked once
        const bool same =
            i > 0 && std::holds_alternative<Value>(ready[k].second) && model_of(ids[i - 1]).info == m.info;
        Value v = value_at(ready[k].second, f, i);
        check_nodes(m, f, v);
        writes.push_back(
            {i, fields[k], same && f.type == Type::real ? Value(from_value<double>(v)) : checked_value(m.name, f, v)});
        if (f.fixed && device(ids[i]).get(fields[k]) != writes.back().value)
          throw Error("BadValue", m.name + "." + f.name + " cannot change once a node is made",
                      show(writes.back().value, ""), show(device(ids[i]).get(fields[k]), ""),
                      "Set it with SetDefaults or CopyModel, before Create.");
        if (fields[k] < m.info->own) own.emplace_back(fields[k], writes.back().value);
      }
      const Place& p = place(ids[i]);
      if (p.store != device_place) {
        complain(m.name, stores_[p.store]->check(p.lane, own));
        if (running_) check_lengths(p, own);
        continue;
      }
      if (changed.empty()) changed.resize(std::size_t(n));
      auto& copy = changed[std::size_t(i)] = instances_[p.lane].device->clone();
      for (std::size_t w = start; w < writes.size(); ++w) {
        if (writes[w].field < m.info->own) copy->set(writes[w].field, writes[w].value);
        else window_field_named(m.info->params[writes[w].field].name).set(copy->window, writes[w].value);
      }
      check_window(m, *copy);
      copy->check(h_, now_);
      copy->normalise(h_, now_);
    }
  } catch (...) {
    next_draw_ = call;
    throw;
  }

  // In the order of the model's table: what is added to comes before what is added.
  std::stable_sort(writes.begin(), writes.end(),
                   [](auto& a, auto& b) { return std::tie(a.i, a.field) < std::tie(b.i, b.field); });
  if (elements.any()) cut_growth();
  for (auto& w : writes) {
    const Place& p = place(ids[w.i]);
    if (p.store == device_place) continue;
    NeuronStore& store = *stores_[p.store];
    if (w.field < store.info->own) {
      const auto channels = std::pair(store.spike_channels(), store.current_channels());
      if (is_number(store.info->params[w.field].type)) store.set(p.lane, w.field, from_value<double>(w.value));
      else store.set_value(p.lane, w.field, w.value);
      if (channels != std::pair(store.spike_channels(), store.current_channels())) laid_out_ = false;
    } else if (store.info->params[w.field].name == "Ca") {
      store.set_calcium(p.lane, from_value<double>(w.value), now_);
    } else {
      const auto& field = common_field(*store.info, w.field);
      const double value = from_value<double>(w.value);
      // what decayed until now has decayed as before
      if (store.info->params[w.field].name == "tau_Ca" && value != store.common_value(p.lane).tau_Ca)
        store.set_calcium(p.lane, store.calcium(p.lane, now_, h_), now_);
      field.set(store.common(p.lane), value);
    }
  }
  for (std::int64_t i = 0; i < std::int64_t(changed.size()); ++i)
    if (changed[std::size_t(i)]) {
      const std::uint32_t at = place(ids[i]).lane;
      instances_[at].device = std::move(changed[std::size_t(i)]);
      instances_[at].device->prepare(h_, now_);
      for (auto& [name, s] : ready)
        if (name == "n_events" && model_of(ids[i]).info->events) clear_events(at);
    }
  give_elements(ids, elements);
  touched_ = true;
}

// A network that runs cannot change its layout, which depends on how many ports its nodes have.
void Simulation::check_lengths(const Place& p, NeuronStore::Changes changes) const {
  const NeuronStore& store = *stores_[p.store];
  for (auto& [field, value] : changes) {
    const std::string& name = store.info->params[field].name;
    if (auto* list = std::get_if<std::vector<double>>(&value);
        list && list->size() != std::get<std::vector<double>>(store.get_value(p.lane, field)).size())
      refuse_while_running(("changing the length of " + name).c_str());
    if (auto* parts = std::get_if<std::vector<DictPtr>>(&value); parts && !parts->empty())
      refuse_while_running(("changing " + name).c_str());
  }
}

void Simulation::check_window(const Model& m, const Device& d) const {
  const Window& w = d.window;
  for (auto [name, ms] : {std::pair{"origin", w.origin}, {"start", w.start}, {"stop", w.stop}})
    if (ms < 1e300 && !on_grid(ms, h_))
      throw Error("BadValue", m.name + "." + name + " must be a multiple of the resolution", number(ms) + " ms",
                  "multiples of " + number(h_) + " ms", "Choose a time on the grid.");
  if (w.stop < w.start)
    throw Error("BadValue", m.name + ".stop must not be before start", number(w.stop) + " ms",
                "at least " + number(w.start) + " ms", "Raise stop or lower start.");
}

// Numbers that every node has, whatever its model.
bool Simulation::get_common_number(const Ids& ids, const std::string& name, std::vector<double>& out,
                                   Type& type) const {
  struct Common {
    const char* name;
    Type type;
    double (*of)(const Simulation&, NodeId);
  };
  const auto thread = [](const Simulation& s, NodeId id) { return double(s.thread_of(id)); };
  static const Common numbers[] = {
      {"global_id", Type::integer, [](const Simulation&, NodeId id) { return double(id); }},
      {"local", Type::flag, [](const Simulation&, NodeId) { return 1.0; }},
      {"model_id", Type::integer, [](const Simulation& s, NodeId id) { return double(s.model_of(id).id); }},
      {"node_uses_wfr", Type::flag,
       [](const Simulation& s, NodeId id) { return double(s.model_of(id).info->iterates && s.relaxation_.use); }},
      {"thread", Type::integer, thread},
      {"thread_local_id", Type::integer, [](const Simulation&, NodeId) { return -1.0; }},
      {"vp", Type::integer, thread},
  };
  const auto* found = std::ranges::find_if(numbers, [&](auto& x) { return name == x.name; });
  if (found == std::end(numbers)) return false;
  type = found->type;
  for (std::int64_t i = 0; i < ids.size(); ++i) out[std::size_t(i)] = found->of(*this, ids[i]);
  return true;
}

bool Simulation::get_numbers(const Ids& ids, const std::string& name, std::vector<double>& out, Type& type) const {
  check_ids(ids);
  out.resize(std::size_t(ids.size()));
  if (get_common_number(ids, name, out, type)) return ids.size() > 0;
  const ModelInfo* info = nullptr;
  std::size_t field = 0;
  for (std::int64_t i = 0; i < ids.size(); ++i) {
    const Place& p = place(ids[i]);
    if (p.store == device_place) return false;
    const NeuronStore& s = *stores_[p.store];
    if (s.info != info) {
      if (info) {
        const auto* f = s.info->find(name);
        if (!f) return false;
      }
      info = s.info;
      for (field = 0; field < info->params.size() && info->params[field].name != name;) ++field;
      const bool archived = name == "t_spike" || name == "archiver_length" || name == "post_trace";
      if (field == info->params.size() && !(archived && info->archives)) return false;
      type = !archived ? info->params[field].type : name == "archiver_length" ? Type::integer : Type::real;
      if (!is_number(type)) return false;
    }
    double& x = out[std::size_t(i)];
    const PostArchive* archive = field < info->params.size() ? nullptr : archive_of(ids[i]);
    if (name == "t_spike") x = s.t_spike(p.lane, h_);
    else if (name == "archiver_length") x = archive ? double(archive->length()) : 0;
    else if (name == "post_trace") x = archive ? archive->looked_up : 0;
    else if (field < info->own) x = s.get(p.lane, field);
    else if (name == "Ca") x = s.calcium(p.lane, now_, h_);
    else x = common_field(*info, field).get(s.common_value(p.lane));
  }
  return ids.size() > 0;
}

std::vector<std::string> Simulation::names_of(const std::string& model, const std::string& record_to) const {
  const ModelInfo& m = *by_name_.find(model)->second->info;
  std::vector<std::string> names{"element_type",  "global_id", "local",           "model", "model_id",
                                 "node_uses_wfr", "thread",    "thread_local_id", "vp"};
  for (auto& f : m.params)
    if (!f.writeonly && f.has_meaning(record_to)) names.push_back(f.name);
  if (m.kind == Kind::neuron && m.archives)
    for (auto* x : {"t_spike", "archiver_length", "post_trace", "synaptic_elements"}) names.emplace_back(x);
  if (m.events) names.emplace_back("n_events");
  if (m.events && record_to == "memory") names.emplace_back("events");
  if (m.events && record_to == "ascii") names.emplace_back("filenames");
  if (m.can_record()) names.emplace_back("recordables");
  if (!m.receptors.empty()) names.emplace_back("receptor_types");
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> Simulation::names_of(NodeId id) const {
  return names_of(model_of(id).name, is_device(id) ? device(id).window.record_to : "");
}

Value Simulation::get_value(NodeId id, const std::string& name) const {
  const Place& p = place(id);
  const Model& m = model_of(id);
  const bool is_dev = p.store == device_place;
  if (name == "element_type") return std::string(m.info->element_is_neuron ? "neuron" : kind_name(m.info->kind));
  if (name == "model") return m.name;
  std::vector<double> number(1);
  Type type = Type::real;
  if (get_common_number({id, 1, 1, {}}, name, number, type)) {
    if (type == Type::flag) return number[0] != 0;
    return std::int64_t(number[0]);
  }
  if (name == "recordables" && m.info->can_record()) {
    std::vector<std::string> r;
    for (auto& x : recordables_of(id)) r.push_back(x.name);
    std::sort(r.begin(), r.end());
    return r;
  }
  if (name == "receptor_types" && !m.info->receptors.empty()) return m.info->receptor_types();
  if (name == "n_events" && m.info->events) return n_events(id);
  if (name == "filenames" && is_dev && device(id).window.record_to == "ascii")
    return std::vector<std::string>{file_of(id)};
  if (!is_dev && !m.info->archives && (name == "archiver_length" || name == "post_trace"))
    throw unknown_name("UnknownName", m.name + " has no property of this name", name, names_of(id));
  if (!is_dev) {
    if (name == "synaptic_elements") return elements(id);
    std::vector<double> x;
    Type t = Type::real;
    if (get_numbers({id, 1, 1, {}}, name, x, t)) {
      if (t == Type::flag) return x[0] != 0;
      if (t == Type::integer) return std::int64_t(x[0]);
      return x[0];
    }
    for (std::size_t f = 0; f < m.info->own; ++f)
      if (m.info->params[f].name == name && !m.info->params[f].writeonly) return stores_[p.store]->get_value(p.lane, f);
  } else {
    for (std::size_t f = 0; f < m.info->params.size(); ++f)
      if (m.info->params[f].name == name && m.info->params[f].has_meaning(device(id).window.record_to))
        return f < m.info->own ? device(id).get(f) : window_field_named(name).get(device(id).window);
  }
  throw unknown_name("UnknownName", m.name + " has no property of this name", name, names_of(id));
}

const std::vector<RecordableInfo>& Simulation::recordables_of(NodeId id) const {
  const Place& p = place(id);
  return p.store == device_place ? model_of(id).info->recordables : stores_[p.store]->recordables(p.lane);
}

int Simulation::thread_of(NodeId id) const {
  if (is_device(id)) return 0;
  return laid_out_ && id < owner_.size() ? owner_[id] : int(id % NodeId(threads_));
}

std::vector<double> Simulation::draw(const Parameter& p, std::int64_t n) {
  std::vector<double> out;
  out.resize(std::size_t(n));
  p.draw(Stream{key_, next_draw_++, std::uint32_t(Purpose::parameter), 0}, 0, out);
  return out;
}

// --- models

const Model* Simulation::known_model(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

Model& Simulation::find_model(const std::string& name, const char* element) {
  if (auto found = by_name_.find(name); found != by_name_.end()) return *found->second;
  std::vector<std::string> names;
  for (auto& m : models_) {
    const bool synapse = m->info->kind == Kind::synapse;
    if (std::string(element) == "model" || synapse == (std::string(element) == "synapse model"))
      names.push_back(m->name);
  }
  throw unknown_name("UnknownModel", "there is no " + std::string(element) + " of this name", name, names);
}

void Simulation::copy_model(const std::string& existing, const std::string& name, const Settings& params) {
  refuse_while_running("CopyModel");
  Model& from = find_model(existing);
  if (by_name_.contains(name))
    throw Error("BadValue", "this model name is already in use", "'" + name + "'", "a new name",
                "Choose another name.");
  auto m = std::make_unique<Model>();
  m->name = name;
  m->info = from.info;
  m->id = int(models_.size());
  m->synapse = from.synapse;
  copy_default_elements(existing, name);
  if (from.prototype) m->prototype = from.prototype->clone();
  if (from.store) {
    m->store = from.info->make_store();
    m->store->info = from.info;
    m->store->name = name;
    m->store->fallback_common = from.store->fallback_common;
    m->store->copy_defaults(*from.store);
  }
  Model* added = m.get();
  by_name_[name] = added;
  models_.push_back(std::move(m));
  try {
    set_defaults(name, params);
  } catch (...) {
    by_name_.erase(name);
    models_.pop_back();
    throw;
  }
}

std::vector<std::pair<std::string, Value>> Simulation::get_defaults(const std::string& name) {
  const Model& m = find_model(name);
  std::vector<std::pair<std::string, Value>> out;
  if (m.info->kind == Kind::synapse) return {m.synapse.begin(), m.synapse.end()};
  for (std::size_t f = 0; f < m.info->params.size(); ++f) {
    const FieldInfo& info = m.info->params[f];
    if (info.writeonly || (m.prototype && !info.has_meaning(m.prototype->window.record_to))) continue;
    Value v = info.fallback;
    if (m.store && f < m.info->own && !is_number(info.type)) {
      v = m.store->get_default_value(f);
    } else if (m.store && f < m.info->own) {
      v = m.store->get_default(f);
      if (info.type == Type::flag) v = m.store->get_default(f) != 0;
      if (info.type == Type::integer) v = std::int64_t(m.store->get_default(f));
    } else if (m.store && info.name == "Ca") {
      v = m.store->fallback_calcium;
    } else if (m.store) {
      v = common_field(*m.info, f).get(m.store->fallback_common);
      if (info.type == Type::flag) v = common_field(*m.info, f).get(m.store->fallback_common) != 0;
    }
    if (m.prototype) v = f < m.info->own ? m.prototype->get(f) : window_field_named(info.name).get(m.prototype->window);
    if (!info.writeonly) out.emplace_back(info.name, v);
  }
  if (m.info->kind == Kind::neuron && m.info->archives) out.emplace_back("synaptic_elements", default_elements(m));
  return out;
}

void Simulation::set_defaults(const std::string& name, const Settings& settings) {
  Model& m = find_model(name);
  Settings params = settings;
  const auto elements = take_default_elements(m, params);
  std::vector<std::pair<std::size_t, Value>> ready;
  std::vector<std::pair<std::size_t, Value>> own;
  for (auto& [key, s] : params) {
    const std::size_t f = field_index(m, key);
    const FieldInfo& info = m.info->params[f];
    Setting scalar = s;
    if (auto* p = std::get_if<Parameter>(&s)) scalar = Value(draw(*p, 1)[0]);
    gather_dictionaries(scalar, info);
    if (!is_list(info.type) && !std::holds_alternative<Value>(scalar))
      throw Error("BadType", m.name + "." + key + ": a default is one value", "a list", "one value",
                  "Give a single value.");
    ready.emplace_back(f, checked_value(m.name, info, value_at(scalar, info, 0)));
    check_nodes(m, info, ready.back().second);
    if (m.store && f < m.info->own) own.push_back(ready.back());
  }
  if (m.info->kind == Kind::synapse) {
    for (auto& [f, v] : ready)
      if (m.info->params[f].name == "delay") check_delay(from_value<double>(v));
    for (auto& [f, v] : ready)
      if (m.info->common_weight && m.info->params[f].name == "weight" &&
          (from_value<double>(v) < 0) != (common_weight(m.id) < 0))
        refuse_while_running("changing the sign of a weight that all connections share");
    auto changed = m.synapse;
    for (auto& [f, v] : ready) {
      const FieldInfo& info = m.info->params[f];
      changed[info.name] = info.inner.empty() ? v : merged(m.name, info, changed[info.name], *std::get<DictPtr>(v));
    }
    check_defaults(m, changed);
    const PlasticInfo* before = plastic_of(m);
    auto common = before ? common_values(m.id) : std::vector<double>();
    m.synapse = std::move(changed);
    remember_common(m, std::move(common));
    recorder_changed(m, before);
    if (plastic_of(m)) pathways_built_ = false;  // they carry the values that all connections share
    if (m.info->common_weight) common_weight_changed(m);
    return;
  }
  if (m.store) {
    std::ranges::stable_sort(ready, {}, &std::pair<std::size_t, Value>::first);
    complain(m.name, m.store->check_default(own));
    if (elements) set_default_elements(m, *elements);
    for (auto& [f, v] : ready) {
      if (f < m.info->own && !is_number(m.info->params[f].type)) m.store->set_default_value(f, v);
      else if (f < m.info->own) m.store->set_default(f, from_value<double>(v));
      else if (m.info->params[f].name == "Ca") m.store->fallback_calcium = from_value<double>(v);
      else common_field(*m.info, f).set(m.store->fallback_common, from_value<double>(v));
    }
    return;
  }
  auto copy = m.prototype->clone();
  for (auto& [f, v] : ready) {
    if (f < m.info->own) copy->set(f, v);
    else window_field_named(m.info->params[f].name).set(copy->window, v);
  }
  check_window(m, *copy);
  copy->check(h_, now_);
  copy->normalise(h_, now_);
  m.prototype = std::move(copy);
}

// --- memory

namespace {

// A number that stands after a key in a file of the system, or alone in it; -1 where there is none.
std::int64_t read_number(const char* file, const char* key = nullptr) {
  std::ifstream in(file);
  std::string word;
  std::int64_t x;
  if (!key) return in >> x ? x : -1;
  while (in >> word)
    if (word == key && in >> x) return x;
  return -1;
}

// What the limit of a container leaves; cached files are given up when memory is wanted.
std::int64_t left_in(const char* limit, const char* used, const char* stat, const char* cache) {
  const std::int64_t max = read_number(limit), now = read_number(used);
  if (max <= 0 || now < 0) return std::numeric_limits<std::int64_t>::max();
  return std::max<std::int64_t>(0, max - now + std::max<std::int64_t>(0, read_number(stat, cache)));
}

}  // namespace

std::string gigabytes(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, bytes < 1e18 ? "%.2f GB" : "%.3g GB", bytes / 1e9);
  return text;
}

std::int64_t available_memory() {
  const std::string v2 = "/sys/fs/cgroup/", v1 = "/sys/fs/cgroup/memory/";
  auto left = [](const std::string& at, const char* limit, const char* used, const char* cache) {
    return left_in((at + limit).c_str(), (at + used).c_str(), (at + "memory.stat").c_str(), cache);
  };
  const std::int64_t free = read_number("/proc/meminfo", "MemAvailable:");
  return std::min({free < 0 ? std::numeric_limits<std::int64_t>::max() : free * 1024,  // not known: not limited
                   left(v2, "memory.max", "memory.current", "inactive_file"),
                   left(v1, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")});
}

void Simulation::require_memory(const char* what, const Parts& parts) const {
  double bytes = 0;
  for (auto& [part, size] : parts) bytes += size;
  const double available = double(available_memory());
  if (bytes <= available) return;
  auto biggest = std::max_element(parts.begin(), parts.end(), [](auto& a, auto& b) { return a.second < b.second; });
  throw Error("Memory", std::string(what) + " would not fit into memory",
              gigabytes(bytes) + " needed; biggest part: " + biggest->first + ", " + gigabytes(biggest->second),
              gigabytes(available) + " available",
              "Build a smaller network, for example with fewer connections per neuron.");
}

}  // namespace nl
