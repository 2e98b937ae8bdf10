// The contract of continuous coupling: signals that are not spikes, such as a rate, a membrane potential or a current.
//
// A neuron model that puts out a signal says
//   emits, emitted                   its name, and how many values make it up in each step
//   emit(P, V, S&, In, double* out)  the values of the step that begins; with emits_after, of the step that has ended
// and one that takes a signal says
//   takes, ports, coupled            its name, how many sums are kept apart, and how many values that makes in all
//   port(receptor, negative)         where a connection with this receptor_type and sign of the weight ends
//   shapes(P), shape(P, double)      optional: what becomes of each single value before it is weighted
//   arrive(S&, In)                   optional: keeps what has arrived, for models of differential equations
// Inputs::coupled holds what has arrived: for each port, factor of the synapse model and value of the signal, in this order, the
// sum of factor * value over the connections. A model with noise says so by noisy(P): Inputs::normal is then a standard normal
// number, the same for emit and step.
//
// A waveform is a signal that describes the course of a whole step. It depends on how the step ends, so that the steps of
// coupled neurons depend on each other. Such a model also says
//   reemit(P, V, before, S&, In, double* out)  the values, now that a step has led from `before` to S
//   course_end(values)                         the end of the course, by which convergence is judged
// and the step is repeated until nothing changes any more (waveform relaxation). Inputs::order is the order of interpolation.
//
// A synapse model that carries a signal is made from DelayedCoupling or InstantCoupling and says what it `carries`.
#pragma once
#include <array>

#include "synapse.hpp"

namespace nl {

struct DelayedCoupling {
  struct P {
    double weight = 1, delay = 1;
    std::int64_t receptor_type = 0;
  };
  static constexpr auto params =
      table(field("weight", &P::weight, "", any(), "Factor of the signal"),
            field("delay", &P::delay, "ms", above(0), "Time from source to target"),
            field("receptor_type", &P::receptor_type, "", at_least(0), "Port of the target"));
  static constexpr bool common_weight = false, has_delay = true, both_ways = false;
  static constexpr std::array factors{"weight"};
};

struct InstantCoupling : DelayedCoupling {
  static constexpr auto params =
      table(field("weight", &P::weight, "", any(), "Factor of the signal"),
            Field<P, double>{"delay", &P::delay, "ms", any(), "Without effect: the signal arrives at once", "fixed"},
            field("receptor_type", &P::receptor_type, "", at_least(0), "Port of the target"));
  static constexpr bool has_delay = false;
};

template <class M>
concept Emits = requires { M::emits; };
template <class M>
concept Takes = requires { M::takes; };
template <class M>
concept Relaxes = requires { M::course_end; };

}  // namespace nl
