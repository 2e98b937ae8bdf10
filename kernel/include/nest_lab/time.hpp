// Model time is counted in steps; milliseconds exist only at the border.
#pragma once
#include <cmath>
#include <limits>

#include "core.hpp"

namespace nl {

inline constexpr Step forever = std::numeric_limits<Step>::max() / 4;

inline Step to_steps(double ms, double h) {
  const double steps = std::round(ms / h);
  return steps >= double(forever) ? forever : steps <= -double(forever) ? -forever : Step(steps);
}

// Whether ms lies on the grid of the resolution, up to the rounding of decimal input such as 0.1 * 3.
inline bool on_grid(double ms, double h) {
  const double steps = ms / h;
  return std::abs(steps - std::round(steps)) <= 1e-9 * std::fmax(1.0, std::abs(steps));
}

// The first grid point not before ms.
inline Step grid_point(double ms, double h) { return on_grid(ms, h) ? to_steps(ms, h) : Step(std::ceil(ms / h)); }

// The least number of steps that lasts at least ms. Durations are resolved to a microsecond, as the reference simulator does.
inline Step steps_up(double ms, double h) {
  const double us = std::round(ms * 1000), per_step = std::round(h * 1000);
  return us >= 1e18 ? forever : Step(std::ceil(us / per_step - 1e-9));
}

// step * h to the last digit a user expects: 3 * 0.1 is 0.3, not 0.30000000000000004.
inline double to_ms(Step step, double h) {
  const double per_ms = 1 / h, whole = std::round(per_ms);
  return std::abs(per_ms - whole) < 1e-9 * per_ms ? double(step) / whole : double(step) * h;
}

}  // namespace nl
