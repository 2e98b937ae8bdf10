// Connections that are more than pairs: third factors and structural plasticity.
#include <nest_lab/growth_curve.hpp>

#include "python/convert.hpp"

namespace nl {

namespace {

std::vector<StructuralSynapse> to_synapses(const Simulation& sim, const py::dict& given) {
  std::vector<StructuralSynapse> out;
  for (auto [label, spec] : given) {
    StructuralSynapse s;
    s.label = py::str(label);
    py::dict conn, syn = py::reinterpret_borrow<py::dict>(spec).attr("copy")();
    for (auto* name : {"allow_autapses", "allow_multapses"})
      if (syn.contains(name)) conn[name] = syn.attr("pop")(name);
    s.call = to_call(sim, conn, syn);
    s.pre = s.call.pre_element;
    s.post = s.call.post_element;
    if (s.pre.empty())
      throw Error("BadValue", "structural_plasticity_synapses: '" + s.label + "' names no synaptic elements",
                  "no pre_synaptic_element, no post_synaptic_element", "the names of both",
                  "Say which elements the connections grow from and to.");
    out.push_back(std::move(s));
  }
  return out;
}

py::dict show(const std::vector<StructuralSynapse>& synapses) {
  using namespace py::literals;
  py::dict out;
  for (auto& s : synapses)
    out[py::str(s.label)] = py::dict(
        "allow_autapses"_a = s.call.args.allow_autapses, "allow_multapses"_a = s.call.args.allow_multapses,
        "post_synaptic_element"_a = s.post, "pre_synaptic_element"_a = s.pre, "synapse_model"_a = s.call.synapse);
  return out;
}

}  // namespace

void bind_structure(py::class_<Simulation>& c) {
  c.def("connect_tripartite", [](Simulation& s, py::handle sources, py::handle targets, py::handle third, py::dict conn,
                                 py::dict third_conn, py::dict syns) {
    const Ids from = to_ids(sources), to = to_ids(targets);
    ThirdFactor t = to_third_factor(s, to_ids(third), third_conn, syns);
    ConnectCall primary = to_call(s, conn, py::reinterpret_borrow<py::dict>(py::list(syns["primary"])[0]));
    t.more.erase(t.more.begin());
    behind_gate(s, [&] { s.connect_tripartite(from, to, primary, t); });
  });
  c.def_property("structural_plasticity", &Simulation::structural_plasticity,
                 [](Simulation& s, bool on) { behind_gate(s, [&] { s.set_structural_plasticity(on); }); });
  c.def_property("structural_interval", &Simulation::structural_interval,
                 [](Simulation& s, double ms) { behind_gate(s, [&] { s.set_structural_interval(ms); }); });
  c.def_property(
      "structural_synapses", [](Simulation& s) { return show(s.structural_synapses()); },
      [](Simulation& s, const py::dict& given) {
        auto synapses = to_synapses(s, given);
        behind_gate(s, [&] { s.set_structural_synapses(std::move(synapses)); });
      });
}

void bind_growth_curves(py::module_& m) {
  m.def("growth_curves", [] {
    using namespace py::literals;
    py::list out;
    for (auto& [name, g] : Registry::get().growth_curves) {
      py::list params;
      for (auto& f : g.params)
        params.append(
            py::dict("name"_a = f.name, "type"_a = "float", "default"_a = to_python(f.fallback), "doc"_a = f.doc));
      out.append(py::dict("name"_a = name, "doc"_a = g.doc, "params"_a = params));
    }
    return out;
  });
}

}  // namespace nl
