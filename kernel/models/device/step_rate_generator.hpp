#pragma once
#include <nest_lab/step_course.hpp>

namespace nl {

struct step_rate_generator {
  static constexpr auto doc =
      "Rate that is constant between given times, for neurons that take rates.\n\n"
      "From amplitude_times[i] on the rate is amplitude_values[i]; before the first time it is 0. Times are strictly\n"
      "increasing multiples of the resolution; with allow_offgrid_times others are rounded up to the next step.";
  static constexpr Role role = Role::signal;
  static constexpr auto emits = "rate";
  using P = StepCourse::P;
  struct S {
    double rate = 0;
    StepCourse course;
  };
  static constexpr auto params =
      table(field("amplitude_times", &P::amplitude_times, "ms", above(0), "Times at which the rate changes"),
            field("amplitude_values", &P::amplitude_values, "", any(), "Rate from each of these times on"),
            field("allow_offgrid_times", &P::allow_offgrid_times, "", any(),
                  "Round times up to the grid instead of refusing them"));
  static constexpr auto recordables = table(recordable("rate", &S::rate, "", "Rate put out"));

  static void check(const P& p, double h, Step) { StepCourse::check("step_rate_generator", p, h); }
  static void normalise(P& p, double h, Step) { StepCourse::normalise(p, h); }
  static void prepare(const P& p, S& s, const Window&, double h, Step now) { s.course.prepare(p, h, now); }
  static Emission emit(const P& p, S& s, const Window&, const DeviceStep& x) {
    s.rate = s.course.at(p, x);
    return {.a = s.rate, .on = x.active};
  }
};

}  // namespace nl
