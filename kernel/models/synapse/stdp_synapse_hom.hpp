#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct stdp_synapse_hom {
  static constexpr auto doc =
      "Spike-timing dependent plasticity as in stdp_synapse, with parameters that all connections share.\n"
      "\n"
      "    target after source:  w/Wmax += lambda (1 - w/Wmax)^mu_plus exp(-dt/tau_plus)\n"
      "    source after target:  w/Wmax -= alpha lambda (w/Wmax)^mu_minus exp(-dt/tau_minus)\n"
      "\n"
      "Set the parameters with SetDefaults or CopyModel. A tau_plus that is set between runs holds from then on; NEST 3.10 lets\n"
      "the trace decay with it since the last spike of the source.\n"
      "\n"
      "Guetig et al. (2003) doi:10.1523/JNEUROSCI.23-09-03697.2003.";

  struct C {
    double tau_plus = 20, lambda = 0.01, alpha = 1, mu_plus = 1, mu_minus = 1, Wmax = 100;
  };
  struct P {};
  struct Pre {
    double Kplus = 0;
  };
  struct S {};
  struct V {
    C c;
    double rate;  // 1 / tau_plus
  };
  static constexpr auto params =
      table(field("tau_plus", &C::tau_plus, "ms", above(0), "Time constant of the presynaptic trace"),
            field("lambda", &C::lambda, "", any(), "Step size"),
            field("alpha", &C::alpha, "", any(), "Depression relative to potentiation"),
            field("mu_plus", &C::mu_plus, "", at_least(0), "Exponent of the weight in potentiation"),
            field("mu_minus", &C::mu_minus, "", at_least(0), "Exponent of the weight in depression"),
            field("Wmax", &C::Wmax, "", any(), "Largest weight"),
            field("Kplus", &Pre::Kplus, "", any(), "Presynaptic trace right after the last spike"));
  static constexpr bool looks_back = true;

  static Complaint check(const C& c, const P&, const Pre&, const S&, double) {
    if (c.Wmax == 0) return {"Wmax must not be 0", "a number that is not 0", "Choose the largest weight.", c.Wmax, ""};
    return {};
  }

  NL_HD static V prepare(const C& c, const P&) { return {c, 1 / c.tau_plus}; }

  NL_HD static void fade(const V& v, Pre& pre, double dt) { pre.Kplus *= PostArchive::decay(-dt * v.rate); }

  NL_HD static void on_spike(const V& v, Pre& pre, const Spike& x) {
    pre.Kplus = pre.Kplus * PostArchive::decay((x.last - x.t) * v.rate) + 1;
  }

  NL_HD static double potentiate(const V& v, const Pre& before, double weight, double interval) {
    const double w = weight / v.c.Wmax, trace = before.Kplus * PostArchive::decay(interval * v.rate);
    const double grown = w + v.c.lambda * vpow(1 - w, v.c.mu_plus) * trace;
    return (grown < 1 ? grown : 1) * v.c.Wmax;
  }

  NL_HD static double depress(const V& v, double weight, double trace) {
    const double w = weight / v.c.Wmax, left = w - v.c.alpha * v.c.lambda * vpow(w, v.c.mu_minus) * trace;
    return (left > 0 ? left : 0) * v.c.Wmax;
  }

  NL_HD static double on_pre(const V& v, const Pre& before, const Pre&, S&, double& weight, const Spike& x,
                             Post& post) {
    return weight = plastic::by_pairs<stdp_synapse_hom>(v, before, weight, x, post);
  }

  NL_HD static void advance(const V& v, const Pre& pre, S&, double& weight, const Spike& x, Post& post) {
    plastic::pairs_so_far<stdp_synapse_hom>(v, pre, weight, x, post);
  }
};

}  // namespace nl
