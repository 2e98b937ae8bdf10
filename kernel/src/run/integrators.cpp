// What of the integrator does not depend on the model; see nest_lab/integrators.hpp.
#include <nest_lab/integrators.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace nl {

namespace {

constexpr int most_attempts = 10000;
constexpr double shortest = 1e-9;  // of the step
constexpr double close = 2e-5;     // on the straight coordinate: the rest of the way is done at once
constexpr double caution = 0.5;    // part of the tolerance that is used
// On the straight coordinate, which is of the order of 1, errors weigh more: its own, and those of its companions.
constexpr double straight_scale = 100, companion_scale = 6;
constexpr double approach = 0.8;  // part of the way to the peak in one attempt
constexpr double safety = 0.9, least_factor = 0.2, most_factor = 5;

// A little more than 4096 bytes, or else one lane of all arrays of a block would want the same place in the cache.
constexpr int block_size = max_equations * block_lanes + 8;

using Slopes = const double (*)[block_size];

// Sum of the first slopes with the coefficients of one row. From -0, to which adding is no work.
template <std::size_t... j>
[[gnu::always_inline]] inline double weighted(const double* row, Slopes k, int at, std::index_sequence<j...>) {
  double sum = -0.0;
  ((sum = row[j] != 0 ? sum + row[j] * k[j][at] : sum), ...);
  return sum;
}

// Orders 4 and 5.
struct Fehlberg {
  static constexpr int stages = 6;
  static constexpr double ahead = 1;
  static constexpr double longer = -1 / 6., shorter = -1 / 5.;  // powers of the error by which steps change
  static constexpr double c[stages] = {0, 1 / 4., 3 / 8., 12 / 13., 1, 1 / 2.};
  static constexpr double a[stages][stages] = {{},
                                               {1 / 4.},
                                               {3 / 32., 9 / 32.},
                                               {1932 / 2197., -7200 / 2197., 7296 / 2197.},
                                               {439 / 216., -8, 3680 / 513., -845 / 4104.},
                                               {-8 / 27., 2, -3544 / 2565., 1859 / 4104., -11 / 40.}};
  static constexpr double b[stages] = {16 / 135., 0, 6656 / 12825., 28561 / 56430., -9 / 50., 2 / 55.};
  static constexpr double difference[stages] = {1 / 360., 0, -128 / 4275., -2197 / 75240., 1 / 50., 2 / 55.};
  static double error(Slopes k, int at) {
    return std::abs(weighted(difference, k, at, std::make_index_sequence<stages>()));
  }
};

// Order 8, with differences to orders 5 and 3 that together make an error of order 8.
struct DormandPrince {
  static constexpr int stages = 12;
  static constexpr double ahead = 2.2;  // a first step may be so much longer than one of Fehlberg's
  static constexpr double longer = -1 / 8., shorter = -1 / 8.;
  static constexpr double c[stages] = {0,
                                       0.05260015195876773,
                                       0.0789002279381516,
                                       0.1183503419072274,
                                       0.2816496580927726,
                                       1 / 3.,
                                       1 / 4.,
                                       4 / 13.,
                                       127 / 195.,
                                       3 / 5.,
                                       6 / 7.,
                                       1};
  static constexpr double a[stages][stages] = {
      {},
      {0.05260015195876773},
      {0.0197250569845379, 0.0591751709536137},
      {0.02958758547680685, 0, 0.08876275643042054},
      {0.2413651341592667, 0, -0.8845494793282861, 0.924834003261792},
      {1 / 27., 0, 0, 0.17082860872947386, 0.12546768756682242},
      {19 / 512., 0, 0, 0.17025221101954405, 0.06021653898045596, -9 / 512.},
      {0.03709200011850479, 0, 0, 0.17038392571223998, 0.10726203044637328, -0.015319437748624402,
       0.008273789163814023},
      {0.6241109587160757, 0, 0, -3.3608926294469414, -0.868219346841726, 27.59209969944671, 20.154067550477894,
       -43.48988418106996},
      {0.47766253643826434, 0, 0, -2.4881146199716677, -0.590290826836843, 21.230051448181193, 15.279233632882423,
       -33.28821096898486, -0.020331201708508627},
      {-0.9371424300859873, 0, 0, 5.186372428844064, 1.0914373489967295, -8.149787010746927, -18.52006565999696,
       22.739487099350505, 2.4936055526796523, -3.0467644718982196},
      {2.273310147516538, 0, 0, -10.53449546673725, -2.0008720582248625, -17.9589318631188, 27.94888452941996,
       -2.8589982771350235, -8.87285693353063, 12.360567175794303, 0.6433927460157636}};
  static constexpr double b[stages] = {0.054293734116568765,
                                       0,
                                       0,
                                       0,
                                       0,
                                       4.450312892752409,
                                       1.8915178993145003,
                                       -5.801203960010585,
                                       0.3111643669578199,
                                       -0.1521609496625161,
                                       0.20136540080403034,
                                       0.04471061572777259};
  static constexpr double to_third[stages] = {-0.18980075407240762,
                                              0,
                                              0,
                                              0,
                                              0,
                                              4.450312892752409,
                                              1.8915178993145003,
                                              -5.801203960010585,
                                              -0.4226823213237919,
                                              -0.1521609496625161,
                                              0.20136540080403034,
                                              0.02265179219836082};
  static constexpr double to_fifth[stages] = {0.01312004499419488,
                                              0,
                                              0,
                                              0,
                                              0,
                                              -1.2251564463762044,
                                              -0.4957589496572502,
                                              1.6643771824549864,
                                              -0.35032884874997366,
                                              0.3341791187130175,
                                              0.08192320648511571,
                                              -0.022355307863886294};
  static double error(Slopes k, int at) {
    const auto all = std::make_index_sequence<stages>();
    const double third = weighted(to_third, k, at, all), fifth = weighted(to_fifth, k, at, all), square = fifth * fifth;
    return square / std::sqrt(square + 0.01 * third * third + 1e-300);
  }
};

// V while it runs away, by lane of a block: u = exp(-(V - V_th)/Delta_T) takes the place of V in the lanes that are `on`.
struct Straight {
  double on[block_lanes], V_th[block_lanes], Delta_T[block_lanes], u_peak[block_lanes];
};

template <class Method>
struct Block {
  alignas(64) double y[block_size], stage[block_size], out[block_size], k[Method::stages][block_size];
  alignas(64) double h[block_lanes], error[block_lanes], factor[block_lanes];
  alignas(64) double now[block_lanes], then[block_lanes];  // times at the beginning of the attempt, and of a stage
};

void slopes(const Equations& e, int first, int lanes, Instant t, const Straight* s, double* y, double* dy) {
  whole_vectors(lanes);
  alignas(64) double u[block_lanes];
  if (s)
    for (int i = 0; i < lanes; ++i) {
      u[i] = y[i] > s->u_peak[i] ? y[i] : s->u_peak[i];
      const double V = s->V_th[i] - s->Delta_T[i] * vlog(u[i]);
      y[i] = s->on[i] != 0 ? V : y[i];
    }
  e.derivatives(e.context, first, lanes, t, y, dy);
  if (s)
    for (int i = 0; i < lanes; ++i) {
      const double du = -u[i] / s->Delta_T[i] * dy[i];
      dy[i] = s->on[i] != 0 ? du : dy[i];
    }
}

template <int N, class Method>
inline void stage(const Equations& e, int first, int lanes, bool alone, const Straight* s, Block<Method>& x) {
  whole_vectors(lanes);
  for (int n = 0; n < e.count; ++n)
#pragma GCC ivdep
    for (int i = 0; i < lanes; ++i) {
      const int at = n * block_lanes + i;
      x.stage[at] = x.y[at] + x.h[i] * weighted(Method::a[N], x.k, at, std::make_index_sequence<N>());
    }
  for (int i = 0; i < lanes; ++i) x.then[i] = x.now[i] + Method::c[N] * x.h[i];
  slopes(e, first, lanes, {Method::c[N] * e.step, alone ? x.then : nullptr}, s, x.stage, x.k[N]);
}

// Slopes where a step begins.
template <class Method>
void begin(const Equations& e, int first, int lanes, bool alone, const Straight* s, Block<Method>& x) {
  std::copy_n(x.y, std::size_t(e.count) * block_lanes, x.stage);
  slopes(e, first, lanes, {0, alone ? x.now : nullptr}, s, x.stage, x.k[0]);
}

// One step of the length h[lane] from y to `out`, and the largest error of all equations. What is not finite has an error that is
// not. Lanes that are not `alone` are at the beginning of the whole step.
template <class Method>
void attempt(const Equations& e, int first, int lanes, bool alone, const Straight* s, Block<Method>& x) {
  whole_vectors(lanes);
  begin(e, first, lanes, alone, s, x);
  [&]<std::size_t... N>(std::index_sequence<N...>) {
    (stage<int(N) + 1>(e, first, lanes, alone, s, x), ...);
  }(std::make_index_sequence<Method::stages - 1>());
  for (int i = 0; i < lanes; ++i) x.error[i] = 0;
  for (int n = 0; n < e.count; ++n)
#pragma GCC ivdep
    for (int i = 0; i < lanes; ++i) {
      const int at = n * block_lanes + i;
      x.out[at] = x.y[at] + x.h[i] * weighted(Method::b, x.k, at, std::make_index_sequence<Method::stages>());
      double error = x.h[i] * Method::error(x.k, at);
      if (s) error *= s->on[i] == 0 ? 1 : n == 0 ? straight_scale : companion_scale;
      const double poison = (x.out[at] - x.out[at]) + (error - error);
      x.error[i] = (error > x.error[i] ? error : x.error[i]) + poison;
    }
}

// Errors become multiples of what is allowed, and say by which factor the next attempt may be longer, or has to be shorter.
template <class Method>
void rate(const double* tolerance, int lanes, double* __restrict error, double* __restrict next) {
#pragma GCC ivdep
  for (int i = 0; i < lanes; ++i) {
    const double ratio = error[i] / (tolerance[i] * caution);
    const bool good = ratio <= 1, tiny = ratio < 1e-100, huge = !(ratio < 1e100);
    const double log = vlog(tiny ? 1e-100 : huge ? 1e100 : ratio);
    const double factor = safety * vexp(log * (good ? Method::longer : Method::shorter));
    const double longer = factor < 1 ? 1 : factor > most_factor ? most_factor : factor;
    const double shorter = factor < least_factor ? least_factor : factor;
    error[i] = ratio;
    next[i] = good ? longer : shorter;
  }
}

}  // namespace

