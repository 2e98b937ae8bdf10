// The contract of connection rules. A rule is a replayable generator: row(i) yields the same edges whenever and wherever it
// is asked, so that building and reading back need no stored list. Row i holds the edges of source i, in the order in which
// they are kept; or, where the rule fixes what a target receives (`by_target`), those of target i.
#pragma once
#include <algorithm>
#include <cmath>
#include <functional>

#include "field.hpp"
#include "parameter.hpp"
#include "rng.hpp"
#include "space.hpp"

namespace nl {

// Node ids: a regular range or a list.
struct Ids {
  std::int64_t first = 1, count = 0, stride = 1;
  std::vector<NodeId> list;  // used when not empty
  std::int64_t size() const { return list.empty() ? count : std::int64_t(list.size()); }
  NodeId operator[](std::int64_t i) const { return list.empty() ? NodeId(first + i * stride) : list[std::size_t(i)]; }
  bool contiguous() const { return list.empty() && stride == 1; }
};

struct RuleArguments {
  Parameter indegree, outdegree, p;  // constant or random
  std::int64_t N = 0;
  bool allow_autapses = true, allow_multapses = true;
  SpaceArguments space;
};

struct ThirdFactorArguments {
  double p = 1;
  std::int64_t pool_size = -1;  // -1: the whole third population
  std::string pool_type = "random";
};

// What a third-factor rule is asked about: the ends of the primary connections, and the stream of its own.
struct ThirdFactorCall {
  const Ids* sources;
  const Ids* targets;
  const Ids* third;
  const ThirdFactorArguments* args;
  Stream random;
  const std::vector<std::uint32_t>* made = nullptr;  // what the rule's `prepare` made
};

// What a rule is asked about: who, with which arguments, and the stream its random numbers come from.
struct RuleCall {
  const Ids* sources;
  const Ids* targets;
  const RuleArguments* args;
  Stream random;
  const std::vector<std::uint64_t>* starts =
      nullptr;                     // what the rule's `prepare` made: number of edges before each row
  const Pairing* space = nullptr;  // where who is connected depends on places
};

struct Edges {  // of one row, in its order; weights and delays are drawn at (row, position)
  std::vector<NodeId> source, target;
  void clear() {
    source.clear();
    target.clear();
  }
  void add(NodeId s, NodeId t) {
    source.push_back(s);
    target.push_back(t);
  }
  std::size_t size() const { return source.size(); }
};

struct ThirdFactorInfo {
  std::function<void(const ThirdFactorCall&)> check;  // throws an Error
  std::function<std::vector<std::uint32_t>(const ThirdFactorCall&)> prepare;
  std::function<double(const ThirdFactorCall&)> expected;  // share of the primary connections that get a third node
  // The third node, or 0, of each primary connection of a row.
  std::function<void(const ThirdFactorCall&, std::int64_t row, const Edges&, std::vector<NodeId>&)> row;
};

struct RuleInfo {
  std::string name, doc;
  std::vector<FieldInfo> params;  // fallback monostate-like empty string = must be given
  std::vector<std::string> required;
  bool by_target = true;
  bool scattered = false;                           // the edges of a row have nothing in common
  bool to_devices = true;                           // may be used with recorders as targets
  bool both_ways = false;                           // can make its connections both ways, as make_symmetric asks
  std::vector<std::pair<std::string, bool>> needs;  // flags that must be given with these values
  bool in_space = false;                            // knows masks and probabilities that depend on places ...
  bool either_side = false;                         // ... and the mask may lie around either end
  bool third_factor = false;
  ThirdFactorInfo third;  // then this, and nothing below
  std::function<std::int64_t(const RuleCall&)> rows;
  std::function<std::vector<std::uint64_t>(const RuleCall&)> prepare;  // only where rows depend on each other
  std::function<double(const RuleCall&)> expected;                     // number of edges, exact when `exact`
  bool exact = true;
  std::function<void(const RuleCall&, std::int64_t, Edges&)> row;
  // Place of edge k of a row in an array of weights or delays.
  std::function<std::int64_t(const RuleCall&, std::int64_t row, std::int64_t k, const Edges&)> place;
  std::function<void(const RuleCall&)> check;                       // throws an Error
  std::function<std::vector<std::int64_t>(const RuleCall&)> shape;  // of array-valued weights: {rows, columns} or {n}
};

template <class R>
void describe_pairs(RuleInfo& r) {
  r.by_target = R::by_target;
  r.to_devices = R::to_devices;
  if constexpr (requires { R::in_space; }) r.in_space = R::in_space;
  if constexpr (requires { R::either_side; }) r.either_side = R::either_side;
  for (auto& x : R::required) r.required.emplace_back(x);
  r.exact = R::exact;
  r.rows = R::rows;
  r.expected = R::expected;
  r.row = R::row;
  r.check = R::check;
  r.shape = R::shape;
  if constexpr (requires { R::both_ways; }) r.both_ways = R::both_ways;
  if constexpr (requires { R::needs; }) r.needs.assign(R::needs.begin(), R::needs.end());
  if constexpr (requires { R::place; }) r.place = R::place;
  if constexpr (requires { R::prepare; }) r.prepare = R::prepare;
}

template <class R>
RuleInfo describe_rule(const char* name) {
  RuleInfo r;
  r.name = name;
  r.doc = R::doc;
  if constexpr (requires { R::third_factor; }) {
    r.third_factor = true;
    r.third = {R::check, R::prepare, R::expected, R::row};
    return r;
  } else {
    describe_pairs<R>(r);
    return r;
  }
}

// Where a node stands among ascending ids that hold it.
inline std::int64_t position_of(const Ids& ids, NodeId id) {
  if (ids.list.empty()) return (std::int64_t(id) - ids.first) / ids.stride;
  return std::lower_bound(ids.list.begin(), ids.list.end(), id) - ids.list.begin();
}

// Where a node stands among others in any order; -1 if it is none of them.
inline std::int64_t find(const Ids& ids, NodeId id) {
  if (!ids.list.empty()) {
    const auto at = std::find(ids.list.begin(), ids.list.end(), id);
    return at == ids.list.end() ? -1 : at - ids.list.begin();
  }
  const std::int64_t from_first = std::int64_t(id) - ids.first, at = from_first / ids.stride;
  return from_first >= 0 && at < ids.count && at * ids.stride == from_first ? at : -1;
}

// Of rules in space (src/run/space.cpp). Numbers in the pool of those that a node reaches; all of them without a mask.
void reached_by(const RuleCall&, NodeId driver, std::vector<std::uint32_t>&);
// Draws k of those that a node reaches, by their weights where `p` gives them.
void draw_reached(const RuleCall&, std::int64_t row, std::int64_t k, std::vector<NodeId>&);
// Throws an Error where a node reaches too few.
void check_reached(const RuleCall&, const char* rule, const std::function<std::int64_t(std::int64_t)>& degree);
// What a node weighs that it reaches, summed for each node and averaged over some of them.
double mean_reached(const RuleCall&,
                    const std::function<double(NodeId driver, const std::vector<std::uint32_t>&)>& weigh);

// A number of connections that was given or drawn. What no network can have stays more than any can have.
inline std::int64_t whole_degree(double k) { return std::int64_t(std::round(std::fmin(std::fmax(k, -1e18), 1e18))); }

// Adds k targets drawn with replacement for one source, or the other way round.
template <class Add>
void draw_repeated(const Stream& random, const Ids& from, std::int64_t k, NodeId other, bool allow_self, Add&& add) {
  alignas(64) std::uint32_t word[draw_group];
  const std::uint32_t n = std::uint32_t(from.size());
  std::uint32_t spare = 0x80000000u;  // elements for rejected draws, far from the ordinary ones
  auto again = [&] { return draw1(random, spare++); };
  for (std::int64_t i = 0; i < k; i += draw_group) {
    draw64(random, std::uint32_t(i / draw_group), word);
    const int m = int(std::min<std::int64_t>(draw_group, k - i));
    for (int j = 0; j < m; ++j) {
      NodeId drawn = from[bounded(word[j], n, again)];
      while (drawn == other && !allow_self) drawn = from[bounded(again(), n, again)];
      add(drawn);
    }
  }
}

// Calls `add` with each of 0 ... n-1 that is taken, with chance p each. The gaps between them are drawn (geometric
// distribution), so that the work is proportional to what is taken.
template <class Add>
void draw_with_chance(const Stream& random, double p, std::int64_t n, Add&& add) {
  if (p <= 0) return;
  if (p >= 1) {
    for (std::int64_t i = 0; i < n; ++i) add(i);
    return;
  }
  alignas(64) std::uint32_t word[draw_group];
  const double inverse = 1 / std::log1p(-p);
  std::int64_t i = -1;
  for (std::uint32_t group = 0;; ++group) {
    draw64(random, group, word);
    for (std::uint32_t w : word) {
      const double gap = std::floor(vlog(to_uniform(w)) * inverse);
      if (gap >= double(n - 1 - i)) return;
      i += 1 + std::int64_t(gap);
      add(i);
    }
  }
}

// Draws K different positions out of 0 ... n-1 in random order; `skip` (or -1) is never drawn.
inline void draw_distinct(const Stream& random, std::int64_t n, std::int64_t k, std::int64_t skip,
                          std::vector<std::uint32_t>& out) {
  thread_local std::vector<std::uint64_t> taken;
  taken.assign(std::size_t(n + 63) / 64, 0);
  auto take = [&](std::uint32_t x) {
    std::uint64_t& word = taken[x / 64];
    const bool fresh = !(word >> (x % 64) & 1);
    word |= std::uint64_t{1} << (x % 64);
    return fresh;
  };
  if (skip >= 0) take(std::uint32_t(skip));
  const std::int64_t room = n - (skip >= 0);
  out.clear();
  std::uint32_t element = 0;
  auto draw = [&] {
    auto next = [&] { return draw1(random, element++); };
    return bounded(next(), std::uint32_t(n), next);
  };
  if (2 * k <= room) {
    while (std::int64_t(out.size()) < k) {
      const std::uint32_t x = draw();
      if (take(x)) out.push_back(x);
    }
    return;
  }
  for (std::int64_t left = room - k; left > 0;)  // few stay out: draw those
    if (take(draw())) --left;
  for (std::int64_t x = 0; x < n; ++x)
    if (!(taken[std::size_t(x) / 64] >> (x % 64) & 1)) out.push_back(std::uint32_t(x));
  for (std::size_t i = out.size(); i > 1; --i) {
    auto next = [&] { return draw1(random, element++); };
    std::swap(out[i - 1], out[bounded(next(), std::uint32_t(i), next)]);
  }
}

}  // namespace nl
