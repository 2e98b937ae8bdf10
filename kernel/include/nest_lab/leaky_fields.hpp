// What leaky integrate-and-fire neurons share: tables, and what a spike does to them.
#pragma once
#include "field.hpp"

namespace nl {

template <class P>
constexpr auto leaky_fields() {
  return table(field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
               field("tau_m", &P::tau_m, "ms", above(0), "Time constant of the membrane"),
               field("E_L", &P::E_L, "mV", any(), "Resting potential"),
               field("I_e", &P::I_e, "pA", any(), "Constant input current"));
}

template <class P>
constexpr auto reset_fields() {
  return table(field("V_th", &P::V_th, "mV", any_or_never(), "Threshold"),
               field("V_reset", &P::V_reset, "mV", any(), "Potential after a spike; below V_th"));
}

// Of a neuron that spikes at a threshold ...
template <class P>
constexpr auto threshold_fields() {
  return std::tuple_cat(reset_fields<P>(), table(field("t_ref", &P::t_ref, "ms", at_least(0),
                                                       "Time after a spike during which V_m is held at V_reset")));
}

// ... on the grid, where it is then held for a number of steps ...
struct HeldAfterSpike {
  template <class P, class V, class S>
  NL_HD static void reset(const P& p, const V& v, S& s) {
    s.V_m = p.V_reset;
    s.refractory = decltype(s.refractory)(v.steps);
  }
};

// ... or between grid points.
template <class P, class S>
constexpr auto precise_fields() {
  return std::tuple_cat(reset_fields<P>(),
                        table(field("t_ref", &P::t_ref, "ms", above(0),
                                    "Time after a spike during which V_m is held at V_reset; at least a step"),
                              field("V_min", &P::V_min, "mV", any(), "Lower limit of V_m"),
                              field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
                              Field<S, bool>{"is_refractory", &S::is_refractory, "", any(),
                                             "Whether V_m is held after a spike", "readonly"}));
}

}  // namespace nl
