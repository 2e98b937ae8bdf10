// What of the integrator does not depend on the model; see nest_lab/integrators.hpp.
#include <nest_lab/integrators.hpp>

#include <algorithm>
#include <cmath>

namespace nl {

namespace {

constexpr int stages = 6, most_attempts = 10000;
constexpr double shortest = 1e-9;  // of the step
constexpr double close = 2e-5;     // on the straight coordinate: the rest of the way is done at once
constexpr double caution = 0.5;    // part of the tolerance that is used
// On the straight coordinate, which is of the order of 1, errors weigh more: its own, and those of its companions.
constexpr double straight_scale = 100, companion_scale = 6;
constexpr double approach = 0.8;  // part of the way to the peak in one attempt
constexpr double safety = 0.9, least_factor = 0.2, most_factor = 5;

constexpr double a[stages][stages - 1] = {{},
                                          {1 / 4.},
                                          {3 / 32., 9 / 32.},
                                          {1932 / 2197., -7200 / 2197., 7296 / 2197.},
                                          {439 / 216., -8, 3680 / 513., -845 / 4104.},
                                          {-8 / 27., 2, -3544 / 2565., 1859 / 4104., -11 / 40.}};
constexpr double b[stages] = {16 / 135., 0, 6656 / 12825., 28561 / 56430., -9 / 50., 2 / 55.};
constexpr double difference[stages] = {1 / 360., 0, -128 / 4275., -2197 / 75240., 1 / 50., 2 / 55.};

// A little more than 4096 bytes, or else one lane of all arrays of a block would want the same place in the cache.
constexpr int block_size = max_equations * block_lanes + 8;

// V while it runs away, by lane of a block: u = exp(-(V - V_th)/Delta_T) takes the place of V in the lanes that are `on`.
struct Straight {
  double on[block_lanes], V_th[block_lanes], Delta_T[block_lanes], u_peak[block_lanes];
};

struct Block {
  alignas(64) double y[block_size], stage[block_size], out[block_size], k[stages][block_size];
  alignas(64) double h[block_lanes], error[block_lanes], factor[block_lanes];
};

// Sum of the first N slopes with the coefficients of one row.
template <int N>
inline double weighted(const double (&row)[N < stages ? stages - 1 : stages], const Block& x, int at) {
  double sum = 0;
  for (int j = 0; j < N; ++j)
    if (row[j] != 0) sum += row[j] * x.k[j][at];
  return sum;
}

void slopes(const Equations& e, int first, int lanes, const Straight* s, double* y, double* dy) {
  alignas(64) double u[block_lanes];
  if (s)
    for (int i = 0; i < lanes; ++i) {
      u[i] = y[i] > s->u_peak[i] ? y[i] : s->u_peak[i];
      const double V = s->V_th[i] - s->Delta_T[i] * vlog(u[i]);
      y[i] = s->on[i] != 0 ? V : y[i];
    }
  e.derivatives(e.context, first, lanes, y, dy);
  if (s)
    for (int i = 0; i < lanes; ++i) {
      const double du = -u[i] / s->Delta_T[i] * dy[i];
      dy[i] = s->on[i] != 0 ? du : dy[i];
    }
}

template <int N>
inline void stage(const Equations& e, int first, int lanes, const Straight* s, Block& x) {
  for (int n = 0; n < e.count; ++n)
#pragma GCC ivdep
    for (int i = 0; i < lanes; ++i) {
      const int at = n * block_lanes + i;
      x.stage[at] = x.y[at] + x.h[i] * weighted<N>(a[N], x, at);
    }
  slopes(e, first, lanes, s, x.stage, x.k[N]);
}

// One step of the length h[lane] from y to `out`, and the largest error of all equations. What is not finite has an error that is not.
void attempt(const Equations& e, int first, int lanes, const Straight* s, Block& x) {
  std::copy_n(x.y, std::size_t(e.count) * block_lanes, x.stage);
  slopes(e, first, lanes, s, x.stage, x.k[0]);
  stage<1>(e, first, lanes, s, x);
  stage<2>(e, first, lanes, s, x);
  stage<3>(e, first, lanes, s, x);
  stage<4>(e, first, lanes, s, x);
  stage<5>(e, first, lanes, s, x);
  for (int i = 0; i < lanes; ++i) x.error[i] = 0;
  for (int n = 0; n < e.count; ++n)
#pragma GCC ivdep
    for (int i = 0; i < lanes; ++i) {
      const int at = n * block_lanes + i;
      x.out[at] = x.y[at] + x.h[i] * weighted<stages>(b, x, at);
      double error = std::abs(x.h[i] * weighted<stages>(difference, x, at));
      if (s) error *= s->on[i] == 0 ? 1 : n == 0 ? straight_scale : companion_scale;
      const double poison = x.out[at] - x.out[at];
      x.error[i] = (error > x.error[i] ? error : x.error[i]) + poison;
    }
}

// Errors become multiples of what is allowed, and say by which factor the next attempt may be longer, or has to be shorter.
void rate(const double* tolerance, int lanes, double* __restrict error, double* __restrict next) {
#pragma GCC ivdep
  for (int i = 0; i < lanes; ++i) {
    const double ratio = error[i] / (tolerance[i] * caution);
    const bool good = ratio <= 1, tiny = ratio < 1e-100, huge = !(ratio < 1e100);
    const double log = vlog(tiny ? 1e-100 : huge ? 1e100 : ratio);
    const double factor = safety * vexp(log * (good ? -1 / 6. : -1 / 5.));
    const double longer = factor < 1 ? 1 : factor > most_factor ? most_factor : factor;
    const double shorter = factor < least_factor ? least_factor : factor;
    error[i] = ratio;
    next[i] = good ? longer : shorter;
  }
}

}  // namespace

int whole_step(const Equations& e, int lanes, const double* const* now, double* const* next, std::uint16_t* rest,
               double* factor) {
  Block x;
  alignas(64) double error[chunk_lanes], allowed[chunk_lanes];
  std::fill_n(x.h, block_lanes, e.step);
  int m = 0;
  for (int first = 0; first < lanes; first += block_lanes) {
    const int real = std::min(block_lanes, lanes - first), padded = (real + 7) / 8 * 8;
    for (int n = 0; n < e.count; ++n)
      for (int i = 0; i < padded; ++i) x.y[n * block_lanes + i] = now[n][first + i];
    attempt(e, first, padded, nullptr, x);
    for (int n = 0; n < e.count; ++n)
      for (int i = 0; i < padded; ++i) next[n][first + i] = x.out[n * block_lanes + i];
    bool good = true;
    for (int i = 0; i < padded; ++i) good &= x.error[i] <= e.tolerance[first + i] * caution;
    if (good) continue;
    for (int i = 0; i < real; ++i)
      if (!(x.error[i] <= e.tolerance[first + i] * caution)) {
        rest[m] = std::uint16_t(first + i);
        allowed[m] = e.tolerance[first + i];
        error[m++] = x.error[i];
      }
  }
  rate(allowed, m, error, factor);
  return m;
}

namespace {

// Lanes on their way through one step, each at a time of its own. Those that are not done stay in front.
struct Travellers {
  const Equations& e;
  const SubSteps& sub;
  double* const* y;
  int left, first = 0;  // lanes that are not done, first lane of the block at work
  Block x;
  Straight straight;
  double time[chunk_lanes], length[chunk_lanes];  // of the next attempt
  bool too_far[chunk_lanes] = {};                 // the rest of the way to the peak would go beyond the end of the step
  double from[block_lanes];                       // straight coordinate at the beginning of an attempt
  bool landing[block_lanes] = {};                 // the attempt is to do the rest of the way to the peak at once

