#pragma once
#include <nest_lab/conductance_fields.hpp>
#include <nest_lab/neuron.hpp>

namespace nl {

struct iaf_cond_exp {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with synaptic conductances that decay exponentially.\n"
      "\n"
      "    C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I_stim\n"
      "    dg_X/dt = -g_X/tau_syn_X;   g_ex (g_in) jumps by the size of each positive (negative) weight in nS.\n"
      "\n"
      "A spike is emitted when V_m reaches V_th at the end of a step; V_m is then held at V_reset for t_ref (model of Meffin,\n"
      "Burkitt & Grayden 2004, doi:10.1023/B:JCNS.0000014108.03012.81). V_m is solved to 0.001 mV in each step.";

  struct P {
    double C_m = 250, g_L = 16.6667, E_L = -70, E_ex = 0, E_in = -85, V_th = -55, V_reset = -60, t_ref = 2;
    double tau_syn_ex = 0.2, tau_syn_in = 2, I_e = 0;
  };
  struct S {
    double V_m = -70, g_ex = 0, g_in = 0;
    double refractory = 0;  // steps left
  };
  struct V {
    double steps, per_capacitance, rate_ex, rate_in;
  };

  static constexpr auto params =
      std::tuple_cat(membrane_fields<P>(), threshold_fields<P>(), synapse_fields<P>(),
                     table(field("V_m", &S::V_m, "mV", any(), "Membrane potential")), conductance_state<S>(any()));
  static constexpr auto recordables =
      std::tuple_cat(table(recordable("V_m", &S::V_m, "mV", "Membrane potential")), conductance_recordables<S>());
  static constexpr auto limits = std::tuple_cat(table(limit("V_m", &S::V_m, "mV")), conductance_limits<S>());
  static constexpr const char* remedies[] = {"C_m", "g_L", "tau_syn_ex", "tau_syn_in", "I_e"};

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) {
    if (p.V_reset < p.V_th) return {};
    return {"V_reset must be below V_th", "V_reset < V_th", "Lower V_reset or raise V_th.", p.V_reset, "mV"};
  }

  NL_HD static V prepare(const P& p, double h) {
    return {double(steps_up(p.t_ref, h)), 1 / p.C_m, 1 / p.tau_syn_ex, 1 / p.tau_syn_in};
  }

  static constexpr int equations = 1;  // V_m
  NL_HD static double tolerance(const P&) { return 1e-3; }

  NL_HD static void derivatives(const P& p, const V& v, const Inputs<2, 1>& in, const S& s, S& ds) {
    const double leak = p.g_L * (s.V_m - p.E_L);
    const double synapses = s.g_ex * (s.V_m - p.E_ex) + s.g_in * (s.V_m - p.E_in);
    ds.V_m = (-leak - synapses + in.current[0] + p.I_e) * v.per_capacitance;
  }

  NL_HD static Decay decay(const P&, const V& v, double t) { return {t, v.rate_ex, v.rate_in}; }
  NL_HD static void course(const P&, const Decay& d, S& s) {
    s.g_ex *= d.ex;
    s.g_in *= d.in;
  }

  NL_HD static bool finish(const P& p, const V& v, const S&, S& s, const Inputs<2, 1>& in) {
    const bool free = s.refractory == 0;
    const bool spike = free && s.V_m >= p.V_th;
    s.V_m = free && !spike ? s.V_m : p.V_reset;
    s.refractory = spike ? v.steps : free ? 0.0 : s.refractory - 1;
    s.g_ex += in.spikes[0];
    s.g_in -= in.spikes[1];
    return spike;
  }
};

}  // namespace nl
