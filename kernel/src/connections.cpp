// From what Connect was told to rows: checks, the kept recipes, and reading connections back.
#include "src/connections.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "src/structure.hpp"

namespace nl {

std::pair<double, double> Strength::bounds() const {
  if (array.empty()) return p.bounds();
  const auto [a, b] = std::minmax_element(array.begin(), array.end());
  return {*a, *b};
}

namespace {

RuleInfo make_edges_rule() {
  RuleInfo r = Registry::get().rules.at("one_to_one");
  r.name = "edges";
  return r;
}

}  // namespace

const RuleInfo& edges_rule() {
  static const RuleInfo rule = make_edges_rule();
  return rule;
}

void check_shape(const Recipe& r, const std::vector<std::int64_t>& given, const char* what) {
  if (given.empty()) return;
  auto text = [](const std::vector<std::int64_t>& shape) {
    std::string t = "(";
    for (auto n : shape) t += (t.size() > 1 ? ", " : "") + std::to_string(n);
    return t + (shape.size() == 1 ? ",)" : ")");
  };
  const auto wanted = r.rule->shape(r.call());
  if (wanted.empty())
    throw Error("BadValue", r.rule->name + " takes no array of " + what + "s", "an array of shape " + text(given),
                "a number or a parameter", "Give one value, or a random parameter such as nest.random.uniform().");
  if (given != wanted)
    throw Error("BadValue", std::string("the array of ") + what + "s has the wrong shape for " + r.rule->name,
                text(given), text(wanted), "Give one value for each connection.");
}

void check_finite(const Strength& s, const char* what, const char* unit) {
  auto bad = [&](double x) {
    return Error("BadValue", std::string(what) + " must be finite", number(x) + unit, "finite numbers",
                 "Replace nan and inf.");
  };
  for (double x : s.array)
    if (!std::isfinite(x)) throw bad(x);
  if (s.fixed() && !std::isfinite(s.p.value())) throw bad(s.p.value());
}

namespace {

bool all_single(const std::vector<double>& x) {
  return std::all_of(x.begin(), x.end(), [](double v) { return double(float(v)) == v; });
}

}  // namespace

WeightFormat format_of(const Recipe& r, bool common, bool plastic) {
  if (plastic) return WeightFormat::wide;
  if (common) return WeightFormat::common;
  if (r.weight.fixed()) return WeightFormat::per_source;
  if (r.weight.array.empty() ? !r.weight.p.is_random() : !all_single(r.weight.array)) return WeightFormat::wide;
  return WeightFormat::single;  // random numbers are rounded to float32 when they are drawn
}

Step delay_in_steps(double ms, double h) { return Step(std::floor(ms / h + 0.5 + 1e-9)); }

void Simulation::check_delay(double ms) const {
  const Step d = std::isfinite(ms) ? delay_in_steps(std::clamp(ms, -1e9, 1e9), h_) : 0;
  if (d < 1)
    throw Error("BadDelay", "a delay must be at least the resolution", number(ms) + " ms",
                "at least " + number(h_) + " ms",
                "Raise the delay, or choose a finer resolution before nodes are created.");
  if (extrema_fixed_ && (d < min_delay_ || d > max_delay_))
    throw Error(
        "BadDelay",
        "a delay must lie between min_delay and max_delay, which are fixed once the network has run or they were set",
        number(ms) + " ms", "from " + number(to_ms(min_delay_, h_)) + " to " + number(to_ms(max_delay_, h_)) + " ms",
        "Set nest.min_delay and nest.max_delay before the first run.");
  if (d > 60000)
    throw Error("BadDelay", "a delay is longer than the kernel keeps spikes", number(ms) + " ms",
                "at most " + number(60000 * h_) + " ms", "Choose a shorter delay.");
}

namespace {

int receptor_of(const ConnectCall& c, const Model& synapse) {
  const std::int64_t given = c.receptor >= 0 ? c.receptor : std::get<std::int64_t>(synapse.synapse.at("receptor_type"));
  if (given <= std::numeric_limits<int>::max()) return int(given);
  throw Error("IllegalConnection", "no node has so many receptors", "receptor_type " + std::to_string(given),
              "a receptor_type of the target", "Leave receptor_type out for the default of the synapse model.");
}

}  // namespace

Recipe Simulation::make_recipe(const Ids& sources, const Ids& targets, const ConnectCall& c) {
  const auto& rules = Registry::get().rules;
  const auto rule = rules.find(c.rule);
  if (rule == rules.end()) {
    std::vector<std::string> names;
    for (auto& [name, r] : rules)
      if (!r.third_factor) names.push_back(name);
    throw unknown_name("BadRule", "there is no connection rule of this name", c.rule, names);
  }
  if (rule->second.third_factor)
    throw Error("BadRule", "a rule for a third factor makes no connections by itself", "'" + c.rule + "'",
                "a rule that connects sources and targets",
                "Give it to TripartiteConnect as third_factor_conn_spec, with another rule as conn_spec.");
  Model& syn = find_model(c.synapse, "synapse model");
  if (syn.info->kind != Kind::synapse) find_model(c.synapse + " ", "synapse model");
  Recipe r{next_call_, &rule->second, sources, targets, c.args, c.weight, c.delay, syn.id, 0, -1, key_};
  if (c.has_weight && syn.info->common_weight)
    throw Error("BadValue", c.synapse + " has one weight for all its connections", "a weight in syn_spec", "no weight",
                "Set it with SetDefaults('" + c.synapse + "', {'weight': ...}), or use static_synapse.");
  if (c.has_weight) check_factor(syn.id, "weight");
  if (c.has_delay) check_factor(syn.id, "delay");
  if (!c.has_weight) r.weight.p = Parameter(std::get<double>(syn.synapse.at("weight")));
  if (!c.has_delay) r.delay.p = Parameter(std::get<double>(syn.synapse.at("delay")));
  r.receptor = receptor_of(c, syn);
  if (auto label = syn.synapse.find("synapse_label"); label != syn.synapse.end())
    r.label = c.label >= 0 ? c.label : std::get<std::int64_t>(label->second);
  else if (c.label >= 0)
    throw Error("BadValue", c.synapse + " carries no label", std::to_string(c.label), "no synapse_label",
                "Use " + c.synapse + "_lbl.");
  take_given(r, syn, c);
  locate(r, c);
  return r;
}

void Simulation::check_call(const Recipe& r, const ConnectCall& c) const {
  check_flags(*r.rule, c);
  r.rule->check(r.call());
  check_shape(r, c.weight_shape, "weight");
  check_shape(r, c.delay_shape, "delay");
  check_finite(r.weight, "weights", "");
  check_finite(r.delay, "delays", " ms");
  for (double d : r.delay.array) check_delay(d);
  check_draws(r);
  for (auto& g : c.given) check_shape(r, g.shape, g.name.c_str());
  if (!r.columns.empty()) check_given(r);
  if (!r.delay.array.empty()) return;
  const auto [low, high] = r.delay.bounds();
  if (r.delay.fixed()) return check_delay(low);
  if (delay_in_steps(low, h_) >= 1 && !extrema_fixed_ && high < 60000 * h_) return;
  // The expression alone does not exclude a bad delay: look at every one that will be drawn.
  replay(r, [&](const Edges& e, const double*, const double* d) {
    for (std::size_t i = 0; i < e.size(); ++i) check_delay(d[i]);
  });
}

// The first values show what is wrong with an expression everywhere: not finite, or limits that a redraw never meets.
void Simulation::check_draws(const Recipe& r) const {
  for (auto [strength, what, unit] : {std::tuple{&r.weight, "weights", ""}, {&r.delay, "delays", " ms"}}) {
    if (strength->fixed() || !strength->array.empty()) continue;
    Strength first;
    first.array.resize(draw_group);
    RowReader().sample(r, strength->p, {key_, r.id, std::uint32_t(Purpose::weight), 0}, first.array);
    check_finite(first, what, unit);
  }
}

namespace {

// Spikes mean nothing to a binary neuron, and its transitions nothing to others.
void check_signal(const ModelInfo& source, const ModelInfo& target, const std::string& pair) {
  if (source.sends & target.receives) return;
  const bool binary = target.receives == signal::transitions;
  throw Error("IllegalConnection",
              with_article(target.name) + (binary ? " takes transitions of binary neurons, not spikes"
                                                  : " takes spikes, not transitions of binary neurons"),
              pair, binary ? "binary neurons, and models that relay them" : "sources of spikes",
              binary ? "Drive it with a current, or with a spike_generator: two spikes at once for up, one for down."
                     : "Use a spin_detector to record binary neurons.");
}

// Some take no spikes, or no currents, at any receptor_type.
void check_takes(const Model& m, bool current, const std::string& pair) {
  if (current ? m.store->current_channels() > 0 : m.store->spike_channels() > 0) return;
  const std::string what = current ? "currents" : "spikes";
  throw Error("IllegalConnection", with_article(m.name) + " takes no " + what, pair, "targets that take " + what,
              m.info->takes.empty()
                  ? "Leave this target out."
                  : "Choose a source and a synapse model of the signal that it takes, " + m.info->takes + ".");
}

// The first receptor types at which a node takes something; where there is no name for them, their numbers.
std::string receptors_of(const Model& m, bool current) {
  constexpr int most = 8;
  auto takes = [&](int receptor) {
    return (current ? m.store->current_channel(receptor) : m.store->spike_channel(receptor, false)) != refused;
  };
  std::string names, numbers;
  for (auto& [name, port] : m.info->receptors)
    if (takes(int(port))) names += (names.empty() ? "" : ", ") + std::to_string(port) + " (" + name + ")";
  if (!names.empty()) return names;
  for (int receptor = 0; receptor < most; ++receptor)
    if (takes(receptor)) numbers += (numbers.empty() ? "" : " or ") + std::to_string(receptor);
  return "receptor_type " + numbers;
}

// Why a node takes nothing at a receptor_type.
[[noreturn]] void refuse_receptor(const Model& m, bool current, int receptor, double low) {
  if (!current && m.store->spike_channel(receptor, false) != refused && low < 0)
    throw Error("BadValue", m.name + " takes no negative weights here: they are conductances",
                "a weight of " + number(low) + " at receptor_type " + std::to_string(receptor), "0 or more",
                "Inhibit through a port with a low reversal potential.");
  const std::string allowed = receptors_of(m, current);
  throw Error("IllegalConnection",
              m.name + (current ? " takes no current at this receptor_type" : " has no such receptor_type for spikes"),
              "receptor_type " + std::to_string(receptor), allowed,
              allowed == "receptor_type 0" ? "Leave receptor_type out for the default, 0."
                                           : "Give one of these as receptor_type.");
}

}  // namespace

// Who may be connected to whom. Looks at runs of one model, not at nodes.
void Simulation::check_ends(const Ids& sources, const Ids& targets, const Recipe& r) const {
  auto refuse = [](const std::string& what, const std::string& value, const std::string& allowed,
                   const std::string& todo) { throw Error("IllegalConnection", what, value, allowed, todo); };
  const auto [low, high] = r.weight.bounds();
  auto from = runs(sources), to = runs(targets);
  for (auto* part : {&from, &to}) {
    std::sort(part->begin(), part->end());
    part->erase(std::unique(part->begin(), part->end(), [](auto& a, auto& b) { return a.first == b.first; }),
                part->end());
  }
  for (auto& [source, n] : from) {
    const Model& s = *by_name_.find(source)->second;
    check_synapse_end(*models_[std::size_t(r.synapse)], s, true);
    const bool sampler = s.prototype && s.prototype->role() == Role::multimeter;
    if (s.prototype && s.prototype->role() == Role::spike_recorder)
      refuse(with_article(source) + " cannot be a source", source, "a recorder of spikes as the target",
             "Connect the nodes to the recorder: Connect(nodes, recorder).");
    for (auto& [target, m] : to) {
      const Model& t = *by_name_.find(target)->second;
      check_synapse_end(*models_[std::size_t(r.synapse)], t, false);
      const std::string pair = source + " to " + target;
      if (sampler) {
        if (!t.info->can_record())
          refuse(with_article(target) + " has nothing that " + with_article(source) + " can record", pair,
                 "nodes with recordables", "Connect it to neurons, or use a spike_recorder for spikes.");
        if (r.receptor != 0)
          refuse(with_article(source) + " asks a node, not one of its receptors",
                 "receptor_type " + std::to_string(r.receptor), "receptor_type 0",
                 "Leave receptor_type out for the default, 0.");
        continue;
      }
      const bool current = s.prototype && (s.prototype->role() == Role::current || s.prototype->role() == Role::noise);
      if (!current && !s.info->spiking)
        refuse(with_article(source) + " sends no spikes, which is what this synapse model carries", pair,
               "sources that spike",
               s.info->emits.empty() ? "Leave this source out."
                                     : "Choose a synapse model that carries its signal, " + s.info->emits + ".");
      check_learner(r, t);
      check_recall(*models_[std::size_t(r.synapse)], t);
      if (t.prototype) {
        const Role role = t.prototype->role();
        if (role == Role::multimeter)
          refuse(with_article(target) + " cannot be a target", pair, with_article(target) + " as the source",
                 "Turn it round: Connect(" + target + ", nodes).");
        const int inputs = role == Role::spike_recorder ? 1 : t.info->inputs;
        if (inputs == 0)
          refuse(with_article(target) + " takes no input", pair, "neurons and recorders as targets",
                 "Turn the connection round: Connect(" + target + ", nodes).");
        if (current)
          refuse(with_article(target) + " records spikes, not currents", pair, "sources that spike",
                 "Use a multimeter: Connect(multimeter, generator).");
        check_signal(*s.info, *t.info, pair);
        if (r.receptor >= inputs)
          refuse(target + " has no such receptor_type for spikes", "receptor_type " + std::to_string(r.receptor),
                 inputs == 1 ? "receptor_type 0" : "receptor_type 0 to " + std::to_string(inputs - 1),
                 "Give one of these as receptor_type.");
        if (!r.rule->to_devices)
          refuse(r.rule->name + " cannot be used with a recorder as target", pair, "all_to_all or one_to_one",
                 "Choose all_to_all.");
        continue;
      }
      if (!current) check_signal(*s.info, *t.info, pair);
      if (current ? t.store->current_ports(0) : t.store->ports(0)) continue;  // node by node, below
      check_takes(t, current, pair);
      if (current ? t.store->current_channel(r.receptor) == refused
                  : (high >= 0 && t.store->spike_channel(r.receptor, false) == refused) ||
                        (low < 0 && t.store->spike_channel(r.receptor, true) == refused))
        refuse_receptor(t, current, r.receptor, low);
    }
  }
}

bool Simulation::send_currents(const Ids& sources) const {
  for (std::int64_t i = 0; i < sources.size(); ++i)
    if (is_device(sources[i]))
      if (const Role role = device(sources[i]).role(); role == Role::current || role == Role::noise) return true;
  return false;
}

// Whether any of the nodes sends spikes, not currents or requests for samples.
bool Simulation::send_spikes(const Ids& sources) const {
  for (std::int64_t i = 0; i < sources.size(); ++i) {
    if (!is_device(sources[i])) return true;
    const Role role = device(sources[i]).role();
    if (role == Role::spikes || role == Role::counts || role == Role::trains) return true;
  }
  return false;
}

// Of the weights that will be drawn, not of those that could be.
double Simulation::lowest_weight(const Recipe& r) const {
  double lowest = r.weight.bounds().first;
  if (lowest >= 0 || r.weight.fixed() || !r.weight.array.empty()) return lowest;
  lowest = inf;
  replay(r, [&](const Edges& e, const double* w, const double*) {
    for (std::size_t i = 0; i < e.size(); ++i) lowest = std::min(lowest, w[i]);
  });
  return lowest;
}

// Spikes end at ports that the node has.
void Simulation::check_ports(const Ids& sources, const Ids& targets, const Recipe& r) const {
  const bool spikes = send_spikes(sources);
  if (!spikes && !send_currents(sources)) return;
  std::optional<double> lowest;
  for (std::int64_t i = 0; i < targets.size(); ++i) {
    if (is_device(targets[i])) continue;
    const Place& p = place(targets[i]);
    const NeuronStore& store = *stores_[p.store];
    const auto ports = spikes ? store.ports(p.lane) : store.current_ports(p.lane);
    if (!ports) continue;
    if (!ports->negative && !lowest) lowest = lowest_weight(r);
    if (!ports->negative && *lowest < 0)
      throw Error("BadValue", model_of(targets[i]).name + " takes no negative weights: they are conductances",
                  "a weight of " + number(*lowest), "0 or more",
                  "Inhibit through a port with a low reversal potential.");
    if (r.receptor >= ports->first && r.receptor < ports->first + ports->count) continue;
    const std::string node = "node " + std::to_string(targets[i]) + " (" + model_of(targets[i]).name + ")";
    const int last = ports->first + ports->count - 1;
    throw Error("IllegalConnection", node + " has no port of this receptor_type",
                "receptor_type " + std::to_string(r.receptor),
                ports->count == 0   ? "none: the node has no ports"
                : ports->count == 1 ? "receptor_type " + std::to_string(last) + ": the node has 1 port"
                                    : "receptor_type " + std::to_string(ports->first) + " to " + std::to_string(last) +
                                          ": the node has " + std::to_string(ports->count) + " ports",
                "Choose one of its ports, or give the node more of them before connecting.");
  }
}

// Nodes with ports of their own have to keep those that are in use.
void Simulation::hold_ports(const Ids& sources, const Ids& targets) {
  if (!send_spikes(sources)) return;
  for (std::int64_t i = 0; i < targets.size(); ++i)
    if (!is_device(targets[i]))
      stores_[where_[targets[i]].store]->relied_on(where_[targets[i]].lane, NeuronStore::Reliance::connection);
}

void Simulation::note_delays(Step lo, Step hi) {
  min_delay_ = delay_known() ? std::min(min_delay_, lo) : lo;
  max_delay_ = std::max(max_delay_, hi);
}

namespace {

// Splits ids by a property, in order.
template <class Key>
std::map<int, Ids> split(const Ids& ids, Key&& key) {
  std::map<int, Ids> out;
  const int k0 = ids.size() ? key(ids[0]) : 0;
  bool same = true;
  for (std::int64_t i = 1; i < ids.size() && same; ++i) same = key(ids[i]) == k0;
  if (same) {
    out[k0] = ids;
    return out;
  }
  for (std::int64_t i = 0; i < ids.size(); ++i) out[key(ids[i])].list.push_back(ids[i]);
  return out;
}

}  // namespace

// Arrays keep their shape where autapses are left out, and may say anything of these: it becomes what another pair has.
void Simulation::forget_autapses(Recipe& r) const {
  if (r.args.allow_autapses) return;
  r.rule->check(r.call());
  const auto shape = r.rule->shape(r.call());
  std::size_t size = 1;
  for (auto n : shape) size *= std::size_t(n);
  std::vector<std::vector<double>*> arrays;
  for (Strength* s : {&r.weight, &r.delay}) arrays.push_back(&s->array);
  for (Strength& s : r.columns) arrays.push_back(&s.array);
  std::erase_if(arrays, [&](auto* x) { return shape.empty() || x->size() != size; });
  if (arrays.empty()) return;
  std::vector<double> places(size);
  std::iota(places.begin(), places.end(), 0.0);
  Strength delay = std::exchange(r.delay, {Parameter(1.0), std::move(places)});
  std::vector<std::uint8_t> used(size);
  replay(r, [&](const Edges& e, const double*, const double* place) {
    for (std::size_t i = 0; i < e.size(); ++i) used[std::size_t(place[i])] = 1;
  });
  r.delay = std::move(delay);
  const auto first = std::size_t(std::find(used.begin(), used.end(), 1) - used.begin());
  for (auto* x : arrays)
    for (std::size_t i = 0; first < size && i < size; ++i)
      if (!used[i]) (*x)[i] = (*x)[first];
}

// What a call connects, after all checks: two recipes where it does so both ways.
std::vector<Recipe> Simulation::checked(const Connecting& x, std::uint32_t id) {
  const auto& [sources, targets, c] = x;
  check_ids(sources);
  check_ids(targets);
  if (sources.size() == 0 || targets.size() == 0)
    throw Error("BadValue", "sources and targets must not be empty",
                std::to_string(sources.size()) + " sources, " + std::to_string(targets.size()) + " targets",
                "1 or more of each", "Create the nodes first.");
  std::vector<Recipe> recipes;
  recipes.push_back(make_recipe(sources, targets, c));  // not copied: arrays of weights are large
  recipes[0].id = id;
  forget_autapses(recipes[0]);
  if (carries(recipes[0].synapse)) {
    complete_coupled(recipes[0], c);
    return recipes;
  }
  check_call(recipes[0], c);
  if (c.symmetric) recipes.push_back(other_way(recipes[0]));
  for (const Recipe& r : recipes) {
    check_ends(r.sources, r.targets, r);
    check_ports(r.sources, r.targets, r);
  }
  return recipes;
}

// All of these, or none.
void Simulation::connect(const std::vector<Connecting>& all, bool only_check) {
  refuse_while_running("Connect");
  std::vector<Recipe> recipes;
  std::vector<const ConnectCall*> said;
  for (const Connecting& x : all)
    for (Recipe& r : checked(x, recipes.empty() ? next_call_ : recipes.back().id + 1)) {
      recipes.push_back(std::move(r));
      said.push_back(&x.call);
    }
  require_room(recipes);
  if (only_check) return;
  if (recipes.size() == 1 && !carries(recipes[0].synapse) && is_single(recipes[0]))
    remember_single(recipes[0], *said[0]);
  for (std::size_t k = 0; k < recipes.size(); ++k) take(std::move(recipes[k]), *said[k]);
}

// Takes what was checked.
void Simulation::take(Recipe r, const ConnectCall& c) {
  if (carries(r.synapse)) return accept_coupled(r, c);
  std::optional<Recipe> growing;
  if (!c.pre_element.empty()) growing = r;
  accept(std::move(r));
  if (growing) count_elements(*growing, c);
}

void Simulation::require_room(std::span<Recipe> more) {
  double edges = pending_edges_;
  for (auto& r : more) edges += r.rule->expected(r.call());
  if (edges <= 1e6) return;
  const std::size_t size = recipes_.size();
  for (Recipe& r : more) recipes_.push_back(std::move(r));  // lent, not copied: arrays of weights are large
  auto parts = estimate();
  std::move(recipes_.begin() + std::ptrdiff_t(size), recipes_.end(), more.begin());
  recipes_.erase(recipes_.begin() + std::ptrdiff_t(size), recipes_.end());
  parts[0].first += " (" + number(edges) + ")";
  require_memory("this network", parts);
}

void Simulation::accept(Recipe r) {
  const double edges = r.rule->expected(r.call());
  if (edges == 0) return;
  settle_spikes(now_);
  auto is_dev = [&](NodeId id) {
    return int(where_[id].store == device_place && instances_[where_[id].lane].device->role() != Role::spikes);
  };
  auto from = split(r.sources, is_dev), to = split(r.targets, [&](NodeId id) { return int(is_device(id)); });
  hold_ports(r.sources, r.targets);
  next_call_ = std::max(next_call_, r.id + 1);
  ++version_;
  if (from.contains(1) || to.contains(1)) return accept_device_edges(r, edges);
  pending_edges_ += edges;
  pending_exact_ &= r.rule->exact && r.args.allow_autapses;
  auto [low, high] = r.delay.bounds();
  note_delays(std::max<Step>(1, delay_in_steps(low, h_)),
              std::max<Step>(1, delay_in_steps(std::min(high, 60000 * h_), h_)));
  if (is_single(r)) return join(std::move(r));
  open_lists_.erase({r.synapse, r.label, r.receptor});  // what comes later stays later
  recipes_.push_back(std::move(r));
}

// Connections of devices are few per node: they are kept as edges, and become taps when the network is laid out.
void Simulation::accept_device_edges(const Recipe& r, double) {
  DeviceEdges table{r.synapse, r.label, r.receptor, r.id, {}, {}, {}, {}, {}};
  for (auto& c : r.columns) table.constant.push_back(c.p.value());
  EdgeList rest;
  const double w0 = r.weight.fixed() ? r.weight.p.value() : 0, d0 = r.delay.fixed() ? r.delay.p.value() : 0;
  Step lo = 60000, hi = 1;
  replay(r, [&](const Edges& e, const double* w, const double* d) {
    for (std::size_t i = 0; i < e.size(); ++i) {
      const NodeId s = e.source[i], t = e.target[i];
      const double weight = w ? w[i] : w0;
      const Step delay = delay_in_steps(d ? d[i] : d0, h_);
      lo = std::min(lo, delay);
      hi = std::max(hi, delay);
      const bool plain = !is_device(t) && (!is_device(s) || device(s).role() == Role::spikes);
      if (plain) {
        rest.add(s, t, weight, delay);
        continue;
      }
      table.add(s, t, weight, delay, now_);
    }
  });
  for (std::size_t i = 0; i < table.source.size(); ++i) check_device_edge(table.source[i], table.target[i]);
  if (lo <= hi) note_delays(lo, hi);
  for (std::size_t i = 0; i < table.source.size(); ++i) attach_recorder(table.source[i], table.target[i]);
  if (!rest.source.empty()) add_edges(r.synapse, r.label, r.receptor, std::move(rest));
  if (!table.source.empty()) device_edges_.push_back(std::move(table));
  taps_built_ = false;
}

void Simulation::check_device_edge(NodeId s, NodeId t) const {
  if (!is_device(s) || device(s).role() != Role::multimeter) return;
  const Model& m = model_of(t);
  const auto names = record_from(place(s).lane);
  for (auto& name : names) {
    const auto& known = recordables_of(t);
    if (std::any_of(known.begin(), known.end(), [&](auto& r) { return r.name == name; })) continue;
    std::vector<std::string> all;
    for (auto& r : known) all.push_back(r.name);
    throw unknown_name("UnknownName", m.name + " has no recordable of this name", name, all);
  }
  for (auto& x : sample_logs_.at(place(s).lane).targets)
    if (x == t)
      throw Error("IllegalConnection", "a node can be connected to a multimeter only once", "node " + std::to_string(t),
                  "one connection", "Leave the second connection out.");
}

void Simulation::attach_recorder(NodeId s, NodeId t) {
  if (is_device(s) && device(s).role() == Role::multimeter) {
    sample_logs_[place(s).lane].targets.push_back(t);
    if (!is_device(t)) stores_[place(t).store]->relied_on(place(t).lane, NeuronStore::Reliance::recorder);
    return;
  }
  if (!is_device(t) || device(t).role() != Role::spike_recorder) return;
  recorder_set_.resize(where_.size());
  auto recorders = recorders_of(s);
  recorders.push_back(place(t).lane);
  const auto [set, fresh] = recorder_set_of_.try_emplace(recorders, std::uint32_t(recorder_sets_.size()));
  if (fresh) recorder_sets_.push_back(std::move(recorders));
  recorder_set_[s] = set->second;
}

std::int64_t Simulation::num_connections(int synapse) {
  if (!pending_exact_) build();
  std::int64_t n = 0;
  for (auto& r : recipes_)
    if (synapse < 0 || r.synapse == synapse) n += std::int64_t(r.rule->expected(r.call()));
  for (auto& l : layers_)
    if (synapse < 0 || l.synapse == synapse)
      for (auto& r : l.rows) n += std::int64_t(r.size);
  for (auto& e : device_edges_)
    if (synapse < 0 || e.synapse == synapse) n += std::int64_t(e.source.size());
  return n;
}

void Recipe::prepare() const {
  if (rule->prepare && !starts) starts = std::make_shared<const std::vector<std::uint64_t>>(rule->prepare(call()));
}

// --- reading back

const Rows& Simulation::rows_of_table(std::uint32_t table) const {
  for (auto& l : layers_)
    if (!l.rows.empty() && table >= l.rows.front().table && table <= l.rows.back().table)
      return l.rows[table - l.rows.front().table];
  throw std::logic_error("no such table");
}

bool Connections::stale() const { return version != sim->version_; }

void Connections::column(Column c, double* out) const {
  const Simulation& s = *sim;
  if (stale())
    throw Error("Stale", "these connections were read before the network changed", "connections of an earlier state",
                "connections of the present network", "Call GetConnections again.");
  const Rows* rows = nullptr;
  const Layer* layer = nullptr;
  NodeId source = 0;
  std::map<NodeId, std::int64_t> ports;
  for (std::size_t k = 0; k < handles.size(); ++k) {
    const Handle h = handles[k];
    const std::uint64_t at = h.at();
    if (h.table() >= device_tables) {
      const DeviceEdges& e = s.device_edges_[h.table() - device_tables];
      switch (c) {
        case Column::source:
          out[k] = e.source[at];
          break;
        case Column::target:
          out[k] = e.target[at];
          break;
        case Column::weight:
          out[k] = s.models_[std::size_t(e.synapse)]->info->common_weight
                       ? std::get<double>(s.models_[std::size_t(e.synapse)]->synapse.at("weight"))
                       : e.weight[at];
          break;
        case Column::delay:
          out[k] = s.models_[std::size_t(e.synapse)]->info->has_delay
                       ? to_ms(e.delay[at], s.h_)
                       : std::get<double>(s.models_[std::size_t(e.synapse)]->synapse.at("delay"));
          break;
        case Column::synapse:
          out[k] = e.synapse;
          break;
        case Column::port:
          out[k] = 0;
          break;
        case Column::receptor:
          out[k] = e.receptor;
          break;
        case Column::thread:
          out[k] = s.thread_of(e.target[at]);
          break;
        case Column::label:
          out[k] = double(e.label);
          break;
      }
      continue;
    }
    if (!rows || rows->table != h.table()) {
      rows = &s.rows_of_table(h.table());
      for (auto& l : s.layers_)
        if (!l.rows.empty() && h.table() >= l.rows.front().table && h.table() <= l.rows.back().table) layer = &l;
    }
    // Connections come by source: the one before usually has the same.
    if (c == Column::source || c == Column::delay || (c == Column::weight && rows->format == WeightFormat::per_source))
      if (source < rows->first || source >= rows->last || at < rows->of(source).first ||
          at >= rows->end(rows->of(source)))
        source = rows->source_at(at);
    switch (c) {
      case Column::source:
        out[k] = double(source);
        break;
      case Column::target: {
        const auto& team = s.team_[rows->thread];
        out[k] = team.node_at[team.pages.slot(rows->page, rows->target(at))];
        break;
      }
      case Column::weight:
        out[k] = rows->weight(source, at);
        break;
      case Column::delay:
        out[k] = to_ms(rows->delay(rows->of(source), at), s.h_);
        break;
      case Column::synapse:
        out[k] = layer->synapse;
        break;
      case Column::port:
        out[k] = double(ports[NodeId(rows->table)]++);
        break;
      case Column::receptor:
        out[k] = layer->receptor;
        break;
      case Column::thread:
        out[k] = rows->thread;
        break;
      case Column::label:
        out[k] = double(layer->label);
        break;
    }
  }
}

// --- changing

void Connections::set(const Values& values) {
  if (stale()) column(Column::source, nullptr);
  check(values);
  for (auto& [name, x] : values) {
    if (name == "weight") set_weight(x);
    else if (name == "delay") set_delay(x);
    else if (const auto known = factors(); std::find(known.begin(), known.end(), name) != known.end())
      set_factor(name, x);
    else set_member(name, x);
  }
}

// All that can be wrong with new values, before any is written.
void Connections::check(const Values& values) const {
  for (auto& [name, x] : values) {
    if (name != "weight" && name != "delay") continue;
    for (int id : models()) sim->check_factor(id, name.c_str());
    if (name == "delay") {
      for (double d : x) sim->check_delay(d);
      for (int id : models())
        for (double d : x) sim->check_one_step(*sim->models_[std::size_t(id)], d);
      continue;
    }
    for (double w : x)
      if (!std::isfinite(w))
        throw Error("BadValue", "weights must be finite", number(w), "finite numbers", "Replace nan and inf.");
    for (int id : models())
      if (const Model& m = *sim->models_[std::size_t(id)]; m.info->common_weight)
        throw Error("BadValue", m.name + " has one weight for all its connections", "a weight for some", "no weight",
                    "Set it with SetDefaults('" + m.name + "', {'weight': ...}).");
  }
  check_members(values);
}

void Connections::set_weight(const std::vector<double>& values) {
  Simulation& s = *sim;
  std::vector<double> now(handles.size()), syn(handles.size());
  column(Column::weight, now.data());
  column(Column::synapse, syn.data());
  bool moves = false;
  for (std::size_t k = 0; k < handles.size(); ++k)
    moves |= (now[k] < 0) != (values[k % values.size()] < 0) && !s.plastic_of(int(syn[k]));
  if (moves) return s.rewrite(*this, Column::weight, values);
  s.settle_spikes(s.slice_start());  // spikes leave at the end of their slice, with the weight of then
  for (std::size_t k = 0; k < handles.size(); ++k) s.write_weight(handles[k], values[k % values.size()]);
  s.taps_built_ = false;
}

void Simulation::write_weight(Handle h, double w) {
  if (h.table() >= device_tables) {
    DeviceEdges& e = device_edges_[h.table() - device_tables];
    return change_device_edge(e, h.at(), w, e.delay[h.at()]);
  }
  Rows& r = const_cast<Rows&>(rows_of_table(h.table()));
  if (r.format != WeightFormat::wide && !(r.format == WeightFormat::single && double(float(w)) == w)) {
    for (auto& l : layers_)
      if (&r >= l.rows.data() && &r < l.rows.data() + l.rows.size())
        for (auto& part : l.rows) part.widen();
    pathways_built_ = false;
  }
  r.set(h.at(), r.first, r.target(h.at()), w);
}

void DeviceEdges::add(NodeId s, NodeId t, double w, Step d, Step from) {
  source.push_back(s);
  target.push_back(t);
  weight.push_back(w);
  delay.push_back(std::int32_t(d));
  since.push_back(from);
}

// What it carried so far still arrives with the old weight and delay.
void Simulation::change_device_edge(DeviceEdges& e, std::size_t i, double weight, Step delay) {
  if (e.weight[i] == weight && e.delay[i] == delay) return;
  draw_all_trains();
  if (e.since[i] < now_) {
    if (past_edges_.empty() || past_edges_.back().call != e.call || past_edges_.back().until != now_)
      past_edges_.push_back({e.synapse, e.label, e.receptor, e.call, {}, {}, {}, {}, {}, now_});
    past_edges_.back().add(e.source[i], e.target[i], e.weight[i], e.delay[i], e.since[i]);
    past_edges_.back().factor.resize(e.factor.size());
    for (std::size_t f = 0; f < e.factor.size(); ++f) past_edges_.back().factor[f].push_back(e.factor[f][i]);
  }
  e.weight[i] = weight;
  e.delay[i] = std::int32_t(delay);
  e.since[i] = now_;
}

void Connections::set_delay(const std::vector<double>& values) { sim->rewrite(*this, Column::delay, values); }

// Changes that move connections to other rows: all become edges again, with the new values, and are built anew. The handles
// are found again by their rank, which such a change keeps.
void Simulation::rewrite(Connections& c, Connections::Column column, const std::vector<double>& values) {
  refuse_while_running("changing connections");
  const Connections all = connections({});
  std::map<std::uint64_t, std::size_t> rank;
  for (std::size_t k = 0; k < all.handles.size(); ++k) rank[all.handles[k].bits] = k;
  std::vector<std::size_t> ranks;
  std::map<std::uint64_t, double> changed;
  for (std::size_t k = 0; k < c.handles.size(); ++k) {
    ranks.push_back(rank.at(c.handles[k].bits));
    const double x = values[k % values.size()];
    changed[c.handles[k].bits] = x;
    if (column == Connections::Column::delay) note_delays(delay_in_steps(x, h_), delay_in_steps(x, h_));
  }
  auto keep = [&](Handle h, double& weight, Step& delay) {
    auto found = changed.find(h.bits);
    if (found == changed.end()) return true;
    if (column == Connections::Column::weight) weight = found->second;
    else delay = delay_in_steps(found->second, h_);
    return true;
  };
  dissolve(keep, slice_start());
  const Connections again = connections({});
  for (std::size_t k = 0; k < ranks.size(); ++k) c.handles[k] = again.handles[ranks[k]];
  c.version = version_;
}

// Turns all built rows back into recipes of plain edges. keep(handle, weight, delay) may change a connection, or drop it.
void Simulation::dissolve(const Keep& keep, Step settle, bool plastic_only) {
  settle_spikes(settle);
  std::vector<std::tuple<int, std::int64_t, int, EdgeList>> lists;
  for (auto& l : layers_) {
    if (plastic_only && !l.plastic) continue;
    EdgeList list;
    if (l.plastic) list.columns.resize(l.plastic->members.size());
    for (auto& r : l.rows) {
      const ThreadState& team = team_[r.thread];
      for (NodeId s = r.first; s < r.last; ++s)
        for (std::uint32_t k = 0; k < r.of(s).delays; ++k) {
          const auto [delay, begin, end] = r.run(r.of(s), k);
          for (std::uint64_t i = begin; i < end; ++i) {
            double w = r.weight(s, i);
            Step d = delay;
            if (!keep(Handle(r.table, i), w, d)) continue;
            list.add(s, team.node_at[team.pages.slot(r.page, r.target(i))], w, d);
            for (std::size_t c = 0; c < list.columns.size(); ++c)
              list.columns[c].push_back(r.columns->columns[c].get(s - r.first, i));
          }
        }
    }
    list.sort();
    lists.emplace_back(l.synapse, l.label, l.receptor, std::move(list));
  }
  for (std::uint32_t k = 0; k < device_edges_.size() && !plastic_only; ++k) {
    DeviceEdges& e = device_edges_[k];
    for (std::size_t i = 0; i < e.source.size(); ++i) {
      double w = e.weight[i];
      Step d = e.delay[i];
      keep(Handle(device_tables + k, i), w, d);
      change_device_edge(e, i, w, d);
    }
  }
  std::erase_if(layers_, [&](auto& l) { return !plastic_only || l.plastic; });
  for (auto& team : team_) team.pathways.clear();
  pathways_built_ = false;
  std::vector<Recipe> later = std::move(recipes_);
  recipes_.clear();
  open_lists_.clear();
  for (auto& [syn, label, receptor, list] : lists)
    if (!list.source.empty()) add_edges(syn, label, receptor, std::move(list));
  for (auto& r : later) recipes_.push_back(std::move(r));
  taps_built_ = false;
  ++version_;
}

void Simulation::add_edges(int synapse, std::int64_t label, int receptor, EdgeList&& e) {
  const std::size_t n = e.source.size();
  Recipe r{next_call_++, &edges_rule(), {}, {}, {}, {}, {}, synapse, receptor, label, key_};
  for (auto& d : e.delay) d = d * h_;
  auto pack = [](std::vector<double>& x) {
    Strength s;
    if (std::all_of(x.begin(), x.end(), [&](double v) { return v == x[0]; })) s.p = Parameter(x[0]);
    else s.array = std::move(x);
    return s;
  };
  r.sources.list = std::move(e.source);
  r.targets.list = std::move(e.target);
  r.weight = pack(e.weight);
  r.delay = pack(e.delay);
  for (auto& c : e.columns) r.columns.push_back(pack(c));
  pending_edges_ += double(n);
  open_lists_.erase({synapse, label, receptor});
  recipes_.push_back(std::move(r));
}

void Simulation::EdgeList::sort() {
  std::vector<std::size_t> order(source.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return std::pair(source[a], target[a]) < std::pair(source[b], target[b]); });
  EdgeList other;
  for (std::size_t i : order) other.add(source[i], target[i], weight[i], Step(delay[i]));
  for (auto& c : columns) {
    auto& sorted = other.columns.emplace_back();
    for (std::size_t i : order) sorted.push_back(c[i]);
  }
  *this = std::move(other);
}

