#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct stdp_synapse {
  static constexpr auto doc =
      "Spike-timing dependent plasticity with power-law dependence on the weight, all pairs of spikes.\n"
      "\n"
      "Of every pair of a spike of the source and one of the target, the delay being dendritic:\n"
      "\n"
      "    target after source:  w/Wmax += lambda (1 - w/Wmax)^mu_plus exp(-dt/tau_plus)\n"
      "    source after target:  w/Wmax -= alpha lambda (w/Wmax)^mu_minus exp(-dt/tau_minus)\n"
      "\n"
      "with w kept between 0 and Wmax; pairs at exactly the same time do not count. mu_plus = mu_minus = 0 is the additive rule,\n"
      "1 the multiplicative one. tau_minus belongs to the target. weight and Wmax have the same sign.\n"
      "\n"
      "Guetig et al. (2003) doi:10.1523/JNEUROSCI.23-09-03697.2003; event-driven with traces as in Morrison, Aertsen & Diesmann\n"
      "(2007) doi:10.1162/neco.2007.19.6.1437.";

  struct P {
    double tau_plus = 20, lambda = 0.01, alpha = 1, mu_plus = 1, mu_minus = 1, Wmax = 100;
  };
  struct Pre {
    double Kplus = 0;
  };
  struct S {};
  struct V {
    P p;
    double rate;  // 1 / tau_plus
  };
  static constexpr auto params =
      table(field("tau_plus", &P::tau_plus, "ms", above(0), "Time constant of the presynaptic trace"),
            field("lambda", &P::lambda, "", any(), "Step size"),
            field("alpha", &P::alpha, "", any(), "Depression relative to potentiation"),
            field("mu_plus", &P::mu_plus, "", at_least(0), "Exponent of the weight in potentiation"),
            field("mu_minus", &P::mu_minus, "", at_least(0), "Exponent of the weight in depression"),
            field("Wmax", &P::Wmax, "", any(), "Largest weight, of the same sign as the weight"),
            field("Kplus", &Pre::Kplus, "", at_least(0), "Presynaptic trace right after the last spike"));
  static constexpr bool looks_back = true;

  static Complaint check(const P& p, const Pre&, const S&, double weight) {
    if (p.Wmax == 0) return {"Wmax must not be 0", "a number that is not 0", "Choose the largest weight.", p.Wmax, ""};
    if ((weight < 0) != (p.Wmax < 0))
      return {"weight and Wmax must have the same sign", "both negative, or none", "Set the two together.", weight, ""};
    return {};
  }

  NL_HD static V prepare(const P& p) { return {p, 1 / p.tau_plus}; }

  NL_HD static void on_spike(const V& v, Pre& pre, const Spike& x) {
    pre.Kplus = pre.Kplus * PostArchive::decay((x.last - x.t) * v.rate) + 1;
  }

  NL_HD static double potentiate(const V& v, const Pre& before, double weight, double interval) {
    const double w = weight / v.p.Wmax, trace = before.Kplus * PostArchive::decay(interval * v.rate);
    const double grown = w + v.p.lambda * vpow(1 - w, v.p.mu_plus) * trace;
    return (grown < 1 ? grown : 1) * v.p.Wmax;
  }

  NL_HD static double depress(const V& v, double weight, double trace) {
    const double w = weight / v.p.Wmax, left = w - v.p.alpha * v.p.lambda * vpow(w, v.p.mu_minus) * trace;
    return (left > 0 ? left : 0) * v.p.Wmax;
  }

  NL_HD static double on_pre(const V& v, const Pre& before, const Pre&, S&, double& weight, const Spike& x,
                             Post& post) {
    return weight = plastic::by_pairs<stdp_synapse>(v, before, weight, x, post);
  }
};

}  // namespace nl
