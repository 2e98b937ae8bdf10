#pragma once
#include <nest_lab/learner_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct eprop_readout {
  static constexpr auto doc =
      "Leaky integrator that reads out a network, compares it with a target and sends the error back; it learns by e-prop from spike\n"
      "to spike.\n"
      "\n"
      "    v(t) = kappa v(t-1) + sum of w z(t-1) + (1 - kappa) tau_m/C_m I(t-1),   v = V_m - E_L,   kappa = exp(-h/tau_m)\n"
      "\n"
      "By rate_connection_delayed come the learning window, a factor, to receptor 1 and the target y* to receptor 2. The readout\n"
      "signal is V_m times the window, the target signal y* times the window; the error is their difference and goes to recurrent\n"
      "neurons through eprop_learning_signal_connection. Without a learning window nothing is learnt. When the source of an\n"
      "eprop_synapse spikes, its weight follows the gradients in the steps since the spike before,\n"
      "(y - y*)(t) F_kappa[z](t-1) with F_kappa[x](t) = kappa F_kappa[x](t-1) + x(t); eprop_isi_trace_cutoff after a spike the\n"
      "filter only decays until the next one.\n"
      "\n"
      "Korcsak-Gorzo et al. (2025) arXiv:2511.21674; Bellec et al. (2020) doi:10.1038/s41467-020-17236-y.";

  struct P {
    double C_m = 250, tau_m = 10, E_L = 0;
    double V_min = std::numeric_limits<double>::lowest();
    double I_e = 0;
    double eprop_isi_trace_cutoff = inf;
  };
  struct S {
    double V_m = 0;
    double readout_signal = 0, target_signal = 0, error_signal = 0;
    double current = 0;  // pA, of the last step
    double remembered = 0;
  };
  struct V {
    double decay, per_current, cutoff;
  };

  static constexpr auto params = std::tuple_cat(integrator_fields<P>(), cutoff_fields<P>(), readout_state<S>());
  static constexpr auto recordables = readout_recordables<S>();

  static constexpr bool archives = false, spiking = false;
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int current_lag = 0;  // it is kept for the next step
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static constexpr std::array<std::pair<const char*, std::int64_t>, 2> receptors{
      {{"eprop_learning_window", 1}, {"target_signal", 2}}};
  static constexpr auto emits = "online learning signal", takes = "rate";
  static constexpr bool emits_after = true;
  static constexpr int emitted = 1, ports = 2, coupled = 2;
  static constexpr int port(int receptor, bool) { return receptor == 1 || receptor == 2 ? receptor - 1 : refused; }
  template <class In>
  static void emit(const P&, const V&, S& s, const In&, double* out) {
    out[0] = s.error_signal;
  }

  static constexpr bool by_spikes = true;
  static constexpr Step signal_lag = 0;
  static constexpr auto error = &S::error_signal, remembered = &S::remembered;

  static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay, m.constant, std::round(p.eprop_isi_trace_cutoff / h)};
  }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    const double V_m = v.decay * (s.V_m - p.E_L) + in.spikes[0] + v.per_current * s.current + p.E_L;
    s.V_m = V_m < p.V_min ? p.V_min : V_m;
    s.readout_signal = s.V_m * in.coupled[0];
    s.target_signal = in.coupled[1] * in.coupled[0];
    s.error_signal = s.readout_signal - s.target_signal;
    s.current = in.current[0] + p.I_e;
    return false;
  }

  static Step gradients(const P&, const V& v, const Past& past, Eligibility& e, double* out) {
    const Step all = Step(past.size()), steps = e.before(v.cutoff, all);
    double late = e.late;
    for (std::size_t i = 0; i < std::size_t(steps); ++i) {
      e.arrived = v.decay * e.arrived + late;
      late = i + e.since == 0 ? 1 : 0;  // the spike arrives one step later
      out[i] = past[i].signal * e.arrived;
    }
    if (steps > 0) e.late = late;
    if (all > steps) e.arrived *= std::pow(v.decay, double(all - steps));
    return steps;
  }
};

}  // namespace nl
