// Ordinary differential equations of many neurons at once.
//
// Runge and Kutta's method with the coefficients of Fehlberg (1969, NASA TR R-315; orders 4 and 5, the step goes on with order 5).
// All lanes of a chunk first attempt the whole step together. Those whose error is too large are moved together and go on in steps
// of their own length, so a neuron in the upstroke of its spike does not hold up the others, and its result does not depend
// on them: each lane does the same arithmetic wherever it lies.
//
// A model of this kind has, in place of `step`:
//
//   equations               how many members of S, counted from the first, the equations govern; the first of them is V_m
//   tolerance(P)            largest error of a step, in the units of the members
//   derivatives(P, V, Inputs, S, S& dS)
//   finish(P, V, before, S&, Inputs)   after the step: input, threshold, refractoriness; true or the number of spikes
//   limits, remedies        which values still make sense, and which parameters to look at when they do not
//   substep(P, V, S&)       optional: called after each step of the integrator; the number of spikes
//   runaway(P, V)           optional: see Runaway; runaway(P, V, S) where V_th is a part of the state
#pragma once
#include <cstring>

#include "columns.hpp"
#include "elements.hpp"
#include "vmath.hpp"

namespace nl {

// Where an exponential term takes over, dV/dt = ... + c exp((V - V_th)/Delta_T), the potential runs away like -log(t_spike - t), and
// steps would have to shrink without end. exp(-(V - V_th)/Delta_T) falls in nearly a straight line instead. Where a step is too long
// for V, above V_th + 2 Delta_T, the integrator follows that and finds the time at which V reaches V_peak. Where V gets there
// without running away, as it does when there is no such term (Delta_T = 0), the step is shortened until it ends there.
struct Runaway {
  double V_th, Delta_T, V_peak;
  bool holds(double V) const { return Delta_T > 0 && V >= V_th + 2 * Delta_T && V < V_peak; }
  bool reached(double from, double V) const { return from < V_peak && V >= V_peak; }
};

// What the parameters of a neuron with such a term must keep to.
template <class P>
Complaint check_exponential(const P& p) {
  if (p.V_reset >= p.V_peak)
    return {"V_reset must be below V_peak", "V_reset < V_peak", "Lower V_reset or raise V_peak.", p.V_reset, "mV"};
  if (p.V_peak < p.V_th)
    return {"V_peak must not be below V_th", "V_th <= V_peak", "Raise V_peak or lower V_th.", p.V_peak, "mV"};
  if (p.Delta_T > 0 && (p.V_peak - p.V_th) / p.Delta_T >= 663)  // exp(663) pA would still leave room in a number
    return {"the exponential term is too steep: it leaves the range of numbers before V_peak",
            "(V_peak - V_th)/Delta_T < 663", "Raise Delta_T or lower V_peak.", p.Delta_T, "mV"};
  return {};
}

// A value of the state that still makes sense.
template <class State>
struct Limit {
  const char* name;
  double State::* member;
  const char* unit;
  double lower, upper;
  bool holds(const State& s) const { return s.*member >= lower && s.*member <= upper; }
};
template <class State>
constexpr Limit<State> limit(const char* name, double State::* member, const char* unit,
                             double lower = -std::numeric_limits<double>::max(),
                             double upper = std::numeric_limits<double>::max()) {
  return {name, member, unit, lower, upper};
}

inline constexpr int max_equations = 16, block_lanes = 32;

// What the integrator knows of a model (src/run/integrators.cpp).
struct Equations {
  int count;
  double step;  // ms
  // From y to dy, both with `block_lanes` values for each equation, for the lanes from `first` on; `lanes` is a multiple of 8.
  void (*derivatives)(const void* context, int first, int lanes, const double* y, double* dy);
  const void* context;
  const double* tolerance;  // by lane
};

// Lanes that could not take the whole step, by what they need while they go on alone. All arrays are by lane.
struct SubSteps {
  const double* factor;                                 // by which the first step is shorter than the whole one
  int (*after)(const void* context, int lane);          // may be null; the number of spikes
  void (*exchange)(const void* context, int a, int b);  // the places of two lanes in the context
  std::span<double* const> along;                       // what else takes part in that
  Runaway* runaway;                                     // may be null
  int* spikes;
  bool* stuck;            // the length of the step went to nothing
  std::uint16_t* number;  // place in the chunk
};

// Attempts one whole step; `rest` gets the lanes that have to go on alone, and `factor` by how much shorter their steps must be.
int whole_step(const Equations&, int lanes, const double* const* now, double* const* next, std::uint16_t* rest,
               double* factor);
void sub_steps(const Equations&, int lanes, double* const* y, const SubSteps&);

// The lanes of a chunk, or some of them moved together.
template <class M>
struct OdeLanes {
  using P = typename M::P;
  using S = typename M::S;
  using V = typename M::V;
  using In = Inputs<M::spike_channels, M::current_channels>;
  static_assert(M::equations <= max_equations);
  static constexpr bool has_substep = requires(S s) { M::substep(P{}, V{}, s); };
  static constexpr bool has_runaway = requires { M::runaway; };

