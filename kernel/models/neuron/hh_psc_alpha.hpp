#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct hh_psc_alpha {
  static constexpr auto doc =
      "Hodgkin-Huxley neuron with alpha-shaped postsynaptic currents.\n"
      "\n"
      "    C_m dV_m/dt = -g_Na m^3 h (V_m - E_Na) - g_K n^4 (V_m - E_K) - g_L (V_m - E_L) + I_syn_ex + I_syn_in + I_e + I_stim\n"
      "    dx/dt = alpha_x (1 - x) - beta_x x   for the gates m (Act_m), h (Inact_h) and n (Act_n)\n"
      "    a spike with weight w > 0 adds  w e/tau_syn_ex t exp(-t/tau_syn_ex)  to I_syn_ex, so that the peak is w (pA);\n"
      "    negative weights act likewise on I_syn_in.\n"
      "\n"
      "Rates of Hodgkin & Huxley 1952, doi:10.1113/jphysiol.1952.sp004764, with the potential of today's sign and rest at -65 mV.\n"
      "A spike is emitted in the step after a maximum of V_m above 0 mV, and no other within t_ref. Gates that are not given begin\n"
      "at their steady state at the default of V_m. V_m and gates are solved with an error of 1e-6 in each step.";

  // Per ms, of the potential in mV.
  NL_HD static double alpha_n(double V) { return 0.1 * x_over_expm1(-(V + 55) * 0.1); }
  NL_HD static double beta_n(double V) { return 0.125 * vexp_any(-(V + 65) * (1 / 80.)); }
  NL_HD static double alpha_m(double V) { return x_over_expm1(-(V + 40) * 0.1); }
  NL_HD static double beta_m(double V) { return 4 * vexp_any(-(V + 65) * (1 / 18.)); }
  NL_HD static double alpha_h(double V) { return 0.07 * vexp_any(-(V + 65) * 0.05); }
  NL_HD static double beta_h(double V) { return 1 / (1 + vexp_any(-(V + 35) * 0.1)); }

  struct P {
    double C_m = 100, g_Na = 12000, g_K = 3600, g_L = 30, E_Na = 50, E_K = -77, E_L = -54.402, t_ref = 2;
    double tau_syn_ex = 0.2, tau_syn_in = 2, I_e = 0;
  };
  struct S {
    double V_m = -65;
    double Act_m = 0.05293248525724958, Inact_h = 0.5961207535084603, Act_n = 0.3176769140606974;
    double I_syn_ex = 0, I_syn_in = 0;
    double dI_ex = 0, dI_in = 0;  // pA/ms
    double refractory = 0;        // steps left
  };
  struct V {
    double steps, per_capacitance, rate_ex, rate_in, jump_ex, jump_in;
  };

  static constexpr auto params =
      table(field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
            field("g_Na", &P::g_Na, "nS", at_least(0), "Largest sodium conductance"),
            field("g_K", &P::g_K, "nS", at_least(0), "Largest potassium conductance"),
            field("g_L", &P::g_L, "nS", at_least(0), "Leak conductance"),
            field("E_Na", &P::E_Na, "mV", any(), "Sodium reversal potential"),
            field("E_K", &P::E_K, "mV", any(), "Potassium reversal potential"),
            field("E_L", &P::E_L, "mV", any(), "Leak reversal potential"),
            field("t_ref", &P::t_ref, "ms", at_least(0), "Time after a spike without another one"),
            field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Rise time of the excitatory current"),
            field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Rise time of the inhibitory current"),
            field("I_e", &P::I_e, "pA", any(), "Constant input current"),
            field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
            field("Act_m", &S::Act_m, "", at_least(0), "Activation of sodium"),
            field("Inact_h", &S::Inact_h, "", at_least(0), "Inactivation of sodium, 1 if there is none"),
            field("Act_n", &S::Act_n, "", at_least(0), "Activation of potassium"));
  static constexpr auto recordables =
      table(recordable("V_m", &S::V_m, "mV", "Membrane potential"),
            recordable("Act_m", &S::Act_m, "", "Activation of sodium"),
            recordable("Inact_h", &S::Inact_h, "", "Inactivation of sodium, 1 if there is none"),
            recordable("Act_n", &S::Act_n, "", "Activation of potassium"),
            recordable("I_syn_ex", &S::I_syn_ex, "pA", "Excitatory synaptic current"),
            recordable("I_syn_in", &S::I_syn_in, "pA", "Inhibitory synaptic current"));
  static constexpr auto limits = table(limit("V_m", &S::V_m, "mV"), limit("Act_m", &S::Act_m, ""),
                                       limit("Inact_h", &S::Inact_h, ""), limit("Act_n", &S::Act_n, ""),
                                       limit("I_syn_ex", &S::I_syn_ex, "pA"), limit("I_syn_in", &S::I_syn_in, "pA"));
  static constexpr const char* remedies[] = {"C_m", "g_Na", "g_K", "g_L", "tau_syn_ex", "tau_syn_in", "I_e"};

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  NL_HD static V prepare(const P& p, double h) {
    const double e = 2.71828182845904523536;
    const double rate_ex = 1 / p.tau_syn_ex, rate_in = 1 / p.tau_syn_in;
    return {double(steps_up(p.t_ref, h)), 1 / p.C_m, rate_ex, rate_in, e * rate_ex, e * rate_in};
  }

  static constexpr int equations = 4;  // V_m, Act_m, Inact_h, Act_n
  NL_HD static double tolerance(const P&) { return 1e-6; }

  NL_HD static void derivatives(const P& p, const V& v, const Inputs<2, 1>& in, const S& s, S& ds) {
    const double sodium = p.g_Na * s.Act_m * s.Act_m * s.Act_m * s.Inact_h * (s.V_m - p.E_Na);
    const double potassium = p.g_K * s.Act_n * s.Act_n * s.Act_n * s.Act_n * (s.V_m - p.E_K);
    const double leak = p.g_L * (s.V_m - p.E_L);
    ds.V_m = (-(sodium + potassium + leak) + in.current[0] + p.I_e + s.I_syn_ex + s.I_syn_in) * v.per_capacitance;
    ds.Act_m = alpha_m(s.V_m) * (1 - s.Act_m) - beta_m(s.V_m) * s.Act_m;
    ds.Inact_h = alpha_h(s.V_m) * (1 - s.Inact_h) - beta_h(s.V_m) * s.Inact_h;
    ds.Act_n = alpha_n(s.V_m) * (1 - s.Act_n) - beta_n(s.V_m) * s.Act_n;
  }

  NL_HD static Decay decay(const P&, const V& v, double t) { return {t, v.rate_ex, v.rate_in}; }
  NL_HD static void course(const P&, const Decay& d, S& s) {
    rise_and_decay(s.I_syn_ex, s.dI_ex, d.ex, d.t);
    rise_and_decay(s.I_syn_in, s.dI_in, d.in, d.t);
  }

  NL_HD static bool finish(const P&, const V& v, const S& before, S& s, const Inputs<2, 1>& in) {
    const bool free = s.refractory == 0;
    const bool spike = free && s.V_m >= 0 && before.V_m > s.V_m;
    s.refractory = spike ? v.steps : free ? 0.0 : s.refractory - 1;
    s.dI_ex += v.jump_ex * in.spikes[0];
    s.dI_in += v.jump_in * in.spikes[1];
    return spike;
  }
};

}  // namespace nl