  Travellers(const Equations& e_, const SubSteps& sub_, double* const* y_, int lanes)
      : e(e_), sub(sub_), y(y_), left(lanes) {
    for (int lane = 0; lane < lanes; ++lane) {
      time[lane] = 0;
      length[lane] = e.step * (runs_away(lane) ? 1 : sub.factor[lane]);
    }
  }

  bool done(int lane) const { return time[lane] >= e.step; }
  bool runs_away(int lane) const { return sub.runaway && sub.runaway[lane].holds(y[0][lane]); }
  void get_stuck(int lane) {
    sub.stuck[lane] = true;
    time[lane] = e.step;
  }
  void after(int lane) {
    if (sub.after) sub.spikes[lane] += sub.after(e.context, lane);
  }

  // Takes what the next attempt of a lane starts from.
  void start(int i) {
    const int lane = first + i;
    x.h[i] = lane < left ? std::min(length[lane], e.step - time[lane]) : 0;
    for (int n = 0; n < e.count; ++n) x.y[n * block_lanes + i] = y[n][lane];
    if (!sub.runaway) return;
    const bool on = lane < left && runs_away(lane);
    const Runaway& r = sub.runaway[lane];
    straight.on[i] = on;
    straight.V_th[i] = on ? r.V_th : 0;
    straight.Delta_T[i] = on ? r.Delta_T : 1;
    straight.u_peak[i] = on ? vexp_any((r.V_th - r.V_peak) / r.Delta_T) : 1;
    landing[i] = false;
    if (!on) return;
    from[i] = x.y[i] = vexp_any((r.V_th - x.y[i]) / r.Delta_T);
    landing[i] = from[i] < close && from[i] > 2 * straight.u_peak[i] && !too_far[lane];
    if (landing[i]) prepare_landing(i);
  }
  // The slopes are wanted at the mean of V on the way, while u goes in a straight line; an attempt of no length finds them.
  void prepare_landing(int i) {
    const double u = from[i], peak = straight.u_peak[i];
    x.y[i] = vexp_any((u * vlog(u) - peak * vlog(peak)) / (u - peak) - 1);
    x.h[i] = 0;
  }
  void land(int i) {
    const int lane = first + i;
    const double wanted = (straight.u_peak[i] - from[i]) / x.k[0][i];
    too_far[lane] = !(wanted >= 0 && wanted <= e.step - time[lane]);
    if (too_far[lane]) return;
    for (int n = 1; n < e.count; ++n) y[n][lane] += wanted * x.k[0][n * block_lanes + i];
    y[0][lane] = sub.runaway[lane].V_peak;
    time[lane] += wanted;
    length[lane] = e.step;
    after(lane);
  }

