#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct stdp_pl_synapse_hom {
  static constexpr auto doc =
      "Spike-timing dependent plasticity with power-law potentiation and multiplicative depression, parameters shared.\n"
      "\n"
      "Of every pair of a spike of the source and one of the target, the delay being dendritic:\n"
      "\n"
      "    target after source:  w += lambda w^mu exp(-dt/tau_plus)\n"
      "    source after target:  w -= alpha lambda w exp(-dt/tau_minus)\n"
      "\n"
      "Pairs at exactly the same time do not count; w is not negative. tau_minus belongs to the target. All parameters are the\n"
      "same for all connections of the model: set them with SetDefaults or CopyModel. A tau_plus that is set between runs holds from\n"
      "then on; NEST 3.10 lets the trace decay with it since the last spike of the source.\n"
      "\n"
      "Morrison, Aertsen & Diesmann (2007) doi:10.1162/neco.2007.19.6.1437.";

  struct C {
    double tau_plus = 20, lambda = 0.1, alpha = 1, mu = 0.4;
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
            field("mu", &C::mu, "", at_least(0), "Exponent of the weight in potentiation"),
            field("Kplus", &Pre::Kplus, "", any(), "Presynaptic trace right after the last spike"));
  static constexpr bool looks_back = true;

  NL_HD static V prepare(const C& c, const P&) { return {c, 1 / c.tau_plus}; }

  NL_HD static void fade(const V& v, Pre& pre, double dt) { pre.Kplus *= PostArchive::decay(-dt * v.rate); }

  NL_HD static void on_spike(const V& v, Pre& pre, const Spike& x) {
    pre.Kplus = pre.Kplus * PostArchive::decay((x.last - x.t) * v.rate) + 1;
  }

  // w^mu exp(interval / tau_plus) with one exponential.
  NL_HD static double potentiate(const V& v, const Pre& before, double w, double interval) {
    const double log = vlog(w < 0x1p-1022 ? 0x1p-1022 : w);
    const double grown = PostArchive::decay(v.c.mu * log + interval * v.rate);
    return w + v.c.lambda * before.Kplus * (w < 0x1p-1022 && v.c.mu != 0 ? 0 : grown);
  }

  NL_HD static double depress(const V& v, double w, double trace) {
    w -= v.c.alpha * v.c.lambda * w * trace;
    return w > 0 ? w : 0;
  }

  NL_HD static double on_pre(const V& v, const Pre& before, const Pre&, S&, double& weight, const Spike& x,
                             Post& post) {
    return weight = plastic::by_pairs<stdp_pl_synapse_hom>(v, before, weight, x, post);
  }

  NL_HD static void advance(const V& v, const Pre& pre, S&, double& weight, const Spike& x, Post& post) {
    plastic::pairs_so_far<stdp_pl_synapse_hom>(v, pre, weight, x, post);
  }
};

}  // namespace nl
