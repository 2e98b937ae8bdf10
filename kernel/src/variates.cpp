#include <nest_lab/variates.hpp>

#include <algorithm>

namespace nl {

namespace {

constexpr double few = 10;  // expected numbers below are found by counting up from 0

// log(k!), from the series of Stirling.
double log_factorial(double k) {
  static constexpr double small[] = {0,
                                     0,
                                     0.693147180559945309,
                                     1.79175946922805500,
                                     3.17805383034794562,
                                     4.78749174278204599,
                                     6.57925121201010100,
                                     8.52516136106541430,
                                     10.6046029027452502,
                                     12.8018274800814696};
  if (k < 10) return small[int(k)];
  const double x = k + 1, r = 1 / (x * x);
  return (x - 0.5) * vlog(x) - x + 0.918938533204672742 +
         (1 / 12. - r * (1 / 360. - r * (1 / 1260. - r * (1 / 1680. - r / 1188.)))) / x;
}

// A hat over a bell-shaped distribution of whole numbers, from which candidates come with two uniform numbers (Hoermann 1993,
// transformed rejection with squeeze).
struct Hat {
  double a, b, centre, squeeze, corner;  // candidates from the corner are refused without a look
  template <class LogRatio>
  double draw(Draws& d, double last, double log_scale, LogRatio&& log_ratio) const {
    for (;;) {
      const double u = d.uniform() - 0.5, v = d.uniform();
      const double us = 0.5 - std::abs(u);
      const double k = std::floor((2 * a / us + b) * u + centre);
      if (us >= 0.07 && v <= squeeze) return k;
      if (k < 0 || k > last || (us < corner && v > us)) continue;
      if (vlog(v) + log_scale - vlog(a / (us * us) + b) <= log_ratio(k)) return k;
    }
  }
};

}  // namespace

// Box & Muller 1958, doi:10.1214/aoms/1177706645.
double Draws::normal() {
  const double radius = std::sqrt(-2 * vlog(uniform()));
  double c, s;
  vcossin2pi(uniform(), c, s);
  return radius * c;
}

// Marsaglia & Tsang 2000, doi:10.1145/358407.358414.
double Draws::gamma(double shape) {
  if (shape == 1) return -vlog(uniform());
  const double d = shape - 1 / 3., c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = normal(), t = 1 + c * x, v = t * t * t;
    if (v > 0 && vlog(uniform()) < 0.5 * x * x + d - d * v + d * vlog(v)) return d * v;
  }
}

// Large means: Hoermann 1993, doi:10.1016/0167-6687(93)90997-4.
double Draws::poisson(double mean) {
  if (mean < few) {
    double left = uniform(), p = vexp(-mean), k = 0;
    while (left > p && p > 0) {
      left -= p;
      p *= mean / ++k;
    }
    return k;
  }
  const double root = std::sqrt(mean), b = 0.931 + 2.53 * root;
  const Hat hat{-0.059 + 0.02483 * b, b, mean + 0.43, 0.9277 - 3.6224 / (b - 2), 0.013};
  const double log_mean = vlog(mean);
  return hat.draw(*this, 0x1p52, vlog(1.1239 + 1.1328 / (b - 3.4)),
                  [&](double k) { return k * log_mean - mean - log_factorial(k); });
}

double Draws::poisson_some(double mean) {
  if (mean < few) {
    double k = 1, p = mean * vexp(-mean);
    // 1 - exp(-mean) without cancellation
    double left = uniform() * (mean < 1e-5 ? mean * (1 - 0.5 * mean) : 1 - vexp(-mean));
    while (left > p && p > 0) {
      left -= p;
      p *= mean / ++k;
    }
    return k;
  }
  for (;;)
    if (const double k = poisson(mean); k > 0) return k;
}

// Large n p: Hoermann 1993, doi:10.1080/00949659308811496.
double Draws::binomial(double n, double p) {
  if (p <= 0 || n <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(n, 1 - p);
  const double q = 1 - p;
  if (n * p < few) {
    double left = uniform(), k = 0, term = vexp(n * vlog(q));
    while (left > term && k < n) {
      left -= term;
      term *= (n - k) / (k + 1) * (p / q);
      ++k;
    }
    return k;
  }
  const double root = std::sqrt(n * p * q), b = 1.15 + 2.53 * root, mode = std::floor((n + 1) * p);
  const Hat hat{-0.0873 + 0.0248 * b + 0.01 * p, b, n * p + 0.5, 0.92 - 4.2 / b, 0};
  const double log_odds = vlog(p / q), at_mode = log_factorial(mode) + log_factorial(n - mode);
  return hat.draw(*this, n, vlog((2.83 + 5.1 / b) * root),
                  [&](double k) { return at_mode - log_factorial(k) - log_factorial(n - k) + (k - mode) * log_odds; });
}

int several(const char* model, double expected, Draws& draws) {
  if (expected > 1e6)
    throw Error("NumericalInstability", std::string(model) + ": the rate has become too high",
                number(expected) + " spikes expected in one step", "at most 1e+06 spikes",
                "Lower the input or the gain, or give the neuron a dead_time.");
  return int(draws.poisson_some(expected));
}

}  // namespace nl
