#pragma once
#include <nest_lab/device.hpp>

namespace nl {

struct mip_generator {
  static constexpr auto doc =
      "Correlated spike trains of a multiple interaction process.\n"
      "\n"
      "A mother train is a Poisson process of the given rate that nobody receives. Every target receives each of its spikes with\n"
      "probability p_copy, independently of the others: each train is a Poisson process of rate p_copy * rate, and the correlation\n"
      "coefficient of the counts of any two is p_copy (Kuhn, Aertsen & Rotter 2003, doi:10.1162/089976603321043702).";
  static constexpr Role role = Role::counts;
  struct P {
    double rate = 0, p_copy = 1;
  };
  struct S {};
  static constexpr auto params =
      table(field("rate", &P::rate, "spikes/s", between(0, 1e9), "Rate of the mother train"),
            field("p_copy", &P::p_copy, "", between(0, 1), "Probability that a target receives a spike of it"));

  static Emission emit(const P& p, S&, const Window&, const DeviceStep& x) {
    if (!x.active || p.rate == 0 || p.p_copy == 0) return {};
    Sequence random(x.random);
    const std::int64_t mothers = poisson(p.rate * x.h * 1e-3, random);
    return {.a = p.p_copy, .on = mothers > 0, .trials = mothers};
  }
};

}  // namespace nl
