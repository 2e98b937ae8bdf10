#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct tsodyks_synapse {
  static constexpr auto doc =
      "Short-term depression and facilitation with three states of the resources, solved exactly between spikes.\n"
      "\n"
      "The fraction x of the resources is recovered, y active and z = 1 - x - y inactive; u of x is released by a spike:\n"
      "\n"
      "    dx/dt = z/tau_rec    dy/dt = -y/tau_psc    dz/dt = y/tau_psc - z/tau_rec    du/dt = -u/tau_fac\n"
      "    spike:  u += U (1 - u), then x -= u x, y += u x; the target receives weight times u x\n"
      "\n"
      "tau_fac = 0 is a synapse without facilitation: u = U at every spike. For the model of the paper, tau_psc equals the\n"
      "time constant of the target's synaptic currents.\n"
      "\n"
      "Tsodyks, Uziel & Markram (2000) doi:10.1523/JNEUROSCI.20-01-j0003.2000.";

  struct P {
    double U = 0.5, tau_psc = 3, tau_rec = 800, tau_fac = 0;
  };
  struct Pre {
    double x = 1, y = 0, u = 0;
    double released = 0;  // by the last spike
  };
  struct S {};
  using V = P;
  static constexpr auto params =
      table(field("U", &P::U, "", between(0, 1), "Increase of u by a spike, relative to 1 - u"),
            field("tau_psc", &P::tau_psc, "ms", above(0), "Time constant of the active resources"),
            field("tau_rec", &P::tau_rec, "ms", above(0), "Time constant of recovery"),
            field("tau_fac", &P::tau_fac, "ms", at_least(0), "Time constant of facilitation; 0 is none"),
            field("x", &Pre::x, "", any(), "Fraction of recovered resources"),
            field("y", &Pre::y, "", any(), "Fraction of active resources"),
            field("u", &Pre::u, "", between(0, 1), "Fraction of the recovered resources that the last spike released"));
  static constexpr bool looks_back = false;

  static Complaint check(const P&, const Pre& pre, const S&, double) {
    if (pre.x + pre.y > 1)
      return {"x + y must be at most 1", "a sum of at most 1", "Lower one of them.", pre.x + pre.y, ""};
    return {};
  }

  NL_HD static V prepare(const P& p) { return p; }

  // x during an interval without spikes, from its value and that of y; the limit where the two time constants are equal.
  NL_HD static double recovered(const P& p, double interval, double x, double y) {
    const double rec = PostArchive::decay(-interval / p.tau_rec), psc = PostArchive::decay(-interval / p.tau_psc);
    const double from_active = p.tau_psc == p.tau_rec
                                   ? 1 - rec - interval / p.tau_rec * rec
                                   : ((rec - 1) * p.tau_rec - (psc - 1) * p.tau_psc) / (p.tau_psc - p.tau_rec);
    return x + from_active * y + (1 - rec) * (1 - x - y);
  }

  NL_HD static void on_spike(const V& p, Pre& pre, const Spike& s) {
    const double interval = s.t - s.last;
    pre.u = p.tau_fac < 1e-10 ? 0 : pre.u * PostArchive::decay(-interval / p.tau_fac);
    pre.x = recovered(p, interval, pre.x, pre.y);
    pre.y *= PostArchive::decay(-interval / p.tau_psc);
    pre.u += p.U * (1 - pre.u);
    pre.released = pre.u * pre.x;
    pre.x -= pre.released;
    pre.y += pre.released;
  }

  NL_HD static double on_pre(const V&, const Pre&, const Pre& now, S&, double& weight, const Spike&, Post&) {
    return weight * now.released;
  }
};

}  // namespace nl
