#pragma once
#include <nest_lab/leaky_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct iaf_psc_alpha : HeldAfterSpike {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with alpha-shaped postsynaptic currents.\n"
      "\n"
      "    dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m\n"
      "    a spike with weight w > 0 adds  w e/tau_syn_ex t exp(-t/tau_syn_ex)  to I_syn_ex, so that the peak is w (pA);\n"
      "    negative weights act likewise on I_syn_in.\n"
      "\n"
      "Integrated exactly on the grid (Rotter & Diesmann 1999, doi:10.1007/s004220050570, section 3.2).";

  struct P {
    double C_m = 250, tau_m = 10, tau_syn_ex = 2, tau_syn_in = 2, t_ref = 2, E_L = -70, V_reset = -70, V_th = -55;
    double V_min = -inf;
    double I_e = 0;
  };
  struct S {
    double V_m = -70, I_syn_ex = 0, I_syn_in = 0;
    double dI_ex = 0, dI_in = 0;  // pA/ms
    float refractory = 0;         // steps left
  };
  struct V {
    double decay, per_current, decay_ex, decay_in, h, ex_from_I, in_from_I, ex_from_dI, in_from_dI, jump_ex, jump_in,
        steps;
  };

  static constexpr auto params =
      std::tuple_cat(leaky_fields<P>(), threshold_fields<P>(),
                     table(field("V_min", &P::V_min, "mV", any(), "Lower limit of V_m"),
                           field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Rise time of the excitatory current"),
                           field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Rise time of the inhibitory current"),
                           field("V_m", &S::V_m, "mV", any(), "Membrane potential")));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential"),
                                            recordable("I_syn_ex", &S::I_syn_ex, "pA", "Excitatory synaptic current"),
                                            recordable("I_syn_in", &S::I_syn_in, "pA", "Inhibitory synaptic current"));

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) {
    if (p.V_reset < p.V_th) return {};
    return {"V_reset must be below V_th", "V_reset < V_th", "Lower V_reset or raise V_th.", p.V_reset, "mV"};
  }

  NL_HD static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    const double e = 2.71828182845904523536;
    return {m.decay,
            m.constant,
            std::exp(-h / p.tau_syn_ex),
            std::exp(-h / p.tau_syn_in),
            h,
            from_exponential(p.tau_syn_ex, p.tau_m, p.C_m, h),
            from_exponential(p.tau_syn_in, p.tau_m, p.C_m, h),
            from_alpha(p.tau_syn_ex, p.tau_m, p.C_m, h),
            from_alpha(p.tau_syn_in, p.tau_m, p.C_m, h),
            e / p.tau_syn_ex,
            e / p.tau_syn_in,
            double(steps_up(p.t_ref, h))};
  }

  NL_HD static bool step(const P& p, const V& v, S& s, const Inputs<2, 1>& in) {
    const bool free = s.refractory == 0;
    const double integrated = v.per_current * (in.current[0] + p.I_e) + v.ex_from_dI * s.dI_ex +
                              v.ex_from_I * s.I_syn_ex + v.in_from_dI * s.dI_in + v.in_from_I * s.I_syn_in +
                              v.decay * (s.V_m - p.E_L) + p.E_L;
    const double limited = integrated < p.V_min ? p.V_min : integrated;
    const double V_m = free ? limited : s.V_m;
    s.I_syn_ex = v.decay_ex * (v.h * s.dI_ex + s.I_syn_ex);
    s.I_syn_in = v.decay_in * (v.h * s.dI_in + s.I_syn_in);
    s.dI_ex = v.decay_ex * s.dI_ex + v.jump_ex * in.spikes[0];
    s.dI_in = v.decay_in * s.dI_in + v.jump_in * in.spikes[1];
    s.V_m = V_m;
    s.refractory = std::max(s.refractory - 1, 0.0f);
    return V_m >= p.V_th;
  }
};

}  // namespace nl
