#include "python/convert.hpp"

namespace nl {

namespace {

const char* type_name(Type t) {
  static const char* names[] = {"float", "int", "bool", "str", "array", "names", "dict", "dicts", "nodes"};
  return names[int(t)];
}

py::object bound(double x) { return std::isfinite(x) ? py::object(py::float_(x)) : py::object(py::none()); }

py::dict describe_field(const FieldInfo& f) {
  using namespace py::literals;
  py::list items;
  for (auto& item : f.inner) items.append(describe_field(item));
  return py::dict("name"_a = f.name, "default"_a = to_python(f, f.fallback), "unit"_a = f.unit, "doc"_a = f.doc,
                  "type"_a = type_name(f.type), "lower"_a = bound(f.bounds.lower), "upper"_a = bound(f.bounds.upper),
                  "lower_open"_a = f.bounds.lower_open, "upper_open"_a = f.bounds.upper_open,
                  "never"_a = f.bounds.never, "state"_a = f.state, "readonly"_a = f.readonly, "fixed"_a = f.fixed,
                  "writeonly"_a = f.writeonly, "shared"_a = f.shared, "when"_a = py::tuple(py::cast(f.when)),
                  "items"_a = items);
}

// How a model learns by gradients: neurons and synapses that do it in the same way go together.
const char* learning(const ModelInfo& m) {
  if (m.learner.learns) return m.learner.by_spikes ? "by spikes" : "by intervals";
  if (m.plastic && m.plastic->learns) return m.plastic->by_spikes ? "by spikes" : "by intervals";
  return "";
}

py::dict describe_model(const ModelInfo& m) {
  using namespace py::literals;
  py::list params, recordables;
  for (auto& f : m.params) params.append(describe_field(f));
  for (auto& r : m.recordables) recordables.append(py::dict("name"_a = r.name, "unit"_a = r.unit, "doc"_a = r.doc));
  py::dict receptors;
  for (auto& [name, port] : m.receptors) receptors[py::str(name)] = port;
  return py::dict("name"_a = m.name, "variant_of"_a = m.variant_of,
                  "element_type"_a = m.element_is_neuron ? "neuron" : kind_name(m.kind), "doc"_a = m.doc,
                  "params"_a = params, "recordables"_a = recordables, "receptors"_a = receptors,
                  "spiking"_a = m.spiking, "stochastic"_a = m.stochastic, "common_weight"_a = m.common_weight,
                  "emits"_a = m.emits, "also_emits"_a = m.also_emits, "emits_after"_a = m.emits_after,
                  "takes"_a = m.takes, "carries"_a = m.carries, "has_delay"_a = m.has_delay,
                  "both_ways"_a = m.both_ways, "factors"_a = m.factors, "population"_a = m.population,
                  "spike_receptor"_a = m.spike_receptor, "precise"_a = m.precise,
                  "counts_spike_step"_a = m.counts_spike_step, "inputs"_a = m.inputs, "plastic"_a = m.is_plastic(),
                  "modulator"_a = m.plastic ? m.plastic->modulator : std::string(),
                  "modulates"_a = m.kind == Kind::modulator, "learns"_a = learning(m));
}

// Of models whose nodes are made of parts: what a node needs before it can run, and what each part adds to its recordables.
void add_parts(py::dict& d, const ModelInfo& m) {
  using namespace py::literals;
  py::list numbered;
  for (auto& r : m.numbered) numbered.append(py::dict("name"_a = r.name, "unit"_a = r.unit, "doc"_a = r.doc));
  py::dict needs;
  for (auto& [name, value] : m.needs) needs[py::str(name)] = to_python(value);
  d["numbered"] = numbered;
  d["recalls"] = m.recalls;
  d["asks_for"] = m.plastic ? m.plastic->asks_for : "";
  d["needs"] = needs;
  d["weight_unit"] = m.weight_unit;
}

bool whole(const std::string& name) { return name == "N" || name == "indegree" || name == "outdegree"; }

const char* rule_parameter_doc(const std::string& name) {
  if (name == "p") return "Probability that a pair is connected";
  if (name == "pairwise_avg_num_conns") return "Mean number of connections of a pair";
  if (name == "N") return "Number of connections in all";
  if (name == "indegree") return "Connections each target receives";
  if (name == "outdegree") return "Connections each source makes";
  return name == "allow_autapses" ? "Whether a node may be connected to itself"
                                  : "Whether a pair may be connected more than once";
}

}  // namespace

void bind_registry(py::module_& m) {
  m.def("models", [] {
    py::list out;
    for (auto& [name, info] : Registry::get().models) {
      py::dict d = describe_model(info);
      add_parts(d, info);
      out.append(d);
    }
    return out;
  });
  m.def("rules", [] {
    using namespace py::literals;
    py::list out;
    for (auto& [name, r] : Registry::get().rules) {
      if (r.third_factor) continue;
      py::list params;
      for (auto& x : r.required)
        params.append(py::dict("name"_a = x, "type"_a = whole(x) ? "int" : "float", "default"_a = py::none(),
                               "doc"_a = rule_parameter_doc(x)));
      for (auto* x : {"allow_autapses", "allow_multapses"})
        params.append(py::dict("name"_a = x, "type"_a = "bool", "default"_a = true, "doc"_a = rule_parameter_doc(x)));
      py::dict needs;
      for (auto& [flag, value] : r.needs) needs[py::str(flag)] = value;
      out.append(py::dict("name"_a = name, "doc"_a = r.doc, "params"_a = params, "needs"_a = needs));
    }
    return out;
  });
  m.def("available_threads", &available_threads);
  m.def("available_memory", &available_memory);
}

void bind_parameter(py::module_& m) {
  using Op = Parameter::Op;
  py::class_<Parameter> c(m, "Parameter");
  c.def_static("constant", [](double x) { return Parameter(x); });
  c.def_static(
      "uniform", [](double a, double b) { return Parameter(Op::uniform, a, b); }, py::arg("min") = 0.0,
      py::arg("max") = 1.0);
  c.def_static(
      "normal", [](double a, double b) { return Parameter(Op::normal, a, b); }, py::arg("mean") = 0.0,
      py::arg("std") = 1.0);
  c.def_static(
      "lognormal", [](double a, double b) { return Parameter(Op::lognormal, a, b); }, py::arg("mean") = 0.0,
      py::arg("std") = 1.0);
  c.def_static("exponential", [](double b) { return Parameter(Op::exponential, b, 0); }, py::arg("beta") = 1.0);
  c.def_static("uniform_int", [](double n) { return Parameter(Op::uniform_int, n, 0); }, py::arg("max"));
  auto binary = [&c](const char* name, const char* reversed, Op op) {
    c.def(name, [op](const Parameter& a, const Parameter& b) { return Parameter(op, {a, b}); }, py::is_operator());
    if (reversed)
      c.def(
          reversed, [op](const Parameter& a, const Parameter& b) { return Parameter(op, {b, a}); }, py::is_operator());
  };
  binary("__add__", "__radd__", Op::add);
  binary("__sub__", "__rsub__", Op::sub);
  binary("__mul__", "__rmul__", Op::mul);
  binary("__truediv__", "__rtruediv__", Op::div);
  binary("__pow__", nullptr, Op::pow);
  binary("__lt__", nullptr, Op::lt);
  binary("__le__", nullptr, Op::le);
  binary("__gt__", nullptr, Op::gt);
  binary("__ge__", nullptr, Op::ge);
  binary("__eq__", nullptr, Op::eq);
  binary("__ne__", nullptr, Op::ne);
  c.def("__neg__", [](const Parameter& a) { return Parameter(Op::neg, {a}); });
  c.def("__pos__", [](const Parameter& a) { return a; });
  for (auto [name, op] : {std::pair{"exp", Op::exp}, {"sin", Op::sin}, {"cos", Op::cos}})
    c.def_static(name, [op = op](const Parameter& a) { return Parameter(op, {a}); });
  for (auto [name, op] : {std::pair{"min", Op::min}, {"max", Op::max}})
    c.def_static(name, [op = op](const Parameter& a, const Parameter& b) { return Parameter(op, {a, b}); });
  c.def_static(
      "redraw", [](const Parameter& a, double low, double high) { return Parameter(Op::redraw, {a}, low, high); },
      py::arg("a"), py::arg("min"), py::arg("max"));
  c.def_static("conditional", [](const Parameter& a, const Parameter& x, const Parameter& y) {
    return Parameter(Op::conditional, {a, x, y});
  });
  c.def_static("place", [](int quantity, int axis) { return Parameter::place(Quantity(quantity), axis); });
  for (auto [name, op] : {std::pair{"exponential_profile", Op::exponential_profile},
                          {"gaussian_profile", Op::gaussian_profile},
                          {"gaussian2d_profile", Op::gaussian2d_profile},
                          {"gamma_profile", Op::gamma_profile},
                          {"gabor_profile", Op::gabor_profile}})
    c.def_static(name, [op = op](const std::vector<Parameter>& args, const std::vector<double>& constants) {
      return Parameter::profile(op, args, constants);
    });
  c.def_property_readonly("needs", &Parameter::needs);
  c.def_property_readonly("is_random", &Parameter::is_random);
  c.def_property_readonly("bounds", &Parameter::bounds);
  c.def("__repr__", &Parameter::text);
  c.def("__hash__", [](py::object self) { return py::hash(py::int_(reinterpret_cast<std::uintptr_t>(self.ptr()))); });
  py::implicitly_convertible<double, Parameter>();
  c.def(py::init<double>());
}

}  // namespace nl
