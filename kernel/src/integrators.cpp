// What of the integrator does not depend on the model; see nest_lab/integrators.hpp.
#include <nest_lab/integrators.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace nl {

namespace {

constexpr int stages = 6, group_lanes = 16, most_attempts = 10000;
constexpr double shortest = 1e-9;   // of the step
constexpr double close = 2e-5;      // on the straight coordinate: the rest of the way is done at once
constexpr double caution = 0.5;     // part of the tolerance that is used
// On the straight coordinate, which is of the order of 1, errors weigh more: its own, and those of its companions.
constexpr double straight_scale = 100, companion_scale = 10;
constexpr double approach = 0.8;    // part of the way to the peak in one attempt
constexpr double safety = 0.9, least_factor = 0.2, most_factor = 5;

constexpr double a[stages][stages - 1] = {{},
                                          {1 / 4.},
                                          {3 / 32., 9 / 32.},
                                          {1932 / 2197., -7200 / 2197., 7296 / 2197.},
                                          {439 / 216., -8, 3680 / 513., -845 / 4104.},
                                          {-8 / 27., 2, -3544 / 2565., 1859 / 4104., -11 / 40.}};
constexpr double b[stages] = {16 / 135., 0, 6656 / 12825., 28561 / 56430., -9 / 50., 2 / 55.};
constexpr double difference[stages] = {1 / 360., 0, -128 / 4275., -2197 / 75240., 1 / 50., 2 / 55.};

constexpr int block_size = max_equations * block_lanes;

// V while it runs away, by lane of a block: u = exp(-(V - V_th)/Delta_T) takes the place of V in the lanes that are `on`.
struct Straight {
  double on[block_lanes], V_th[block_lanes], Delta_T[block_lanes], u_peak[block_lanes];
};

struct Block {
  alignas(64) double y[block_size], stage[block_size], out[block_size], k[stages][block_size];
  alignas(64) double h[block_lanes], error[block_lanes];
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

double power(double ratio, double exponent) { return vexp_any(exponent * vlog(std::clamp(ratio, 1e-300, 1e300))); }

double shrink(double ratio) {
  return ratio < 1e10 ? std::max(least_factor, safety * power(ratio, -1 / 5.)) : least_factor;
}
double grow(double ratio) {
  return ratio < 0.5 ? std::clamp(safety * power(ratio, -1 / 6.), 1.0, most_factor) : 1.0;
}

// Lanes that need about as many steps go through them side by side.
void put_alike_together(int m, std::uint16_t* rest, double* ratio) {
  std::pair<double, std::uint16_t> order[chunk_lanes];
  for (int k = 0; k < m; ++k) order[k] = {ratio[k] < 1e300 ? ratio[k] : 1e300, rest[k]};
  std::sort(order, order + m);
  for (int k = 0; k < m; ++k) std::tie(ratio[k], rest[k]) = order[k];
}

}  // namespace

int whole_step(const Equations& e, int lanes, const double* const* now, double* const* next, std::uint16_t* rest,
               double* ratio) {
  Block x;
  std::fill_n(x.h, block_lanes, e.step);
  int m = 0;
  for (int first = 0; first < lanes; first += block_lanes) {
    const int real = std::min(block_lanes, lanes - first), padded = (real + 7) / 8 * 8;
    for (int n = 0; n < e.count; ++n)
      for (int i = 0; i < padded; ++i) x.y[n * block_lanes + i] = now[n][first + i];
    attempt(e, first, padded, nullptr, x);
    for (int n = 0; n < e.count; ++n)
      for (int i = 0; i < padded; ++i) next[n][first + i] = x.out[n * block_lanes + i];
    double worst = 0;
    for (int i = 0; i < padded; ++i) {
      x.error[i] /= e.tolerance[first + i] * caution;
      worst = x.error[i] <= worst ? worst : x.error[i];
    }
    if (worst <= 1) continue;
    for (int i = 0; i < real; ++i)
      if (!(x.error[i] <= 1)) {
        rest[m] = std::uint16_t(first + i);
        ratio[m++] = x.error[i];
      }
  }
  if (m > group_lanes) put_alike_together(m, rest, ratio);
  return m;
}

namespace {

// A few lanes on their way through one step, each at a time of its own.
struct Group {
  const Equations& e;
  const SubSteps& sub;
  double* const* y;
  const int first, lanes, padded;
  Block x;
  Straight straight;
  alignas(64) double t[group_lanes], h[group_lanes];
  double from[group_lanes];         // straight coordinate at the beginning of an attempt
  bool landing[group_lanes] = {};   // the attempt is to do the rest of the way to the peak at once ...
  bool too_far[group_lanes] = {};   // ... which would go beyond the end of the step
  int left;

