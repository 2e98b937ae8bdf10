// Optimisers: how gradients change a weight.
//
//   gradient descent   w -= eta g
//   adam               m = beta_1 m + (1 - beta_1) g,   v = beta_2 v + (1 - beta_2) g^2
//                      w -= eta sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + epsilon)   in update t = 1, 2, ...
//
// with g the mean gradient of batch_size intervals; an update brings w between Wmin and Wmax. Adam: Kingma & Ba (2015),
// doi:10.48550/arXiv.1412.6980, in the form of its section 2 in which epsilon is not scaled.
//
// A synapse model has the parameters as members of its shared C, and sum, updates, m and v as members of its S.
#pragma once
#include <array>
#include <cmath>
#include <string_view>

#include "field.hpp"
#include "time.hpp"

namespace nl {

inline constexpr std::array optimizer_names{"gradient_descent", "adam"};

template <class C>
constexpr auto optimizer_items() {
  return table(choice<C>("optimizer", &C::optimizer, optimizer_names, "Algorithm; set it as `type`"),
               field("batch_size", &C::batch_size, "", at_least(1), "Intervals whose gradients are averaged"),
               field("eta", &C::eta, "", at_least(0), "Learning rate"),
               field("Wmin", &C::Wmin, "pA", any(), "Smallest weight"),
               field("Wmax", &C::Wmax, "pA", any(), "Largest weight"),
               field("optimize_each_step", &C::optimize_each_step, "", any(),
                     "Whether weights follow the gradient of each step; no effect where gradients belong to intervals"),
               field("beta_1", &C::beta_1, "", Bounds{.lower = 0, .upper = 1, .upper_open = true},
                     "Memory of the mean of the gradient"),
               field("beta_2", &C::beta_2, "", Bounds{.lower = 0, .upper = 1, .upper_open = true},
                     "Memory of the mean of its square"),
               field("epsilon", &C::epsilon, "", at_least(0), "Keeps steps small where gradients are"));
}

inline const char* optimizer_needed(std::string_view item) {
  return item == "beta_1" || item == "beta_2" || item == "epsilon" ? "adam" : "";
}

template <class C>
Complaint check_optimizer(const C& c, double weight) {
  if (c.Wmin > c.Wmax)
    return {"Wmin must not be above Wmax", "Wmin <= Wmax", "Lower Wmin or raise Wmax.", c.Wmin, "pA"};
  if (weight < c.Wmin)
    return {"the weight is below Wmin", "Wmin to Wmax", "Raise the weight or lower Wmin.", weight, "pA"};
  if (weight > c.Wmax)
    return {"the weight is above Wmax", "Wmin to Wmax", "Lower the weight or raise Wmax.", weight, "pA"};
  return {};
}

// The weight when interval number `interval` begins. Intervals that went by without a gradient count as updates with gradient 0.
template <class C, class S>
double optimised(const C& c, S& s, double weight, Step interval) {
  for (const double last = 1 + double(interval / c.batch_size); s.updates < last; ++s.updates) {
    const double g = s.sum / double(c.batch_size);
    s.sum = 0;
    if (c.optimizer == 0) {
      weight -= c.eta * g;
      s.updates = last;
      break;
    }
    const double grown = std::pow(c.beta_1, s.updates), grown_square = std::pow(c.beta_2, s.updates);
    s.m = c.beta_1 * s.m + (1 - c.beta_1) * g;
    s.v = c.beta_2 * s.v + (1 - c.beta_2) * g * g;
    const double step = c.eta * std::sqrt(1 - grown_square) / (1 - grown);
    if (s.m != 0) weight -= step * s.m / (std::sqrt(s.v) + c.epsilon);
  }
  return std::fmin(c.Wmax, std::fmax(c.Wmin, weight));
}

}  // namespace nl
