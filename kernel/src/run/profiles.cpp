#include "src/profiles.hpp"

#include <algorithm>
#include <cmath>

namespace nl {

using Op = Parameter::Op;

namespace {

template <class F>
void each(double* out, F&& f) {
  for (int i = 0; i < draw_group; ++i) out[i] = f(i);
}

void draw_exponential(const double* c, const double* x, double* out) {
  each(out, [&, rate = -1 / c[0]](int i) { return vexp_any(x[i] * rate); });
}

void draw_gaussian(const double* c, const double* x, double* out) {
  each(out, [=, mean = c[0], scale = -0.5 / (c[1] * c[1])](int i) {
    return vexp_any((x[i] - mean) * (x[i] - mean) * scale);
  });
}

// Bivariate normal density without its factor, so that it is 1 at the means.
void draw_gaussian2d(const double* c, const double* x, const double* y, double* out) {
  const double rho = c[4], scale = -0.5 / (1 - rho * rho);
  each(out, [=, mean_x = c[0], mean_y = c[1], over_x = 1 / c[2], over_y = 1 / c[3]](int i) {
    const double a = (x[i] - mean_x) * over_x, b = (y[i] - mean_y) * over_y;
    return vexp_any((a * a + b * b - 2 * rho * a * b) * scale);
  });
}

double gamma_density(const double* c, double x) {
  return std::pow(x, c[0] - 1) * std::exp(-x / c[1]) / (std::pow(c[1], c[0]) * std::tgamma(c[0]));
}

// A wave under a bell, of which the negative half is cut off. Angles are in degrees.
void draw_gabor(const double* c, const double* x, const double* y, double* out) {
  const double cosine = std::cos(c[0] * degree), sine = std::sin(c[0] * degree), phase = c[4] * degree;
  const double squeeze = c[1] * c[1], scale = -0.5 / (c[2] * c[2]), wave = 360 * degree / c[3];
  each(out, [&](int i) {
    const double along = x[i] * cosine + y[i] * sine, across = y[i] * cosine - x[i] * sine;
    return std::max(0.0, std::cos(across * wave + phase)) *
           vexp_any((squeeze * along * along + across * across) * scale);
  });
}

}  // namespace

const char* const* profile_constants(Op op) {
  static const char* const one[] = {"beta"};
  static const char* const bell[] = {"mean", "std"};
  static const char* const bells[] = {"mean_x", "mean_y", "std_x", "std_y", "rho"};
  static const char* const gamma[] = {"kappa", "theta"};
  static const char* const gabor[] = {"theta", "gamma", "std", "lam", "psi"};
  switch (op) {
    case Op::exponential_profile:
      return one;
    case Op::gaussian_profile:
      return bell;
    case Op::gaussian2d_profile:
      return bells;
    case Op::gamma_profile:
      return gamma;
    default:
      return gabor;
  }
}

void draw_profile(Op op, const std::vector<double>& constants, const double* x, const double* y, double* out) {
  const double* c = constants.data();
  switch (op) {
    case Op::exponential_profile:
      return draw_exponential(c, x, out);
    case Op::gaussian_profile:
      return draw_gaussian(c, x, out);
    case Op::gaussian2d_profile:
      return draw_gaussian2d(c, x, y, out);
    case Op::gamma_profile:
      return each(out, [=](int i) { return gamma_density(c, x[i]); });
    default:
      return draw_gabor(c, x, y, out);
  }
}

std::pair<double, double> profile_bounds(Op op, const std::vector<double>& c,
                                         const std::vector<std::pair<double, double>>& of_arguments) {
  const auto [low, high] = of_arguments[0];
  if (op == Op::exponential_profile) {
    const double a = std::exp(-low / c[0]), b = std::exp(-high / c[0]);
    return std::minmax({a, b});
  }
  if (op != Op::gamma_profile) return {0, 1};
  if (!(low >= 0) || !std::isfinite(high)) return {low >= 0 ? 0 : -inf, inf};
  const double mode = std::clamp((c[0] - 1) * c[1], low, high);
  return std::minmax({gamma_density(c.data(), low), gamma_density(c.data(), high), gamma_density(c.data(), mode)});
}

}  // namespace nl
