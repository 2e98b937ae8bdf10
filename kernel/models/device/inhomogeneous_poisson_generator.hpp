#pragma once
#include <algorithm>

#include <nest_lab/device.hpp>

namespace nl {

struct inhomogeneous_poisson_generator {
  static constexpr auto doc =
      "Spikes of a Poisson process whose rate is constant between given times, an independent train for every target.\n"
      "\n"
      "From rate_times[i] on the rate is rate_values[i]; before the first time it is 0. In each step every connection receives\n"
      "a number of spikes drawn from the Poisson distribution with mean rate * resolution, as with poisson_generator; spikes of\n"
      "the step that ends at rate_times[i] have the new rate already. Rates must not be negative: the reference simulator\n"
      "takes negative ones and is silent.";
  static constexpr Role role = Role::counts;
  struct P {
    std::vector<double> rate_times, rate_values;
    bool allow_offgrid_times = false;
  };
  struct S {
    double rate = 0;  // reached so far; new lists change it from their next time on
    std::size_t next = 0;
    std::vector<Step> steps;
    std::vector<double> given;  // times that were accepted when they lay ahead
  };
  static constexpr auto params =
      table(field("rate_times", &P::rate_times, "ms", above(0), "Times at which the rate changes"),
            field("rate_values", &P::rate_values, "spikes/s", between(0, 1e9), "Rate from each of these times on"),
            field("allow_offgrid_times", &P::allow_offgrid_times, "", any(),
                  "Round times up to the grid instead of refusing them"));

  static void check(const P& p, const S& s, double h, Step now) {
    const auto& t = p.rate_times;
    if (t.size() != p.rate_values.size())
      throw Error("BadValue", "inhomogeneous_poisson_generator: rate_times and rate_values must be of one length",
                  std::to_string(t.size()) + " times and " + std::to_string(p.rate_values.size()) + " values",
                  "equal lengths", "Set both in one call.");
    for (std::size_t i = 0; i < t.size(); ++i) {
      if (!p.allow_offgrid_times && !on_grid(t[i], h))
        throw Error("BadValue", "inhomogeneous_poisson_generator.rate_times must be multiples of the resolution",
                    number(t[i]) + " ms", "multiples of " + number(h) + " ms",
                    "Round the times, or set allow_offgrid_times to True.");
      if (i > 0 && grid_point(t[i], h) <= grid_point(t[i - 1], h))
        throw Error("BadValue", "inhomogeneous_poisson_generator.rate_times must increase strictly",
                    number(t[i]) + " ms after " + number(t[i - 1]) + " ms", "increasing times",
                    "Sort the times and drop repeated ones.");
    }
    if (!t.empty() && t != s.given && grid_point(t[0], h) <= now)
      throw Error("BadValue", "inhomogeneous_poisson_generator.rate_times must lie in the future", number(t[0]) + " ms",
                  "after " + number(to_ms(now, h)) + " ms", "Leave out the times that are past.");
  }

  static void normalise(P& p, S& s, double h, Step) {
    for (double& t : p.rate_times) t = to_ms(grid_point(t, h), h);
    s.given = p.rate_times;
  }

  static void prepare(const P& p, S& s, const Window&, double h, Step now) {
    s.steps.clear();
    for (double t : p.rate_times) s.steps.push_back(to_steps(t, h));
    s.next = std::size_t(std::upper_bound(s.steps.begin(), s.steps.end(), now) - s.steps.begin());
  }

  static Emission emit(const P& p, S& s, const Window&, const DeviceStep& x) {
    while (s.next < s.steps.size() && s.steps[s.next] <= x.step + 1) s.rate = p.rate_values[s.next++];
    return {.a = s.rate * x.h * 1e-3, .on = x.active && s.rate > 0};
  }
};

}  // namespace nl
