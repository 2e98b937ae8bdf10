#pragma once
#include <nest_lab/conductance_fields.hpp>
#include <nest_lab/neuron.hpp>

namespace nl {

struct iaf_cond_exp_sfa_rr {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with conductances, spike-frequency adaptation and a relative refractory period.\n"
      "\n"
      "    C_m dV_m/dt = -g_L (V_m - E_L) - g_ex (V_m - E_ex) - g_in (V_m - E_in)\n"
      "                  - g_sfa (V_m - E_sfa) - g_rr (V_m - E_rr) + I_e + I_stim\n"
      "    dg_X/dt = -g_X/tau_X;   g_ex (g_in) jumps by the size of each positive (negative) weight in nS,\n"
      "                            g_sfa by q_sfa and g_rr by q_rr at each spike of the neuron.\n"
      "\n"
      "A spike is emitted when V_m reaches V_th at the end of a step; V_m is then held at V_reset for t_ref. Within a step\n"
      "the right-hand side sees at most V_th, so that a potential above it does not fall back unseen (Dayan & Abbott\n"
      "2001, Theoretical Neuroscience, eq. 5.13; Muller, Buesing, Schemmel & Meier 2007, doi:10.1162/neco.2007.19.11.2958).\n"
      "Solved to 0.001 mV and nS in each step.";

  struct P {
    double C_m = 289.5, g_L = 28.95, E_L = -70, E_ex = 0, E_in = -75, V_th = -57, V_reset = -70, t_ref = 0.5;
    double tau_syn_ex = 1.5, tau_syn_in = 10, I_e = 0;
    double tau_sfa = 110, E_sfa = -70, q_sfa = 14.48, tau_rr = 1.97, E_rr = -70, q_rr = 3214;
  };
  struct S {
    double V_m = -70, g_ex = 0, g_in = 0, g_sfa = 0, g_rr = 0;
    double refractory = 0;  // steps left
  };
  struct V {
    double steps, per_capacitance, rate_ex, rate_in, rate_sfa, rate_rr;
  };

  static constexpr auto params = std::tuple_cat(
      membrane_fields<P>(), threshold_fields<P>(), synapse_fields<P>(),
      table(field("tau_sfa", &P::tau_sfa, "ms", above(0), "Time constant of the adaptation"),
            field("E_sfa", &P::E_sfa, "mV", any(), "Reversal potential of the adaptation"),
            field("q_sfa", &P::q_sfa, "nS", any(), "Adaptation by a spike"),
            field("tau_rr", &P::tau_rr, "ms", above(0), "Time constant of the relative refractory conductance"),
            field("E_rr", &P::E_rr, "mV", any(), "Reversal potential of the relative refractory conductance"),
            field("q_rr", &P::q_rr, "nS", any(), "Relative refractory conductance by a spike"),
            field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
            field("g_sfa", &S::g_sfa, "nS", any(), "Conductance of the adaptation"),
            field("g_rr", &S::g_rr, "nS", any(), "Relative refractory conductance")),
      conductance_state<S>(any()));
  static constexpr auto recordables =
      std::tuple_cat(table(recordable("V_m", &S::V_m, "mV", "Membrane potential")), conductance_recordables<S>(),
                     table(recordable("g_sfa", &S::g_sfa, "nS", "Conductance of the adaptation"),
                           recordable("g_rr", &S::g_rr, "nS", "Relative refractory conductance")));
  static constexpr auto limits =
      std::tuple_cat(table(limit("V_m", &S::V_m, "mV"), limit("g_sfa", &S::g_sfa, "nS"), limit("g_rr", &S::g_rr, "nS")),
                     conductance_limits<S>());
  static constexpr const char* remedies[] = {"C_m",   "g_L",    "tau_syn_ex", "tau_syn_in", "tau_sfa",
                                             "q_sfa", "tau_rr", "q_rr",       "I_e"};

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) {
    if (p.V_reset < p.V_th) return {};
    return {"V_reset must be below V_th", "V_reset < V_th", "Lower V_reset or raise V_th.", p.V_reset, "mV"};
  }

  NL_HD static V prepare(const P& p, double h) {
    return {double(steps_up(p.t_ref, h)), 1 / p.C_m, 1 / p.tau_syn_ex, 1 / p.tau_syn_in, 1 / p.tau_sfa, 1 / p.tau_rr};
  }

  static constexpr int equations = 5;  // V_m and the conductances
  NL_HD static double tolerance(const P&) { return 1e-3; }

  NL_HD static void derivatives(const P& p, const V& v, const Inputs<2, 1>& in, const S& s, S& ds) {
    const double V_m = s.V_m < p.V_th ? s.V_m : p.V_th;
    const double leak = p.g_L * (V_m - p.E_L);
    const double synapses = s.g_ex * (V_m - p.E_ex) + s.g_in * (V_m - p.E_in);
    const double own = s.g_sfa * (V_m - p.E_sfa) + s.g_rr * (V_m - p.E_rr);
    ds.V_m = (-leak - synapses - own + in.current[0] + p.I_e) * v.per_capacitance;
    ds.g_ex = s.g_ex * -v.rate_ex;
    ds.g_in = s.g_in * -v.rate_in;
    ds.g_sfa = s.g_sfa * -v.rate_sfa;
    ds.g_rr = s.g_rr * -v.rate_rr;
  }

  NL_HD static bool finish(const P& p, const V& v, const S&, S& s, const Inputs<2, 1>& in) {
    const bool free = s.refractory == 0;
    const bool spike = free && s.V_m >= p.V_th;
    s.V_m = free && !spike ? s.V_m : p.V_reset;
    s.refractory = spike ? v.steps : free ? 0.0 : s.refractory - 1;
    s.g_ex += in.spikes[0];
    s.g_in -= in.spikes[1];
    s.g_sfa += spike ? p.q_sfa : 0.0;
    s.g_rr += spike ? p.q_rr : 0.0;
    return spike;
  }
};

}  // namespace nl
