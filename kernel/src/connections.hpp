// What building, reading and changing connections share.
#pragma once
#include <algorithm>

#include "src/simulation.hpp"

namespace nl {

void check_shape(const Recipe&, const std::vector<std::int64_t>& given, const char* what);
void check_finite(const Strength&, const char* what, const char* unit);
const RuleInfo& edges_rule();  // edges that stand in the recipe itself: source k to target k
WeightFormat format_of(const Recipe&, bool common, bool plastic);

// both_ways.cpp
std::string rules_both_ways();  // names of those that make_symmetric may be given to
void check_flags(const RuleInfo&, const ConnectCall&);
Recipe other_way(const Recipe&);
Step delay_in_steps(double ms, double h);

struct Simulation::EdgeList {
  std::vector<NodeId> source, target;
  std::vector<double> weight, delay;
  std::vector<std::vector<double>> columns;  // of plastic synapses
  void add(NodeId s, NodeId t, double w, Step d) {
    source.push_back(s);
    target.push_back(t);
    weight.push_back(w);
    delay.push_back(double(d));
  }
  void sort();
};

// Reads a row of a recipe: its edges, and their weights and delays (ms) where these are not the same for all.
class RowReader {
  Edges edges_;
  Pairing::Room room_;
  std::vector<double> weight_, delay_;
  std::vector<std::vector<double>> drawn_;
  std::vector<const double*> columns_;

  void draw(const Recipe& r, const Parameter& p, const Stream& stream, const Edges& e, std::vector<double>& out) {
    if (!r.space || !p.needs()) return p.draw(stream, 0, out);
    const Scene scene = r.space->look(p.needs(), e.source.data(), e.target.data(), e.size(), room_);
    p.draw(stream, 0, out, &scene);
  }

  const double* values(const Recipe& r, const Strength& s, Purpose purpose, std::int64_t row,
                       std::vector<double>& out) {
    if (s.fixed()) return nullptr;
    out.resize(edges_.size());
    if (s.array.empty()) {
      draw(r, s.p, {r.key, r.id, std::uint32_t(purpose), std::uint64_t(row)}, edges_, out);
      if (purpose == Purpose::weight && s.p.is_random())
        for (double& w : out) w = double(float(w));  // so that four bytes hold it
    } else {
      const RuleCall call = r.call();
      for (std::size_t k = 0; k < out.size(); ++k)
        out[k] = s.array[std::size_t(r.rule->place(call, row, std::int64_t(k), edges_))];
    }
    return out.data();
  }

 public:
  struct Row {
    const Edges* edges;
    const double *weight, *delay;
  };
  // One of the factors of a continuous signal, for the row that was read last; null where it is the same for all.
  const double* factor(const Recipe& r, std::size_t f, std::int64_t row, std::vector<double>& out) {
    const Strength& s = r.factors[f];
    if (s.fixed() || !s.array.empty()) return values(r, s, Purpose::weight, row, out);
    out.resize(edges_.size());
    const Stream stream{r.key, r.id, std::uint32_t(Purpose::weight), std::uint64_t(row)};
    draw(r, s.p, stream.leaf(0x40 * (std::uint32_t(f) + 1)), edges_, out);
    return out.data();
  }
  Row read(const Recipe& r, std::int64_t row) {
    edges_.clear();
    r.rule->row(r.call(), row, edges_);
    return {&edges_, values(r, r.weight, Purpose::weight, row, weight_),
            values(r, r.delay, Purpose::delay, row, delay_)};
  }
  // The first values of an expression, for any connections between the nodes.
  void sample(const Recipe& r, const Parameter& p, const Stream& stream, std::vector<double>& out) {
    Edges any;
    for (std::size_t k = 0; k < out.size(); ++k)
      any.add(r.sources[std::int64_t(k) % r.sources.size()], r.targets[std::int64_t(k) % r.targets.size()]);
    draw(r, p, stream, any, out);
  }
  // Of the row that was read last: for each member of a plastic synapse its values, or null where all have the same.
  const std::vector<const double*>& columns(const Recipe& r, std::int64_t row) {
    drawn_.resize(r.columns.size());
    columns_.resize(r.columns.size());
    for (std::size_t k = 0; k < r.columns.size(); ++k)
      columns_[k] = values(r, r.columns[k], Purpose(std::uint32_t(Purpose::column) + k), row, drawn_[k]);
    return columns_;
  }
};

// Calls sink(edges, weights or null, delays or null) for every row.
template <class Sink>
void Simulation::replay(const Recipe& r, Sink&& sink) const {
  r.prepare();
  RowReader reader;
  for (std::int64_t row = 0, rows = r.rule->rows(r.call()); row < rows; ++row) {
    const auto [edges, w, d] = reader.read(r, row);
    sink(*edges, w, d);
  }
}

// Calls f(target, place) for the connections of a source in a table that end where `to` is marked, or anywhere if it is empty.
template <class F>
void Simulation::each_edge(const Rows& r, NodeId source, const std::vector<std::uint8_t>& to, F&& f) const {
  if (source < r.first || source >= r.last) return;
  const ThreadState& team = team_[r.thread];
  for (std::uint64_t i = r.of(source).first; i < r.end(r.of(source)); ++i) {
    const NodeId t = team.node_at[team.pages.slot(r.page, r.target(i))];
    if (to.empty() || to[t]) f(t, i);
  }
}

}  // namespace nl
