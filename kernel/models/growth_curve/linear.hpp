#pragma once
#include <cmath>

#include <nest_lab/growth_curve.hpp>

namespace nl {

struct linear {
  static constexpr auto doc =
      "Growth that falls with calcium and is nought at eps: dz/dt = growth_rate (1 - Ca / eps). Exact.\n"
      "Butz & van Ooyen (2013), doi:10.1371/journal.pcbi.1003259; Diaz-Pier et al. (2016), doi:10.3389/fnana.2016.00057.";
  struct P {
    double eps = 0.7;
  };
  struct V {
    double eps;
  };
  static constexpr bool standard = true;  // what elements have that name no curve
  static constexpr auto params = table(field("eps", &P::eps, "", above(0), "Calcium at which growth and loss balance"));
  static Complaint check(const P&) { return {}; }
  static V prepare(const P& p) { return {p.eps}; }
  static double integral(const V& v, double Ca, double tau_Ca, double ms) {
    return ms + Ca * tau_Ca * std::expm1(-ms / tau_Ca) / v.eps;
  }
};

}  // namespace nl