  Group(const Equations& e_, const SubSteps& sub_, double* const* y_, int first_, int lanes_)
      : e(e_), sub(sub_), y(y_), first(first_), lanes(lanes_), padded((lanes_ + 7) / 8 * 8), left(lanes_) {
    for (int i = 0; i < padded; ++i) {
      t[i] = i < lanes ? 0 : e.step;
      h[i] = i < lanes && !runs_away(i) ? e.step * shrink(sub.ratio[first + i]) : e.step;
    }
  }

  bool done(int i) const { return t[i] >= e.step; }
  bool runs_away(int i) const { return sub.runaway && sub.runaway[first + i].holds(y[0][first + i]); }
  void arrive(int i) {
    t[i] = e.step;
    --left;
  }
  void get_stuck(int i) {
    sub.stuck[first + i] = true;
    arrive(i);
  }
  void after(int i) {
    if (sub.after) sub.spikes[first + i] += sub.after(e.context, first + i);
  }

  // Takes what the next attempt starts from.
  void start() {
    for (int i = 0; i < padded; ++i) {
      x.h[i] = done(i) ? 0 : std::min(h[i], e.step - t[i]);
      for (int n = 0; n < e.count; ++n) x.y[n * block_lanes + i] = y[n][first + i];
      if (sub.runaway) straighten(i);
    }
  }
  void straighten(int i) {
    const Runaway& r = sub.runaway[first + i];
    const bool on = !done(i) && runs_away(i);
    straight.on[i] = on;
    straight.V_th[i] = r.V_th;
    straight.Delta_T[i] = on ? r.Delta_T : 1;
    straight.u_peak[i] = on ? vexp_any((r.V_th - r.V_peak) / r.Delta_T) : 1;
    if (!on) return;
    from[i] = x.y[i] = vexp_any((r.V_th - x.y[i]) / r.Delta_T);
    landing[i] = from[i] < close && from[i] > 2 * straight.u_peak[i] && !too_far[i];
    if (landing[i]) prepare_landing(i);
  }
  // The slopes are wanted at the mean of V on the way, while u goes in a straight line; an attempt of no length finds them.
  void prepare_landing(int i) {
    const double u = from[i], peak = straight.u_peak[i];
    x.y[i] = vexp_any((u * vlog(u) - peak * vlog(peak)) / (u - peak) - 1);
    x.h[i] = 0;
  }
  void land(int i) {
    landing[i] = false;
    const double time = (straight.u_peak[i] - from[i]) / x.k[0][i];
    too_far[i] = !(time >= 0 && time <= e.step - t[i]);
    if (too_far[i]) return;
    for (int n = 1; n < e.count; ++n) y[n][first + i] += time * x.k[0][n * block_lanes + i];
    y[0][first + i] = sub.runaway[first + i].V_peak;
    t[i] += time;
    h[i] = e.step;
    after(i);
    if (done(i)) arrive(i);
  }

  void judge(int i) {
    if (landing[i]) return land(i);
    const double ratio = x.error[i] / (e.tolerance[first + i] * caution);
    if (!(ratio <= 1)) return shorten(i, shrink(ratio));
    if (!sub.runaway || straight.on[i] == 0) return accept(i, x.out[i], ratio);
    const Runaway& r = sub.runaway[first + i];
    const double peak = straight.u_peak[i], u = x.out[i], stride = (from[i] - u) / x.h[i];
    if (u <= peak && from[i] > close) return shorten(i, approach * from[i] / (from[i] - u));
    const double length = x.h[i];
    accept(i, u <= peak ? r.V_peak : r.V_th - r.Delta_T * vlog(u), ratio);
    too_far[i] = false;
    if (stride > 0 && u > peak) h[i] = std::min(std::max(h[i], length), approach * u / stride);
  }
  void shorten(int i, double factor) {
    h[i] = x.h[i] * factor;
    if (!(h[i] > e.step * shortest)) get_stuck(i);
  }
  void accept(int i, double V, double ratio) {
    const bool last = x.h[i] >= e.step - t[i];
    y[0][first + i] = V;
    for (int n = 1; n < e.count; ++n) y[n][first + i] = x.out[n * block_lanes + i];
    after(i);
    t[i] += x.h[i];
    h[i] = x.h[i] * grow(ratio);
    if (last || done(i)) arrive(i);
  }

  void run() {
    for (int attempts = 0; left > 0; ++attempts) {
      start();
      attempt(e, first, padded, sub.runaway ? &straight : nullptr, x);
      for (int i = 0; i < lanes; ++i)
        if (!done(i)) {
          if (attempts < most_attempts) judge(i);
          else get_stuck(i);
        }
    }
  }
};

}  // namespace

void sub_steps(const Equations& e, int lanes, double* const* y, const SubSteps& sub) {
  for (int first = 0; first < lanes; first += group_lanes)
    Group(e, sub, y, first, std::min(group_lanes, lanes - first)).run();
}

}  // namespace nl