  P p;  // while all lanes agree ...
  V v;
  Columns<P>* each;  // ... and when they do not
  Columns<V>* each_derived;
  Columns<S>* state;
  const double* current[M::current_channels > 0 ? M::current_channels : 1];
  const ElementChunk* elements = nullptr;  // of models with parts ...
  const std::uint16_t* place = nullptr;    // ... and where those of moved lanes are
  const double* uniform = nullptr;         // random numbers, for models that draw
  using Sum = typename PartsOf<M>::Sum;
  static constexpr bool has_parts = requires { typename M::parts; };

  P parameters(int lane) const { return each ? each->load(lane) : p; }
  V derived(int lane) const { return each ? each_derived->load(lane) : v; }

  template <class Row>
  static void rows(Columns<S>& c, Row* row) {
    for_each_member<S>([&](auto i) {
      if constexpr (i < std::size_t(M::equations)) row[i] = c.template column<i>();
    });
  }

  template <bool Same>
  static void derivatives(const void* context, int first, int lanes, const double* y, double* dy) {
    const OdeLanes& c = *static_cast<const OdeLanes*>(context);
    const P p0 = c.p;
    const V v0 = c.v;
    Sum sums[has_parts ? block_lanes : 1] = {};
    if constexpr (has_parts)
      elements_at(typename PartsOf<M>::List{}, *c.elements, first, lanes, c.place, y + (M::equations - 1) * block_lanes,
                  sums);
#pragma GCC ivdep
    for (int i = 0; i < lanes; ++i) {
      const P p = Same ? p0 : c.each->load(first + i);
      const V v = Same ? v0 : c.each_derived->load(first + i);
      In in;
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = c.current[ch][first + i];
      S s = c.state->load(first + i), ds;
      auto values = members(s);
      for_each_member<S>([&](auto m) {
        if constexpr (m < std::size_t(M::equations)) std::get<m>(values) = y[m * block_lanes + std::size_t(i)];
      });
      if constexpr (has_parts) M::derivatives(p, v, in, s, sums[i], ds);
      else M::derivatives(p, v, in, s, ds);
      auto slopes = members(ds);
      for_each_member<S>([&](auto m) {
        if constexpr (m < std::size_t(M::equations)) dy[m * block_lanes + std::size_t(i)] = std::get<m>(slopes);
      });
    }
  }

  static int after(const void* context, int lane) {
    const OdeLanes& c = *static_cast<const OdeLanes*>(context);
    if constexpr (has_substep) {
      S s = c.state->load(lane);
      const int spikes = M::substep(c.parameters(lane), c.derived(lane), s);
      c.state->save(lane, s);
      return spikes;
    }
    return 0;
  }

  static void exchange(const void* context, int a, int b) {
    const OdeLanes& c = *static_cast<const OdeLanes*>(context);
    swap_lanes(*c.state, a, b);
    if (!c.each) return;
    swap_lanes(*c.each, a, b);
    swap_lanes(*c.each_derived, a, b);
  }
  template <class T>
  static void swap_lanes(Columns<T>& c, int a, int b) {
    const T kept = c.load(a);
    c.save(a, c.load(b));
    c.save(b, kept);
  }

  Equations equations(double h, const double* tolerance) const {
    return {M::equations, h, each ? derivatives<false> : derivatives<true>, this, tolerance};
  }
};

// One step of a chunk. Spikes come into `out`; a lane that fails keeps its state and is reported.
template <class M>
class OdeStep {
  using Lanes = OdeLanes<M>;
  using P = typename M::P;
  using S = typename M::S;
  using V = typename M::V;
  using In = typename Lanes::In;

  static constexpr bool draws = requires(P p) { M::draws(p); };

