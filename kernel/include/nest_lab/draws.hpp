// Counts drawn one at a time, for generators; thousands of targets draw from a table instead.
#pragma once
#include <cmath>

#include "rng.hpp"

namespace nl {

// Number of spikes of a Poisson process, by inversion of parts that are small enough for it.
inline std::int64_t poisson(double mean, Sequence& random) {
  constexpr double part = 30;
  std::int64_t n = 0;
  for (; mean > 0; mean -= part) {
    const double m = mean < part ? mean : part;
    double p = std::exp(-m);
    std::int64_t k = 0;
    for (double u = random.uniform() - p; u >= 0 && p > 0; u -= p) p *= m / double(++k);
    n += k;
  }
  return n;
}

// The smallest k for which the binomial distribution reaches u; (1 - p)^n must not underflow.
inline std::uint32_t binomial_quantile(std::uint32_t n, double p, double u) {
  if (p >= 1) return n;
  double chance = std::exp(double(n) * std::log1p(-p));
  std::uint32_t k = 0;
  for (u -= chance; u > 0 && k < n; u -= chance) {
    chance *= double(n - k) / double(k + 1) * p / (1 - p);
    ++k;
  }
  return k;
}

inline std::uint32_t binomial(std::uint32_t n, double p, Sequence& random) {
  const double most = p > 0 ? 100 / p : n;
  std::uint32_t sum = 0;
  while (n > 0) {
    const std::uint32_t part = double(n) < most ? n : std::uint32_t(most);
    sum += binomial_quantile(part, p, random.uniform());
    n -= part;
  }
  return sum;
}

}  // namespace nl