void Simulation::disconnect(const Connections& c) {
  refuse_while_running("Disconnect");
  if (c.stale()) c.column(Connections::Column::source, nullptr);
  std::map<std::uint64_t, bool> gone;
  for (auto& h : c.handles) {
    if (h.table() >= device_tables && !carries(device_edges_[h.table() - device_tables].synapse))
      throw Error("IllegalConnection", "connections of devices cannot be removed", "a connection from or to a device",
                  "connections between neurons", "Set the weight to 0, or the stop time of the device.");
    gone[h.bits] = true;
  }
  if (structure_) structure_->give_back(c);
  dissolve([&](Handle h, double&, Step&) { return !gone.contains(h.bits); }, slice_start());
  drop_edges(gone);
}

void Simulation::disconnect_pairs(const Ids& sources, const Ids& targets, const std::string& rule,
                                  const std::string& synapse) {
  if (rule != "one_to_one" && rule != "all_to_all")
    throw unknown_name("BadRule", "Disconnect knows no such rule", rule, {"one_to_one", "all_to_all"});
  if (rule == "one_to_one" && sources.size() != targets.size())
    throw Error("BadRule", "one_to_one needs as many sources as targets",
                std::to_string(sources.size()) + " sources, " + std::to_string(targets.size()) + " targets",
                "equal numbers", "Slice the larger collection, or choose all_to_all.");
  Connections all = connections({sources, targets, synapse, std::nullopt}), gone = all;
  gone.handles.clear();
  std::vector<double> s(all.handles.size()), t(all.handles.size());
  all.column(Connections::Column::source, s.data());
  all.column(Connections::Column::target, t.data());
  std::map<std::pair<NodeId, NodeId>, std::vector<std::size_t>> by_pair;
  for (std::size_t k = s.size(); k-- > 0;) by_pair[{NodeId(s[k]), NodeId(t[k])}].push_back(k);
  auto take = [&](NodeId a, NodeId b) {
    auto& list = by_pair[{a, b}];
    if (list.empty())
      throw Error("IllegalConnection", "there is no such connection",
                  "node " + std::to_string(a) + " to node " + std::to_string(b) + " by " + synapse,
                  "existing connections", "Look at GetConnections first; nothing was removed.");
    gone.handles.push_back(all.handles[list.back()]);
    list.pop_back();
  };
  for (std::int64_t i = 0; i < sources.size(); ++i) {
    if (rule == "one_to_one") take(sources[i], targets[i]);
    else
      for (std::int64_t j = 0; j < targets.size(); ++j) take(sources[i], targets[j]);
  }
  disconnect(gone);
}

