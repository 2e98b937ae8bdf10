#include <algorithm>
#include <set>

#include "python/convert.hpp"

namespace nl {

namespace {

using Column = Connections::Column;

const std::vector<std::pair<std::string, Column>>& columns() {
  static const std::vector<std::pair<std::string, Column>> list{
      {"source", Column::source},     {"target", Column::target},        {"weight", Column::weight},
      {"delay", Column::delay},       {"synapse_id", Column::synapse},   {"port", Column::port},
      {"receptor", Column::receptor}, {"target_thread", Column::thread}, {"synapse_label", Column::label}};
  return list;
}

std::vector<double> read(const Connections& c, Column column) {
  return behind_gate(*c.sim, [&] {
    std::vector<double> out(c.handles.size());
    c.column(column, out.data());
    return out;
  });
}

// None where a connection has no such member.
py::object members(std::vector<double>&& v, Type type) {
  if (std::none_of(v.begin(), v.end(), [](double x) { return std::isnan(x); })) {
    if (type == Type::integer) return cast_array<std::int64_t>(v);
    return to_array(std::move(v));
  }
  py::list out;
  for (double x : v) {
    if (std::isnan(x)) out.append(py::none());
    else if (type == Type::integer) out.append(std::int64_t(x));
    else out.append(x);
  }
  return out;
}

py::object get(const Connections& c, const std::string& name) {
  if (name == "sizeof") {  // bytes of one synapse in its row
    std::vector<double> v = read(c, Column::synapse);
    for (double& id : v) {
      const ModelInfo& info = *c.sim->models()[std::size_t(id)]->info;
      id = info.is_plastic() ? 10 : info.common_weight ? 2 : 6;
    }
    return cast_array<std::int64_t>(v);
  }
  if (name == "synapse_model") {
    py::list out;
    for (double id : read(c, Column::synapse)) out.append(c.sim->models()[std::size_t(id)]->name);
    return out;
  }
  for (auto& [key, column] : columns())
    if (key == name) {
      auto v = read(c, column);
      if (column == Column::weight || column == Column::delay) return to_array(std::move(v));
      return cast_array<std::int64_t>(v);
    }
  const auto factors = c.factors();
  if (std::find(factors.begin(), factors.end(), name) != factors.end())
    return to_array(behind_gate(*c.sim, [&] {
      std::vector<double> out(c.handles.size());
      c.factor(name, out.data());
      return out;
    }));
  std::vector<double> v(c.handles.size());
  Type type = Type::real;
  if (behind_gate(*c.sim, [&] { return c.member(name, v.data(), type); })) return members(std::move(v), type);
  std::vector<std::string> names{"synapse_model"};
  for (auto& [key, column] : columns()) names.push_back(key);
  names.insert(names.end(), factors.begin(), factors.end());
  throw unknown_name("UnknownName", "connections have no property of this name", name, names);
}

// What these connections have in common: no weight where the model holds one for all, a label where all carry one.
std::vector<std::string> names(const Connections& c) {
  bool weight = true, label = true;
  std::set<std::string> members;
  std::vector<bool> seen(c.sim->models().size());
  for (double id : read(c, Column::synapse)) seen[std::size_t(id)] = true;
  for (std::size_t id = 0; id < seen.size(); ++id)
    if (seen[id]) {
      weight &= !c.sim->models()[id]->info->common_weight;
      label &= c.sim->models()[id]->info->find("synapse_label") != nullptr;
      for (auto& m : c.sim->models()[id]->info->plastic->members)
        if (!m.name.empty()) members.insert(m.name);
    }
  std::vector<std::string> out{"delay", "port", "receptor", "sizeof", "source", "synapse_id"};
  if (label && !c.handles.empty()) out.push_back("synapse_label");
  for (auto* x : {"synapse_model", "target", "target_thread"}) out.emplace_back(x);
  if (weight) out.emplace_back("weight");
  const auto factors = c.factors();
  out.insert(out.end(), factors.begin(), factors.end());
  out.insert(out.end(), members.begin(), members.end());
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<double> values_of(Connections& c, const std::string& name, py::handle h) {
  std::vector<std::int64_t> shape;
  Strength s = to_strength(h, name.c_str(), shape);
  if (s.array.empty()) {
    if (s.p.is_constant()) s.array = {s.p.value()};
    else s.array = behind_gate(*c.sim, [&] { return c.sim->draw(s.p, std::int64_t(c.handles.size())); });
  }
  if (s.array.size() != 1 && s.array.size() != c.handles.size())
    throw Error("BadValue", name + ": there must be one value for all connections or one for each",
                std::to_string(s.array.size()) + " values for " + std::to_string(c.handles.size()) + " connections",
                "1 or " + std::to_string(c.handles.size()) + " values",
                "Give as many values as connections, or a single one.");
  return s.array;
}

void set(Connections& c, const py::dict& params) {
  Connections::Values values;
  for (auto [key, v] : params) values.emplace_back(py::str(key), values_of(c, py::str(key), v));
  if (c.handles.empty()) return;
  behind_gate(*c.sim, [&] { c.set(values); });
}

}  // namespace

void bind_connections(py::module_& m) {
  py::class_<Connections> c(m, "Connections");
  c.def("__len__", [](const Connections& x) { return x.handles.size(); });
  c.def("get", &get);
  c.def("set", &set);
  c.def("set", [](Connections& x, const std::string& name, py::object value) {
    py::dict one;
    one[py::str(name)] = value;
    set(x, one);
  });
  for (auto& [name, column] : columns()) {
    const std::string method = name == "synapse_label" ? "label" : name;
    c.def(method.c_str(), [name = name](const Connections& x) { return get(x, name); });
  }
  c.def("synapse_model", [](const Connections& x) { return get(x, "synapse_model"); });
  c.def("names", &names);
  c.def("stale", &Connections::stale);
  c.def(
      "select",
      [](const Connections& x, py::array_t<std::int64_t, py::array::c_style | py::array::forcecast> index) {
        Connections out{x.sim, x.version, {}};
        out.handles.reserve(std::size_t(index.size()));
        for (py::ssize_t i = 0; i < index.size(); ++i) {
          if (index.at(i) < 0 || index.at(i) >= std::int64_t(x.handles.size()))
            throw py::index_error("connection index out of range");
          out.handles.push_back(x.handles[std::size_t(index.at(i))]);
        }
        return out;
      },
      py::keep_alive<0, 1>());
  c.def("__eq__", [](const Connections& a, const Connections& b) {
    return a.sim == b.sim && a.version == b.version &&
           std::equal(a.handles.begin(), a.handles.end(), b.handles.begin(), b.handles.end(),
                      [](auto x, auto y) { return x.bits == y.bits; });
  });
}

}  // namespace nl
