// A store for models whose nodes differ in shape, such as populations with histories: each node is an object with arrays of its own.
//
//   struct P                   parameters; may hold lists, flags and whole numbers
//   struct S                   what is shown of the state
//   params, recordables        tables (field.hpp) of both
//   Complaint check(P)         optional; may also throw an Error
//   struct Node                with members `P p` and `S s`;  void prepare(double h) when parameters or resolution have changed;
//                              int step(const double* spikes, const double* currents, Draws&) the number of spikes
//   spike_channels, spike_channel(receptor, negative), current_channels, current_channel(receptor), population
#pragma once
#include <memory>

#include "store.hpp"
#include "variates.hpp"

namespace nl {

template <class M>
class ObjectStore final : public NeuronStore {
  using P = typename M::P;
  using S = typename M::S;
  struct Place {
    typename M::Node node;
    Common common;
    bool stale = true;
  };
  std::vector<std::unique_ptr<Place>> nodes_;
  P fallback_{};
  S fallback_state_{};
  double prepared_h_ = 0;

  template <class F>
  static void with_field(std::size_t field, F&& f) {
    std::size_t k = 0;
    std::apply([&](auto&... x) { ((k++ == field ? void(f(x)) : void()), ...); }, M::params);
  }
  // Calls f(member) for the number that a field holds in p or s, or g(member) where it holds a list.
  template <class Parameters, class State, class F, class G>
  static void access(Parameters& p, State& s, std::size_t field, F&& number, G&& list) {
    with_field(field, [&]<class Owner, class T>(const Field<Owner, T>& f) {
      auto& owner = [&]() -> auto& {
        if constexpr (std::is_same_v<Owner, S>) return s;
        else return p;
      }();
      if constexpr (std::is_arithmetic_v<T>) number(owner.*f.member);
      else list(owner.*f.member);
    });
  }
  static constexpr auto nothing = [](auto&) {};
  static double read_number(const P& p, const S& s, std::size_t field) {
    double out = 0;
    access(p, s, field, [&](auto& x) { out = double(x); }, nothing);
    return out;
  }
  static Value read_list(const P& p, const S& s, std::size_t field) {
    Value out;
    access(p, s, field, nothing, [&](auto& x) { out = x; });
    return out;
  }
  static void write(P& p, S& s, std::size_t field, const Value& v) {
    access(
        p, s, field, [&]<class T>(T& x) { x = T(from_value<double>(v)); }, [&]<class T>(T& x) { x = std::get<T>(v); });
  }
  Complaint check_changed(P p, S s, Changes change) const {
    for (auto& [field, value] : change) write(p, s, field, value);
    if constexpr (requires { M::check(p); }) return M::check(p);
    return {};
  }

 public:
  int spike_channels() const override { return M::spike_channels; }
  int current_channels() const override { return M::current_channels; }
  int spike_channel(int receptor, bool negative) const override { return M::spike_channel(receptor, negative); }
  int current_channel(int receptor) const override { return M::current_channel(receptor); }
  bool counts_spikes() const override { return false; }
  std::size_t bytes_per_lane() const override { return sizeof(Place) + sizeof(NodeId) + 16; }

  void grow(NodeId first, std::size_t n) override {
    for (std::size_t i = 0; i < n; ++i) {
      ids.push_back(first + NodeId(i));
      nodes_.push_back(std::make_unique<Place>());
      nodes_.back()->node.p = fallback_;
      nodes_.back()->node.s = fallback_state_;
      nodes_.back()->common = fallback_common;
    }
  }
  void shrink(std::size_t n) override {
    ids.resize(ids.size() - n);
    nodes_.resize(ids.size());
  }

  double get(std::size_t lane, std::size_t field) const override {
    return read_number(nodes_[lane]->node.p, nodes_[lane]->node.s, field);
  }
  Value get_value(std::size_t lane, std::size_t field) const override {
    return read_list(nodes_[lane]->node.p, nodes_[lane]->node.s, field);
  }
  void set(std::size_t lane, std::size_t field, double x) override { set_value(lane, field, x); }
  void set_value(std::size_t lane, std::size_t field, const Value& v) override {
    write(nodes_[lane]->node.p, nodes_[lane]->node.s, field, v);
    nodes_[lane]->stale = true;
  }
  double get_default(std::size_t field) const override { return read_number(fallback_, fallback_state_, field); }
  Value get_default_value(std::size_t field) const override { return read_list(fallback_, fallback_state_, field); }
  void set_default(std::size_t field, double x) override { write(fallback_, fallback_state_, field, x); }
  void set_default_value(std::size_t field, const Value& v) override { write(fallback_, fallback_state_, field, v); }
  Complaint check(std::size_t lane, Changes change) const override {
    return check_changed(nodes_[lane]->node.p, nodes_[lane]->node.s, change);
  }
  Complaint check_default(Changes change) const override { return check_changed(fallback_, fallback_state_, change); }

  double read(std::size_t lane, std::size_t recordable) const override {
    double out = 0;
    std::size_t k = 0;
    std::apply([&](auto&... r) { ((k++ == recordable ? void(out = nodes_[lane]->node.s.*r.member) : void()), ...); },
               M::recordables);
    return out;
  }

  void prepare(double h) override {
    for (auto& x : nodes_)
      if (x->stale || h != prepared_h_) {
        x->node.prepare(h);
        x->stale = false;
      }
    prepared_h_ = h;
  }

  void update(std::size_t chunk, const ChunkStep& x) override {
    double spikes[M::spike_channels], currents[M::current_channels];
    for (int i = 0; i < lanes(chunk); ++i) {
      const std::size_t lane = chunk * chunk_lanes + std::size_t(i);
      if (nodes_[lane]->common.frozen) continue;
      for (int ch = 0; ch < M::spike_channels; ++ch) spikes[ch] = x.spikes[ch][i];
      for (int ch = 0; ch < M::current_channels; ++ch) currents[ch] = x.currents ? x.currents[ch][i] : 0.0;
      Draws draws(x.random, std::uint32_t(lane));
      const int n = nodes_[lane]->node.step(spikes, currents, draws);
      x.emitted->insert(x.emitted->end(), std::size_t(n), ids[lane]);
    }
  }

  Common& common(std::size_t lane) override { return nodes_[lane]->common; }
  const Common& common_value(std::size_t lane) const override { return nodes_[lane]->common; }
  double t_spike(std::size_t, double) const override { return -1; }
  double calcium(std::size_t, Step, double) const override { return 0; }
  void set_calcium(std::size_t, double, Step) override {}
};

}  // namespace nl
