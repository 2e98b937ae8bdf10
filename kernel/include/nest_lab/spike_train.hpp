// A given list of spike times, as spike_generator and spike_train_injector play it.
#pragma once
#include <algorithm>

#include "device.hpp"

namespace nl {

struct SpikeTrain {
  std::vector<Step> steps;
  std::vector<double> offsets;  // of precise times
  std::vector<OutSpike> now;
  std::size_t next = 0;

  // Spike times must be positive, on the grid (or rounded up to it) and must not decrease.
  static void check(const std::string& model, const std::vector<double>& times, std::size_t weights,
                    std::size_t multiplicities, bool offgrid, bool precise, bool shift, double h, Step now_step) {
    auto lengths = [&](const char* name, std::size_t n) {
      if (n == 0 || n == times.size()) return;
      throw Error("BadValue", model + "." + name + " must be empty or as long as spike_times",
                  std::to_string(n) + " for " + std::to_string(times.size()) + " spikes",
                  "one entry per spike, or none", "Set it together with spike_times.");
    };
    lengths("spike_weights", weights);
    lengths("spike_multiplicities", multiplicities);
    if (precise && (offgrid || shift))
      throw Error("BadValue", model + ".precise_times excludes allow_offgrid_times and shift_now_spikes", "all True",
                  "precise_times alone, or the others without it", "Set precise_times to False.");
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double t = times[i];
      if (i > 0 && t < times[i - 1])  // programs look for these words of the reference
        throw Error("BadValue", model + ": Spike times must be sorted in non-descending order",
                    number(t) + " ms after " + number(times[i - 1]) + " ms", "times in ascending order",
                    "Sort the times, for example with numpy.sort.");
      if (!offgrid && !precise && !on_grid(t, h))
        throw Error("BadValue", model + ".spike_times must be multiples of the resolution", number(t) + " ms",
                    "multiples of " + number(h) + " ms", "Round the times, or set allow_offgrid_times to True.");
      if ((offgrid || precise ? t <= 0 : t < h / 2) && !(shift && t > -h / 2))
        throw Error("BadValue", model + ".spike_times must be positive", number(t) + " ms",
                    "at least " + number(h) + " ms",
                    "Spikes at time 0 cannot be sent; start at the first step, or set shift_now_spikes to True.");
    }
    (void)now_step;
  }

  // Rounds times up to the grid, and moves those due now to the next step, where that was asked for.
  static void normalise(std::vector<double>& times, bool offgrid, bool shift, double h, Step now) {
    for (double& t : times) {
      const Step s = steps_up(t, h);
      if (offgrid || shift) t = to_ms(shift && s == now ? s + 1 : s, h);
    }
  }

  void prepare(const std::vector<double>& times, double origin, bool precise, double h) {
    steps.clear();
    for (double t : times) steps.push_back(grid_point(t + origin, h));
    offsets.clear();
    if (precise)
      for (std::size_t i = 0; i < times.size(); ++i) offsets.push_back(to_ms(steps[i], h) - origin - times[i]);
    next = 0;
  }

  std::span<const OutSpike> at(const DeviceStep& x, const std::vector<double>& weights,
                               const std::vector<double>& multiplicities) {
    now.clear();
    while (next < steps.size() && steps[next] <= x.step) ++next;
    for (; next < steps.size() && steps[next] == x.step + 1; ++next)
      if (x.active)
        now.push_back({multiplicities.empty() ? 1 : std::int64_t(multiplicities[next]),
                       weights.empty() ? 1.0 : weights[next],
                       offsets.empty() || std::abs(offsets[next]) < 1e-9 ? 0.0 : offsets[next]});
    return now;
  }
};

}  // namespace nl