  Lanes& lanes_;
  const int n_, padded_;
  const ChunkStep& x_;
  Columns<S> next_;
  alignas(64) double tolerance_[chunk_lanes];
  std::uint16_t rest_[chunk_lanes];
  double factor_[chunk_lanes];
  // Doubles, as all the rest of the state, so that loops over lanes become vector code.
  alignas(64) double more_[chunk_lanes];  // spikes during sub-steps
  alignas(64) double still_[chunk_lanes], stuck_[chunk_lanes], failed_[chunk_lanes], spikes_[chunk_lanes];

 public:
  OdeStep(Lanes& lanes, int n, const ChunkStep& x) : lanes_(lanes), n_(n), padded_((n + 7) / 8 * 8), x_(x) {}

  void run(std::uint32_t store, const NodeId* ids, std::uint32_t first_lane, std::int32_t* out) {
    stand_still(store, first_lane);
    for (int i = 0; i < padded_; ++i) tolerance_[i] = M::tolerance(lanes_.parameters(i));
    for_each_member<S>([&](auto m) {
      if constexpr (m >= std::size_t(M::equations))
        std::memcpy(next_.template column<m>(), lanes_.state->template column<m>(), std::size_t(padded_) * 8);
    });
    const double* now[M::equations];
    double* next[M::equations];
    Lanes::rows(*lanes_.state, now);
    Lanes::rows(next_, next);
    int rest = whole_step(lanes_.equations(x_.h, tolerance_), n_, now, next, rest_, factor_);
    if constexpr (Lanes::has_runaway)
      rest = lanes_.each ? stop_at_peak<false>(rest, now[0], next[0]) : stop_at_peak<true>(rest, now[0], next[0]);
    std::memset(more_, 0, sizeof more_);
    if (rest > 0) go_on(rest);
    if (lanes_.each) finish<false>(out);
    else finish<true>(out);
    report(store, ids, first_lane);
  }

 private:
  Runaway runaway_of(int lane) const {
    const P p = lanes_.parameters(lane);
    const V v = lanes_.derived(lane);
    if constexpr (requires(S s) { M::runaway(p, v, s); }) return M::runaway(p, v, lanes_.state->load(lane));
    else return M::runaway(p, v);
  }

  // Nodes that failed earlier in this slice.
  void stand_still(std::uint32_t store, std::uint32_t first_lane) {
    std::memset(still_, 0, sizeof still_);
    std::memset(stuck_, 0, sizeof stuck_);
    for (const Failure& f : *x_.failed)
      if (f.store == store && f.lane >= first_lane && f.lane < first_lane + std::uint32_t(n_))
        still_[f.lane - first_lane] = 1;
  }

  // Lanes that reached the peak somewhere in their step: they take it again, up to there first.
  template <bool Same>
  int stop_at_peak(int rest, const double* now, const double* next) {
    const Runaway r0 = M::runaway(lanes_.p, lanes_.v);
    const auto runaway = [&](int i) {
      return Same ? r0 : M::runaway(lanes_.each->load(i), lanes_.each_derived->load(i));
    };
    double any = 0;
    for (int i = 0; i < n_; ++i) any += runaway(i).reached(now[i], next[i]) ? 1.0 : 0.0;
    if (any == 0) return rest;
    bool short_already[chunk_lanes] = {};
    for (int k = 0; k < rest; ++k) short_already[rest_[k]] = true;
    for (int i = 0; i < n_; ++i)
      if (runaway(i).reached(now[i], next[i]) && !short_already[i]) {
        rest_[rest] = std::uint16_t(i);
        factor_[rest++] = (runaway(i).V_peak - now[i]) / (next[i] - now[i]);
      }
    return rest;
  }

