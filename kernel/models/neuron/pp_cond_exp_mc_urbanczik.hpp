#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct pp_cond_exp_mc_urbanczik {
  static constexpr auto doc =
      "Point process neuron of two compartments, for learning by the prediction of the soma from the dendrite.\n"
      "\n"
      "    soma:      C_m dV_m.s/dt = -g_L (V_m.s - E_L) - g_ex.s (V_m.s - E_ex) - g_in.s (V_m.s - E_in)\n"
      "                               + g_sp (V_m.p - V_m.s) + I_e + I_stim\n"
      "    dendrite:  C_m dV_m.p/dt = -g_L (V_m.p - E_L) + I_ex.p + I_in.p + g_ps (V_m.s - V_m.p) + I_e + I_stim\n"
      "    rate:      phi(V_m.s) spikes per ms,   phi(u) = phi_max/(1 + rate_slope exp(beta (theta - u)))\n"
      "\n"
      "with the parameters of the compartment (soma, dendritic) in each line. Conductances (nS) of the soma and currents (pA) of the\n"
      "dendrite decay exponentially; each has a receptor_type of its own, see receptor_types: E_ex and E_in of the dendrite have no\n"
      "effect. With t_ref > 0 a step of length h holds a spike with probability 1 - exp(-phi h), and the neuron is then silent for\n"
      "t_ref; with t_ref = 0 the number of spikes in a step is Poisson distributed. Spikes do not reset the potential.\n"
      "\n"
      "urbanczik_synapse sees the error of the prediction in each step,\n"
      "\n"
      "    (spikes - phi(u) h) 15 phi'(u)/phi(u),   u = (g_L E_L + g_sp V_m.p)/(g_L + g_sp), of the soma.\n"
      "\n"
      "Urbanczik & Senn 2014, doi:10.1016/j.neuron.2014.02.030. In NEST 3.10 neither I_e nor currents at dendritic_curr have an\n"
      "effect on the dendrite; here they flow. A weight at the soma is a conductance and cannot be negative.";

  struct P {
    double soma_C_m = 300, soma_g_L = 30, soma_E_L = -70, soma_E_ex = 0, soma_E_in = -75, soma_I_e = 0;
    double soma_tau_syn_ex = 3, soma_tau_syn_in = 3;
    double dend_C_m = 300, dend_g_L = 30, dend_E_L = -70, dend_E_ex = 0, dend_E_in = 0, dend_I_e = 0;
    double dend_tau_syn_ex = 3, dend_tau_syn_in = 3;
    double t_ref = 3, g_sp = 600, g_ps = 0, phi_max = 0.15, rate_slope = 0.5, beta = 1 / 3., theta = -55;
  };
  struct S {
    double V_s = -70, g_ex = 0, g_in = 0, V_p = -70, I_ex = 0, I_in = 0;
    double refractory = 0;  // steps left
    double spiked = 0;      // spikes in this step
  };
  struct V {
    double h, steps;
    double rate_ex_s, rate_in_s, rate_ex_p, rate_in_p;
  };

  static constexpr auto params =
      table(field("t_ref", &P::t_ref, "ms", at_least(0), "Time after a spike in which there is no other"),
            field("g_sp", &P::g_sp, "nS", at_least(0), "Conductance by which the soma follows the dendrite"),
            field("g_ps", &P::g_ps, "nS", at_least(0), "Conductance by which the dendrite follows the soma"),
            field("phi_max", &P::phi_max, "1/ms", at_least(0), "Largest rate"),
            field("rate_slope", &P::rate_slope, "", at_least(0), "Factor of the exponential in the rate"),
            field("beta", &P::beta, "1/mV", any(), "Slope of the rate"),
            field("theta", &P::theta, "mV", any(), "Potential around which the rate rises"));
  static constexpr auto groups = table(
      group(
          "soma", "Parameters and potential of the soma",
          table(field("C_m", &P::soma_C_m, "pF", above(0), "Capacitance"),
                field("g_L", &P::soma_g_L, "nS", at_least(0), "Leak conductance"),
                field("E_L", &P::soma_E_L, "mV", any(), "Leak reversal potential"),
                field("E_ex", &P::soma_E_ex, "mV", any(), "Excitatory reversal potential"),
                field("E_in", &P::soma_E_in, "mV", any(), "Inhibitory reversal potential"),
                field("I_e", &P::soma_I_e, "pA", any(), "Constant input current"),
                field("tau_syn_ex", &P::soma_tau_syn_ex, "ms", above(0), "Time constant of the excitatory conductance"),
                field("tau_syn_in", &P::soma_tau_syn_in, "ms", above(0), "Time constant of the inhibitory conductance"),
                field("V_m", &S::V_s, "mV", any(), "Potential"))),
      group("dendritic", "Parameters and potential of the dendrite",
            table(field("C_m", &P::dend_C_m, "pF", above(0), "Capacitance"),
                  field("g_L", &P::dend_g_L, "nS", at_least(0), "Leak conductance"),
                  field("E_L", &P::dend_E_L, "mV", any(), "Leak reversal potential"),
                  field("E_ex", &P::dend_E_ex, "mV", any(), "Of no effect"),
                  field("E_in", &P::dend_E_in, "mV", any(), "Of no effect"),
                  field("I_e", &P::dend_I_e, "pA", any(), "Constant input current"),
                  field("tau_syn_ex", &P::dend_tau_syn_ex, "ms", above(0), "Time constant of the excitatory current"),
                  field("tau_syn_in", &P::dend_tau_syn_in, "ms", above(0), "Time constant of the inhibitory current"),
                  field("V_m", &S::V_p, "mV", any(), "Potential"))));
  static constexpr auto recordables = table(recordable("V_m.s", &S::V_s, "mV", "Potential of the soma"),
                                            recordable("g_ex.s", &S::g_ex, "nS", "Excitatory conductance of the soma"),
                                            recordable("g_in.s", &S::g_in, "nS", "Inhibitory conductance of the soma"),
                                            recordable("V_m.p", &S::V_p, "mV", "Potential of the dendrite"),
                                            recordable("I_ex.p", &S::I_ex, "pA", "Excitatory current of the dendrite"),
                                            recordable("I_in.p", &S::I_in, "pA", "Inhibitory current of the dendrite"));
  static constexpr auto limits = table(limit("V_m.s", &S::V_s, "mV"), limit("V_m.p", &S::V_p, "mV"));
  static constexpr const char* remedies[] = {"soma", "dendritic", "g_sp", "g_ps"};

  static constexpr std::pair<const char*, int> receptors[] = {{"soma_exc", 1},      {"soma_inh", 2},
                                                              {"dendritic_exc", 3}, {"dendritic_inh", 4},
                                                              {"soma_curr", 5},     {"dendritic_curr", 6}};
  static constexpr int spike_channels = 4, current_channels = 2, spike_receptor = 1;
  static constexpr int spike_channel(int receptor, bool negative) {
    return receptor < 1 || receptor > 4 || (negative && receptor < 3) ? refused : receptor - 1;
  }
  static constexpr int current_channel(int receptor) { return receptor == 5 || receptor == 6 ? receptor - 5 : refused; }
  static bool draws(const P&) { return true; }

  static Complaint check(const P& p) {
    if (p.g_sp + p.soma_g_L > 0) return {};
    return {"g_sp and g_L of the soma must not both be 0", "g_sp + g_L > 0", "Raise one of them.", p.g_sp, "nS"};
  }

  NL_HD static V prepare(const P& p, double h) {
    return {h,
            double(steps_up(p.t_ref, h)),
            1 / p.soma_tau_syn_ex,
            1 / p.soma_tau_syn_in,
            1 / p.dend_tau_syn_ex,
            1 / p.dend_tau_syn_in};
  }

  static constexpr int equations = 6;
  NL_HD static double tolerance(const P&) { return 1e-6; }
  NL_HD static void derivatives(const P& p, const V& v, const Inputs<4, 2>& in, const S& s, S& ds) {
    const double synapses = s.g_ex * (p.soma_E_ex - s.V_s) + s.g_in * (p.soma_E_in - s.V_s);
    const double soma = p.soma_g_L * (p.soma_E_L - s.V_s) + synapses + p.g_sp * (s.V_p - s.V_s);
    const double dendrite = p.dend_g_L * (p.dend_E_L - s.V_p) + s.I_ex + s.I_in + p.g_ps * (s.V_s - s.V_p);
    ds.V_s = (soma + p.soma_I_e + in.current[0]) / p.soma_C_m;
    ds.V_p = (dendrite + p.dend_I_e + in.current[1]) / p.dend_C_m;
    ds.g_ex = s.g_ex * -v.rate_ex_s;
    ds.g_in = s.g_in * -v.rate_in_s;
    ds.I_ex = s.I_ex * -v.rate_ex_p;
    ds.I_in = s.I_in * -v.rate_in_p;
  }

  NL_HD static double rate(const P& p, double u) {
    return p.phi_max / (1 + p.rate_slope * bounded_exp(p.beta * (p.theta - u)));
  }

  NL_HD static int finish(const P& p, const V& v, const S&, S& s, const Inputs<4, 2>& in) {
    s.g_ex += in.spikes[0];
    s.g_in += in.spikes[1];
    s.I_ex += in.spikes[2];
    s.I_in -= in.spikes[3];
    const bool free = s.refractory == 0;
    s.refractory = free ? 0.0 : s.refractory - 1;
    s.spiked = 0;
    return free && in.uniform < escape_probability(rate(p, s.V_s) * v.h);
  }

  static int on_spike(const P& p, const V& v, S& s, Draws& draws) {
    const int n = p.t_ref > 0 ? 1 : several("pp_cond_exp_mc_urbanczik", rate(p, s.V_s) * v.h, draws);
    s.refractory = v.steps;
    s.spiked = n;
    return n;
  }

  static constexpr auto recalls = "the error of the dendritic prediction";
  static std::array<double, 4> told(const P& p) {
    return {p.dend_C_m, p.dend_g_L, p.dend_tau_syn_ex, p.dend_tau_syn_in};
  }
  static Moment recall(const P& p, const V& v, const S& s, const double*) {
    const double u = (p.soma_g_L * p.soma_E_L + p.g_sp * s.V_p) / (p.soma_g_L + p.g_sp);
    const double gain = p.rate_slope / (p.rate_slope + bounded_exp(p.beta * (u - p.theta)));
    return {(s.spiked - rate(p, u) * v.h) * 15 * p.beta * gain, 0};
  }
};

}  // namespace nl
