#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct urbanczik_synapse {
  static constexpr auto doc =
      "Plasticity that lets a dendrite predict the spikes of the soma.\n"
      "\n"
      "    w = clip(w(0) + eta (sum over steps of PI - PI filtered with tau_Delta), Wmin, Wmax), when the source spikes\n"
      "    PI = error 15 psp,   psp = C_m tau_s/(C_m - g_L tau_s) (trace decaying with C_m/g_L - trace decaying with tau_s)\n"
      "\n"
      "where the target says what its error is (see pp_cond_exp_mc_urbanczik), both traces grow by 1 with each spike of the source,\n"
      "C_m and g_L are those of the dendrite and tau_s its tau_syn_ex, or tau_syn_in where the weight is not positive. The delay is\n"
      "dendritic. Clipping does not change the sum. Urbanczik & Senn 2014, doi:10.1016/j.neuron.2014.02.030.\n"
      "\n"
      "NEST 3.10 takes a weight, or any other value, that is set during a simulation for w(0), adds once more what was learnt before,\n"
      "and scales that by an eta that is set; here learning goes on from the weight as it is.";

  struct P {
    double tau_Delta = 100, eta = 0.07, Wmin = 0, Wmax = 100;
  };
  struct Pre {};
  struct S {
    double slow = 0, fast = 0;      // the two traces
    double sum = 0, filtered = 0;   // of the products of error and traces
    double whole = 0, clipped = 0;  // the weight without and with bounds, as it was found last
  };
  struct V {
    P p;
  };
  static constexpr auto params =
      table(field("tau_Delta", &P::tau_Delta, "ms", above(0), "Time constant of the filter"),
            field("eta", &P::eta, "", any(), "Learning rate"), field("Wmin", &P::Wmin, "", any(), "Smallest weight"),
            field("Wmax", &P::Wmax, "", any(), "Largest weight"));
  static constexpr bool looks_back = false;
  static constexpr auto asks_for = "the error of the dendritic prediction";

  static Complaint check(const P& p, const Pre&, const S&, double weight) {
    if (p.Wmin > p.Wmax)
      return {"Wmin must not be above Wmax", "Wmin <= Wmax", "Lower Wmin or raise Wmax.", p.Wmin, ""};
    if ((weight < 0) != (p.Wmax < 0) && !(weight >= p.Wmin && weight <= p.Wmax))
      return {"weight must have the sign of Wmax, or lie within the bounds", "both negative, or none",
              "Set weight, Wmin and Wmax together.", weight, ""};
    return {};
  }

  NL_HD static V prepare(const P& p) { return {p}; }
  NL_HD static void on_spike(const V&, Pre&, const Spike&) {}

  // Of the dendrite: rates of decay of the two traces, and the factor of the potential that a spike brings.
  struct Dendrite {
    double slow, fast, factor;
  };
  static Dendrite dendrite(const std::array<double, 4>& told, double weight) {
    const double C_m = told[0], g_L = told[1];
    double tau_s = told[weight > 0 ? 2 : 3], rest = C_m - g_L * tau_s;
    if (std::abs(rest) <
        1e-6 * C_m) {  // equal time constants are taken for two that hardly differ: the limit is the same
      tau_s *= 1 - 1e-6;
      rest = C_m - g_L * tau_s;
    }
    return {g_L / C_m, 1 / tau_s, 15 * C_m * tau_s / rest};
  }

  // Decay over a number of steps, mostly one at a time.
  struct Decay {
    double rate, one;
    Decay(double rate, double h) : rate(rate * h), one(PostArchive::decay(-rate * h)) {}
    double operator()(Step steps) const { return steps == 1 ? one : PostArchive::decay(-rate * double(steps)); }
  };

  NL_HD static double on_pre(const V& v, const Pre&, const Pre&, S& s, double& weight, const Spike& x, Post& post) {
    if (weight != s.clipped) s.whole = weight;
    const Dendrite d = dendrite(post.recall->told, weight);
    const Decay slow(d.slow, x.h), fast(d.fast, x.h), filter(1 / v.p.tau_Delta, x.h);
    const double before = s.sum - s.filtered;
    Step at = x.last_stamp();
    for (const RecalledEvent& e : post.recalled(x)) {
      const Step steps = e.stamp + x.delay_steps() - at;
      at += steps;
      s.slow *= slow(steps);
      s.fast *= fast(steps);
      const double product = (s.slow - s.fast) * e.value;
      s.sum += product;
      s.filtered = s.filtered * filter(steps) + product;
    }
    s.slow = s.slow * slow(x.stamp - at) + 1;
    s.fast = s.fast * fast(x.stamp - at) + 1;
    s.filtered *= filter(x.stamp - at);
    s.whole += v.p.eta * d.factor * (s.sum - s.filtered - before);
    return weight = s.clipped = std::fmin(v.p.Wmax, std::fmax(v.p.Wmin, s.whole));
  }
};

}  // namespace nl
