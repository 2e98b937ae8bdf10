// Special functions that the standard library does not have, to about 1e-15 relative (src/special.cpp).
#pragma once

namespace nl {

// exp(x^2) erfc(x) for x >= 0, which neither overflows nor vanishes.
double erfcx(double x);

// Dawson's integral: exp(-x^2) times the integral of exp(u^2) from 0 to x.
double dawson(double x);

// Natural logarithm of the integral of exp(u^2) (1 + erf(u)) from a to b > a: the part of a mean first passage time that depends on
// threshold and reset. As a logarithm, because the integral grows like exp(b^2).
double log_passage_integral(double a, double b);

}  // namespace nl
