// State and parameters of many neurons as arrays, one for each member of the model's structs, and what reaches a neuron in a step.
#pragma once
#include "reflect.hpp"
#include "store.hpp"

namespace nl {

template <int Spikes, int Currents, bool Draws = false, int Coupled = 0>
struct Inputs {
  static constexpr bool draws = Draws;
  double spikes[Spikes > 0 ? Spikes : 1];       // summed weights arriving in this step, by channel
  double current[Currents > 0 ? Currents : 1];  // pA injected during this step, by channel
  double uniform;                               // in (0, 1), for models that draw
  double coupled[Coupled > 0 ? Coupled : 1];    // continuous signals (coupling.hpp)
  double normal;                                // for models with noise
  int order;                                    // of the interpolation of waveforms
};

template <class T>
struct alignas(64) Column {
  T v[chunk_lanes];
};

alignas(64) inline constexpr double no_current[chunk_lanes] = {};

// One array per member of T.
template <class T>
class Columns {
  template <class Seq>
  struct Make;
  template <std::size_t... I>
  struct Make<std::index_sequence<I...>> {
    using type = std::tuple<Column<member_type<T, I>>...>;
  };
  typename Make<std::make_index_sequence<member_count<T>>>::type data_;

 public:
  template <std::size_t I>
  auto* column() {
    return std::get<I>(data_).v;
  }
  template <std::size_t I>
  const auto* column() const {
    return std::get<I>(data_).v;
  }

  inline T load(int lane) const {
    T t;
    auto m = members(t);
    for_each_member<T>([&](auto i) { std::get<i>(m) = std::get<i>(data_).v[lane]; });
    return t;
  }
  inline void save(int lane, const T& t) {
    auto m = members(t);
    for_each_member<T>([&](auto i) { std::get<i>(data_).v[lane] = std::get<i>(m); });
  }
};

}  // namespace nl
