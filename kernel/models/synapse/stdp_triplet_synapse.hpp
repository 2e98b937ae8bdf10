#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct stdp_triplet_synapse {
  static constexpr auto doc =
      "Spike-timing dependent plasticity that depends on triplets of spikes.\n"
      "\n"
      "Source and target have a fast and a slow trace each, to which a spike adds 1 (r1, r2 of the source with tau_plus and\n"
      "tau_plus_triplet; o1, o2 of the target with its tau_minus and tau_minus_triplet); the delay is dendritic:\n"
      "\n"
      "    spike of the target:  w += r1 (Aplus + Aplus_triplet o2)\n"
      "    spike of the source:  w -= o1 (Aminus + Aminus_triplet r2)\n"
      "\n"
      "with the slow traces as they are right before the spike, and w between 0 and Wmax. A negative Wmax makes the synapse\n"
      "inhibitory; the steps are then those of the magnitude. weight and Wmax have the same sign.\n"
      "\n"
      "Pfister & Gerstner (2006) doi:10.1523/JNEUROSCI.1425-06.2006.";

  struct P {
    double tau_plus = 16.8, tau_plus_triplet = 101, Aplus = 5e-10, Aminus = 7e-3, Aplus_triplet = 6.2e-3,
           Aminus_triplet = 2.3e-4, Wmax = 100;
  };
  struct Pre {
    double Kplus = 0, Kplus_triplet = 0;
  };
  struct S {};
  struct V {
    P p;
    double rate, slow_rate;  // 1 / tau_plus, 1 / tau_plus_triplet
  };
  static constexpr auto params = table(
      field("tau_plus", &P::tau_plus, "ms", above(0), "Time constant of the fast presynaptic trace"),
      field("tau_plus_triplet", &P::tau_plus_triplet, "ms", above(0), "Time constant of the slow presynaptic trace"),
      field("Aplus", &P::Aplus, "", any(), "Potentiation by pairs"),
      field("Aminus", &P::Aminus, "", any(), "Depression by pairs"),
      field("Aplus_triplet", &P::Aplus_triplet, "", any(), "Potentiation by triplets"),
      field("Aminus_triplet", &P::Aminus_triplet, "", any(), "Depression by triplets"),
      field("Wmax", &P::Wmax, "", any(), "Largest weight, of the same sign as the weight"),
      field("Kplus", &Pre::Kplus, "", at_least(0), "Fast presynaptic trace right after the last spike"),
      field("Kplus_triplet", &Pre::Kplus_triplet, "", at_least(0),
            "Slow presynaptic trace right after the last spike"));
  static constexpr bool looks_back = true;

  static Complaint check(const P& p, const Pre&, const S&, double weight) {
    if ((weight < 0) != (p.Wmax < 0))
      return {"weight and Wmax must have the same sign", "both negative, or none", "Set the two together.", weight, ""};
    return {};
  }

  NL_HD static V prepare(const P& p) { return {p, 1 / p.tau_plus, 1 / p.tau_plus_triplet}; }

  NL_HD static void on_spike(const V& v, Pre& pre, const Spike& x) {
    pre.Kplus = pre.Kplus * PostArchive::decay((x.last - x.t) * v.rate) + 1;
    pre.Kplus_triplet = pre.Kplus_triplet * PostArchive::decay((x.last - x.t) * v.slow_rate) + 1;
  }

  NL_HD static double on_pre(const V& v, const Pre& before, const Pre& now, S&, double& weight, const Spike& x,
                             Post& post) {
    const P& p = v.p;
    const double most = std::fabs(p.Wmax);
    double w = std::fabs(weight);
    for (const PostSpike& s : post.since_last(x)) {
      const double trace = before.Kplus * PostArchive::decay((x.last - x.delay - s.t) * v.rate);
      w = std::fmin(most, w + trace * (p.Aplus + p.Aplus_triplet * (s.slow - 1)));
    }
    w = std::fmax(0, w - post.trace(x) * (p.Aminus + p.Aminus_triplet * (now.Kplus_triplet - 1)));
    return weight = std::copysign(w, p.Wmax);
  }
};

}  // namespace nl
