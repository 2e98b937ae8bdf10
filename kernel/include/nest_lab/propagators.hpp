// Exact integration of linear neuron models over one step (Rotter & Diesmann 1999, doi:10.1007/s004220050570).
#pragma once
#include <cmath>

#include "core.hpp"

namespace nl {

// Response of dV/dt = -V/tau_m + I/C at the end of a step h.
struct Membrane {
  double decay;     // exp(-h/tau_m)
  double decay_m1;  // exp(-h/tau_m) - 1 without cancellation
  double constant;  // V per unit of constant current
};

NL_HD inline Membrane membrane(double tau_m, double C_m, double h) {
  const double em1 = std::expm1(-h / tau_m);
  return {std::exp(-h / tau_m), em1, -tau_m / C_m * em1};
}

// V per unit of a current that decays as exp(-t/tau): (1/C) * integral of exp(-(h-s)/tau_m) exp(-s/tau).
// Written with expm1 of the difference of rates, so that tau -> tau_m has its limit h/C exp(-h/tau_m) without a branch on "close".
NL_HD inline double from_exponential(double tau, double tau_m, double C_m, double h) {
  const double rate = 1 / tau_m - 1 / tau;
  const double x = rate * h;
  const double ratio = std::abs(x) < 1e-300 ? h : std::expm1(x) / rate;  // integral of exp(rate s) over the step
  return std::exp(-h / tau_m) / C_m * ratio;
}

// V per unit of y for the alpha current I' = y - I/tau, y' = -y/tau with I(0) = 0: integral of s exp(rate s) takes the place of
// the one above. The closed form loses digits for small rate*h; there the series is used, to full precision.
NL_HD inline double from_alpha(double tau, double tau_m, double C_m, double h) {
  const double rate = 1 / tau_m - 1 / tau;
  const double x = rate * h;
  double moment;  // integral of s exp(rate s) ds from 0 to h
  if (std::abs(x) < 0.05) {
    double term = 1, sum = 0;
    for (int k = 0; k < 12; ++k) {
      sum += term / (k + 2);
      term *= x / (k + 1);
    }
    moment = h * h * sum;
  } else {
    moment = (h * std::exp(x) - std::expm1(x) / rate) / rate;
  }
  return std::exp(-h / tau_m) / C_m * moment;
}

}  // namespace nl
