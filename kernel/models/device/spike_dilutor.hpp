#pragma once
#include <map>

#include <nest_lab/device.hpp>

namespace nl {

struct spike_dilutor {
  static constexpr auto doc =
      "Passes on each spike that it receives with probability p_copy, drawn for every target.\n"
      "\n"
      "Weights of what it receives do not count. Spikes that arrive while it is not active are lost (the reference simulator keeps\n"
      "them, and sends them in some later step), and it works with any number of threads.";
  static constexpr Role role = Role::counts;
  static constexpr int inputs = 1;
  struct P {
    double p_copy = 1;
  };
  struct S {
    std::map<Step, std::int64_t> due;  // spikes by the step in which they arrive
  };
  static constexpr auto params =
      table(field("p_copy", &P::p_copy, "", between(0, 1), "Probability that a target receives a spike"));

  static void receive(const P&, S& s, const Window&, const InSpike& x, double) { s.due[x.arrives] += x.multiplicity; }

  static Emission emit(const P& p, S& s, const Window&, const DeviceStep& x) {
    const auto here = s.due.find(x.step);
    const std::int64_t n = here == s.due.end() ? 0 : here->second;
    s.due.erase(s.due.begin(), s.due.upper_bound(x.step));
    return {.a = p.p_copy, .on = x.active && n > 0 && p.p_copy > 0, .trials = n};
  }
};

}  // namespace nl
