// What Connect is told of one connection, read without the general machinery: programs call it a million times.
#include <string_view>

#include "python/convert.hpp"

namespace nl {

namespace {

bool read(py::handle h, std::string_view& text) {
  if (!PyUnicode_Check(h.ptr())) return false;
  Py_ssize_t size = 0;
  const char* data = PyUnicode_AsUTF8AndSize(h.ptr(), &size);
  if (!data) PyErr_Clear();
  else text = {data, std::size_t(size)};
  return data;
}

bool read(py::handle h, std::optional<double>& x) {
  if (!PyFloat_Check(h.ptr()) && !PyLong_CheckExact(h.ptr())) return false;
  x = PyFloat_AsDouble(h.ptr());
  if (*x == -1.0 && PyErr_Occurred()) return PyErr_Clear(), false;
  return true;
}

bool read(py::handle h, std::optional<std::int64_t>& x) {
  if (!PyLong_CheckExact(h.ptr())) return false;
  int overflow = 0;
  x = PyLong_AsLongLongAndOverflow(h.ptr(), &overflow);
  return !overflow && *x >= 0;
}

bool read_node(py::handle h, NodeId& id) {
  if (!PyRange_Check(h.ptr()) || PyObject_Size(h.ptr()) != 1) return false;
  const auto item = py::reinterpret_steal<py::object>(PySequence_GetItem(h.ptr(), 0));
  std::optional<std::int64_t> x;
  if (!item || !read(item, x) || *x > 0xffffffffll) return false;
  id = NodeId(*x);
  return true;
}

bool read_rule(py::handle h, std::string_view& rule) {
  if (h.is_none() || read(h, rule)) return true;
  if (!PyDict_CheckExact(h.ptr()) || PyDict_Size(h.ptr()) != 1) return false;
  PyObject* name = PyDict_GetItemString(h.ptr(), "rule");
  return name && read(name, rule);
}

bool read_synapse(py::handle h, SingleConnection& c) {
  if (h.is_none() || read(h, c.synapse)) return true;
  if (!PyDict_CheckExact(h.ptr())) return false;
  Py_ssize_t at = 0;
  PyObject *key = nullptr, *value = nullptr;
  std::string_view name;
  while (PyDict_Next(h.ptr(), &at, &key, &value)) {
    if (!read(key, name)) return false;
    const bool known = name == "weight"          ? read(value, c.weight)
                       : name == "delay"         ? read(value, c.delay)
                       : name == "synapse_model" ? read(value, c.synapse)
                       : name == "receptor_type" ? read(value, c.receptor)
                                                 : false;
    if (!known) return false;
  }
  return true;
}

}  // namespace

std::optional<SingleConnection> to_single(py::handle source, py::handle target, py::handle conn, py::handle syn) {
  SingleConnection c;
  c.rule = "all_to_all";
  c.synapse = "static_synapse";
  if (read_node(source, c.source) && read_node(target, c.target) && read_rule(conn, c.rule) && read_synapse(syn, c))
    return c;
  return std::nullopt;
}

}  // namespace nl
