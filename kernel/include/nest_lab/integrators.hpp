// Ordinary differential equations of many neurons at once.
//
// Runge and Kutta's method. All lanes of a chunk first attempt the whole step together, with the coefficients of Fehlberg (1969,
// NASA TR R-315; orders 4 and 5, the step goes on with order 5). Those whose error is too large are moved together and go on in
// steps of their own length. So a neuron in the upstroke of its spike does not hold up the others, and its result does not depend on
// them: each lane does the same arithmetic wherever it lies.
//
// A model of this kind has, in place of `step`:
//
//   equations               how many members of S, counted from the first, the equations govern; the first of them is V_m
//   tolerance(P)            largest error of a step, in the units of the members
//   derivatives(P, V, Inputs, S, S& dS)
//   decay(P, V, t), course(P, decay, S&)   optional, where members are known without integration, such as conductances: what these
//                           need for t ms after the beginning of the step, which is where S has them; and the way to there. Such
//                           members come after those that `equations` counts.
//   finish(P, V, before, S&, Inputs)   after the step: input, threshold, refractoriness; true or the number of spikes
//   limits, remedies        which values still make sense, and which parameters to look at when they do not
//   order                   optional: 8 where many lanes of a chunk go on alone in most steps. They do so with the coefficients of
//                           Dormand and Prince (Hairer, Norsett & Wanner 1993, doi:10.1007/978-3-540-78862-1), by which one or two
//                           steps are enough. Where only a few lanes do, each stage waits for the one before, and 6 are better
//                           than 12.
//   substep(P, V, S&)       optional: called after each step of the integrator; the number of spikes
//   runaway(P, V)           optional: see Runaway; runaway(P, V, S) where V_th is a part of the state
#pragma once
#include <algorithm>
#include <cstring>

#include "columns.hpp"
#include "elements.hpp"
#include "lanes.hpp"
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

// What is left after t ms of the synaptic input of a neuron, which decays at two rates.
struct Decay {
  double t, ex, in;
  Decay(double time, double rate_ex, double rate_in)
      : t(time), ex(vexp_any(-time * rate_ex)), in(vexp_any(-time * rate_in)) {}
};
// Conductances and currents that are shaped like t exp(-t/tau).
NL_HD inline void rise_and_decay(double& g, double& dg, double left, double t) {
  g = (g + t * dg) * left;
  dg *= left;
}

inline constexpr int max_equations = 16, block_lanes = 32;

// Lanes of a vector. There are whole ones, which the compiler is told: loops need no second form for what is left over. Inlined, as
// what is compiled for another instruction set has another number.
inline constexpr int vector_lanes = register_bytes / 8;
[[gnu::always_inline]] inline void whole_vectors(int lanes) {
  if (lanes <= 0 || lanes % vector_lanes != 0) __builtin_unreachable();
}

// Time since the step began, in ms: of each lane, or the same for all where that is null.
struct Instant {
  double all;
  const double* each;
};

// What the integrator knows of a model (src/run/integrators.cpp).
struct Equations {
  int count;
  double step;  // ms
  // From y to dy, both with `block_lanes` values for each equation, for the lanes from `first` on, in whole vectors.
  void (*derivatives)(const void* context, int first, int lanes, Instant, const double* y, double* dy);
  const void* context;
  const double* tolerance;  // by lane
};

// Lanes that could not take the whole step, by what they need while they go on alone. All arrays are by lane.
struct SubSteps {
  int order;             // of the steps: 5 or 8
  const double* factor;  // by which the first step is shorter than the whole one
  // May be null; adds the spikes of those lanes from `first` on whose entry in `accepted` is not 0.
  void (*after)(const void* context, int first, int lanes, const double* accepted, double* spikes);
  void (*exchange)(const void* context, int a, int b);  // the places of two lanes in the context
  std::span<double* const> along;                       // what else takes part in that
  Runaway* runaway;                                     // may be null
  double* spikes;
  double* stuck;          // 1 where the length of the step went to nothing
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
  static constexpr int order = [] {
    if constexpr (requires { M::order; }) return M::order;
    else return 5;
  }();
  static constexpr bool has_course = requires { M::decay(P{}, V{}, 0.0); };

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

