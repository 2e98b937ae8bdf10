#pragma once
#include <cmath>

#include <nest_lab/device.hpp>

namespace nl {

struct gamma_sup_generator {
  static constexpr auto doc =
      "Spikes of n_proc gamma processes put together, an independent train for every target.\n"
      "\n"
      "Each component goes through gamma_shape states; in every step it moves to the next with probability\n"
      "rate * gamma_shape * resolution, and spikes when it leaves the last: intervals of a component have mean 1 / rate and, for\n"
      "small steps, the gamma distribution of order gamma_shape (Deger, Helias, Boucsein & Rotter 2012,\n"
      "doi:10.1007/s10827-011-0362-8). At first the components are spread evenly over the states. The probability must not exceed 1;\n"
      "the reference simulator takes rates for which it does.";
  static constexpr Role role = Role::trains;
  struct P {
    double rate = 0;
    std::int64_t gamma_shape = 1, n_proc = 1;
  };
  struct S {
    std::int64_t generation = 0;  // of the parameters
  };
  static constexpr auto params =
      table(field("rate", &P::rate, "spikes/s", between(0, 1e9), "Mean rate of each component"),
            field("gamma_shape", &P::gamma_shape, "", between(1, 1e6), "Order of the gamma distribution"),
            field("n_proc", &P::n_proc, "", between(1, 1e6), "Number of components"));

  struct Train {
    Step next = -1;                    // step in which a component moves
    std::int64_t drawn = -1;           // generation of the parameters that `next` was drawn with
    std::vector<std::uint32_t> state;  // number of components in each
  };

  static void check(const P& p, double h, Step) {
    const double chance = p.rate * double(p.gamma_shape) * h * 1e-3;
    if (chance > 1 + 1e-9)
      throw Error("BadValue", "gamma_sup_generator: rate * gamma_shape is too large for the resolution",
                  number(p.rate) + " spikes/s times " + std::to_string(p.gamma_shape),
                  "at most " + number(1e3 / h) + " spikes/s",
                  "Lower the rate, or put more components together (n_proc).");
  }

  static void prepare(const P&, S& s, const Window&, double, Step) { ++s.generation; }

  static Emission emit(const P& p, S& s, const Window&, const DeviceStep& x) {
    const double chance = std::min(1.0, p.rate * double(p.gamma_shape) * x.h * 1e-3);
    const bool on = x.active && p.rate > 0;
    return {.a = chance, .b = double(p.gamma_shape), .draw = s.generation, .on = on, .trials = p.n_proc};
  }

  // Waiting times have no memory: they are drawn anew when a parameter changes, or the generator was off meanwhile.
  template <class Out>
  static void advance(Train& t, const TrainStep& x, Sequence& random, Out&& out) {
    const double p = x.emission.a;
    const auto n = std::uint32_t(x.emission.trials), shape = std::uint32_t(x.emission.b);
    if (t.state.size() != shape || components(t) != n) spread(t, n, shape);
    const double quiet = double(n) * std::log1p(-p);  // logarithm of the chance that no component moves in a step
    if (t.next < x.step || t.drawn != x.emission.draw) t.next = x.step + wait(quiet, random);
    t.drawn = x.emission.draw;
    if (t.next > x.step) return;
    if (const std::int64_t spikes = move(t, moving(n, p, quiet, random), random); spikes > 0) out(spikes, 0.0);
    t.next = x.step + 1 + wait(quiet, random);
  }

 private:
  static std::uint32_t components(const Train& t) {
    std::uint32_t n = 0;
    for (std::uint32_t k : t.state) n += k;
    return n;
  }
  static void spread(Train& t, std::uint32_t n, std::uint32_t shape) {
    t.state.assign(shape, n / shape);
    for (std::uint32_t i = 0; i < n % shape; ++i) ++t.state[i];
  }
  static Step wait(double quiet, Sequence& random) {
    const double steps = std::log(random.uniform()) / quiet;
    return steps < 1e15 ? Step(steps) : forever;
  }
  // How many components move, given that one does: binomial.
  static std::uint32_t moving(std::uint32_t n, double p, double quiet, Sequence& random) {
    if (p >= 1 || quiet < -600) return binomial(n, p, random);
    const double none = std::exp(quiet), u = none + (1 - none) * random.uniform();
    return std::max<std::uint32_t>(1, binomial_quantile(n, p, u));
  }
  // Takes that many different components at random; returns how many of them leave the last state.
  static std::int64_t move(Train& t, std::uint32_t moving, Sequence& random) {
    std::vector<std::uint32_t> stay = t.state, leave(t.state.size(), 0);
    std::uint32_t left = components(t);
    for (; moving > 0; --moving, --left) {
      std::uint32_t r = bounded(random.word(), left, [&] { return random.word(); });
      std::size_t i = 0;
      while (r >= stay[i]) r -= stay[i++];
      --stay[i];
      ++leave[i];
    }
    for (std::size_t i = 0; i < stay.size(); ++i) t.state[i] = stay[i] + leave[(i + stay.size() - 1) % stay.size()];
    return leave.back();
  }
};

}  // namespace nl
