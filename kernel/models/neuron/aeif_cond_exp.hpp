#pragma once
#include <nest_lab/conductance_fields.hpp>
#include <nest_lab/neuron.hpp>

namespace nl {

struct aeif_cond_exp {
  static constexpr auto doc =
      "Adaptive exponential integrate-and-fire neuron with synaptic conductances that decay exponentially.\n"
      "\n"
      "    C_m dV_m/dt = -g_L (V_m - E_L) + g_L Delta_T exp((V_m - V_th)/Delta_T) - w\n"
      "                  - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I_stim\n"
      "    tau_w dw/dt = a (V_m - E_L) - w\n"
      "    dg_X/dt = -g_X/tau_syn_X;   g_ex (g_in) jumps by the size of each positive (negative) weight in nS.\n"
      "\n"
      "Brette & Gerstner 2005, doi:10.1152/jn.00686.2005. When V_m reaches V_peak, within a step, a spike is emitted, V_m is\n"
      "reset to V_reset, held there for t_ref, and w grows by b. In the equations V_m counts as V_peak where it is beyond.\n"
      "With Delta_T = 0 there is no exponential term, and V_peak gives way to V_th. Solved with an error of gsl_error_tol in\n"
      "each step, in mV, nS and pA; a hundredth of it where V_m runs away to V_peak, and is replaced by exp(-(V_m - V_th)/Delta_T).";

  struct P {
    double C_m = 281, g_L = 30, E_L = -70.6, E_ex = 0, E_in = -85, V_th = -50.4, V_peak = 0, V_reset = -60, t_ref = 0;
    double Delta_T = 2, a = 4, b = 80.5, tau_w = 144, tau_syn_ex = 0.2, tau_syn_in = 2, I_e = 0;
    double gsl_error_tol = 1e-6;
  };
  struct S {
    double V_m = -70.6, g_ex = 0, g_in = 0, w = 0;
    double refractory = 0;  // steps left
  };
  struct V {
    double V_peak, steps;
    double slope, spike_current;  // 1/Delta_T and g_L Delta_T, nought without exponential term
    double per_capacitance, rate_ex, rate_in, rate_w;
  };

  static constexpr auto params = std::tuple_cat(membrane_fields<P>(), exponential_fields<P>(), synapse_fields<P>(),
                                                adaptation_state<S>(), conductance_state<S>(at_least(0)));
  static constexpr auto recordables = std::tuple_cat(adaptation_recordables<S>(), conductance_recordables<S>());
  static constexpr auto limits = std::tuple_cat(adaptation_limits<S>(), conductance_limits<S>());
  static constexpr const char* remedies[] = {"C_m", "g_L", "a", "b", "tau_w", "tau_syn_ex", "tau_syn_in", "I_e"};

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) { return check_exponential(p); }

  NL_HD static V prepare(const P& p, double h) {
    const bool exponential = p.Delta_T > 0;
    return {exponential ? p.V_peak : p.V_th,
            double(steps_up(p.t_ref, h)),
            exponential ? 1 / p.Delta_T : 0.0,
            p.g_L * p.Delta_T,
            1 / p.C_m,
            1 / p.tau_syn_ex,
            1 / p.tau_syn_in,
            1 / p.tau_w};
  }

  static constexpr int equations = 4;  // V_m, g_ex, g_in, w
  NL_HD static double tolerance(const P& p) { return p.gsl_error_tol; }
  NL_HD static Runaway runaway(const P& p, const V& v) { return {p.V_th, p.Delta_T, v.V_peak}; }

  NL_HD static void derivatives(const P& p, const V& v, const Inputs<2, 1>& in, const S& s, S& ds) {
    const bool free = s.refractory == 0;
    const double below = s.V_m < v.V_peak ? s.V_m : v.V_peak, V_m = free ? below : p.V_reset;
    const double leak = p.g_L * (V_m - p.E_L);
    const double upstroke = v.spike_current * vexp_below((V_m - p.V_th) * v.slope);
    const double synapses = s.g_ex * (V_m - p.E_ex) + s.g_in * (V_m - p.E_in);
    const double slope = (-leak + upstroke - synapses - s.w + p.I_e + in.current[0]) * v.per_capacitance;
    ds.V_m = free ? slope : 0.0;
    ds.g_ex = s.g_ex * -v.rate_ex;
    ds.g_in = s.g_in * -v.rate_in;
    ds.w = (p.a * (V_m - p.E_L) - s.w) * v.rate_w;
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

  NL_HD static int finish(const P&, const V&, const S&, S& s, const Inputs<2, 1>& in) {
    s.refractory = s.refractory > 0 ? s.refractory - 1 : 0.0;
    s.g_ex += in.spikes[0];
    s.g_in -= in.spikes[1];
    return 0;
  }
};

}  // namespace nl
