// Included by the generated source file of each neuron model that is compiled for each instruction set: brings those functions
// into being in which time is spent. All else of the model is compiled once (register.hpp).
#pragma once
#include "compartments.hpp"
#include "neuron_run.hpp"
#include "objects.hpp"

namespace nl {

template <class M>
void ObjectStore<M>::update(std::size_t chunk, const ChunkStep& x) {
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

namespace mechanism {

// Flattened: one call that is left in the loop, and it would work on one element at a time.
template <class M>
[[gnu::flatten]] NL_NO_BRANCHES void advance(const MechanismRun& x) {
  const double* __restrict p = x.parameters, * __restrict d = x.derived, * __restrict v = x.v, * __restrict input = x.input;
  double* __restrict s = x.state, * __restrict g = x.g, * __restrict i = x.i;
  const std::size_t stride = x.stride;
#pragma GCC ivdep
  for (int k = 0; k < x.n; ++k) {
    auto state = load<typename M::S>(s + k, stride);
    auto parameters = load<typename M::P>(p + k, stride);
    auto derived = load<typename M::V>(d + k, stride);
    Linear current;
    if constexpr (requires { M::step(parameters, derived, state, v[k]); })
      current = M::step(parameters, derived, state, v[k]);
    else current = M::step(parameters, derived, state, v[k], input[k]);
    save(state, s + k, stride);
    g[k] = current.g;
    i[k] = current.i;
  }
}

template <class... M>
consteval auto entrances(Mechanisms<M...>) {
  return std::tuple(&advance<M>...);
}

}  // namespace mechanism

template <class M>
constexpr auto entrances() {
  if constexpr (requires { typename M::channels; })
    return std::tuple_cat(mechanism::entrances(typename M::channels{}), mechanism::entrances(typename M::receptors{}));
  else if constexpr (requires { typename M::store; })
    return +[](typename M::store& s, std::size_t k, const ChunkStep& x) { s.M::store::update(k, x); };
  else return std::tuple(&NeuronRun<M>::update, &NeuronRun<M>::emit, &NeuronRun<M>::reemit);
}

}  // namespace nl

#define NL_RUN_NEURON(name) [[gnu::used]] static const auto nl_runs_##name = nl::entrances<nl::name>();
