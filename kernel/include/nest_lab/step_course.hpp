// A value that is constant between given times, as step_current_generator and step_rate_generator put it out.
#pragma once
#include <algorithm>

#include "device.hpp"

namespace nl {

struct StepCourse {
  struct P {
    std::vector<double> amplitude_times, amplitude_values;
    bool allow_offgrid_times = false;
  };
  double amplitude = 0;  // reached so far; new lists change it from their next time on
  std::size_t next = 0;
  std::vector<Step> steps;

  static void check(const std::string& model, const P& p, double h) {
    const auto& t = p.amplitude_times;
    if (t.size() != p.amplitude_values.size())
      throw Error("BadValue", model + ": amplitude_times and amplitude_values must be of one length",
                  std::to_string(t.size()) + " times and " + std::to_string(p.amplitude_values.size()) + " values",
                  "equal lengths", "Set both in one call.");
    for (std::size_t i = 0; i < t.size(); ++i) {
      if (i > 0 && grid_point(t[i], h) <= grid_point(t[i - 1], h))
        throw Error("BadValue", model + ".amplitude_times must increase strictly",
                    number(t[i]) + " ms after " + number(t[i - 1]) + " ms", "increasing times",
                    "Sort the times and drop repeated ones.");
      if (!p.allow_offgrid_times && !on_grid(t[i], h))
        throw Error("BadValue", model + ".amplitude_times must be multiples of the resolution", number(t[i]) + " ms",
                    "multiples of " + number(h) + " ms", "Round the times, or set allow_offgrid_times to True.");
    }
  }

  static void normalise(P& p, double h) {
    for (double& t : p.amplitude_times) t = to_ms(grid_point(t, h), h);
  }

  void prepare(const P& p, double h, Step now) {
    steps.clear();
    for (double t : p.amplitude_times) steps.push_back(to_steps(t, h));
    next = std::size_t(std::upper_bound(steps.begin(), steps.end(), now) - steps.begin());
  }

  double at(const P& p, const DeviceStep& x) {
    while (next < steps.size() && steps[next] <= x.step + 1) amplitude = p.amplitude_values[next++];
    return x.active ? amplitude : 0;
  }
};

}  // namespace nl
