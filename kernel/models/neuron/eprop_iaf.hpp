#pragma once
#include <nest_lab/learner_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct eprop_iaf {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with delta-shaped postsynaptic currents that learns by e-prop from spike to spike.\n"
      "\n"
      "    v(t) = alpha v(t-1) + sum of w z(t-1) + (1 - alpha) tau_m/C_m I(t-1),   v = V_m - E_L,   alpha = exp(-h/tau_m)\n"
      "\n"
      "Where V_m reaches V_th and the neuron is not refractory, z_j = 1 and V_th - E_L is subtracted at once. When the source of an\n"
      "eprop_synapse spikes, its weight follows the gradients in the steps t since the spike before:\n"
      "\n"
      "    L(t) F_kappa[e](t) + c_reg (r(t) - f_target) (1 - kappa_reg) F_kappa_reg[e](t),   e(t) = psi(t) F_alpha[z_i](t-1)\n"
      "    r(t) = kappa_reg r(t-1) + (1 - kappa_reg) z_j(t)/h,   F_k[x](t) = k F_k[x](t-1) + x(t)\n"
      "\n"
      "with L the learning signal, psi the surrogate gradient and h the resolution; rates are in spikes/ms there.\n"
      "eprop_isi_trace_cutoff after a spike the filters only decay until the next one.\n"
      "\n"
      "Korcsak-Gorzo et al. (2025) arXiv:2511.21674; Bellec et al. (2020) doi:10.1038/s41467-020-17236-y. f_target is in spikes/s,\n"
      "also when it is read (the reference simulator then shows spikes/ms). The reference simulator compares r with f_target in\n"
      "spikes per step, so that neurons reach f_target only where a step is 1 ms; here they do with any. It shows a learning\n"
      "signal of 0 in the step after an update.";

  struct P {
    double C_m = 250, tau_m = 10, t_ref = 2, E_L = -70, V_th = -55;
    double V_min = std::numeric_limits<double>::lowest();
    double I_e = 0, c_reg = 0, f_target = 10;
    std::int64_t surrogate_gradient_function = 0;
    double surrogate_gradient_height = 0.3, surrogate_gradient_width = 1;
    double flush_event_send_interval = inf;
    double eprop_isi_trace_cutoff = inf;
    double kappa = 0.97, kappa_reg = 0.97;
  };
  struct S {
    double V_m = -70;
    double surrogate_gradient = 0, learning_signal = 0;
    double rate = 0;            // r, in spikes/ms
    double regularisation = 0;  // what counts beside the learning signal
    double current = 0;         // pA, of the last step
    double refractory = 0;      // steps left
    double remembered = 0;
  };
  struct V {
    double decay, per_current, steps, per_ms, target, cutoff;
  };

  static constexpr auto params = std::tuple_cat(
      learner_fields<P>(), cutoff_fields<P>(),
      table(field("kappa", &P::kappa, "", between(0, 1), "Memory of the filter of eligibility in a step"),
            field("kappa_reg", &P::kappa_reg, "", between(0, 1), "The same for the regularisation of the rate")),
      learner_state<S>());
  static constexpr auto recordables = learner_recordables<S>();

  static constexpr bool archives = false, counts_spike_step = true;
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int current_lag = 0;  // it is kept for the next step
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static constexpr auto takes = "online learning signal";
  static constexpr int ports = 1, coupled = 1;
  static constexpr int port(int receptor, bool) { return receptor == 0 ? 0 : refused; }

  static constexpr bool by_spikes = true;
  static constexpr Step signal_lag = 2;
  static constexpr int teacher = 0;
  static constexpr auto slope = &S::surrogate_gradient, regularisation = &S::regularisation,
                        remembered = &S::remembered;

  static Complaint check(const P& p) { return check_learner(p); }

  static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay, m.constant,        double(steps_up(p.t_ref, h)),
            1 / h,   p.f_target / 1000, std::round(p.eprop_isi_trace_cutoff / h)};
  }

  static bool rare(const P& p) { return p.surrogate_gradient_function != 0; }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    const double V_m = v.decay * (s.V_m - p.E_L) + in.spikes[0] + v.per_current * s.current + p.E_L;
    const double limited = V_m < p.V_min ? p.V_min : V_m;
    const double gradient = surrogate_gradient<In::rare>(p, limited - p.V_th);
    const double left = s.refractory > 0 ? s.refractory - 1 : 0;
    s.surrogate_gradient = left > 0 ? 0 : gradient;
    const bool spike = limited >= p.V_th && left == 0;
    s.V_m = spike ? limited - (p.V_th - p.E_L) : limited;
    s.refractory = spike ? v.steps : left;
    s.rate = p.kappa_reg * s.rate + (1 - p.kappa_reg) * (spike ? v.per_ms : 0);
    s.regularisation = p.c_reg * (s.rate - v.target);
    s.learning_signal = in.coupled[0];
    s.current = in.current[0] + p.I_e;
    return spike;
  }

  static Step gradients(const P& p, const V& v, const Past& past, Eligibility& e, double* out) {
    const Step all = Step(past.size()), steps = e.before(v.cutoff, all);
    double late = e.late;
    for (std::size_t i = 0; i < std::size_t(steps); ++i) {
      e.arrived = v.decay * e.arrived + late;
      late = i + e.since == 0 ? 1 : 0;  // the spike arrives one step later
      const double eligible = past[i].slope * e.arrived;
      e.filtered = p.kappa * e.filtered + eligible;
      e.regular = p.kappa_reg * e.regular + (1 - p.kappa_reg) * eligible;
      out[i] = past[i].signal * e.filtered + past[i].regularisation * e.regular;
    }
    if (steps > 0) e.late = late;
    const double rest = double(all - steps);
    if (rest > 0) {
      e.arrived *= std::pow(v.decay, rest);
      e.filtered *= std::pow(p.kappa, rest);
      e.regular *= std::pow(p.kappa_reg, rest);
    }
    return steps;
  }

  // ignore_and_spike: no threshold, and spikes that come from a clock.
  static void silence(P& p) { p.V_th = inf; }
  static void force_spike(const P& p, const V& v, S& s) {
    s.V_m -= threshold_drop(p);
    s.refractory = v.steps;
    s.rate += (1 - p.kappa_reg) * v.per_ms;
    s.regularisation = p.c_reg * (s.rate - v.target);
  }
};

}  // namespace nl