  void judge(int i) {
    if (sub.runaway && landing[i]) return land(i);
    if (!(x.error[i] <= 1)) return shorten(i, x.factor[i]);
    if (!sub.runaway) return accept(i, x.out[i]);
    const Runaway& r = sub.runaway[first + i];
    if (straight.on[i] == 0) return r.reached(x.y[i], x.out[i]) ? reach(i, r.V_peak) : accept(i, x.out[i]);
    const double peak = straight.u_peak[i], u = x.out[i], slope = (from[i] - u) / x.h[i];
    if (u <= peak && from[i] > close) {  // where the peak is not far up, it is aimed at itself
      const double allowed = peak * e.tolerance[first + i] / r.Delta_T, least = 2 * shortest * e.step / x.h[i];
      const double way = std::min(approach * from[i], from[i] - peak + allowed / 2);
      if (peak - u > allowed && least < 0.5) return shorten(i, std::max(way / (from[i] - u), least));
    }
    too_far[first + i] = false;
    accept(i, u <= peak ? r.V_peak : r.V_th - r.Delta_T * vlog(u));
    if (slope > 0 && u > peak) length[first + i] = std::min(length[first + i], approach * u / slope);
  }
  // V is at the peak or beyond, which it was not before. A parabola tells when it got there; from a little above there is no way
  // to miss it again and again.
  void reach(int i, double peak) {
    const double allowed = e.tolerance[first + i];
    const bool least = x.h[i] <= 4 * shortest * e.step;
    if (x.out[i] - peak <= allowed || least) {
      accept(i, peak);
      length[first + i] = e.step;
      return;
    }
    const double way = peak + allowed / 2 - x.y[i], slope = x.k[0][i] * x.h[i], bend = x.out[i] - x.y[i] - slope;
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
    if (sub.runaway) std::swap(sub.runaway[a], sub.runaway[b]);
    std::swap(sub.spikes[a], sub.spikes[b]);
    std::swap(sub.stuck[a], sub.stuck[b]);
    std::swap(sub.number[a], sub.number[b]);
    std::swap(time[a], time[b]);
    std::swap(length[a], length[b]);
    std::swap(too_far[a], too_far[b]);
  }

  void run() {
    for (int attempts = 0; left > 0; ++attempts) {
      for (first = 0; first < left; first += block_lanes) {
        const int real = std::min(block_lanes, left - first), padded = (real + 7) / 8 * 8;
        for (int i = 0; i < padded; ++i) start(i);
        attempt(e, first, padded, sub.runaway ? &straight : nullptr, x);
        rate(e.tolerance + first, padded, x.error, x.factor);
        for (int i = 0; i < real; ++i) {
          if (attempts < most_attempts) judge(i);
          else get_stuck(first + i);
        }
      }
      for (int lane = left - 1; lane >= 0; --lane)
        if (done(lane) && lane != --left) exchange(lane, left);
    }
  }
};

}  // namespace

void sub_steps(const Equations& e, int lanes, double* const* y, const SubSteps& sub) {
  Travellers(e, sub, y, lanes).run();
}

}  // namespace nl
