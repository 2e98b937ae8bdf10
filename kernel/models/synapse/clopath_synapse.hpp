#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct clopath_synapse {
  static constexpr auto doc =
      "Plasticity that depends on the potential of the target.\n"
      "\n"
      "    each spike of the source:   w -= depression, not below Wmin;  x_bar += 1/tau_x,  tau_x dx_bar/dt = -x_bar\n"
      "    in every step between:      w += x_bar potentiation, not above Wmax\n"
      "\n"
      "where the target says what potentiation and depression are (see aeif_psc_delta_clopath), the delay being dendritic.\n"
      "weight, Wmin and Wmax have the same sign. Clopath, Buesing, Vasilaki & Gerstner 2010, doi:10.1038/nn.2479.\n"
      "\n"
      "NEST 3.10 loses the depression of spikes that leave before the end of a slice of min_delay, where the delay is the longest of\n"
      "the network; here it is kept.";

  struct P {
    double tau_x = 15, Wmin = 0, Wmax = 100;
  };
  struct Pre {
    double x_bar = 0;
  };
  struct S {};
  struct V {
    double rate, Wmin, Wmax;
  };
  static constexpr auto params =
      table(field("tau_x", &P::tau_x, "ms", above(0), "Time constant of the presynaptic trace"),
            field("Wmin", &P::Wmin, "", any(), "Smallest weight, of the same sign as the weight"),
            field("Wmax", &P::Wmax, "", any(), "Largest weight, of the same sign as the weight"),
            field("x_bar", &Pre::x_bar, "1/ms", at_least(0), "Presynaptic trace right after the last spike"));
  static constexpr bool looks_back = false;
  static constexpr auto asks_for = "filtered potentials";

  static Complaint check(const P& p, const Pre&, const S&, double weight) {
    if ((weight < 0) != (p.Wmin < 0))
      return {"weight and Wmin must have the same sign", "both negative, or none", "Set the two together.", weight, ""};
    if ((weight < 0) != (p.Wmax < 0))
      return {"weight and Wmax must have the same sign", "both negative, or none", "Set the two together.", weight, ""};
    if (p.Wmin > p.Wmax)
      return {"Wmin must not be above Wmax", "Wmin <= Wmax", "Lower Wmin or raise Wmax.", p.Wmin, ""};
    return {};
  }

  NL_HD static V prepare(const P& p) { return {1 / p.tau_x, p.Wmin, p.Wmax}; }

  NL_HD static void on_spike(const V& v, Pre& pre, const Spike& x) {
    pre.x_bar = pre.x_bar * PostArchive::decay((x.last - x.t) * v.rate) + v.rate;
  }

  NL_HD static double on_pre(const V& v, const Pre& before, const Pre&, S&, double& weight, const Spike& x,
                             Post& post) {
    double w = weight;
    for (const RecalledEvent& e : post.recalled(x)) {
      const double trace = before.x_bar * PostArchive::decay((x.last - x.delay - to_ms(e.stamp, x.h)) * v.rate);
      w = std::fmin(v.Wmax, w + e.value * trace);
    }
    return weight = std::fmax(v.Wmin, w - post.level(x));
  }
};

}  // namespace nl
