#pragma once
#include <cmath>

#include <nest_lab/device.hpp>

namespace nl {

struct poisson_generator_ps {
  static constexpr auto doc =
      "Spikes of a Poisson process with dead time, at any time between grid points, an independent train for every target.\n"
      "\n"
      "After a spike there is none for dead_time; then the waiting time is exponential, so that intervals have mean 1 / rate\n"
      "(Deger, Helias, Boucsein & Rotter 2012, doi:10.1007/s10827-011-0362-8). A train starts in equilibrium: the first spike has\n"
      "the distribution of the time from any moment to the next spike. When the rate or the dead time changes, the dead time\n"
      "still counts from the last spike, and the rest of the waiting time is drawn anew. Nodes that are precise receive the times\n"
      "as they are, others in the step in which they lie.";
  static constexpr Role role = Role::trains;
  static constexpr bool precise = true;
  struct P {
    double rate = 0, dead_time = 0;
  };
  struct S {
    std::int64_t generation = 0;  // of the parameters
  };
  static constexpr auto params = table(field("rate", &P::rate, "spikes/s", between(0, 1e9), "Mean rate of every train"),
                                       field("dead_time", &P::dead_time, "ms", at_least(0), "Least interval"));

  struct Train {
    Step next = -1;     // step of the next spike ...
    double offset = 0;  // ... and the time to its end
    Step last = -1;     // the same of the last spike, if there was one
    double last_offset = 0;
    std::int64_t drawn = -1;  // generation of the parameters that `next` was drawn with
  };

  static void check(const P& p, double, Step) {
    if (p.rate * p.dead_time > 1e3 * (1 + 1e-12))
      throw Error("BadValue", "poisson_generator_ps: the dead time is longer than the mean interval",
                  number(p.dead_time) + " ms at " + number(p.rate) + " spikes/s",
                  "at most " + number(1e3 / p.rate) + " ms", "Lower the rate or the dead time.");
  }

  static void prepare(const P&, S& s, const Window&, double, Step) { ++s.generation; }

  static Emission emit(const P& p, S& s, const Window& w, const DeviceStep& x) {
    const bool on = !w.frozen && p.rate > 0 && w.first(x.h) <= x.step && x.step < w.last(x.h);
    if (!on) return {};
    return {.a = std::max(0.0, 1e3 / p.rate - p.dead_time), .b = p.dead_time, .draw = s.generation, .on = true};
  }

  template <class Out>
  static void advance(Train& t, const TrainStep& x, Sequence& random, Out&& out) {
    const double mean = x.emission.a, dead = x.emission.b;
    if (t.next < x.step || t.drawn != x.emission.draw) restart(t, x, random);
    while (t.next == x.step) {
      out(1, t.offset);
      t.last = t.next;
      t.last_offset = t.offset;
      const double wait = dead + mean * random.exponential();
      put(t, x, t.last, wait - t.last_offset);
    }
  }

 private:
  // Next spike at a time after the end of a step; the time may be negative.
  static void put(Train& t, const TrainStep& x, Step step, double after) {
    const double steps = std::ceil(after / x.h);
    t.next = step + Step(std::min(steps, 1e15));
    t.offset = std::max(0.0, steps * x.h - after);
  }
  // The time between now, which is the end of the step before, and the next spike.
  static void restart(Train& t, const TrainStep& x, Sequence& random) {
    const double mean = x.emission.a, dead = x.emission.b;
    const bool first = t.drawn < 0;
    t.drawn = x.emission.draw;
    double rest = 0;  // of the dead time
    if (first) {
      if (random.uniform() * (mean + dead) < dead) return put(t, x, x.step - 1, dead * random.uniform());
      return put(t, x, x.step - 1, dead + mean * random.exponential());
    }
    if (t.last >= 0) rest = std::max(0.0, dead - (double(x.step - 1 - t.last) * x.h + t.last_offset));
    put(t, x, x.step - 1, rest + mean * random.exponential());
  }
};

}  // namespace nl
