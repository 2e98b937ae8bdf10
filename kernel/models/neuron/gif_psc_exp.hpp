#pragma once
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct gif_psc_exp {
  static constexpr auto doc =
      "Generalised integrate-and-fire neuron with exponential postsynaptic currents: adaptation of the threshold and by\n"
      "spike-triggered currents, and spikes at random.\n"
      "\n"
      "    C_m dV_m/dt = -g_L (V_m - E_L) - I_stc + I_syn_ex + I_syn_in + I_e + I_stim\n"
      "    dI_syn_X/dt = -I_syn_X/tau_syn_X;   I_syn_ex (I_syn_in) jumps by each positive (negative) weight in pA\n"
      "    I_stc = sum of currents that decay with tau_stc and jump by q_stc at each spike of the neuron\n"
      "    E_sfa = V_T_star + sum of potentials that decay with tau_sfa and jump by q_sfa at each spike: the threshold\n"
      "    hazard = lambda_0 exp((V_m - E_sfa)/Delta_V);  a spike in a step of length h has probability 1 - exp(-hazard h).\n"
      "\n"
      "After a spike V_m is held at V_reset for t_ref; with t_ref = 0 it goes on where it was. Spikes that arrive in a step act\n"
      "on V_m within it. Mensi et al. 2012, doi:10.1152/jn.00408.2011; Pozzorini et al. 2015,\n"
      "doi:10.1371/journal.pcbi.1004275. Integrated exactly on the grid with I_stc constant over a step.";

  struct P {
    double C_m = 80, t_ref = 4, E_L = -70, g_L = 4, I_e = 0, V_reset = -55, Delta_V = 0.5, V_T_star = -35, lambda_0 = 1,
           tau_syn_ex = 2, tau_syn_in = 2;
  };
  struct S {
    double V_m = -70, E_sfa = 0, I_stc = 0, I_syn_ex = 0, I_syn_in = 0;
    double refractory = 0;  // steps left
  };
  struct V {
    double decay, per_current, decay_ex, decay_in, from_ex, from_in, steps, hazard, inverse_Delta_V;
  };
  struct Sum {
    double threshold = 0, current = 0;
  };

  // Decays, and jumps at the spikes of the neuron. What a step sees is the value at its start.
  template <class Parameters>
  struct Decaying {
    using P = Parameters;
    struct S {
      double value = 0;
    };
    struct V {
      double decay;
    };
    static constexpr std::size_t count = 0;
    static constexpr auto recordables = table();
  };
  struct ThresholdParameters {
    double tau_sfa = 1, q_sfa = 0;
  };
  struct CurrentParameters {
    double tau_stc = 1, q_stc = 0;
  };
  struct Threshold : Decaying<ThresholdParameters> {
    static constexpr auto params =
        table(field("tau_sfa", &P::tau_sfa, "ms", above(0), "Time constants of the threshold's adaptation"),
              field("q_sfa", &P::q_sfa, "mV", any(), "Jumps of the threshold at each spike, one for each tau_sfa"));
    static V prepare(const gif_psc_exp::P&, const P& p, double h) { return {std::exp(-h / p.tau_sfa)}; }
    NL_HD static void gather(const P&, const V& v, S& s, Sum& sum) {
      sum.threshold += s.value;
      s.value *= v.decay;
    }
    NL_HD static void on_spike(const P& p, S& s, int) { s.value += p.q_sfa; }
  };
  struct Current : Decaying<CurrentParameters> {
    static constexpr auto params =
        table(field("tau_stc", &P::tau_stc, "ms", above(0), "Time constants of the spike-triggered currents"),
              field("q_stc", &P::q_stc, "pA", any(), "Jumps of the current at each spike, one for each tau_stc"));
    static V prepare(const gif_psc_exp::P&, const P& p, double h) { return {std::exp(-h / p.tau_stc)}; }
    NL_HD static void gather(const P&, const V& v, S& s, Sum& sum) {
      sum.current += s.value;
      s.value *= v.decay;
    }
    NL_HD static void on_spike(const P& p, S& s, int) { s.value += p.q_stc; }
  };
  using parts = Parts<Threshold, Current>;

  static constexpr auto params = table(
      field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
      field("t_ref", &P::t_ref, "ms", at_least(0), "Time after a spike during which V_m is held at V_reset"),
      field("E_L", &P::E_L, "mV", any(), "Resting potential"),
      field("g_L", &P::g_L, "nS", above(0), "Leak conductance"),
      field("I_e", &P::I_e, "pA", any(), "Constant input current"),
      field("V_reset", &P::V_reset, "mV", any(), "Potential after a spike"),
      field("Delta_V", &P::Delta_V, "mV", above(0), "Width of the threshold: how far above it the hazard grows e-fold"),
      field("V_T_star", &P::V_T_star, "mV", any_or_never(), "Threshold without adaptation"),
      field("lambda_0", &P::lambda_0, "1/s", at_least(0), "Hazard at the threshold"),
      field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Time constant of the excitatory current"),
      field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Time constant of the inhibitory current"),
      field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
      computed("E_sfa", &S::E_sfa, "mV", "Threshold with adaptation"),
      computed("I_stc", &S::I_stc, "pA", "Spike-triggered current"));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential"),
                                            recordable("E_sfa", &S::E_sfa, "mV", "Threshold with adaptation"),
                                            recordable("I_stc", &S::I_stc, "pA", "Spike-triggered current"),
                                            recordable("I_syn_ex", &S::I_syn_ex, "pA", "Excitatory synaptic current"),
                                            recordable("I_syn_in", &S::I_syn_in, "pA", "Inhibitory synaptic current"));

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }
  static bool draws(const P& p) { return p.lambda_0 > 0; }

  NL_HD static V prepare(const P& p, double h) {
    const double tau_m = p.C_m / p.g_L;
    const Membrane m = membrane(tau_m, p.C_m, h);
    return {m.decay,
            m.constant,
            std::exp(-h / p.tau_syn_ex),
            std::exp(-h / p.tau_syn_in),
            from_exponential(p.tau_syn_ex, tau_m, p.C_m, h),
            from_exponential(p.tau_syn_in, tau_m, p.C_m, h),
            double(steps_up(p.t_ref, h)),
            p.lambda_0 * h * 1e-3,
            1 / p.Delta_V};
  }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in, const Sum& sum) {
    const bool free = s.refractory == 0;
    s.E_sfa = p.V_T_star + sum.threshold;
    s.I_stc = sum.current;
    s.I_syn_ex = s.I_syn_ex * v.decay_ex + in.spikes[0];
    s.I_syn_in = s.I_syn_in * v.decay_in + in.spikes[1];
    const double integrated = v.decay * (s.V_m - p.E_L) + p.E_L + s.I_syn_ex * v.from_ex + s.I_syn_in * v.from_in +
                              (p.I_e + in.current[0] - s.I_stc) * v.per_current;
    s.V_m = free ? integrated : p.V_reset;
    bool spike = false;
    if constexpr (In::draws)
      spike = free && in.uniform < escape_probability(v.hazard * bounded_exp((s.V_m - s.E_sfa) * v.inverse_Delta_V));
    s.refractory = spike ? v.steps : free ? 0.0 : s.refractory - 1;
    return spike;
  }
};

}  // namespace nl
