#pragma once
#include <nest_lab/leaky_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct iaf_psc_exp : HeldAfterSpike {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with exponential postsynaptic currents.\n"
      "\n"
      "    dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m\n"
      "    dI_syn_X/dt = -I_syn_X/tau_syn_X;   I_syn_ex (I_syn_in) jumps by each positive (negative) weight in pA.\n"
      "\n"
      "Integrated exactly on the grid (Rotter & Diesmann 1999, doi:10.1007/s004220050570; model of Tsodyks, Uziel & Markram\n"
      "2000, doi:10.1523/JNEUROSCI.20-01-j0003.2000). A current that arrives with receptor_type 1 passes through the\n"
      "excitatory synaptic filter. With delta > 0 spikes are drawn with the hazard rho exp((V_m - V_th)/delta) (escape noise).";

  struct P {
    double C_m = 250, tau_m = 10, tau_syn_ex = 2, tau_syn_in = 2, t_ref = 2, E_L = -70, V_reset = -70, V_th = -55,
           I_e = 0;
    double rho = 0.01, delta = 0;
  };
  struct S {
    double V_m = -70, I_syn_ex = 0, I_syn_in = 0;
    float refractory = 0;  // steps left
  };
  struct V {
    double decay, per_current, decay_ex, decay_in, from_ex, from_in, steps, hazard, inverse_delta;
  };

  static constexpr auto params = std::tuple_cat(
      leaky_fields<P>(), threshold_fields<P>(),
      table(field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Time constant of the excitatory current"),
            field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Time constant of the inhibitory current"),
            field("rho", &P::rho, "1/s", at_least(0), "Spike rate at threshold, for escape noise"),
            field("delta", &P::delta, "mV", at_least(0), "Width of the threshold; 0 makes it sharp"),
            field("V_m", &S::V_m, "mV", any(), "Membrane potential")));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential"),
                                            recordable("I_syn_ex", &S::I_syn_ex, "pA", "Excitatory synaptic current"),
                                            recordable("I_syn_in", &S::I_syn_in, "pA", "Inhibitory synaptic current"));

  static constexpr int spike_channels = 2, current_channels = 2;
  static constexpr auto lands_in = std::tuple(&S::I_syn_ex, &S::I_syn_in);
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 || receptor == 1 ? receptor : refused; }

  static bool draws(const P& p) { return p.delta > 1e-10; }

  static Complaint check(const P& p) {
    if (p.V_reset < p.V_th) return {};
    return {"V_reset must be below V_th", "V_reset < V_th", "Lower V_reset or raise V_th.", p.V_reset, "mV"};
  }

  NL_HD static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay,
            m.constant,
            std::exp(-h / p.tau_syn_ex),
            std::exp(-h / p.tau_syn_in),
            from_exponential(p.tau_syn_ex, p.tau_m, p.C_m, h),
            from_exponential(p.tau_syn_in, p.tau_m, p.C_m, h),
            double(steps_up(p.t_ref, h)),
            draws(p) ? p.rho * h * 1e-3 : 0.0,
            draws(p) ? 1 / p.delta : 0.0};
  }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    const bool free = s.refractory == 0;
    const double integrated = v.decay * (s.V_m - p.E_L) + p.E_L + s.I_syn_ex * v.from_ex + s.I_syn_in * v.from_in +
                              (p.I_e + in.current[0]) * v.per_current;
    const double V_m = free ? integrated : s.V_m;
    s.I_syn_ex = s.I_syn_ex * v.decay_ex + (1 - v.decay_ex) * in.current[1];
    s.I_syn_in = s.I_syn_in * v.decay_in;
    bool spike = V_m >= p.V_th;
    if constexpr (In::draws)
      if (v.inverse_delta > 0) {
        const double exponent = (V_m - p.V_th) * v.inverse_delta;
        spike = in.uniform < v.hazard * vexp(exponent > 600 ? 600 : exponent < -600 ? -600 : exponent);
      }
    s.V_m = V_m;
    s.refractory = std::max(s.refractory - 1, 0.0f);
    return spike;
  }
};

}  // namespace nl
