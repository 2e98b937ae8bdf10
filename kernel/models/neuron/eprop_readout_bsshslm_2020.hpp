#pragma once
#include <nest_lab/learner_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>
#include <nest_lab/vmath.hpp>

namespace nl {

struct eprop_readout_bsshslm_2020 {
  static constexpr auto doc =
      "Leaky integrator that reads out a network, compares it with a target and sends the error back; it learns by e-prop.\n"
      "\n"
      "    v(t) = kappa v(t-1) + zeta sum of w z(t-1) + (1 - kappa) tau_m/C_m I(t-1),   v = V_m - E_L,   kappa = exp(-h/tau_m)\n"
      "\n"
      "with zeta = 1 with regular_spike_arrival, 1 - kappa without. The readout signal y is V_m, for the loss mean_squared_error, or\n"
      "the softmax of V_m over the readouts that are connected by rate_connection_delayed to receptor 1, for cross_entropy. The\n"
      "target y* comes by rate_connection_delayed to receptor 2. The error y - y* goes to recurrent neurons through\n"
      "eprop_learning_signal_connection_bsshslm_2020. All three signals are 0 before the learning window at the end of each interval.\n"
      "The gradient of the loss by the weight of an eprop_synapse_bsshslm_2020 in an interval is the sum of\n"
      "(y - y*)(t) F_kappa[zeta z](t-1), with F_kappa[x](t) = kappa F_kappa[x](t-1) + x(t).\n"
      "\n"
      "Bellec et al. (2020) doi:10.1038/s41467-020-17236-y. Delays of the signals are kept; the reference simulator takes all of\n"
      "them for one step. In the exponentials V_m is kept within 600 mV of 0, so that they stay finite.";

  struct P {
    double C_m = 250, tau_m = 10, E_L = 0;
    double V_min = std::numeric_limits<double>::lowest();
    double I_e = 0;
    std::int64_t loss = 0;
    bool regular_spike_arrival = true;
  };
  struct S {
    double V_m = 0;
    double readout_signal = 0, readout_signal_unnorm = 0, target_signal = 0, error_signal = 0;
    double current = 0;  // pA, of the last step
    double remembered = 0;
  };
  struct V {
    double decay, per_spike, per_current;
  };
  static constexpr std::array losses{"mean_squared_error", "cross_entropy"};

  static constexpr auto params = std::tuple_cat(
      integrator_fields<P>(), arrival_fields<P>(), table(choice<P>("loss", &P::loss, losses, "What is made small")),
      readout_state<S>(),
      table(computed("readout_signal_unnorm", &S::readout_signal_unnorm, "mV", "V_m, or exp(V_m) for cross_entropy")));
  static constexpr auto recordables =
      std::tuple_cat(readout_recordables<S>(), table(recordable("readout_signal_unnorm", &S::readout_signal_unnorm,
                                                                "mV", "V_m, or exp(V_m) for cross_entropy")));

  static constexpr bool archives = false, spiking = false;
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int current_lag = 0;  // it is kept for the next step
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static constexpr std::array<std::pair<const char*, std::int64_t>, 2> receptors{
      {{"readout_signal", 1}, {"target_signal", 2}}};
  static constexpr auto emits = "rate", also_emits = "learning signal", takes = "rate";
  static constexpr bool emits_after = true;
  static constexpr int emitted = 1, ports = 2, coupled = 2;
  static constexpr int port(int receptor, bool) { return receptor == 1 || receptor == 2 ? receptor - 1 : refused; }
  template <class In>
  static void emit(const P&, const V&, S& s, const In&, double* out) {
    out[0] = s.readout_signal_unnorm;
    out[1] = s.error_signal;
  }

  static constexpr Step learning_shift = 3, signal_lag = 1;
  static constexpr auto error = &S::error_signal, remembered = &S::remembered;

  static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay, p.regular_spike_arrival ? 1 : -std::expm1(-h / p.tau_m), m.constant};
  }

  static void begin(const P& p, S& s) { s.V_m = p.E_L; }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    const double V_m = v.decay * (s.V_m - p.E_L) + v.per_spike * in.spikes[0] + v.per_current * s.current + p.E_L;
    s.V_m = V_m < p.V_min ? p.V_min : V_m;
    double readout = s.readout_signal_unnorm;
    if (p.loss == 1) readout /= readout + in.coupled[0];
    s.readout_signal = in.learning ? readout : 0;
    s.target_signal = in.learning ? in.coupled[1] : 0;
    s.error_signal = s.readout_signal - s.target_signal;
    const double power = vexp(s.V_m < 600 ? s.V_m > -600 ? s.V_m : -600 : 600);  // whose sums stay finite
    s.readout_signal_unnorm = p.loss == 1 ? power : s.V_m;
    s.current = in.current[0] + p.I_e;
    return false;
  }

  static void influence(const P&, const V& v, const Experience& e, double* out) {
    double arrived = 0;  // of the step after
    for (std::size_t i = std::size_t(e.interval); i-- > 0;) {
      out[i] = v.per_spike * arrived;
      arrived = v.decay * arrived + e.signal[i];
    }
  }
};

}  // namespace nl
