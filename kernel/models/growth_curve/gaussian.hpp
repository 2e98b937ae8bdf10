#pragma once
#include <cmath>

#include <nest_lab/growth_curve.hpp>

namespace nl {

struct gaussian {
  static constexpr auto doc =
      "Growth between the calcium levels eta and eps, loss below and above: dz/dt = growth_rate (2 exp(-((Ca - xi) / zeta)²) - 1)\n"
      "with xi = (eta + eps) / 2 and zeta = (eta - eps) / (2 sqrt(ln 2)), so that it is nought at both.\n"
      "Butz & van Ooyen (2013), doi:10.1371/journal.pcbi.1003259, equation 4; Diaz-Pier et al. (2016),\n"
      "doi:10.3389/fnana.2016.00057.";
  struct P {
    double eta = 0.1, eps = 0.7;
  };
  struct V {
    double middle, steepness;
  };
  static constexpr auto params = table(field("eta", &P::eta, "", any(), "Calcium at which growth sets in"),
                                       field("eps", &P::eps, "", any(), "Calcium at which growth and loss balance"));
  static Complaint check(const P& p) {
    if (p.eta != p.eps) return {};
    return {"eta and eps must differ", "a value other than eta", "Move one of them.", p.eps, ""};
  }
  static V prepare(const P& p) { return {(p.eta + p.eps) / 2, 2 * std::sqrt(std::log(2.0)) / (p.eta - p.eps)}; }
  static double slope(const V& v, double Ca) {
    const double x = (Ca - v.middle) * v.steepness;
    return 2 * vexp(-std::min(600.0, x * x)) - 1;
  }
};

}  // namespace nl