[[gnu::flatten]] int whole_step(const Equations& e, int lanes, const double* const* now, double* const* next,
                                std::uint16_t* rest, double* factor) {
  Block<Fehlberg> x;
  alignas(64) double error[chunk_lanes], allowed[chunk_lanes];
  std::fill_n(x.h, block_lanes, e.step);
  std::fill_n(x.now, block_lanes, 0.0);
  int m = 0;
  for (int first = 0; first < lanes; first += block_lanes) {
    const int real = std::min(block_lanes, lanes - first), padded = whole_groups(real);
    for (int n = 0; n < e.count; ++n)
      for (int i = 0; i < padded; ++i) x.y[n * block_lanes + i] = now[n][first + i];
    attempt(e, first, padded, false, nullptr, x);
    for (int n = 0; n < e.count; ++n)
      for (int i = 0; i < padded; ++i) next[n][first + i] = x.out[n * block_lanes + i];
    std::uint64_t any = 0;
    for (int i = 0; i < padded; ++i)
      any |= std::bit_cast<std::uint64_t>(x.error[i] <= e.tolerance[first + i] * caution ? 0.0 : 1.0);
    if (any == 0) continue;
    for (int i = 0; i < real; ++i)
      if (!(x.error[i] <= e.tolerance[first + i] * caution)) {
        rest[m] = std::uint16_t(first + i);
        allowed[m] = e.tolerance[first + i];
        error[m++] = x.error[i];
      }
  }
  rate<Fehlberg>(allowed, m, error, factor);
  return m;
}