  // Outside of loops where all lanes agree: the compiler would move out a part of it, and leave a branch behind.
  static auto decay(const P& p, const V& v, double t) {
    if constexpr (has_course) return M::decay(p, v, t);
    else return Nothing{};
  }

  P parameters(int lane) const { return each ? each->load(lane) : p; }
  V derived(int lane) const { return each ? each_derived->load(lane) : v; }

  template <class Row>
  static void rows(Columns<S>& c, Row* row) {
    for_each_member<S>([&](auto i) {
      if constexpr (i < std::size_t(M::equations)) row[i] = c.template column<i>();
    });
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
  static void derivatives(const void* context, int first, int lanes, Instant t, const double* y, double* dy) {
    const OdeLanes& c = *static_cast<const OdeLanes*>(context);
    if constexpr (has_course) {
      if (!t.each) return c.slopes<Same, true>(first, lanes, t, y, dy);
    }
    c.slopes<Same, false>(first, lanes, t, y, dy);
  }

  // Flattened, as the other loops over lanes: with one call left in it, it would work on one lane at a time.
  template <bool Same, bool Together>
  [[gnu::flatten, gnu::noinline]] NL_NO_BRANCHES void slopes(int first, int lanes, Instant t, const double* y,
                                                             double* dy) const {
    whole_vectors(lanes);
    const P p0 = p;
    const V v0 = v;
    const auto decay0 = decay(p0, v0, t.all);
    Sum sums[has_parts ? block_lanes : 1] = {};
    if constexpr (has_parts) {
      double time[block_lanes];
      for (int i = 0; i < lanes; ++i) time[i] = t.each ? t.each[i] : t.all;
      elements_at(typename PartsOf<M>::List{}, *elements, first, lanes, place, time, sums);
    }
#pragma GCC ivdep
    for (int i = 0; i < lanes; ++i) {
      const P p = Same ? p0 : each->load(first + i);
      const V v = Same ? v0 : each_derived->load(first + i);
      In in;
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = current[ch][first + i];
      S s = state->load(first + i), ds;
      if constexpr (has_course) M::course(p, Same && Together ? decay0 : decay(p, v, Together ? t.all : t.each[i]), s);
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

  template <bool Same>
  [[gnu::flatten]] static void after(const void* context, int first, int lanes, const double* accepted,
                                     double* spikes) {
    if constexpr (has_substep) {
      const OdeLanes& c = *static_cast<const OdeLanes*>(context);
      const P p0 = c.p;
      const V v0 = c.v;
      const Arrays state(*c.state);
#pragma GCC ivdep
      for (int i = 0; i < lanes; ++i) {
        const P p = Same ? p0 : c.each->load(first + i);
        const V v = Same ? v0 : c.each_derived->load(first + i);
        const S before = state.load(first + i);
        S s = before;
        const double fired = double(M::substep(p, v, s));
        const bool on = accepted[i] != 0;
        const auto old = members(before), made = members(s);
        for_each_member<S>([&](auto m) { state.of[m][first + i] = on ? std::get<m>(made) : std::get<m>(old); });
        spikes[first + i] += on ? fired : 0.0;
      }
    }
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
  OdeStep(Lanes& lanes, int n, const ChunkStep& x) : lanes_(lanes), n_(n), padded_(whole_groups(n)), x_(x) {}

  void run(std::uint32_t store, const NodeId* ids, std::uint32_t first_lane, std::int32_t* out) {
    stand_still(store, first_lane);
    if (!lanes_.each) std::fill_n(tolerance_, padded_, M::tolerance(lanes_.p));
    for (int i = 0; lanes_.each && i < padded_; ++i) tolerance_[i] = M::tolerance(lanes_.each->load(i));
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
    std::uint64_t any = 0;
    for (int i = 0; i < n_; ++i) any |= runaway(i).reached(now[i], next[i]) ? 1 : 0;
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
    alignas(64) double current[channels][chunk_lanes], tolerance[chunk_lanes], spikes[chunk_lanes], stuck[chunk_lanes];
    Runaway runaway[Lanes::has_runaway ? chunk_lanes : 1];
    Lanes moved = lanes_;
    moved.state = &state;
    for (int ch = 0; ch < M::current_channels; ++ch) moved.current[ch] = current[ch];
    if (lanes_.each) {
      moved.each = &each;
      moved.each_derived = &each_derived;
    }
    moved.place = rest_;
    const int padded = whole_groups(m);
    for (int k = m; k < padded; ++k) rest_[k] = rest_[m - 1];
    move_together(*lanes_.state, padded, state);
    if (lanes_.each) {
      move_together(*lanes_.each, padded, each);
      move_together(*lanes_.each_derived, padded, each_derived);
    }
    for (int ch = 0; ch < M::current_channels; ++ch)
      for (int k = 0; k < padded; ++k) current[ch][k] = lanes_.current[ch][rest_[k]];
    for (int k = 0; k < padded; ++k) {
      tolerance[k] = tolerance_[rest_[k]];
      spikes[k] = stuck[k] = 0;
      if constexpr (Lanes::has_runaway) runaway[k] = runaway_of(rest_[k]);
    }
    double *y[M::equations], *along[1 + channels] = {tolerance};
    Lanes::rows(state, y);
    for (int ch = 0; ch < M::current_channels; ++ch) along[1 + ch] = current[ch];
    sub_steps(moved.equations(x_.h, tolerance), m, y,
              {Lanes::order,
               factor_,
               !Lanes::has_substep ? nullptr
               : moved.each        ? Lanes::template after<false>
                                   : Lanes::template after<true>,
               Lanes::exchange,
               {along, 1 + M::current_channels},
               Lanes::has_runaway ? runaway : nullptr,
               spikes,
               stuck,
               rest_});
    for_each_member<S>([&](auto c) {
      for (int k = 0; k < m; ++k) next_.template column<c>()[rest_[k]] = state.template column<c>()[k];
    });
    for (int k = 0; k < m; ++k) {
      more_[rest_[k]] = spikes[k];
      stuck_[rest_[k]] = stuck[k];
    }
  }

  // Lanes of `rest_` side by side.
  template <class T>
  void move_together(const Columns<T>& from, int n, Columns<T>& to) const {
    for_each_member<T>([&](auto c) {
      for (int k = 0; k < n; ++k) to.template column<c>()[k] = from.template column<c>()[rest_[k]];
    });
  }

  static bool sound(const S& s) {
    double zero = 0;  // unless some value is not finite
    const auto values = members(s);
    for_each_member<S>([&](auto m) {
      if constexpr (Lanes::has_course || m < std::size_t(M::equations))
        zero += std::get<m>(values) - std::get<m>(values);
    });
    bool holds = zero == 0;
    std::apply([&](auto&... l) { ((holds &= l.holds(s)), ...); }, M::limits);
    return holds;
  }

  template <bool Same>
  [[gnu::flatten]] void finish(std::int32_t* __restrict out) {
    whole_vectors(padded_);
    const P p0 = lanes_.p;
    const V v0 = lanes_.v;
    const auto decay0 = Lanes::decay(p0, v0, x_.h);
    const typename Lanes::Arrays state(*lanes_.state), next(next_);
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
      if constexpr (Lanes::has_course) M::course(p, Same ? decay0 : Lanes::decay(p, v, x_.h), s);
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
      S s = next_.load(i);
      if constexpr (Lanes::has_course)
        M::course(lanes_.parameters(i), Lanes::decay(lanes_.parameters(i), lanes_.derived(i), x_.h), s);
      auto offender = std::get<0>(M::limits);
      bool found = false;
      std::apply([&](auto&... l) { ((found |= !found && !l.holds(s) && (offender = l, true)), ...); }, M::limits);
      x_.failed->push_back({x_.step, ids[i], store, first_lane + std::uint32_t(i), stuck_[i] != 0, offender.name,
                            s.*offender.member, offender.unit, offender.lower, offender.upper, M::remedies});
    }
  }
};

}  // namespace nl