void Simulation::common_weight_changed(Model& m) {
  const double w = std::get<double>(m.synapse.at("weight"));
  settle_spikes(slice_start());
  bool moves = false;
  for (auto& l : layers_)
    if (l.synapse == m.id)
      for (auto& r : l.rows) {
        moves |= !l.plastic && (r.common < 0) != (w < 0);
        r.common = w;
        for (std::uint64_t i = 0; l.plastic && i < r.size; ++i) r.set(i, r.first, r.target(i), w);
      }
  for (auto& r : recipes_)
    if (r.synapse == m.id) r.weight.p = Parameter(w);
  for (auto& e : device_edges_)
    if (e.synapse == m.id)
      for (std::size_t i = 0; i < e.source.size(); ++i) change_device_edge(e, i, w, e.delay[i]);
  taps_built_ = false;
  pathways_built_ = false;
  if (!moves) return;
  dissolve([](Handle, double&, Step&) { return true; }, slice_start());
  build();
}

std::vector<std::pair<std::string, std::int64_t>> Simulation::memory() const {
  std::int64_t synapses = 0, nodes = 0, records = 0;
  for (auto& l : layers_)
    for (auto& r : l.rows) synapses += std::int64_t(r.bytes());
  for (auto* s : stores_) nodes += std::int64_t(s->bytes_per_lane() * s->size());
  for (auto& [i, log] : spike_logs_)
    records += std::int64_t(log.sender.capacity() * sizeof(NodeId) + log.step.capacity() * sizeof(Step));
  for (auto& [i, log] : weight_logs_) records += std::int64_t(log.step.capacity() * 44);
  for (auto& [i, log] : sample_logs_) records += std::int64_t(log.values.capacity() * sizeof(double));
  return {{"synapses", synapses}, {"nodes", nodes}, {"records", records}};
}

