#pragma once
#include <nest_lab/learner_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct eprop_iaf_bsshslm_2020 {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with delta-shaped postsynaptic currents that learns by e-prop.\n"
      "\n"
      "    v(t) = alpha v(t-1) + zeta sum of w z(t-1) + (1 - alpha) tau_m/C_m I(t-1) - V_th z_j(t-1),   v = V_m - E_L\n"
      "\n"
      "with alpha = exp(-h/tau_m), and zeta = 1 with regular_spike_arrival (spikes arrive at the end of a step), 1 - alpha without\n"
      "(at its beginning). z_j = 1 where V_m reaches V_th and the neuron is not refractory: the threshold is subtracted in the next\n"
      "step.\n"
      "\n"
      "The gradient of the loss by the weight of an eprop_synapse_bsshslm_2020 in an interval of T steps is\n"
      "\n"
      "    sum of L(t) F_kappa[e](t) + c_reg/T (z/T - f_target) sum of e(t),   e(t) = psi(t) F_alpha[zeta z_i](t-1)\n"
      "\n"
      "with L the learning signal, psi the surrogate gradient, F_alpha[x](t) = alpha F_alpha[x](t-1) + x(t), F_kappa the filter of the\n"
      "readout, (1 - kappa) at its input, kappa = exp(-h/tau_m_readout), and z the number of spikes. A spike of the\n"
      "source in the first step of an interval comes one step before the last learning signal of the interval before, which its update\n"
      "then lacks; one that arrives in that step through an e-prop synapse is lost, as in the scheme of the paper, where intervals are\n"
      "sequences of their own.\n"
      "\n"
      "Bellec et al. (2020) doi:10.1038/s41467-020-17236-y. f_target is in spikes/s, also when it is read (the reference simulator\n"
      "then shows spikes/ms). flush_event_send_interval changes nothing here.";

  struct P {
    double C_m = 250, tau_m = 10, t_ref = 2, E_L = -70, V_th = -55;
    double V_min = std::numeric_limits<double>::lowest();
    double I_e = 0, c_reg = 0, f_target = 10;
    std::int64_t surrogate_gradient_function = 0;
    double surrogate_gradient_height = 0.3, surrogate_gradient_width = 1;
    double flush_event_send_interval = inf;
    bool regular_spike_arrival = true;
  };
  struct S {
    double V_m = -70;
    double surrogate_gradient = 0, learning_signal = 0;
    double z = 0;           // whether the last step had a spike
    double current = 0;     // pA, of the last step
    double refractory = 0;  // steps left
    double remembered = 0;
  };
  struct V {
    double decay, per_spike, per_current, steps, target;
  };

  static constexpr auto params = std::tuple_cat(learner_fields<P>(), arrival_fields<P>(), learner_state<S>());
  static constexpr auto recordables = learner_recordables<S>();

  static constexpr bool archives = false, counts_spike_step = true;
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int current_lag = 0;  // it is kept for the next step
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static constexpr auto takes = "learning signal";
  static constexpr int ports = 1, coupled = 1;
  static constexpr int port(int receptor, bool) { return receptor == 0 ? 0 : refused; }

  static constexpr Step learning_shift = 2, signal_lag = 3;
  static constexpr int teacher = 0;
  static constexpr bool loses_first = true;
  static constexpr auto slope = &S::surrogate_gradient, spiked = &S::z, remembered = &S::remembered;

  static Complaint check(const P& p) { return check_learner(p); }

  static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay, p.regular_spike_arrival ? 1 : -std::expm1(-h / p.tau_m), m.constant, double(steps_up(p.t_ref, h)),
            p.f_target * h / 1000};
  }

  static void begin(const P& p, S& s) {
    s.V_m = p.E_L;
    s.z = 0;
    s.refractory = 0;
  }

  static bool rare(const P& p) { return p.surrogate_gradient_function != 0; }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    const double subtracted = s.z > 0 ? p.V_th - p.E_L : 0;
    const double V_m =
        v.decay * (s.V_m - p.E_L) + v.per_spike * in.spikes[0] + v.per_current * s.current - subtracted + p.E_L;
    s.V_m = V_m < p.V_min ? p.V_min : V_m;
    const double gradient = surrogate_gradient<In::rare>(p, s.V_m - p.V_th);
    const double left = s.refractory > 0 ? s.refractory - 1 : 0;
    s.surrogate_gradient = left > 0 ? 0 : gradient;
    const bool spike = s.V_m >= p.V_th && left == 0;
    s.z = spike;
    s.refractory = spike ? v.steps : left;
    s.learning_signal = in.coupled[0];
    s.current = in.current[0] + p.I_e;
    return spike;
  }

  static void influence(const P& p, const V& v, const Experience& e, double* out) {
    const double T = double(e.interval), regular = p.c_reg * (e.spikes / T - v.target) / T;
    double signal = 0, arrived = 0;  // of the step after
    for (std::size_t i = std::size_t(e.interval); i-- > 0;) {
      out[i] = v.per_spike * arrived;
      signal = e.decay * signal + (1 - e.decay) * e.signal[i];
      arrived = v.decay * arrived + e.slope[i] * (signal + regular);
    }
  }

  // ignore_and_spike: no threshold, and spikes that come from a clock.
  static void silence(P& p) { p.V_th = inf; }
  static void force_spike(const P& p, const V& v, S& s) {
    s.V_m -= threshold_drop(p);
    s.refractory = v.steps;
  }
};

}  // namespace nl