  // Moves the lanes that need shorter steps together, and back when they have arrived.
  void go_on(int rest) {
    int m = 0;
    for (int k = 0; k < rest; ++k)
      if (!still_[rest_[k]]) {
        rest_[m] = rest_[k];
        factor_[m++] = factor_[k];
      }
    if (m == 0) return;
    Columns<S> state;
    Columns<P> each;
    Columns<V> each_derived;
    constexpr int channels = M::current_channels > 0 ? M::current_channels : 1;
    alignas(64) double current[channels][chunk_lanes], tolerance[chunk_lanes];
    Runaway runaway[Lanes::has_runaway ? chunk_lanes : 1];
    int spikes[chunk_lanes] = {};
    bool stuck[chunk_lanes] = {};
    Lanes moved = lanes_;
    moved.state = &state;
    for (int ch = 0; ch < M::current_channels; ++ch) moved.current[ch] = current[ch];
    if (lanes_.each) {
      moved.each = &each;
      moved.each_derived = &each_derived;
    }
    moved.place = rest_;
    for (int k = 0; k < (m + 7) / 8 * 8; ++k) {
      const int lane = rest_[k < m ? k : m - 1];
      rest_[k] = std::uint16_t(lane);
      state.save(k, lanes_.state->load(lane));
      if (lanes_.each) {
        each.save(k, lanes_.each->load(lane));
        each_derived.save(k, lanes_.each_derived->load(lane));
      }
      for (int ch = 0; ch < M::current_channels; ++ch) current[ch][k] = lanes_.current[ch][lane];
      tolerance[k] = tolerance_[lane];
      if constexpr (Lanes::has_runaway) runaway[k] = runaway_of(lane);
    }
    double *y[M::equations], *along[1 + channels] = {tolerance};
    Lanes::rows(state, y);
    for (int ch = 0; ch < M::current_channels; ++ch) along[1 + ch] = current[ch];
    sub_steps(moved.equations(x_.h, tolerance), m, y,
              {factor_,
               Lanes::has_substep ? Lanes::after : nullptr,
               Lanes::exchange,
               {along, 1 + M::current_channels},
               Lanes::has_runaway ? runaway : nullptr,
               spikes,
               stuck,
               rest_});
    for (int k = 0; k < m; ++k) {
      next_.save(rest_[k], state.load(k));
      more_[rest_[k]] = spikes[k];
      stuck_[rest_[k]] = stuck[k];
    }
  }

  static bool sound(const S& s) {
    double zero = 0;  // unless some value is not finite
    const auto values = members(s);
    for_each_member<S>([&](auto m) {
      if constexpr (m < std::size_t(M::equations)) zero += std::get<m>(values) - std::get<m>(values);
    });
    bool holds = zero == 0;
    std::apply([&](auto&... l) { ((holds &= l.holds(s)), ...); }, M::limits);
    return holds;
  }

  // The arrays of all members: the compiler makes vector code of a loop over these, not of one over columns in an object.
  struct Arrays {
    double* of[member_count<S>];
    explicit Arrays(Columns<S>& c) {
      for_each_member<S>([&](auto m) { of[m] = c.template column<m>(); });
    }
    S load(int lane) const {
      S s;
      auto values = members(s);
      for_each_member<S>([&](auto m) { std::get<m>(values) = of[m][lane]; });
      return s;
    }
  };

  template <bool Same>
  void finish(std::int32_t* __restrict out) {
    const P p0 = lanes_.p;
    const V v0 = lanes_.v;
    const Arrays state(*lanes_.state), next(next_);
#pragma GCC ivdep
    for (int i = 0; i < padded_; ++i) {
      const P p = Same ? p0 : lanes_.each->load(i);
      const V v = Same ? v0 : lanes_.each_derived->load(i);
      In in;
      for (int ch = 0; ch < M::spike_channels; ++ch) in.spikes[ch] = x_.spikes[ch][i];
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = lanes_.current[ch][i];
      if constexpr (draws) in.uniform = lanes_.uniform[i];
      const S before = state.load(i);
      S s = next.load(i);
      const bool bad = !sound(s) | (still_[i] + stuck_[i] != 0);
      double spikes = more_[i];
      if constexpr (Lanes::has_substep) spikes += double(M::substep(p, v, s));
      spikes += double(M::finish(p, v, before, s, in));
      const auto after = members(s);
      const auto old = members(before);
      for_each_member<S>([&](auto m) { state.of[m][i] = bad ? std::get<m>(old) : std::get<m>(after); });
      spikes_[i] = bad ? 0.0 : spikes;
      failed_[i] = bad ? 1 - still_[i] : 0.0;
    }
    for (int i = 0; i < padded_; ++i) out[i] = std::int32_t(spikes_[i]);
  }

  void report(std::uint32_t store, const NodeId* ids, std::uint32_t first_lane) const {
    std::uint64_t any = 0;
    for (int i = 0; i < n_; ++i) any |= std::bit_cast<std::uint64_t>(failed_[i]);
    if (any == 0) return;
    for (int i = 0; i < n_; ++i) {
      if (failed_[i] == 0) continue;
      const S s = next_.load(i);
      auto offender = std::get<0>(M::limits);
      bool found = false;
      std::apply([&](auto&... l) { ((found |= !found && !l.holds(s) && (offender = l, true)), ...); }, M::limits);
      x_.failed->push_back({x_.step, ids[i], store, first_lane + std::uint32_t(i), stuck_[i] != 0, offender.name,
                            s.*offender.member, offender.unit, offender.lower, offender.upper, M::remedies});
    }
  }
};

}  // namespace nl