// Number of delays between the shortest and the longest of a row; a sample tells where the expression does not.
double Simulation::delays_of(const Recipe& r) const {
  auto [low, high] = r.delay.bounds();
  if (!r.delay.fixed() && r.delay.array.empty()) {
    std::vector<double> sample(2048);
    RowReader().sample(r, r.delay.p, {r.key, r.id, std::uint32_t(Purpose::delay), 0}, sample);
    const auto [a, b] = std::minmax_element(sample.begin(), sample.end());
    low = std::max(low, *a);
    high = std::min(high, *b);
  }
  return 1 + std::max(0.0, std::floor((high - low) / h_ + 0.5));
}

// Bytes that building the recipes will take: first the synapses, then the rest.
Simulation::Parts Simulation::estimate() const {
  struct Group {  // recipes that share rows
    double sources = 0, edges = 0, delays = 0, building = 0;
  };
  std::map<std::tuple<int, std::int64_t, int, int, NodeId>, Group> groups;
  double synapses = 0, building = 0, largest_row = 0;
  for (const Recipe& r : recipes_) {
    const WeightFormat f = format_of(r, models_[std::size_t(r.synapse)]->info->common_weight, plastic_of(r.synapse));
    const double edges = r.rule->expected(r.call()), rows = double(r.rule->rows(r.call()));
    synapses += edges * (2 + (f == WeightFormat::single ? 4 : f == WeightFormat::wide ? 8 : 0));
    synapses += plastic_bytes(r, edges);
    Group& g = groups[{r.synapse, r.label, r.receptor, int(f), r.sources[0]}];
    g.sources = std::max(g.sources, double(r.sources.size()));
    g.edges += edges;
    g.delays = std::max(g.delays, delays_of(r));
    if (r.rule->by_target) g.building += r.delay.fixed() ? 0 : edges * double(sizeof(std::uint16_t));
    else if (r.rule->prepare) building += double(r.sources.size()) * 8;
    largest_row = std::max(largest_row, edges / std::max(1.0, rows));
  }
  constexpr double channels = 2, per_edge_of_row = 40;  // edges, weights, delays, places while a row is made
  double index = 0;
  for (auto& [key, g] : groups) {
    building = std::max(building, g.building + g.sources * threads_ * 4);
    const double in_row = g.edges / std::max(1.0, g.sources * threads_);
    index +=
        g.sources * threads_ * (channels * double(sizeof(Row)) + std::min(g.delays, in_row) * double(sizeof(RunEnd)));
  }
  // Large arrays take whole pages of 2 MB, on average half a page more than they fill.
  const double arrays = double(threads_) * threads_ * channels * 2;
  if (synapses / arrays > double(large_buffer)) index += arrays / 2 * double(huge_page);
  building += double(num_nodes()) * 8 + largest_row * per_edge_of_row * threads_;
  return {{"synapses", synapses},
          {"index of rows", index},
          {"building", building},
          {"input", double(num_nodes()) * channels * 8}};
}

}  // namespace nl
