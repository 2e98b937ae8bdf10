// What Connect and its relatives are told, from dictionaries.
#include "python/convert.hpp"

namespace nl {

namespace {

py::dict copied(const py::dict& d) { return py::reinterpret_steal<py::dict>(PyDict_Copy(d.ptr())); }

template <class T>
T take(py::dict& d, const char* name, T fallback) {
  if (d.empty() || !d.contains(name)) return fallback;  // programs connect a hundred thousand times
  py::object v = d.attr("pop")(name);
  const Value x = to_value(v, name);
  const bool right =
      std::is_same_v<T, bool> ? std::holds_alternative<bool>(x) : std::holds_alternative<std::int64_t>(x);
  if (!right)
    throw Error("BadType",
                std::string(name) + (std::is_same_v<T, bool> ? " must be True or False" : " must be a whole number"),
                std::string(py::repr(v)), std::is_same_v<T, bool> ? "True or False" : "a whole number",
                "Give a value of this type.");
  return from_value<T>(x);
}

// Inside, less than 0 stands for "not given".
std::int64_t take_receptor(py::dict& d) {
  if (d.empty() || !d.contains("receptor_type")) return -1;
  const auto receptor = take<std::int64_t>(d, "receptor_type", -1);
  if (receptor < 0)
    throw Error("BadValue", "receptor_type must not be negative", std::to_string(receptor), "0 or more",
                "Leave receptor_type out for the default of the synapse model.");
  return receptor;
}

// Refuses what is left; `known` makes the list of the names that there are.
template <class Known>
void unknown_keys(const py::dict& d, const std::string& what, Known&& known) {
  for (auto [key, v] : d) throw unknown_name("UnknownName", what + " has no key of this name", py::str(key), known());
}

std::string take_name(py::dict& d, const char* name) {
  if (d.empty() || !d.contains(name)) return "";
  py::object v = d.attr("pop")(name);
  if (!py::isinstance<py::str>(v) || py::len(v) == 0)
    throw Error("BadType", std::string(name) + " must be a name", std::string(py::repr(v)), "a name",
                "Put it in quotes.");
  return py::str(v);
}

// What is said of space; the kernel says whether rule and nodes know it.
void take_space(SpaceArguments& a, py::dict& d, bool known) {
  if (d.contains("mask")) a.mask = d.attr("pop")("mask").cast<Mask>();
  a.use_on_source = take<bool>(d, "use_on_source", false);
  a.allow_oversized_mask = take<bool>(d, "allow_oversized_mask", false);
  if (known && d.contains("p")) a.choice = to_parameter(d.attr("pop")("p"), "p");
}

// Parameters of plastic synapses; the kernel says what is wrong with them.
void take_members(const Model* synapse, ConnectCall& c, py::dict& d) {
  if (!synapse || !synapse->info->is_plastic()) return;
  for (auto [key, v] : d) {
    Given g{py::str(key), {}, {}};
    g.value = to_strength(v, g.name.c_str(), g.shape);
    c.given.push_back(std::move(g));
  }
  d = py::dict();
}

}  // namespace

ConnectCall to_call(const Simulation& s, py::dict conn, py::dict syn) {
  ConnectCall c;
  py::dict d = copied(conn);
  if (d.contains("rule")) c.rule = py::str(d.attr("pop")("rule"));
  const auto& rules = Registry::get().rules;
  const auto rule = rules.find(c.rule);
  if (rule != rules.end())
    for (auto& name : rule->second.required) {
      if (name == "p" && d.contains("mask") && !d.contains("p")) {  // all that a mask holds
        c.args.p = Parameter(1.0);
        continue;
      }
      if (!d.contains(name.c_str()))
        throw Error("BadRule", c.rule + " needs " + name, "no " + name, name + " in conn_spec",
                    "Write {'rule': '" + c.rule + "', '" + name + "': ...}.");
      if (name == "N") {
        c.args.N = take<std::int64_t>(d, "N", 0);
        continue;
      }
      py::object v = d.attr("pop")(name);
      const bool counts = name == "indegree" || name == "outdegree";
      if (counts && py::isinstance<py::float_>(v))
        throw Error("BadType", name + " must be a whole number or a parameter", std::string(py::repr(v)),
                    "a whole number or a parameter", "Convert it with int().");
      // What a rule says of a pair is its p, by whatever name.
      (!counts ? c.args.p : name == "indegree" ? c.args.indegree : c.args.outdegree) = to_parameter(v, name.c_str());
    }
  c.args.allow_autapses = take<bool>(d, "allow_autapses", true);
  c.args.allow_multapses = take<bool>(d, "allow_multapses", true);
  c.symmetric = take<bool>(d, "make_symmetric", false);
  const bool in_space = rule != rules.end() && rule->second.in_space;
  take_space(c.args.space, d, in_space);
  if (rule != rules.end())
    unknown_keys(d, "conn_spec of " + c.rule, [&] {
      std::vector<std::string> known{"rule", "allow_autapses", "allow_multapses"};
      known.insert(known.end(), rule->second.required.begin(), rule->second.required.end());
      for (auto* name : {"mask", "p", "use_on_source", "allow_oversized_mask"})
        if (in_space && std::find(known.begin(), known.end(), name) == known.end()) known.emplace_back(name);
      return known;
    });

  d = copied(syn);
  c.synapse = d.contains("synapse_model") ? std::string(py::str(d.attr("pop")("synapse_model"))) : "static_synapse";
  if (d.contains("weight")) {
    c.has_weight = true;
    c.weight = to_strength(d.attr("pop")("weight"), "weight", c.weight_shape);
  }
  if (d.contains("delay")) {
    c.has_delay = true;
    c.delay = to_strength(d.attr("pop")("delay"), "delay", c.delay_shape);
  }
  const Model* synapse = s.known_model(c.synapse);
  const bool weightless = synapse && synapse->info->factors[0] != "weight";
  if (weightless)
    for (auto& name : synapse->info->factors) {
      if (!d.contains(name.c_str())) continue;
      ConnectCall::Factor f{name, {}, {}};
      f.value = to_strength(d.attr("pop")(name), name.c_str(), f.shape);
      c.factors.push_back(std::move(f));
    }
  c.receptor = take_receptor(d);
  c.label = take<std::int64_t>(d, "synapse_label", -1);
  c.pre_element = take_name(d, "pre_synaptic_element");
  c.post_element = take_name(d, "post_synaptic_element");
  if (c.pre_element.empty() != c.post_element.empty())
    throw Error("BadValue", "connections take synaptic elements on both sides or on none",
                "'" + c.pre_element + "' and '" + c.post_element + "'",
                "pre_synaptic_element and post_synaptic_element", "Give both, or leave both out.");
  take_members(synapse, c, d);
  unknown_keys(d, "syn_spec of " + c.synapse, [&] {
    std::vector<std::string> keys{"synapse_model",        "weight",        "delay",
                                  "receptor_type",        "synapse_label", "pre_synaptic_element",
                                  "post_synaptic_element"};
    if (weightless) keys.insert(keys.end(), synapse->info->factors.begin(), synapse->info->factors.end());
    return keys;
  });
  return c;
}

ThirdFactor to_third_factor(const Simulation& s, const Ids& nodes, py::dict conn, py::dict syns) {
  ThirdFactor t;
  t.nodes = nodes;
  py::dict d = copied(conn);
  t.rule = take_name(d, "rule");
  if (d.contains("p")) {
    const Parameter p = to_parameter(d.attr("pop")("p"), "p");
    if (!p.is_constant())
      throw Error("BadType", "p of a third-factor rule must be a number", p.text(), "a number from 0 to 1",
                  "Give one probability for all connections.");
    t.args.p = p.value();
  }
  if (d.contains("pool_size")) {
    t.args.pool_size = take<std::int64_t>(d, "pool_size", -1);
    if (t.args.pool_size < 1)
      throw Error("BadRule", t.rule + ": pool_size must be positive", std::to_string(t.args.pool_size), "1 or more",
                  "Give the number of third nodes that a target may get connections from.");
  }
  if (d.contains("pool_type")) t.args.pool_type = take_name(d, "pool_type");
  unknown_keys(d, "third_factor_conn_spec of " + t.rule,
               [] { return std::vector<std::string>{"rule", "p", "pool_size", "pool_type"}; });
  auto calls = [&](const char* side) {
    std::vector<ConnectCall> out;
    for (auto syn : syns[side]) out.push_back(to_call(s, py::dict(), py::reinterpret_borrow<py::dict>(syn)));
    return out;
  };
  t.more = calls("primary");
  t.in = calls("third_in");
  t.out = calls("third_out");
  return t;
}

}  // namespace nl
