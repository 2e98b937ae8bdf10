#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct quantal_stp_synapse {
  static constexpr auto doc =
      "Probabilistic synapse with short-term depression and facilitation: n release sites, each full or empty.\n"
      "\n"
      "Until a spike comes, an empty site has been filled with probability 1 - exp(-interval/tau_rec); then each of the a full\n"
      "ones releases with probability u. The target receives weight times the number of sites that released, and nothing if\n"
      "there is none. u relaxes to U as in tsodyks2_synapse, which is the mean of this model:\n"
      "\n"
      "    u = U + u (1 - U) exp(-interval/tau_fac) at every spike\n"
      "\n"
      "Random numbers belong to the pair of nodes and the step, and do not depend on threads.\n"
      "\n"
      "Fuhrmann et al. (2002) doi:10.1152/jn.00258.2001; Loebel et al. (2009) doi:10.3389/neuro.10.027.2009.";

  struct P {
    double U = 0.5, tau_rec = 800, tau_fac = 0;
    std::int64_t n = 1;
  };
  struct Pre {
    double u = 0.5;
  };
  struct S {
    std::int64_t a = 1;
  };
  using V = P;
  static constexpr auto params =
      table(field("U", &P::U, "", between(0, 1), "Increase of u by a spike, relative to 1 - u"),
            field("tau_rec", &P::tau_rec, "ms", above(0), "Time constant of recovery"),
            field("tau_fac", &P::tau_fac, "ms", at_least(0), "Time constant of facilitation; 0 is none"),
            field("n", &P::n, "", at_least(0), "Number of release sites"),
            field("u", &Pre::u, "", between(0, 1), "Probability of release at the last spike"),
            field("a", &S::a, "", at_least(0), "Number of full release sites"));
  static constexpr bool looks_back = false, draws = true;

  NL_HD static V prepare(const P& p) { return p; }

  NL_HD static void on_spike(const V& p, Pre& pre, const Spike& s) {
    if (s.last == 0) return;  // the first spike meets u and a as they were set
    const double fac = p.tau_fac < 1e-10 ? 0 : PostArchive::decay(-(s.t - s.last) / p.tau_fac);
    pre.u = p.U + pre.u * (1 - p.U) * fac;
  }

  // Successes in n trials of probability p, from one uniform number: the inverse of the cumulative distribution.
  NL_HD static std::int64_t binomial(std::int64_t n, double p, double uniform) {
    if (p <= 0 || n <= 0) return 0;
    if (p >= 1) return n;
    if (p > 0.5) return n - binomial(n, 1 - p, uniform);
    double mass = vexp(std::fmax(-600, double(n) * vlog(1 - p))), sum = mass;
    std::int64_t k = 0;
    for (; k < n && uniform >= sum; ++k) {
      mass *= double(n - k) / double(k + 1) * p / (1 - p);
      sum += mass;
    }
    return k;
  }

  NL_HD static double on_pre(const V& p, const Pre&, const Pre& now, S& s, double& weight, const Spike& x, Post&) {
    const double refilled = x.last == 0 ? 0 : 1 - PostArchive::decay(-(x.t - x.last) / p.tau_rec);
    s.a += binomial(p.n - s.a, refilled, x.uniform(0));
    const std::int64_t released = binomial(s.a, now.u, x.uniform(1));
    s.a -= released;
    return released > 0 ? double(released) * weight : nothing;
  }
};

}  // namespace nl
