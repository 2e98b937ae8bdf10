#include <nest_lab/special.hpp>

#include <algorithm>
#include <cmath>

namespace nl {

namespace {

constexpr double root_pi = 1.77245385090551602730;

// Nodes and weights of Gauss and Legendre's quadrature with 16 points, on the positive half of [-1, 1].
constexpr double node[8] = {0.09501250983763744, 0.28160355077925891, 0.45801677765722739, 0.61787624440264375,
                            0.75540440835500303, 0.86563120238783174, 0.94457502307323258, 0.98940093499164993};
constexpr double weight[8] = {0.18945061045506850, 0.18260341504492359, 0.16915651939500254, 0.14959598881657673,
                              0.12462897125553387, 0.09515851168249278, 0.06225352393864789, 0.02715245941175409};

template <class F>
double quadrature(F&& f, double a, double b) {
  const double middle = 0.5 * (a + b), half = 0.5 * (b - a);
  double sum = 0;
  for (int i = 0; i < 8; ++i) sum += weight[i] * (f(middle - half * node[i]) + f(middle + half * node[i]));
  return sum * half;
}

// Integral of erfcx from a to b, 0 <= a <= b. It falls ever more slowly, so that the pieces can grow with the distance from 0.
double integral_of_erfcx(double a, double b) {
  double sum = 0;
  while (a < b) {
    const double end = std::min(b, a + 0.75 * std::max(1.0, a));
    sum += quadrature(erfcx, a, end);
    a = end;
  }
  return sum;
}

}  // namespace

// Where exp(x^2) would lose digits, the continued fraction of Laplace.
double erfcx(double x) {
  if (x < 3) return std::exp(x * x) * std::erfc(x);
  double t = x;
  for (int k = x < 5 ? 30 : x < 12 ? 16 : 8; k > 0; --k) t = x + 0.5 * k / t;
  return 1 / (root_pi * t);
}

// Rybicki's sum (1989, doi:10.1063/1.4822832): sampling a Gaussian at distance h errs by exp(-(pi/2h)^2) only.
double dawson(double x) {
  constexpr double h = 0.25;
  const double sign = x < 0 ? -1 : 1;
  x = std::abs(x);
  if (x < 0.2) {
    const double z = x * x;
    double term = x, sum = x;
    for (int k = 1; k < 12; ++k) sum += term *= -2 * z / (2 * k + 1);
    return sign * sum;
  }
  if (x > 50) {
    const double z = 1 / (x * x);
    return sign * 0.5 / x * (1 + z * (0.5 + z * (0.75 + z * (1.875 + z * 6.5625))));
  }
  const int nearest = 2 * int(std::floor(x / (2 * h)));  // even; the sum goes over odd multiples around it
  double sum = 0;
  for (int odd = -25; odd <= 25; odd += 2) {
    const int n = nearest + odd;
    const double distance = x - n * h;
    sum += std::exp(-distance * distance) / n;
  }
  return sign * sum / root_pi;
}

// exp(u^2) (1 + erf(u)) is erfcx(-u) below 0 and 2 exp(u^2) - erfcx(u) above.
double log_passage_integral(double a, double b) {
  if (b <= 0) return std::log(integral_of_erfcx(-b, -a));
  if (a < 0) {
    const double rest = integral_of_erfcx(0, -a) - integral_of_erfcx(0, b);
    return b * b + std::log(2 * dawson(b) + rest * std::exp(-b * b));
  }
  const double both = 2 * (dawson(b) - dawson(a) * std::exp(a * a - b * b));
  return b * b + std::log(both - integral_of_erfcx(a, b) * std::exp(-b * b));
}

}  // namespace nl
