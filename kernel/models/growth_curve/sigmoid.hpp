#pragma once
#include <nest_lab/growth_curve.hpp>

namespace nl {

struct sigmoid {
  static constexpr auto doc =
      "Growth below the calcium level eps and loss above it, both limited: dz/dt = growth_rate (2 / (1 + exp((Ca - eps) / psi)) - 1).\n"
      "Diaz-Pier et al. (2016), doi:10.3389/fnana.2016.00057.";
  struct P {
    double eps = 0.7, psi = 0.1;
  };
  struct V {
    double eps, steepness;
  };
  static constexpr auto params = table(field("eps", &P::eps, "", any(), "Calcium at which growth and loss balance"),
                                       field("psi", &P::psi, "", above(0), "Width of the change from growth to loss"));
  static Complaint check(const P&) { return {}; }
  static V prepare(const P& p) { return {p.eps, 1 / p.psi}; }
  static double slope(const V& v, double Ca) {
    return 2 / (1 + vexp(std::max(-600.0, std::min(600.0, (Ca - v.eps) * v.steepness)))) - 1;
  }
};

}  // namespace nl
