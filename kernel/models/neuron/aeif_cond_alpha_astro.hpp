#pragma once
#include <nest_lab/conductance_fields.hpp>
#include <nest_lab/neuron.hpp>

namespace nl {

struct aeif_cond_alpha_astro {
  static constexpr auto doc =
      "Adaptive exponential integrate-and-fire neuron with alpha-shaped conductances, next to astrocytes.\n"
      "\n"
      "    C_m dV_m/dt = -g_L (V_m - E_L) + g_L Delta_T exp((V_m - V_th)/Delta_T) - w\n"
      "                  - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I_stim + I_SIC\n"
      "    tau_w dw/dt = a (V_m - E_L) - w\n"
      "    dg_X/dt = dg_X - g_X/tau_syn_X,   d(dg_X)/dt = -dg_X/tau_syn_X\n"
      "\n"
      "Brette & Gerstner 2005, doi:10.1152/jn.00686.2005; the slow inward current I_SIC is the sum of what sic_connections bring\n"
      "from astrocytes (Nadkarni & Jung 2003, doi:10.1103/PhysRevLett.91.268101). A spike of weight w makes a conductance that\n"
      "peaks with w nS after tau_syn_X. When V_m reaches V_peak, within a step, a spike is emitted, V_m is reset to V_reset, held\n"
      "there for t_ref, and w grows by b. With Delta_T = 0 there is no exponential term, and V_peak gives way to V_th. Solved with\n"
      "an error of gsl_error_tol in each step.";

  struct P {
    double C_m = 281, g_L = 30, E_L = -70.6, E_ex = 0, E_in = -85, V_th = -50.4, V_peak = 0, V_reset = -60, t_ref = 0;
    double Delta_T = 2, a = 4, b = 80.5, tau_w = 144, tau_syn_ex = 0.2, tau_syn_in = 2, I_e = 0;
    double gsl_error_tol = 1e-6;
  };
  struct S {
    double V_m = -70.6, w = 0, dg_ex = 0, g_ex = 0, dg_in = 0, g_in = 0;
    double I_SIC = 0, arrived = 0;
    double refractory = 0;  // steps left
  };
  struct V {
    double V_peak, steps;
    double slope, spike_current;  // 1/Delta_T and g_L Delta_T, nought without exponential term
    double per_capacitance, rate_ex, rate_in, rate_w, jump_ex, jump_in;
  };

  static constexpr auto params =
      std::tuple_cat(membrane_fields<P>(), exponential_fields<P>(), synapse_fields<P>(), adaptation_state<S>(),
                     conductance_state<S>(at_least(0)), rise_state<S>());
  static constexpr auto recordables =
      std::tuple_cat(adaptation_recordables<S>(), conductance_recordables<S>(),
                     table(recordable("I_SIC", &S::I_SIC, "pA", "Slow inward current")));
  static constexpr auto limits = std::tuple_cat(adaptation_limits<S>(), conductance_limits<S>());
  static constexpr const char* remedies[] = {"C_m", "g_L", "a", "b", "tau_w", "tau_syn_ex", "tau_syn_in", "I_e"};

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static constexpr auto takes = "slow inward current";
  static constexpr int ports = 1, coupled = 1;
  static constexpr int port(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  template <class In>
  static void arrive(S& s, const In& in) {
    s.arrived = in.coupled[0];
  }

  static Complaint check(const P& p) { return check_exponential(p); }

  NL_HD static V prepare(const P& p, double h) {
    constexpr double e = 2.71828182845904523536;
    const bool exponential = p.Delta_T > 0;
    return {exponential ? p.V_peak : p.V_th,
            double(steps_up(p.t_ref, h)),
            exponential ? 1 / p.Delta_T : 0.0,
            p.g_L * p.Delta_T,
            1 / p.C_m,
            1 / p.tau_syn_ex,
            1 / p.tau_syn_in,
            1 / p.tau_w,
            e / p.tau_syn_ex,
            e / p.tau_syn_in};
  }

  static constexpr int equations = 6, order = 8;  // V_m, w, dg_ex, g_ex, dg_in, g_in
  NL_HD static double tolerance(const P& p) { return p.gsl_error_tol; }
  NL_HD static Runaway runaway(const P& p, const V& v) { return {p.V_th, p.Delta_T, v.V_peak}; }

  template <class In>
  NL_HD static void derivatives(const P& p, const V& v, const In& in, const S& s, S& ds) {
    const bool free = s.refractory == 0;
    const double below = s.V_m < v.V_peak ? s.V_m : v.V_peak, V_m = free ? below : p.V_reset;
    const double leak = p.g_L * (V_m - p.E_L);
    const double upstroke = v.spike_current * vexp_below((V_m - p.V_th) * v.slope);
    const double synapses = s.g_ex * (V_m - p.E_ex) + s.g_in * (V_m - p.E_in);
    const double slope = (-leak + upstroke - synapses - s.w + p.I_e + in.current[0] + s.I_SIC) * v.per_capacitance;
    ds.V_m = free ? slope : 0.0;
    ds.w = (p.a * (V_m - p.E_L) - s.w) * v.rate_w;
    ds.dg_ex = -s.dg_ex * v.rate_ex;
    ds.g_ex = s.dg_ex - s.g_ex * v.rate_ex;
    ds.dg_in = -s.dg_in * v.rate_in;
    ds.g_in = s.dg_in - s.g_in * v.rate_in;
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

  // The current that has arrived acts from the next step on, as injected currents do.
  template <class In>
  NL_HD static int finish(const P&, const V& v, const S&, S& s, const In& in) {
    s.refractory = s.refractory > 0 ? s.refractory - 1 : 0.0;
    s.dg_ex += in.spikes[0] * v.jump_ex;
    s.dg_in -= in.spikes[1] * v.jump_in;
    s.I_SIC = s.arrived;
    return 0;
  }
};

}  // namespace nl
