#pragma once
#include <nest_lab/learner_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct eprop_iaf_adapt_bsshslm_2020 {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with delta-shaped postsynaptic currents and an adapting threshold that learns by e-prop.\n"
      "\n"
      "As eprop_iaf_bsshslm_2020, with the threshold\n"
      "\n"
      "    A(t) = V_th + adapt_beta a(t),   a(t) = rho a(t-1) + z_j(t-1),   rho = exp(-h/adapt_tau)\n"
      "\n"
      "in place of V_th. After a spike V_th - E_L is subtracted. A weight acts on the threshold, too, through the spikes:\n"
      "\n"
      "    e(t) = psi(t) (F_alpha[zeta z_i](t-1) - adapt_beta eps(t-1))\n"
      "    eps(t) = psi(t) F_alpha[zeta z_i](t-1) + (rho - psi(t) adapt_beta) eps(t-1)\n"
      "\n"
      "Bellec et al. (2020) doi:10.1038/s41467-020-17236-y, equations 24 and 25. f_target is in spikes/s, also when it is read (the\n"
      "reference simulator then shows spikes/ms). flush_event_send_interval changes nothing here.";

  struct P {
    double C_m = 250, tau_m = 10, t_ref = 2, E_L = -70, V_th = -55;
    double V_min = std::numeric_limits<double>::lowest();
    double I_e = 0, c_reg = 0, f_target = 10;
    double adapt_beta = 1, adapt_tau = 10;
    std::int64_t surrogate_gradient_function = 0;
    double surrogate_gradient_height = 0.3, surrogate_gradient_width = 1;
    double flush_event_send_interval = inf;
    bool regular_spike_arrival = true;
  };
  struct S {
    double V_m = -70;
    double adaptation = 0, V_th_adapt = -55;
    double surrogate_gradient = 0, learning_signal = 0;
    double z = 0;           // whether the last step had a spike
    double current = 0;     // pA, of the last step
    double refractory = 0;  // steps left
    double remembered = 0;
  };
  struct V {
    double decay, per_spike, per_current, steps, target, adapt_decay;
  };

  static constexpr auto params = std::tuple_cat(
      learner_fields<P>(), arrival_fields<P>(),
      table(field("adapt_beta", &P::adapt_beta, "mV", at_least(0), "Rise of the threshold by each spike"),
            field("adapt_tau", &P::adapt_tau, "ms", above(0), "Time constant of the threshold")),
      learner_state<S>(),
      table(field("adaptation", &S::adaptation, "", any(), "Filtered spikes that raise the threshold"),
            computed("V_th_adapt", &S::V_th_adapt, "mV", "Threshold")));
  static constexpr auto recordables =
      std::tuple_cat(learner_recordables<S>(),
                     table(recordable("V_th_adapt", &S::V_th_adapt, "mV", "Threshold"),
                           recordable("adaptation", &S::adaptation, "", "Filtered spikes that raise the threshold")));

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
    return {m.decay,
            p.regular_spike_arrival ? 1 : -std::expm1(-h / p.tau_m),
            m.constant,
            double(steps_up(p.t_ref, h)),
            p.f_target * h / 1000,
            std::exp(-h / p.adapt_tau)};
  }

  static void changed(const P& p, S& s) { s.V_th_adapt = p.V_th + p.adapt_beta * s.adaptation; }

  static void begin(const P& p, S& s) {
    s.V_m = p.E_L;
    s.z = 0;
    s.refractory = 0;
    s.adaptation = 0;
    s.V_th_adapt = p.V_th;
  }

  static bool rare(const P& p) { return p.surrogate_gradient_function != 0; }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    const double subtracted = s.z > 0 ? p.V_th - p.E_L : 0;
    const double V_m =
        v.decay * (s.V_m - p.E_L) + v.per_spike * in.spikes[0] + v.per_current * s.current - subtracted + p.E_L;
    s.V_m = V_m < p.V_min ? p.V_min : V_m;
    s.adaptation = v.adapt_decay * s.adaptation + s.z;
    s.V_th_adapt = p.V_th + p.adapt_beta * s.adaptation;
    const double gradient = surrogate_gradient<In::rare>(p, s.V_m - s.V_th_adapt);
    const double left = s.refractory > 0 ? s.refractory - 1 : 0;
    s.surrogate_gradient = left > 0 ? 0 : gradient;
    const bool spike = s.V_m >= s.V_th_adapt && left == 0;
    s.z = spike;
    s.refractory = spike ? v.steps : left;
    s.learning_signal = in.coupled[0];
    s.current = in.current[0] + p.I_e;
    return spike;
  }

  static void influence(const P& p, const V& v, const Experience& e, double* out) {
    const double T = double(e.interval), regular = p.c_reg * (e.spikes / T - v.target) / T;
    double signal = 0, arrived = 0, raised = 0;  // of the step after: effect by the filtered spikes, and by eps
    for (std::size_t i = std::size_t(e.interval); i-- > 0;) {
      out[i] = v.per_spike * arrived;
      signal = e.decay * signal + (1 - e.decay) * e.signal[i];
      const double psi = e.slope[i], by_trace = psi * (signal + regular);
      arrived = v.decay * arrived + by_trace + psi * raised;
      raised = (v.adapt_decay - psi * p.adapt_beta) * raised - p.adapt_beta * by_trace;
    }
  }

  // ignore_and_spike: no threshold, and spikes that come from a clock.
  static void silence(P& p) { p.V_th = inf; }
  static void force_spike(const P& p, const V& v, S& s) {
    s.V_m -= threshold_drop(p);
    s.adaptation += 1;
    s.V_th_adapt = p.V_th + p.adapt_beta * s.adaptation;
    s.refractory = v.steps;
  }
};

}  // namespace nl
