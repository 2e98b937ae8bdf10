// Between Python objects and the kernel's values.
#pragma once
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "src/simulation.hpp"

namespace nl {

namespace py = pybind11;

Ids to_ids(py::handle);
Value to_value(py::handle, const std::string& name);
Settings to_settings(py::handle dict);
py::object to_python(const Value&);
py::object to_python(const FieldInfo&, const Value&);  // nodes as a tuple of ids
Strength to_strength(py::handle, const char* name, std::vector<std::int64_t>& shape);
Parameter to_parameter(py::handle, const char* name);
// What a Connect call says if that is one connection with plain numbers.
std::optional<SingleConnection> to_single(py::handle source, py::handle target, py::handle conn, py::handle syn);
ConnectCall to_call(const Simulation&, py::dict conn, py::dict syn);
ThirdFactor to_third_factor(const Simulation&, const Ids& nodes, py::dict conn, py::dict syns);

template <class T>
py::array_t<T> to_array(std::vector<T>&& v) {
  auto* heap = new std::vector<T>(std::move(v));
  py::capsule owner(heap, [](void* p) { delete static_cast<std::vector<T>*>(p); });
  return py::array_t<T>(py::ssize_t(heap->size()), heap->data(), owner);
}

template <class T>
py::array_t<T> cast_array(const std::vector<double>& v) {
  py::array_t<T> out(py::ssize_t(v.size()));
  T* p = out.mutable_data();
  for (std::size_t i = 0; i < v.size(); ++i) p[i] = T(v[i]);
  return out;
}

// Runs f behind the simulation's gate, with the GIL released while waiting for it and while f works.
template <class F>
auto behind_gate(Simulation& s, F&& f) {
  py::gil_scoped_release release;
  Simulation::Gate gate(s);
  return f();
}

void bind_registry(py::module_&);
void bind_parameter(py::module_&);
void bind_connections(py::module_&);
void bind_simulation(py::module_&);
void bind_structure(py::class_<Simulation>&);
void bind_space(py::module_&, py::class_<Simulation>&);
void bind_growth_curves(py::module_&);

}  // namespace nl
