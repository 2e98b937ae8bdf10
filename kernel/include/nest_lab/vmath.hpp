// Elementary functions in plain arithmetic, so that loops over them vectorise and give the same bits with every
// instruction set; the commonest are inlined whatever their size, or else such loops would not be vector code.
// Relative error below 1e-13 on the stated ranges (tests/kernel checks them against <cmath>).
#pragma once
#include <bit>
#include <cstdint>

#include "core.hpp"

namespace nl {

// Natural logarithm of a positive normal number: atanh series of the mantissa around 1 plus the exponent.
[[gnu::always_inline]] NL_HD inline double vlog(double x) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t shifted = bits - 0x3fe6a09e667f3bcdULL;  // exponent counts from sqrt(1/2)
  const std::int64_t e = std::int64_t(shifted) >> 52;
  const double m = std::bit_cast<double>(bits - (std::uint64_t(e) << 52));
  const double s = (m - 1) / (m + 1), z = s * s;
  const double series =
      2 * s *
      (1 + z * (1 / 3. +
                z * (1 / 5. + z * (1 / 7. + z * (1 / 9. + z * (1 / 11. + z * (1 / 13. + z * (1 / 15. + z / 17.))))))));
  // int64 -> double without the instruction that older processors lack: exact for small e
  const double exponent = std::bit_cast<double>(0x4338000000000000ULL + std::uint64_t(e)) - 6755399441055744.0;
  return series + exponent * 0.693147180559945309417;
}

// exp(x) for |x| < 700: a power of two, and 2^f for the rest f of at most 1/2. That is the eighth power of a short polynomial
// (Chebyshev's on this range, to 8e-15), in pairs of terms, for one after the other each would wait for the last one. The rest has
// lost what x log2(e) was rounded by, 1e-16 |x|.
[[gnu::always_inline]] NL_HD inline double vexp(double x) {
  const double t = x * 1.44269504088896340736, shifted = t + 6755399441055744.0, f = t - (shifted - 6755399441055744.0);
  const double f2 = f * f, high = (2.3481760473592045e-06 + f * 4.0693972313696274e-08) + f2 * 5.87632515691665e-10;
  const double low = (1 + f * 0.0866433975700056) + f2 * (0.0037535391712360832 + f * 0.00010840646183821678);
  const double p = low + (f2 * f2) * high, p2 = p * p, p4 = p2 * p2;
  const std::uint64_t scale = (std::bit_cast<std::uint64_t>(shifted) + 1023) << 52;
  return p4 * p4 * std::bit_cast<double>(scale);
}

// x to the power of y for x >= 0 and a result between 1e-300 and 1e300; 0 for what is below.
NL_HD inline double vpow(double x, double y) {
  if (y == 1) return x;
  if (y == 0) return 1;
  if (x < 0x1p-1022) return 0;
  const double e = y * vlog(x);
  return e < -690 ? 0 : vexp(e > 690 ? 690 : e);
}

// exp(x) for any x < 700: what would underflow is about 1e-304.
[[gnu::always_inline]] NL_HD inline double vexp_below(double x) { return vexp(x < -700 ? -700 : x); }

// exp(x) for any x: what would underflow is about 1e-304, what would overflow about 1e+304.
[[gnu::always_inline]] NL_HD inline double vexp_any(double x) { return vexp_below(x > 700 ? 700 : x); }

// x / (exp(x) - 1), which is 1 at x = 0: rates of ion channels have this form. Near 0 the difference has lost its digits.
NL_HD inline double x_over_expm1(double x, double exp_x) {
  const double z = x * x;
  const double series = 1 - x * 0.5 + z * (1 / 12. - z * (1 / 720. - z * (1 / 30240.)));
  const bool near = z < 1e-2;
  return near ? series : x / (exp_x - 1);
}
NL_HD inline double x_over_expm1(double x) { return x_over_expm1(x, vexp_any(x)); }

// Hyperbolic tangent: a continued fraction of Lambert's near 0, where the other form would lose digits.
NL_HD inline double vtanh(double x) {
  const double z = x * x, a = x < 0 ? -x : x, e = vexp(a < 20 ? 2 * a : 40);
  const double over = 34459425 + z * (4729725 + z * (135135 + z * (990 + z)));
  const double under = 34459425 + z * (16216200 + z * (945945 + z * (13860 + z * 45)));
  const double far = 1 - 2 / (e + 1);
  return a < 0.55 ? x * over / under : x < 0 ? -far : far;
}

// cos and sin of 2*pi*u for 0 <= u < 1.
NL_HD inline void vcossin2pi(double u, double& c, double& s) {
  const double t = 4 * u, shifted = t + 6755399441055744.0, q = shifted - 6755399441055744.0;
  const std::uint64_t quadrant = std::bit_cast<std::uint64_t>(shifted) & 3;
  const double r = (t - q) * 1.57079632679489661923, z = r * r;
  const double sine =
      r * (1 + z * (-1 / 6. +
                    z * (1 / 120. + z * (-1 / 5040. + z * (1 / 362880. + z * (-1 / 39916800. + z / 6227020800.))))));
  const double cosine =
      1 + z * (-1 / 2. +
               z * (1 / 24. + z * (-1 / 720. +
                                   z * (1 / 40320. + z * (-1 / 3628800. + z * (1 / 479001600. - z / 87178291200.))))));
  const bool swap = quadrant & 1;
  const double a = swap ? sine : cosine, b = swap ? cosine : sine;
  c = (quadrant == 1 || quadrant == 2) ? -a : a;
  s = quadrant >= 2 ? -b : b;
}

}  // namespace nl
