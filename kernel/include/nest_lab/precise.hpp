// What models with precise spike times share: going through the events of a step in order of time. A refractory time is a whole
// number of steps, so it ends as long before the end of its step (`offset`) as the spike came before the end of its own.
#pragma once
#include <cmath>
#include <span>

#include "neuron.hpp"

namespace nl {

// First zero of a function that is below 0 at 0 and not below at dt.
template <class F>
double first_zero(F&& f, double dt) {
  double low = 0, high = dt;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    if (middle <= low || middle >= high) break;
    (f(middle) < 0 ? low : high) = middle;
  }
  return high;
}

// Calls moment(offset) at each time at which something happens, and hear(event) for what arrives then: first the end of the
// refractory time, then spikes; at last the end of the step, which is a moment too.
template <class Ends, class Moment, class Hear>
void through_step(std::span<const PreciseInput> inputs, double end_of_refractory, Ends&& ends, Moment&& moment,
                  Hear&& hear) {
  bool waiting = end_of_refractory >= 0;
  for (const PreciseInput& e : inputs) {
    if (waiting && end_of_refractory >= e.offset) {
      moment(end_of_refractory);
      ends();
      waiting = false;
    }
    moment(e.offset);
    hear(e);
  }
  if (waiting) {
    moment(end_of_refractory);
    ends();
  }
  moment(0.0);
}

}  // namespace nl
