// Surrogate gradients: what stands for the derivative of the threshold, which has none.
#pragma once
#include <array>

#include "field.hpp"
#include "vmath.hpp"

namespace nl {

inline constexpr std::array surrogate_names{"piecewise_linear", "exponential", "fast_sigmoid_derivative",
                                            "arctan_derivative"};

// Largest, and equal to the height, where the potential is at the threshold. Forms other than the first are `rare`.
template <bool rare, class P>
NL_HD inline double surrogate_gradient(const P& p, double above_threshold) {
  const double height = p.surrogate_gradient_height;
  const double x = (above_threshold < 0 ? -above_threshold : above_threshold) / p.surrogate_gradient_width;
  const double linear = x < 1 ? 1 - x : 0;
  if constexpr (!rare) return height * linear;
  const std::int64_t which = p.surrogate_gradient_function;
  const double exponential = x < 600 ? vexp(x < 600 ? -x : -600) : 0;
  const double sigmoid = 1 / ((1 + x) * (1 + x)), arctan = 1 / (1 + x * x);
  return height * (which == 0 ? linear : which == 1 ? exponential : which == 2 ? sigmoid : arctan);
}

template <class P>
constexpr auto surrogate_fields() {
  return table(choice<P>("surrogate_gradient_function", &P::surrogate_gradient_function, surrogate_names,
                         "Form of the surrogate gradient"),
               field("surrogate_gradient_height", &P::surrogate_gradient_height, "", above(0),
                     "Surrogate gradient at the threshold"),
               field("surrogate_gradient_width", &P::surrogate_gradient_width, "mV", above(0),
                     "Distance from the threshold over which it falls off"));
}

}  // namespace nl
