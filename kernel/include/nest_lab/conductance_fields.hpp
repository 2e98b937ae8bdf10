// Tables that neurons with synaptic conductances share.
#pragma once
#include "integrators.hpp"
#include "leaky_fields.hpp"

namespace nl {

template <class P>
constexpr auto membrane_fields() {
  return table(field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
               field("g_L", &P::g_L, "nS", any(), "Leak conductance"),
               field("E_L", &P::E_L, "mV", any(), "Leak reversal potential"),
               field("I_e", &P::I_e, "pA", any(), "Constant input current"));
}

// Of a neuron that runs away and adapts (runaway in integrators.hpp).
template <class P>
constexpr auto exponential_fields() {
  return table(field("V_th", &P::V_th, "mV", any(), "Potential at which the exponential term takes over"),
               field("V_peak", &P::V_peak, "mV", any(), "Potential at which a spike is emitted"),
               field("V_reset", &P::V_reset, "mV", any(), "Potential after a spike; below V_peak"),
               field("t_ref", &P::t_ref, "ms", at_least(0), "Time after a spike during which V_m is held at V_reset"),
               field("Delta_T", &P::Delta_T, "mV", at_least(0), "Slope of the exponential term"),
               field("a", &P::a, "nS", any(), "Adaptation to the potential"),
               field("b", &P::b, "pA", any(), "Adaptation added by each spike"),
               field("tau_w", &P::tau_w, "ms", above(0), "Time constant of adaptation"),
               field("gsl_error_tol", &P::gsl_error_tol, "", above(0), "Largest error of a step of the integrator"));
}
template <class S>
constexpr auto adaptation_state() {
  return table(field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
               field("w", &S::w, "pA", any(), "Adaptation current"));
}
template <class S>
constexpr auto adaptation_recordables() {
  return table(recordable("V_m", &S::V_m, "mV", "Membrane potential"),
               recordable("w", &S::w, "pA", "Adaptation current"));
}
template <class S>
constexpr auto adaptation_limits() {
  return table(limit("V_m", &S::V_m, "mV", -1e3), limit("w", &S::w, "pA", -1e6, 1e6));
}

// Of two conductances, one for weights above zero and one for those below.
template <class P>
constexpr auto synapse_fields() {
  return table(field("E_ex", &P::E_ex, "mV", any(), "Excitatory reversal potential"),
               field("E_in", &P::E_in, "mV", any(), "Inhibitory reversal potential"),
               field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Time constant of the excitatory conductance"),
               field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Time constant of the inhibitory conductance"));
}
template <class S>
constexpr auto conductance_state(Bounds bounds) {
  return table(field("g_ex", &S::g_ex, "nS", bounds, "Excitatory conductance"),
               field("g_in", &S::g_in, "nS", bounds, "Inhibitory conductance"));
}
template <class S>
constexpr auto conductance_recordables() {
  return table(recordable("g_ex", &S::g_ex, "nS", "Excitatory conductance"),
               recordable("g_in", &S::g_in, "nS", "Inhibitory conductance"));
}
template <class S>
constexpr auto conductance_limits() {
  return table(limit("g_ex", &S::g_ex, "nS"), limit("g_in", &S::g_in, "nS"));
}

// Of conductances that rise first.
template <class S>
constexpr auto rise_state() {
  return table(field("dg_ex", &S::dg_ex, "nS/ms", any(), "What raises the excitatory conductance"),
               field("dg_in", &S::dg_in, "nS/ms", any(), "What raises the inhibitory conductance"));
}
template <class S>
constexpr auto rise_limits() {
  return table(limit("dg_ex", &S::dg_ex, "nS/ms"), limit("dg_in", &S::dg_in, "nS/ms"));
}

}  // namespace nl
