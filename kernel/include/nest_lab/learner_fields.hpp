// Tables that neurons which learn by gradients share (learning.hpp).
#pragma once
#include "leaky_fields.hpp"
#include "surrogate.hpp"

namespace nl {

template <class P>
constexpr auto integrator_fields() {
  return std::tuple_cat(leaky_fields<P>(), table(field("V_min", &P::V_min, "mV", any(), "Lower limit of V_m")));
}

// Of a neuron with a threshold, whose rate is regularised.
template <class P>
constexpr auto learner_fields() {
  return std::tuple_cat(
      integrator_fields<P>(),
      table(field("t_ref", &P::t_ref, "ms", at_least(0), "Time after a spike in which there is no other"),
            field("V_th", &P::V_th, "mV", any_or_never(), "Threshold"),
            field("c_reg", &P::c_reg, "", at_least(0), "Strength of the regularisation of the rate"),
            field("f_target", &P::f_target, "1/s", at_least(0), "Rate that the regularisation aims at"),
            field(flush_interval, &P::flush_event_send_interval, "ms", above(0),
                  "Time without spikes after which connections that learn from spike to spike follow the gradient")),
      surrogate_fields<P>());
}

// What a spike takes off the potential. A threshold that is never reached takes off nothing, when a clock makes the spike.
template <class P>
NL_HD inline double threshold_drop(const P& p) {
  return p.V_th < inf ? p.V_th - p.E_L : 0;
}

template <class P>
Complaint check_learner(const P& p) {
  if (p.V_th < p.V_min)
    return {"V_th must not be below V_min", "V_th >= V_min", "Raise V_th or lower V_min.", p.V_th, "mV"};
  return {};
}

template <class P>
constexpr auto arrival_fields() {
  return table(field("regular_spike_arrival", &P::regular_spike_arrival, "", any(),
                     "Whether spikes arrive at the end of a step, not at its beginning"));
}

template <class P>
constexpr auto cutoff_fields() {
  return table(field("eprop_isi_trace_cutoff", &P::eprop_isi_trace_cutoff, "ms", at_least(0),
                     "Time after a spike of a source in which there are gradients"));
}

template <class S>
constexpr auto learner_state() {
  return table(field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
               computed("surrogate_gradient", &S::surrogate_gradient, "", "Surrogate gradient of the spike by V_m"),
               computed("learning_signal", &S::learning_signal, "pA", "Weighted errors of the readouts"));
}

template <class S>
constexpr auto learner_recordables() {
  return table(
      recordable("V_m", &S::V_m, "mV", "Membrane potential"),
      recordable("surrogate_gradient", &S::surrogate_gradient, "", "Surrogate gradient of the spike by V_m"),
      recordable("learning_signal", &S::learning_signal, "pA", "Weighted errors of the readouts"),
      recordable("eprop_history_duration", &S::remembered, "ms", "Time that is remembered for updates to come"));
}

template <class S>
constexpr auto readout_state() {
  return table(field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
               computed("readout_signal", &S::readout_signal, "mV", "What is compared with the target"),
               computed("target_signal", &S::target_signal, "mV", "Target"),
               computed("error_signal", &S::error_signal, "mV", "Readout minus target"));
}

template <class S>
constexpr auto readout_recordables() {
  return table(
      recordable("V_m", &S::V_m, "mV", "Membrane potential"),
      recordable("readout_signal", &S::readout_signal, "mV", "What is compared with the target"),
      recordable("target_signal", &S::target_signal, "mV", "Target"),
      recordable("error_signal", &S::error_signal, "mV", "Readout minus target"),
      recordable("eprop_history_duration", &S::remembered, "ms", "Time that is remembered for updates to come"));
}

}  // namespace nl
