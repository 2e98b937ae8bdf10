// The contract of growth curves: how fast synaptic elements grow, by the calcium trace of their neuron. A curve is one struct with
// parameters P and what follows from them, V, and says either
//   slope(V, Ca)               rate in units of the growth rate; integrated step by step (forward Euler, as the calcium meanwhile), or
//   integral(V, Ca, tau, ms)   what a time makes of it while the calcium decays from Ca: exact.
#pragma once
#include <algorithm>
#include <array>
#include <span>

#include "field.hpp"
#include "neuron.hpp"
#include "vmath.hpp"

namespace nl {

inline constexpr int growth_lanes = 64;           // elements that grow together
inline constexpr std::size_t growth_numbers = 4;  // most parameters of a curve

// Elements with one curve. The spikes of their neurons, and whatever else looks at the exact calcium, cut time in stretches:
// at a cut an element that is below zero is zero, and `ca` becomes exact again.
struct GrowthBlock {
  double h = 0;
  std::array<double, growth_lanes> z{}, ca{}, rate{}, tau{};
  std::array<Step, growth_lanes> age{};       // since the end of the step of the last cut
  std::array<double, growth_lanes> offset{};  // ms from the last cut to the end of its step
  std::array<std::array<double, growth_numbers>, growth_lanes> p{};
};

struct GrowthState {  // of one element
  double z, ca, rate, tau;
  double ms;  // since the last cut
  const double* p;
};

struct GrowthCut {
  Step at;  // after the beginning of the block
  int lane;
  double ca;
  double offset;  // how much earlier it was, in ms; 0 but for spikes between grid points
};

struct GrowthCurveInfo {
  std::string name, doc;
  std::vector<FieldInfo> params;
  Complaint (*check)(const double* p);
  void (*advance)(GrowthBlock&, Step steps, std::span<const GrowthCut>);  // cuts in order of time
  double (*read)(const GrowthState&);                                     // the number of elements now
  bool standard = false;
};

namespace growth {

template <class G>
typename G::P parameters(const double* x) {
  typename G::P p;
  std::apply([&](auto&... f) { ((p.*f.member = *x++), ...); }, G::params);
  return p;
}

template <class G>
Complaint check(const double* p) {
  return G::check(parameters<G>(p));
}

template <class G>
constexpr bool exact = requires(typename G::V v) { G::integral(v, 0.0, 0.0, 0.0); };

template <class G>
double read(const GrowthState& s) {
  double z = s.z;
  if constexpr (exact<G>) z += s.rate * G::integral(G::prepare(parameters<G>(s.p)), s.ca, s.tau, s.ms);
  return std::max(z, 0.0);
}

template <class G>
void advance(GrowthBlock& b, Step steps, std::span<const GrowthCut> cuts) {
  using V = typename G::V;
  Columns<V> derived;
  alignas(64) double keep[growth_lanes], rate[growth_lanes];
  for (int i = 0; i < growth_lanes; ++i) {
    derived.save(i, G::prepare(parameters<G>(b.p[i].data())));
    keep[i] = 1 - b.h / b.tau[i];
    rate[i] = b.h * b.rate[i];
  }
  Step now = 0;
  auto go = [&](Step to) {
    for (auto& age : b.age) age += to - now;
    if constexpr (!exact<G>)
      for (; now < to; ++now)
        for (int i = 0; i < growth_lanes; ++i) {
          b.ca[i] *= keep[i];
          b.z[i] += rate[i] * G::slope(derived.load(i), b.ca[i]);
        }
    now = to;
  };
  for (const GrowthCut& cut : cuts) {
    go(cut.at);
    const int i = cut.lane;
    const double ms = double(b.age[i]) * b.h + b.offset[i] - cut.offset;
    b.z[i] = read<G>({b.z[i], b.ca[i], b.rate[i], b.tau[i], ms, b.p[i].data()});
    b.ca[i] = exact<G> ? cut.ca : cut.ca * std::exp(-cut.offset / b.tau[i]);  // steps begin at grid points
    b.age[i] = 0;
    b.offset[i] = cut.offset;
  }
  go(steps);
}

}  // namespace growth

template <class G>
GrowthCurveInfo describe_growth_curve(const char* name) {
  GrowthCurveInfo g{name, G::doc, {}, growth::check<G>, growth::advance<G>, growth::read<G>, requires { G::standard; }};
  std::apply([&](auto&... f) { (g.params.push_back(describe(f, false)), ...); }, G::params);
  static_assert(std::tuple_size_v<decltype(G::params)> <= growth_numbers);
  return g;
}

}  // namespace nl