namespace {

// Lanes on their way through one step, each at a time of its own. Those that are not done stay in front.
template <class Method>
struct Travellers {
  const Equations& e;
  const SubSteps& sub;
  double* const* y;
  int left, first = 0;  // lanes that are not done, first lane of the block at work
  Block<Method> x;
  Straight straight;
  alignas(64) double time[chunk_lanes], length[chunk_lanes];  // of the next attempt
  alignas(64) double high[chunk_lanes], peak[chunk_lanes];    // V runs away from one to the other
  bool too_far[chunk_lanes] = {};  // the rest of the way to the peak would go beyond the end of the step
  double from[block_lanes];        // straight coordinate at the beginning of an attempt
  bool landing[block_lanes] = {};  // the attempt is to do the rest of the way to the peak at once
  alignas(64) double live[block_lanes], accepted[block_lanes], rare[block_lanes];  // lanes of a block: 1 or 0

  Travellers(const Equations& e_, const SubSteps& sub_, double* const* y_, int lanes)
      : e(e_), sub(sub_), y(y_), left(lanes) {
    for (int lane = 0; lane < whole_groups(lanes); ++lane) {
      const bool may = sub.runaway, steep = may && sub.runaway[lane].Delta_T > 0;
      high[lane] = steep ? sub.runaway[lane].V_th + 2 * sub.runaway[lane].Delta_T : inf;
      peak[lane] = may ? sub.runaway[lane].V_peak : inf;
      time[lane] = 0;
      length[lane] = e.step * (runs_away(lane) ? 1 : std::min(1.0, sub.factor[lane] * Method::ahead));
    }
  }
  bool done(int lane) const { return time[lane] >= e.step; }
  bool runs_away(int lane) const { return y[0][lane] >= high[lane] && y[0][lane] < peak[lane]; }
  void get_stuck(int lane) {
    sub.stuck[lane] = 1;
    time[lane] = e.step;
  }
  void after(int lane) {
    constexpr double on = 1;
    if (sub.after) sub.after(e.context, lane, 1, &on, sub.spikes);
  }

