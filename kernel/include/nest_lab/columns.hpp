// State and parameters of many neurons as arrays, one for each member of the model's structs, and what reaches a neuron in a step.
#pragma once
#include <cstring>

#include "reflect.hpp"
#include "store.hpp"

namespace nl {

template <int Spikes, int Currents, bool Draws = false, int Coupled = 0, bool Rare = true>
struct Inputs {
  static constexpr bool draws = Draws, rare = Rare;
  double spikes[Spikes > 0 ? Spikes : 1];       // summed weights arriving in this step, by channel
  double current[Currents > 0 ? Currents : 1];  // pA injected during this step, by channel
  double uniform;                               // in (0, 1), for models that draw
  double coupled[Coupled > 0 ? Coupled : 1];    // continuous signals (coupling.hpp)
  double normal;                                // for models with noise
  int order;                                    // of the interpolation of waveforms
  bool learning;                                // see learning.hpp
};

template <class T>
struct alignas(64) Column {
  T v[chunk_lanes];
};

alignas(64) inline constexpr double no_current[chunk_lanes] = {};

// One array per member of T. Those of a step are not cleared, which would take longer than many a step; with {} they are.
template <class T>
class Columns {
  template <std::size_t I>
  struct Place {
    Column<member_type<T, I>> column;
  };
  template <class Seq>
  struct Make;
  template <std::size_t... I>
  struct Make<std::index_sequence<I...>> {
    struct type : Place<I>... {};
  };
  typename Make<std::make_index_sequence<member_count<T>>>::type data_;

 public:
  template <std::size_t I>
  auto* column() {
    return static_cast<Place<I>&>(data_).column.v;
  }
  template <std::size_t I>
  const auto* column() const {
    return static_cast<const Place<I>&>(data_).column.v;
  }

  inline T load(int lane) const {
    T t;
    auto m = members(t);
    for_each_member<T>([&](auto i) { std::get<i>(m) = column<i>()[lane]; });
    return t;
  }
  inline void save(int lane, const T& t) {
    auto m = members(t);
    for_each_member<T>([&](auto i) { column<i>()[lane] = std::get<i>(m); });
  }
};

// Optional part of a neuron model: lands_in, the members of S to which the weights of each spike channel are added after the step,
// in place of Inputs::spikes. Such a member is kept where the rows deliver: there is no input to read and to clear.
template <class M>
concept Lands = requires { M::lands_in; };

template <class T, auto member, std::size_t i>
consteval bool is_member() {
  constexpr T sample{};
  if constexpr (std::is_same_v<member_type<T, i>, std::remove_cvref_t<decltype(sample.*member)>>) {
    const T t{};
    return &std::get<i>(members(t)) == &(t.*member);
  } else {
    return false;
  }
}

// Columns of which some lie elsewhere, as long as they have landed.
template <class M>
class LandedColumns {
  using S = typename M::S;
  static constexpr int count = std::tuple_size_v<std::remove_cvref_t<decltype(M::lands_in)>>;
  Columns<S> own_{};
  double* landed_[count];

  // Which channel ends in member i; -1 for none.
  template <std::size_t i>
  static constexpr int channel = []<std::size_t... k>(std::index_sequence<k...>) {
    int found = -1;
    ((is_member<S, std::get<k>(M::lands_in), i>() ? void(found = int(k)) : void()), ...);
    return found;
  }(std::make_index_sequence<count>{});

 public:
  LandedColumns() {
    for_each_channel([&](auto i, int k) { landed_[k] = own_.template column<i>(); });
  }
  LandedColumns(const LandedColumns&) = delete;

  template <class F>
  void for_each_channel(F&& f) {
    for_each_member<S>([&](auto i) {
      if constexpr (channel<i> >= 0) f(i, channel<i>);
    });
  }
  template <std::size_t I>
  const auto* column() const {
    if constexpr (channel<I> >= 0) return static_cast<const double*>(landed_[channel<I>]);
    else return own_.template column<I>();
  }
  inline S load(int lane) const {
    S s;
    auto m = members(s);
    for_each_member<S>([&](auto i) { std::get<i>(m) = column<i>()[lane]; });
    return s;
  }
  inline void save(int lane, const S& s) {
    auto m = members(s);
    for_each_member<S>([&](auto i) {
      if constexpr (channel<i> >= 0) landed_[channel<i>][lane] = std::get<i>(m);
      else own_.template column<i>()[lane] = std::get<i>(m);
    });
  }
  // Moves a channel to where its input is delivered, or back (null).
  void land(int channel_, double* where) {
    for_each_channel([&](auto i, int k) {
      if (k != channel_) return;
      double* to = where ? where : own_.template column<i>();
      std::memmove(to, landed_[k], chunk_lanes * sizeof(double));
      landed_[k] = to;
    });
  }
  // For lanes that hear nothing: takes down what is there, and forgets what was added since.
  void note(int lane) {
    for_each_channel([&](auto i, int k) { own_.template column<i>()[lane] = landed_[k][lane]; });
  }
  void forget_input(int lane) {
    for_each_channel([&](auto i, int k) { landed_[k][lane] = own_.template column<i>()[lane]; });
  }
};

template <class M>
struct StateOf {
  using type = Columns<typename M::S>;
};
template <Lands M>
struct StateOf<M> {
  using type = LandedColumns<M>;
};

}  // namespace nl
