// Parameter tables: each parameter is named once, with member, unit, bounds and a one-line doc. Defaults, range checks,
// messages, help texts, slider bounds and Neo units are all read from here.
#pragma once
#include <algorithm>
#include <span>
#include <string_view>
#include <tuple>

#include "core.hpp"

namespace nl {

struct Bounds {
  double lower = -inf;
  double upper = inf;
  bool lower_open = false, upper_open = false;
  constexpr bool contain(double x) const {
    return (lower_open ? x > lower : x >= lower) && (upper_open ? x < upper : x <= upper);
  }
};
constexpr Bounds any() { return {}; }
constexpr Bounds above(double x) { return {.lower = x, .lower_open = true}; }
constexpr Bounds at_least(double x) { return {.lower = x}; }
constexpr Bounds between(double a, double b) { return {.lower = a, .upper = b}; }

template <class Owner, class T>
struct Field {
  using owner = Owner;
  const char* name;
  T Owner::* member;
  const char* unit;
  Bounds bounds;
  const char* doc;
  const char* symbol = "";  // "readonly": computed, can be read but not written; "default": fixed once a node is made
  std::span<const char* const> choices = {};  // of a number that stands for a name: the names
};

template <class Owner, class T>
constexpr Field<Owner, T> field(const char* name, T Owner::* member, const char* unit, Bounds bounds, const char* doc) {
  return {name, member, unit, bounds, doc};
}

// One of several names, kept as its number.
template <class Owner>
constexpr Field<Owner, std::int64_t> choice(const char* name, std::int64_t Owner::* member,
                                            std::span<const char* const> choices, const char* doc) {
  return {name, member, "", any(), doc, "", choices};
}

// A field that follows from others and can only be read.
template <class Owner, class T>
constexpr Field<Owner, T> computed(const char* name, T Owner::* member, const char* unit, const char* doc) {
  return {name, member, unit, any(), doc, name};
}

template <class... F>
constexpr auto table(F... fields) {
  return std::make_tuple(fields...);
}

// A dictionary of a node: its items are parameters and state, each with a field.
template <class... F>
struct Group {
  const char *name, *doc;
  std::tuple<F...> fields;
};
template <class... F>
constexpr Group<F...> group(const char* name, const char* doc, std::tuple<F...> fields) {
  return {name, doc, fields};
}

template <class State>
struct Recordable {
  const char* name;
  double State::* member;
  const char* unit;
  const char* doc;
};
template <class State>
constexpr Recordable<State> recordable(const char* name, double State::* member, const char* unit, const char* doc) {
  return {name, member, unit, doc};
}

// What a cross-parameter check says when two parameters do not go together; empty `what` means all is well.
struct Complaint {
  const char* what = nullptr;
  const char* allowed = "";
  const char* todo = "";
  double value = 0;
  const char* unit = "";
};

// --- the same table at run time, for everything that does not know the model's type
enum class Type { real, integer, flag, text, array, names, dictionary, dictionaries, nodes };
constexpr bool is_number(Type t) { return t <= Type::flag; }
// Values that are lists themselves: a list given for such a field is one value, not one value for each node.
constexpr bool is_list(Type t) {
  return t == Type::array || t == Type::names || t == Type::dictionaries || t == Type::nodes;
}

struct FieldInfo {
  std::string name, unit, doc;
  Type type = Type::real;
  Value fallback;  // the default
  Bounds bounds;
  bool state = false, readonly = false;
  bool shared = false;                    // of a synapse: one value for all connections of the model
  bool fixed = false;                     // can be set as a default only, not for a node
  bool writeonly = false;                 // adds to another field, which shows it
  std::vector<std::string> choices = {};  // of a text: the names that are possible
  std::vector<FieldInfo> inner = {};      // of a dictionary: what it holds ...
  // The choices with which it has a meaning, of its dictionary or of `record_to`; empty: always.
  std::vector<std::string> when = {};
  bool has_meaning(const std::string& choice) const {
    return when.empty() || std::ranges::find(when, choice) != when.end();
  }
};
struct RecordableInfo {
  std::string name, unit, doc;
};

template <class T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, bool>) return Type::flag;
  else if constexpr (std::is_integral_v<T>) return Type::integer;
  else if constexpr (std::is_floating_point_v<T>) return Type::real;
  else if constexpr (std::is_same_v<T, std::string>) return Type::text;
  else if constexpr (std::is_same_v<T, std::vector<double>>) return Type::array;
  else if constexpr (std::is_same_v<T, NodeList>) return Type::nodes;
  else if constexpr (std::is_same_v<T, DictPtr>) return Type::dictionary;
  else if constexpr (std::is_same_v<T, std::vector<DictPtr>>) return Type::dictionaries;
  else return Type::names;
}

template <class T>
Value to_value(const T& x) {
  if constexpr (std::is_same_v<T, bool>) return x;
  else if constexpr (std::is_integral_v<T>) return std::int64_t(x);
  else if constexpr (std::is_floating_point_v<T>) return double(x);
  else if constexpr (std::is_same_v<T, NodeList>) return x.ids;
  else return x;
}

template <class T>
T from_value(const Value& v) {
  if constexpr (std::is_arithmetic_v<T>) {
    if (auto* d = std::get_if<double>(&v)) return T(*d);
    if (auto* i = std::get_if<std::int64_t>(&v)) return T(*i);
    return T(std::get<bool>(v));
  } else if constexpr (std::is_same_v<T, NodeList>) {
    return {std::get<std::vector<double>>(v)};
  } else {
    return std::get<T>(v);
  }
}

// The number that stands for a value: of a name its place among the choices.
inline double number_of(const FieldInfo& f, const Value& v) {
  if (f.choices.empty()) return from_value<double>(v);
  const auto& name = std::get<std::string>(v);
  return double(std::find(f.choices.begin(), f.choices.end(), name) - f.choices.begin());
}

// What a model's table says of a field, in one type for all models, so that each is compiled quickly.
struct FieldRow {
  const char *name, *unit, *doc, *symbol;
  Type type;
  double fallback;  // of a number
  Bounds bounds;
  bool state;
  std::span<const char* const> choices;
};
FieldInfo describe(const FieldRow&);

template <class Owner, class T>
FieldInfo describe(const Field<Owner, T>& f, bool state) {
  FieldRow row{f.name, f.unit, f.doc, f.symbol, type_of<T>(), 0, f.bounds, state, f.choices};
  if constexpr (std::is_arithmetic_v<T>) {
    row.fallback = double(Owner{}.*f.member);
    return describe(row);
  } else {
    FieldInfo info = describe(row);
    info.fallback = to_value(Owner{}.*f.member);
    return info;
  }
}

template <class State, class... F>
FieldInfo describe(const Group<F...>& g) {
  FieldInfo all{g.name, "", g.doc, Type::dictionary, {}, any()};
  auto dict = std::make_shared<Dict>();
  auto add = [&](auto& f) {
    all.inner.push_back(describe(f, std::is_same_v<typename std::remove_cvref_t<decltype(f)>::owner, State>));
    dict->items.emplace_back(f.name, all.inner.back().fallback);
  };
  std::apply([&](auto&... f) { (add(f), ...); }, g.fields);
  all.fallback = DictPtr(dict);
  return all;
}

}  // namespace nl