  // Takes what the next attempts of a block start from; whether some lane of it runs away.
  bool start(int padded) {
    whole_vectors(padded);
    std::fill_n(live, padded, 0.0);
    std::fill_n(live, std::min(padded, left - first), 1.0);
    const double step = e.step, *t = time + first, *next = length + first, *V = y[0] + first;
    const double *low = high + first, *top = peak + first;
    std::uint64_t any = 0;
#pragma GCC ivdep
    for (int i = 0; i < padded; ++i) {
      const double rest = step - t[i], h = next[i] < rest ? next[i] : rest;
      x.h[i] = live[i] != 0 ? h : 0.0;
      x.now[i] = t[i];
      straight.on[i] = (V[i] >= low[i]) & (V[i] < top[i]) ? live[i] : 0.0;
      any |= std::bit_cast<std::uint64_t>(straight.on[i]);
    }
    for (int n = 0; n < e.count; ++n)
      for (int i = 0; i < padded; ++i) x.y[n * block_lanes + i] = y[n][first + i];
    if (any == 0) return false;
    for (int i = 0; i < padded; ++i) straighten(i);
    return true;
  }
  void straighten(int i) {
    const int lane = first + i;
    const bool on = straight.on[i] != 0;
    straight.V_th[i] = on ? sub.runaway[lane].V_th : 0;
    straight.Delta_T[i] = on ? sub.runaway[lane].Delta_T : 1;
    straight.u_peak[i] = 1;
    landing[i] = false;
    if (!on) return;
    const Runaway& r = sub.runaway[lane];
    straight.u_peak[i] = vexp_any((r.V_th - r.V_peak) / r.Delta_T);
    from[i] = x.y[i] = vexp_any((r.V_th - x.y[i]) / r.Delta_T);
    landing[i] = from[i] < close && from[i] > 2 * straight.u_peak[i] && !too_far[lane];
    if (landing[i]) prepare_landing(i);
  }
  // The slopes are wanted at the mean of V on the way, while u goes in a straight line; an attempt of no length finds them.
  void prepare_landing(int i) {
    const double u = from[i], end = straight.u_peak[i];
    x.y[i] = vexp_any((u * vlog(u) - end * vlog(end)) / (u - end) - 1);
    x.h[i] = 0;
  }
  void land(int i) {
    const int lane = first + i;
    const double wanted = (straight.u_peak[i] - from[i]) / x.k[0][i];
    too_far[lane] = !(wanted >= 0 && wanted <= e.step - time[lane]);
    if (too_far[lane]) return;
    for (int n = 1; n < e.count; ++n) y[n][lane] += wanted * x.k[0][n * block_lanes + i];
    y[0][lane] = peak[lane];
    time[lane] += wanted;
    length[lane] = e.step;
    after(lane);
  }

