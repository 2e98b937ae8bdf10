#pragma once
#include <algorithm>

#include <nest_lab/device.hpp>

namespace nl {

struct step_rate_generator {
  static constexpr auto doc =
      "Rate that is constant between given times, for neurons that take rates.\n\n"
      "From amplitude_times[i] on the rate is amplitude_values[i]; before the first time it is 0. Times are strictly\n"
      "increasing multiples of the resolution; with allow_offgrid_times others are rounded up to the next step.";
  static constexpr Role role = Role::signal;
  static constexpr auto emits = "rate";
  struct P {
    std::vector<double> amplitude_times, amplitude_values;
    bool allow_offgrid_times = false;
  };
  struct S {
    double rate = 0;
    double amplitude = 0;  // reached so far; new lists change it from their next time on
    std::size_t next = 0;
    std::vector<Step> steps;
  };
  static constexpr auto params =
      table(field("amplitude_times", &P::amplitude_times, "ms", above(0), "Times at which the rate changes"),
            field("amplitude_values", &P::amplitude_values, "", any(), "Rate from each of these times on"),
            field("allow_offgrid_times", &P::allow_offgrid_times, "", any(),
                  "Round times up to the grid instead of refusing them"));
  static constexpr auto recordables = table(recordable("rate", &S::rate, "", "Rate put out"));

  static void check(const P& p, double h, Step) {
    const auto& t = p.amplitude_times;
    if (t.size() != p.amplitude_values.size())
      throw Error("BadValue", "step_rate_generator: amplitude_times and amplitude_values must be of one length",
                  std::to_string(t.size()) + " times and " + std::to_string(p.amplitude_values.size()) + " values",
                  "equal lengths", "Set both in one call.");
    for (std::size_t i = 0; i < t.size(); ++i) {
      if (i > 0 && grid_point(t[i], h) <= grid_point(t[i - 1], h))
        throw Error("BadValue", "step_rate_generator.amplitude_times must increase strictly",
                    number(t[i]) + " ms after " + number(t[i - 1]) + " ms", "increasing times",
                    "Sort the times and drop repeated ones.");
      if (!p.allow_offgrid_times && !on_grid(t[i], h))
        throw Error("BadValue", "step_rate_generator.amplitude_times must be multiples of the resolution",
                    number(t[i]) + " ms", "multiples of " + number(h) + " ms",
                    "Round the times, or set allow_offgrid_times to True.");
    }
  }

  static void normalise(P& p, double h, Step) {
    for (double& t : p.amplitude_times) t = to_ms(grid_point(t, h), h);
  }

  static void prepare(const P& p, S& s, const Window&, double h, Step now) {
    s.steps.clear();
    for (double t : p.amplitude_times) s.steps.push_back(to_steps(t, h));
    s.next = std::size_t(std::upper_bound(s.steps.begin(), s.steps.end(), now) - s.steps.begin());
  }

  static Emission emit(const P& p, S& s, const Window&, const DeviceStep& x) {
    while (s.next < s.steps.size() && s.steps[s.next] <= x.step + 1) s.amplitude = p.amplitude_values[s.next++];
    s.rate = x.active ? s.amplitude : 0;
    return {.a = s.rate, .on = x.active};
  }
};

}  // namespace nl
