#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct tsodyks2_synapse {
  static constexpr auto doc =
      "Short-term depression and facilitation with two states, solved exactly between spikes.\n"
      "\n"
      "A spike delivers weight times u x and takes u x of the resources x; between spikes:\n"
      "\n"
      "    dx/dt = (1 - x)/tau_rec    du/dt = (U - u)/tau_fac    spike:  x -= u x, u += U (1 - u)\n"
      "\n"
      "tau_fac = 0 is a synapse without facilitation: u = U.\n"
      "\n"
      "Tsodyks & Markram (1997) doi:10.1073/pnas.94.2.719; Fuhrmann et al. (2002) doi:10.1152/jn.00258.2001.";

  struct P {
    double U = 0.5, tau_rec = 800, tau_fac = 0;
  };
  struct Pre {
    double x = 1, u = 0.5;  // at the last spike, before it took its share
  };
  struct S {};
  using V = P;
  static constexpr auto params =
      table(field("U", &P::U, "", between(0, 1), "Increase of u by a spike, relative to 1 - u"),
            field("tau_rec", &P::tau_rec, "ms", above(0), "Time constant of recovery"),
            field("tau_fac", &P::tau_fac, "ms", at_least(0), "Time constant of facilitation; 0 is none"),
            field("x", &Pre::x, "", any(), "Resources right before the last spike"),
            field("u", &Pre::u, "", between(0, 1), "Share of them that the last spike released"));
  static constexpr bool looks_back = false;

  NL_HD static V prepare(const P& p) { return p; }

  NL_HD static void on_spike(const V& p, Pre& pre, const Spike& s) {
    if (s.last == 0) return;  // the first spike meets x and u as they were set
    const double interval = s.t - s.last;
    const double fac = p.tau_fac < 1e-10 ? 0 : PostArchive::decay(-interval / p.tau_fac);
    pre.x = 1 + (pre.x - pre.x * pre.u - 1) * PostArchive::decay(-interval / p.tau_rec);
    pre.u = p.U + pre.u * (1 - p.U) * fac;
  }

  NL_HD static double on_pre(const V&, const Pre&, const Pre& now, S&, double& weight, const Spike&, Post&) {
    return weight * now.x * now.u;
  }
};

}  // namespace nl