  // All lanes of a block at once, but for those that run away or have reached the peak.
  void judge(int padded) {
    whole_vectors(padded);
    const double* top = peak + first;
    std::uint64_t any = 0;
#pragma GCC ivdep
    for (int i = 0; i < padded; ++i) {
      const bool good = x.error[i] <= 1, reached = good & (x.y[i] < top[i]) & (x.out[i] >= top[i]);
      rare[i] = (straight.on[i] != 0) | reached ? live[i] : 0.0;
      accepted[i] = good ? live[i] - rare[i] : 0.0;
      any |= std::bit_cast<std::uint64_t>(rare[i]);
    }
    for (int n = 0; n < e.count; ++n)
#pragma GCC ivdep
      for (int i = 0; i < padded; ++i) {
        const double old = y[n][first + i], made = x.out[n * block_lanes + i];
        y[n][first + i] = accepted[i] != 0 ? made : old;
      }
    if (sub.after) sub.after(e.context, first, padded, accepted, sub.spikes);
    move_on(padded);
    for (int i = 0; any != 0 && i < padded; ++i)
      if (rare[i] != 0) judge_rare(i);
  }
  void move_on(int padded) {
    whole_vectors(padded);
    const double step = e.step, least = step * shortest;
    double *t = time + first, *next = length + first, *stuck = sub.stuck + first;
#pragma GCC ivdep
    for (int i = 0; i < padded; ++i) {
      const double wanted = x.h[i] * x.factor[i], then = x.h[i] >= step - t[i] ? step : t[i] + x.h[i];
      const bool common = live[i] > rare[i], on = accepted[i] != 0, caught = common & !on & !(wanted > least);
      next[i] = common ? wanted : next[i];
      t[i] = caught ? step : on ? then : t[i];
      stuck[i] = caught ? 1.0 : stuck[i];
    }
  }
  void judge_rare(int i) {
    const int lane = first + i;
    if (straight.on[i] == 0) return reach(i);
    if (landing[i]) return land(i);
    if (!(x.error[i] <= 1)) return shorten(i, x.factor[i]);
    const Runaway& r = sub.runaway[lane];
    const double end = straight.u_peak[i], u = x.out[i], slope = (from[i] - u) / x.h[i];
    if (u <= end && from[i] > close) {  // where the peak is not far up, it is aimed at itself
      const double allowed = end * e.tolerance[lane] / r.Delta_T, least = 2 * shortest * e.step / x.h[i];
      const double way = std::min(approach * from[i], from[i] - end + allowed / 2);
      if (end - u > allowed && least < 0.5) return shorten(i, std::max(way / (from[i] - u), least));
    }
    too_far[lane] = false;
    accept(i, u <= end ? r.V_peak : r.V_th - r.Delta_T * vlog(u));
    if (slope > 0 && u > end) length[lane] = std::min(length[lane], approach * u / slope);
  }
  // V is at the peak or beyond, which it was not before. A parabola tells when it got there; from a little above there is no way
  // to miss it again and again.
  void reach(int i) {
    const double allowed = e.tolerance[first + i], top = peak[first + i];
    const bool least = x.h[i] <= 4 * shortest * e.step;
    if (x.out[i] - top <= allowed || least) {
      accept(i, top);
      length[first + i] = e.step;
      return;
    }
    const double way = top + allowed / 2 - x.y[i], slope = x.k[0][i] * x.h[i], bend = x.out[i] - x.y[i] - slope;
    const double part = 2 * way / (slope + std::sqrt(slope * slope + 4 * bend * way));
    const double factor = part > 0 && part < 1 ? part : way / (x.out[i] - x.y[i]);
    shorten(i, std::max(factor, 2 * shortest * e.step / x.h[i]));
  }
  void shorten(int i, double factor) {
    length[first + i] = x.h[i] * factor;
    if (!(length[first + i] > e.step * shortest)) get_stuck(first + i);
  }
  void accept(int i, double V) {
    const int lane = first + i;
    const bool last = x.h[i] >= e.step - time[lane];
    y[0][lane] = V;
    for (int n = 1; n < e.count; ++n) y[n][lane] = x.out[n * block_lanes + i];
    after(lane);
    time[lane] = last ? e.step : time[lane] + x.h[i];
    length[lane] = x.h[i] * x.factor[i];
  }

  void exchange(int a, int b) {
    sub.exchange(e.context, a, b);
    for (double* each : sub.along) std::swap(each[a], each[b]);
    for (double* each : {sub.spikes, sub.stuck, time, length, high, peak}) std::swap(each[a], each[b]);
    if (sub.runaway) std::swap(sub.runaway[a], sub.runaway[b]);
    std::swap(sub.number[a], sub.number[b]);
    std::swap(too_far[a], too_far[b]);
  }

  void run() {
    for (int attempts = 0; left > 0; ++attempts) {
      if (attempts == most_attempts)
        for (int lane = 0; lane < left; ++lane) get_stuck(lane);
      for (first = 0; attempts < most_attempts && first < left; first += block_lanes) {
        const int padded = (std::min(block_lanes, left - first) + vector_lanes - 1) / vector_lanes * vector_lanes;
        const Straight* some_run_away = start(padded) ? &straight : nullptr;
        double longest = 0;
        for (int i = 0; i < padded; ++i) longest = x.h[i] > longest ? x.h[i] : longest;
        if (longest > 0) {
          attempt(e, first, padded, true, some_run_away, x);
          rate<Method>(e.tolerance + first, padded, x.error, x.factor);
        } else {  // all of them land
          begin(e, first, padded, true, some_run_away, x);
        }
        judge(padded);
      }
      for (int lane = left - 1; lane >= 0; --lane)
        if (done(lane) && lane != --left) exchange(lane, left);
    }
  }
};

}  // namespace

void sub_steps(const Equations& e, int lanes, double* const* y, const SubSteps& sub) {
  if (sub.order == 8) Travellers<DormandPrince>(e, sub, y, lanes).run();
  else Travellers<Fehlberg>(e, sub, y, lanes).run();
}

}  // namespace nl
