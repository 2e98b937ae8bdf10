#include "python/convert.hpp"

namespace nl {

Ids to_ids(py::handle h) {
  Ids ids;
  if (PyRange_Check(h.ptr())) {
    static const py::handle start = py::str("start").release(), step = py::str("step").release();
    ids.first = h.attr(start).cast<std::int64_t>();
    ids.stride = h.attr(step).cast<std::int64_t>();
    ids.count = std::int64_t(py::len(h));
    return ids;
  }
  auto a = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>::ensure(h);
  if (!a || a.ndim() != 1)
    throw Error("BadType", "node ids must be a range or a one-dimensional array of integers",
                std::string(py::str(py::type::of(h))), "a range or an integer array", "Pass a NodeCollection.");
  ids.count = a.size();
  ids.list.reserve(std::size_t(a.size()));
  for (py::ssize_t i = 0; i < a.size(); ++i)
    ids.list.push_back(a.at(i) < 0 || a.at(i) > 0xffffffffll ? 0 : NodeId(a.at(i)));
  return ids;
}

namespace {

bool is_numpy_scalar(py::handle h) {
  return py::hasattr(h, "dtype") && py::hasattr(h, "item") && py::hasattr(h, "ndim") && h.attr("ndim").cast<int>() == 0;
}

bool is_sequence(py::handle h) {
  return py::isinstance<py::list>(h) || py::isinstance<py::tuple>(h) || py::isinstance<py::array>(h);
}

bool is_dict(py::handle h) { return py::isinstance<py::dict>(h); }

DictPtr to_dict(py::handle h, const std::string& name) {
  auto d = std::make_shared<Dict>();
  for (auto [key, v] : py::reinterpret_borrow<py::dict>(h)) {
    const std::string inner = py::str(key);
    d->items.emplace_back(inner, to_value(v, name + "." + inner));
  }
  return d;
}

Error bad_type(const std::string& name, py::handle h) {
  return Error("BadType", name + " has a type that no parameter has", std::string(py::repr(h)),
               "a number, True or False, a string, a dictionary, or a list of these", "Convert the value first.");
}

}  // namespace

Value to_value(py::handle h, const std::string& name) {
  if (py::isinstance<py::bool_>(h)) return h.cast<bool>();
  if (py::isinstance<py::int_>(h)) {
    int overflow = 0;
    const long long v = PyLong_AsLongLongAndOverflow(h.ptr(), &overflow);
    if (overflow) return h.cast<double>();
    return std::int64_t(v);
  }
  if (py::isinstance<py::float_>(h)) return h.cast<double>();
  if (py::isinstance<py::str>(h)) return h.cast<std::string>();
  if (is_numpy_scalar(h)) return to_value(py::object(h.attr("item")()), name);
  if (is_dict(h)) return to_dict(h, name);
  if (!is_sequence(h)) throw bad_type(name, h);
  if (py::isinstance<py::array>(h) &&
      std::string("OSU").find(h.attr("dtype").attr("kind").cast<std::string>()) == std::string::npos) {
    auto a = py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(h);
    if (!a || a.ndim() != 1)
      throw Error("BadType", name + " must be one-dimensional", std::string(py::str(h.attr("shape"))), "one dimension",
                  "Flatten the array.");
    return std::vector<double>(a.data(), a.data() + a.size());
  }
  std::vector<double> numbers;
  std::vector<std::string> names;
  std::vector<DictPtr> dicts;
  for (auto x : py::reinterpret_borrow<py::object>(h)) {
    if (py::isinstance<py::str>(x)) names.push_back(x.cast<std::string>());
    else if (is_dict(x)) dicts.push_back(to_dict(x, name));
    else if (PyNumber_Check(x.ptr()) && !is_sequence(x))
      numbers.push_back(py::float_(py::reinterpret_borrow<py::object>(x)).cast<double>());
    else throw bad_type(name, h);
  }
  if (!names.empty() + !numbers.empty() + !dicts.empty() > 1) throw bad_type(name, h);
  if (!dicts.empty()) return dicts;
  if (!names.empty()) return names;
  return numbers;
}

// A list is one value per node, unless the parameter itself is a list: the kernel decides, who knows the parameter.
Settings to_settings(py::handle dict) {
  Settings out;
  if (dict.is_none()) return out;
  for (auto [key, v] : py::reinterpret_borrow<py::dict>(dict)) {
    const std::string name = py::str(key);
    if (py::isinstance<Parameter>(v)) {
      out.emplace_back(name, v.cast<Parameter>());
      continue;
    }
    const bool sequence = is_sequence(v) && !is_numpy_scalar(v);
    if (sequence && py::len(v) > 0) {
      py::object first = py::reinterpret_borrow<py::object>(v)[py::int_(0)];
      const bool plain_numbers = !py::isinstance<py::bool_>(first) && !py::isinstance<py::str>(first) &&
                                 !is_sequence(first) && !is_dict(first);
      if (!plain_numbers && !(py::isinstance<py::str>(first))) {
        std::vector<Value> each;
        for (auto x : py::reinterpret_borrow<py::object>(v)) each.push_back(to_value(x, name));
        out.emplace_back(name, std::move(each));
        continue;
      }
    }
    Value value = to_value(v, name);
    if (auto* numbers = std::get_if<std::vector<double>>(&value)) out.emplace_back(name, std::move(*numbers));
    else out.emplace_back(name, std::move(value));
  }
  return out;
}

py::object to_python(const Value& v) {
  return std::visit(
      [](auto& x) -> py::object {
        using T = std::remove_cvref_t<decltype(x)>;
        if constexpr (std::is_same_v<T, std::vector<double>>) {
          return py::array_t<double>(py::ssize_t(x.size()), x.data());
        } else if constexpr (std::is_same_v<T, DictPtr>) {
          py::dict d;
          for (auto& [name, value] : x->items) d[py::str(name)] = to_python(value);
          return d;
        } else if constexpr (std::is_same_v<T, std::vector<DictPtr>>) {
          py::list list;
          for (auto& d : x) list.append(to_python(Value(d)));
          return list;
        } else {
          return py::cast(x);
        }
      },
      v);
}

py::object to_python(const FieldInfo& f, const Value& v) {
  if (f.type != Type::nodes) return to_python(v);
  py::list ids;
  for (double id : std::get<std::vector<double>>(v)) ids.append(std::int64_t(id));
  return py::tuple(ids);
}

Parameter to_parameter(py::handle h, const char* name) {
  if (py::isinstance<Parameter>(h)) return h.cast<Parameter>();
  const Value v = to_value(h, name);
  if (std::holds_alternative<std::int64_t>(v) || std::holds_alternative<double>(v))
    return Parameter(from_value<double>(v));
  throw Error("BadType", std::string(name) + " must be a number or a parameter", std::string(py::repr(h)),
              "a number or a parameter", "Give a number, or for example nest.random.uniform().");
}

Strength to_strength(py::handle h, const char* name, std::vector<std::int64_t>& shape) {
  Strength s;
  if (!is_sequence(h) || is_numpy_scalar(h)) {
    s.p = to_parameter(h, name);
    return s;
  }
  auto a = py::array_t<double, py::array::c_style | py::array::forcecast>::ensure(h);
  if (!a) {
    PyErr_Clear();
    throw Error("BadType", std::string("an array of ") + name + "s must hold numbers",
                std::string(py::repr(h)).substr(0, 80), "numbers, in rows of one length",
                "Convert it with numpy.array(..., dtype=float).");
  }
  s.array.assign(a.data(), a.data() + a.size());
  for (py::ssize_t d = 0; d < a.ndim(); ++d) shape.push_back(a.shape(d));
  return s;
}

}  // namespace nl
