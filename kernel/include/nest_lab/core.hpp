// The few types everything shares: identifiers, values that cross the language border, and the one error type.
#pragma once
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#if defined(__CUDACC__)
#define NL_HD __host__ __device__
#else
#define NL_HD
#endif

// Of a function with a loop over lanes. Where a number is kept within bounds, g++ works out beforehand what comes of a bound, and
// leaves a branch for it. Vector code has none: it would choose among the results of all branches, one by one.
#if defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__)
#define NL_NO_BRANCHES [[gnu::optimize("no-thread-jumps", "no-tree-pre")]]
#else
#define NL_NO_BRANCHES
#endif

namespace nl {

using NodeId = std::uint32_t;  // 1-based, as users see it; 0 is nobody
using Step = std::int64_t;     // time in units of the resolution

inline constexpr double inf = std::numeric_limits<double>::infinity();
inline constexpr double degree = 3.14159265358979323846 / 180;  // in radians
inline constexpr int chunk_lanes = 256;  // nodes that one thread updates as a whole; never straddles a page

// Models work on so many nodes at once. Behind the last node of a chunk lie some that are nobody's.
inline constexpr int lane_group = 8;
constexpr int whole_groups(int lanes) { return (lanes + lane_group - 1) / lane_group * lane_group; }

// What a parameter may hold on its way between a user and a model.
struct Dict;
using DictPtr = std::shared_ptr<const Dict>;
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<double>, std::vector<std::string>,
                           DictPtr, std::vector<DictPtr>>;
struct Dict {  // names and values, in the order in which they were written
  std::vector<std::pair<std::string, Value>> items;
  const Value* find(const std::string& name) const {
    for (auto& [key, value] : items)
      if (key == name) return &value;
    return nullptr;
  }
};

// Nodes that a parameter names: a recorder, or those that it looks at.
struct NodeList {
  std::vector<double> ids;
};

// The five parts of an error (the caller's name, "where", is added by the front end), raised before anything changed.
struct Error : std::exception {
  std::string kind, what, value, allowed, todo;
  std::string wrong;                    // a name that was not known ...
  std::vector<std::string> candidates;  // ... and the names that are

  Error(std::string kind_, std::string what_, std::string value_ = "", std::string allowed_ = "",
        std::string todo_ = "")
      : kind(std::move(kind_)),
        what(std::move(what_)),
        value(std::move(value_)),
        allowed(std::move(allowed_)),
        todo(std::move(todo_)) {}
  const char* what_text() const { return what.c_str(); }
};

inline Error unknown_name(std::string kind, std::string what, std::string wrong, std::vector<std::string> names) {
  Error e(std::move(kind), std::move(what));
  e.value = "'" + wrong + "'";
  e.wrong = std::move(wrong);
  e.candidates = std::move(names);
  e.todo = "Check the spelling.";
  return e;
}

// A name with its article: "a parrot_neuron", "an iaf_psc_exp". Where the first part has no vowel it is spelt: "an hh_psc_alpha".
std::string with_article(const std::string& name);

std::string number(double x);  // shortest text that reads back as x

}  // namespace nl
