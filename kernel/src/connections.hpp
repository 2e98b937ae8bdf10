// What building, reading and changing connections share.
#pragma once
#include <algorithm>

#include "src/simulation.hpp"

namespace nl {

struct FoundEdge {
  NodeId source, target;
  Handle handle;
};
void sort_edges(std::vector<FoundEdge>&, std::size_t nodes);

WeightFormat format_of(const Recipe&, bool common);
Step delay_in_steps(double ms, double h);

struct Simulation::EdgeList {
  std::vector<NodeId> source, target;
  std::vector<double> weight, delay;
  void add(NodeId s, NodeId t, double w, Step d) {
    source.push_back(s);
    target.push_back(t);
    weight.push_back(w);
    delay.push_back(double(d));
  }
  void sort();
};

// Calls sink(row edges, weights or null, delays in steps or null) for every row with edges to nodes of this thread (-1: all).
template <class Sink>
void Simulation::replay(const Recipe& r, int thread, Sink&& sink) const {
  const RuleCall call = r.call();
  const std::int64_t rows = r.rule->rows(call);
  Edges edges;
  std::vector<double> weight, delay;
  Stream of_weight{r.key, r.id, std::uint32_t(Purpose::weight), 0},
      of_delay{r.key, r.id, std::uint32_t(Purpose::delay), 0};
  std::int64_t columns = 0;
  if (!r.weight.array.empty() || !r.delay.array.empty()) {
    const auto shape = r.rule->shape(call);
    columns = shape.size() == 2 ? shape[1] : edge_block;
  }
  // Without autapses a rule passes over pairs that still have their place in an array.
  const bool gaps = columns > 0 && !r.args.allow_autapses && r.rule->name == "all_to_all";
  for (std::int64_t row = 0; row < rows; ++row) {
    if (r.rule->by_target && thread >= 0 && owner_[r.rule->target(call, row)] != thread) continue;
    edges.clear();
    r.rule->row(call, row, edges);
    const std::size_t n = edges.size();
    of_weight.row = of_delay.row = std::uint64_t(row);
    auto values = [&](const Strength& s, const Stream& stream, std::vector<double>& out) -> const double* {
      if (s.fixed()) return nullptr;
      out.resize(n);
      if (s.array.empty()) s.p.draw(stream, 0, out);
      else
        for (std::size_t i = 0, place = 0; i < n; ++i, ++place) {
          if (gaps)
            while (r.sources[std::int64_t(place)] != edges.source[i]) ++place;
          out[i] = s.array[std::size_t(row * columns) + place];
        }
      return out.data();
    };
    const double* w = values(r.weight, of_weight, weight);
    const double* d = values(r.delay, of_delay, delay);
    sink(edges, w, d);
  }
}

// Calls f(source, target, table, place) for the connections that pass the filter's ends.
template <class F>
void Simulation::each_edge(const Rows& r, const std::vector<std::uint8_t>& from, const std::vector<std::uint8_t>& to,
                           F&& f) const {
  const ThreadState& team = team_[r.thread];
  const std::uint32_t first_slot = r.page % team.pages.pages * page_slots;
  for (NodeId s = r.first; s < r.last; ++s) {
    if (!from.empty() && !from[s]) continue;
    for (std::uint64_t i = r.base[s - r.first]; i < r.base[s - r.first + 1]; ++i) {
      const NodeId t = team.node_at[first_slot + r.target[i]];
      if (to.empty() || to[t]) f(s, t, i);
    }
  }
}

}  // namespace nl
