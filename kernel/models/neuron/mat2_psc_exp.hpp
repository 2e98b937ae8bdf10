#pragma once
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct mat2_psc_exp {
  static constexpr auto doc =
      "Neuron without reset, whose threshold adapts on two time scales; exponential postsynaptic currents.\n"
      "\n"
      "    dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m\n"
      "    dI_syn_X/dt = -I_syn_X/tau_syn_X;   I_syn_ex (I_syn_in) jumps by each positive (negative) weight in pA.\n"
      "    V_th = omega + V_th_alpha_1 + V_th_alpha_2;   dV_th_alpha_k/dt = -V_th_alpha_k/tau_k\n"
      "\n"
      "Kobayashi, Tsubo & Shinomoto 2009, doi:10.3389/neuro.10.009.2009. When V_m is at V_th at the end of a step, and no spike was\n"
      "within t_ref, a spike is emitted and V_th_alpha_k grows by alpha_k. Integrated exactly on the grid (Rotter & Diesmann 1999,\n"
      "doi:10.1007/s004220050570).";

  struct P {
    double C_m = 100, tau_m = 5, E_L = -70, t_ref = 2, tau_syn_ex = 1, tau_syn_in = 3, I_e = 0;
    double omega = -51, alpha_1 = 37, alpha_2 = 2, tau_1 = 10, tau_2 = 200;
  };
  struct S {
    double V_m = -70, I_syn_ex = 0, I_syn_in = 0, V_th_alpha_1 = 0, V_th_alpha_2 = 0, V_th = -51;
    double refractory = 0;  // steps left
  };
  struct V {
    double decay, per_current, decay_ex, decay_in, from_ex, from_in, decay_1, decay_2, steps;
  };

  static constexpr auto params =
      table(field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
            field("tau_m", &P::tau_m, "ms", above(0), "Time constant of the membrane"),
            field("E_L", &P::E_L, "mV", any(), "Resting potential"),
            field("t_ref", &P::t_ref, "ms", above(0), "Time after a spike without another one"),
            field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Time constant of the excitatory current"),
            field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Time constant of the inhibitory current"),
            field("I_e", &P::I_e, "pA", any(), "Constant input current"),
            field("omega", &P::omega, "mV", any_or_never(), "Threshold at rest"),
            field("alpha_1", &P::alpha_1, "mV", any(), "What a spike adds to the fast part of the threshold"),
            field("alpha_2", &P::alpha_2, "mV", any(), "What a spike adds to the slow part of the threshold"),
            field("tau_1", &P::tau_1, "ms", above(0), "Time constant of the fast part of the threshold"),
            field("tau_2", &P::tau_2, "ms", above(0), "Time constant of the slow part of the threshold"),
            field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
            field("V_th_alpha_1", &S::V_th_alpha_1, "mV", any(), "Fast part of the threshold"),
            field("V_th_alpha_2", &S::V_th_alpha_2, "mV", any(), "Slow part of the threshold"),
            computed("V_th", &S::V_th, "mV", "Threshold: omega + V_th_alpha_1 + V_th_alpha_2"));
  static constexpr auto recordables =
      table(recordable("V_m", &S::V_m, "mV", "Membrane potential"), recordable("V_th", &S::V_th, "mV", "Threshold"));

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  NL_HD static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay,
            m.constant,
            std::exp(-h / p.tau_syn_ex),
            std::exp(-h / p.tau_syn_in),
            from_exponential(p.tau_syn_ex, p.tau_m, p.C_m, h),
            from_exponential(p.tau_syn_in, p.tau_m, p.C_m, h),
            std::exp(-h / p.tau_1),
            std::exp(-h / p.tau_2),
            double(steps_up(p.t_ref, h))};
  }

  static void changed(const P& p, S& s) { s.V_th = p.omega + s.V_th_alpha_1 + s.V_th_alpha_2; }

  NL_HD static bool step(const P& p, const V& v, S& s, const Inputs<2, 1>& in) {
    s.V_m = v.decay * (s.V_m - p.E_L) + p.E_L + s.I_syn_ex * v.from_ex + s.I_syn_in * v.from_in +
            (p.I_e + in.current[0]) * v.per_current;
    s.V_th_alpha_1 *= v.decay_1;
    s.V_th_alpha_2 *= v.decay_2;
    s.I_syn_ex = s.I_syn_ex * v.decay_ex + in.spikes[0];
    s.I_syn_in = s.I_syn_in * v.decay_in + in.spikes[1];
    const bool free = s.refractory == 0;
    const bool spike = free && s.V_m >= p.omega + s.V_th_alpha_1 + s.V_th_alpha_2;
    s.V_th_alpha_1 += spike ? p.alpha_1 : 0.0;
    s.V_th_alpha_2 += spike ? p.alpha_2 : 0.0;
    s.V_th = p.omega + s.V_th_alpha_1 + s.V_th_alpha_2;
    s.refractory = spike ? v.steps : free ? 0.0 : s.refractory - 1;
    return spike;
  }
};

}  // namespace nl
