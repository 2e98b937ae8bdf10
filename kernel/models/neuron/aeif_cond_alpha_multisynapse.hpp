#pragma once
#include <nest_lab/conductance_fields.hpp>
#include <nest_lab/neuron.hpp>

namespace nl {

struct aeif_cond_alpha_multisynapse {
  static constexpr auto doc =
      "Adaptive exponential integrate-and-fire neuron with any number of receptor ports, each with an alpha-shaped conductance\n"
      "and a reversal potential of its own.\n"
      "\n"
      "    C_m dV_m/dt = -g_L (V_m - E_L) + g_L Delta_T exp((V_m - V_th)/Delta_T) - w - sum of g_k (V_m - E_rev_k) + I_e + I_stim\n"
      "    tau_w dw/dt = a (V_m - E_L) - w\n"
      "    dg_k/dt = dg_k - g_k/tau_syn_k,   d(dg_k)/dt = -dg_k/tau_syn_k;   a spike with weight w at port k adds w e/tau_syn_k\n"
      "    to dg_k, so that the peak of the conductance is w in nS.\n"
      "\n"
      "Port k is receptor_type k, counted from 1; tau_syn and E_rev have one entry for each. Brette & Gerstner 2005,\n"
      "doi:10.1152/jn.00686.2005. When V_m reaches V_peak, within a step, a spike is emitted, V_m is reset to V_reset, held\n"
      "there for t_ref, and w grows by b. In the equations V_m counts as V_peak where it is beyond. With Delta_T = 0 there is no\n"
      "exponential term, and V_peak gives way to V_th. V_m and w are solved with an error of gsl_error_tol in each step, in mV and\n"
      "pA; the conductances, which do not depend on them, are exact. Once there are connections to its ports, a node can be\n"
      "given more of them but not fewer.";

  struct P {
    double C_m = 281, g_L = 30, E_L = -70.6, V_th = -50.4, V_peak = 0, V_reset = -60, t_ref = 0, Delta_T = 2, a = 4,
           b = 80.5, tau_w = 144, I_e = 0, gsl_error_tol = 1e-6;
  };
  struct S {
    double V_m = -70.6, w = 0;
    double refractory = 0;  // steps left
  };
  struct V {
    double V_peak, steps;
    double slope, spike_current;  // 1/Delta_T and g_L Delta_T, nought without exponential term
  };
  struct Sum {
    double g = 0, g_E = 0;
  };

  struct Port {
    struct P {
      double tau_syn = 2, E_rev = 0;
    };
    struct S {
      double g = 0, dg = 0;
    };
    struct V {
      double h, decay, rate, jump;
    };
    static constexpr std::size_t count = 1;
    static constexpr bool ports = true, conductance = true;
    static constexpr auto counts = "n_receptors";
    static constexpr auto params =
        table(field("tau_syn", &P::tau_syn, "ms", above(0), "Time constants of the conductances, one for each port"),
              field("E_rev", &P::E_rev, "mV", any(), "Reversal potentials, one for each port"),
              computed("g", &S::g, "nS", "Conductances, one for each port"),
              computed("dg", &S::dg, "nS/ms", "What raises the conductances, one for each port"));
    static constexpr auto recordables = table(recordable("g_", &S::g, "nS", "Conductance of one port"));

    NL_HD static V prepare(const aeif_cond_alpha_multisynapse::P&, const P& p, double h) {
      return {h, std::exp(-h / p.tau_syn), 1 / p.tau_syn, 2.71828182845904523536 / p.tau_syn};
    }
    NL_HD static void gather(const P&, const V& v, S& s, double weight, Sum&) {
      s.g = v.decay * (s.g + v.h * s.dg);
      s.dg = v.decay * s.dg + v.jump * weight;
    }
    NL_HD static void at(const P& p, const V& v, const S& s, double time, Sum& sum) {
      const double g = (s.g + time * s.dg) * vexp_any(-time * v.rate);
      sum.g += g;
      sum.g_E += g * p.E_rev;
    }
  };
  using parts = Parts<Port>;

  static constexpr auto params = std::tuple_cat(membrane_fields<P>(), exponential_fields<P>(), adaptation_state<S>());
  static constexpr auto recordables = adaptation_recordables<S>();
  static constexpr auto limits = adaptation_limits<S>();
  static constexpr const char* remedies[] = {"C_m", "g_L", "a", "b", "tau_w", "tau_syn", "E_rev", "I_e"};

  static constexpr int spike_channels = 0, current_channels = 1;
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) { return check_exponential(p); }

  NL_HD static V prepare(const P& p, double h) {
    const bool exponential = p.Delta_T > 0;
    return {exponential ? p.V_peak : p.V_th, double(steps_up(p.t_ref, h)), exponential ? 1 / p.Delta_T : 0.0,
            p.g_L * p.Delta_T};
  }

  static constexpr int equations = 2;  // V_m, w
  NL_HD static double tolerance(const P& p) { return p.gsl_error_tol; }
  NL_HD static Runaway runaway(const P& p, const V& v) { return {p.V_th, p.Delta_T, v.V_peak}; }

  NL_HD static void derivatives(const P& p, const V& v, const Inputs<0, 1>& in, const S& s, const Sum& sum, S& ds) {
    const bool free = s.refractory == 0;
    const double below = s.V_m < v.V_peak ? s.V_m : v.V_peak, V_m = free ? below : p.V_reset;
    const double leak = p.g_L * (V_m - p.E_L);
    const double upstroke = v.spike_current * vexp_below((V_m - p.V_th) * v.slope);
    const double slope = (-leak + upstroke - (sum.g * V_m - sum.g_E) - s.w + p.I_e + in.current[0]) / p.C_m;
    ds.V_m = free ? slope : 0.0;
    ds.w = (p.a * (V_m - p.E_L) - s.w) / p.tau_w;
  }

  // The step in which the spike falls does not count as refractory, its rest is spent at V_reset.
  NL_HD static int substep(const P& p, const V& v, S& s) {
    const bool free = s.refractory == 0;
    const bool spike = free && s.V_m >= v.V_peak;
    s.V_m = free && !spike ? s.V_m : p.V_reset;
    s.w += spike ? p.b : 0.0;
    s.refractory = spike && v.steps > 0 ? v.steps + 1 : s.refractory;
    return spike;
  }

  NL_HD static int finish(const P&, const V&, const S&, S& s, const Inputs<0, 1>&) {
    s.refractory = s.refractory > 0 ? s.refractory - 1 : 0.0;
    return 0;
  }
};

}  // namespace nl
