#pragma once
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct pp_psc_delta {
  static constexpr auto doc =
      "Point process neuron with leaky integration of delta-shaped postsynaptic potentials: spikes at random, at a rate that\n"
      "depends on the potential and on adaptation.\n"
      "\n"
      "    dV_m/dt = -V_m/tau_m + (I_e + I_stim)/C_m,   V_m jumps by the weight (mV) of each arriving spike; rest is at 0 mV\n"
      "    E_sfa = sum of potentials that decay with tau_sfa and jump by q_sfa at each spike of the neuron\n"
      "    rate = max(0, c_1 V' + c_2 exp(c_3 V')) spikes/s,   V' = V_m - E_sfa.\n"
      "\n"
      "With dead_time > 0 a step of length h holds a spike with probability 1 - exp(-rate h), and the neuron is then silent for\n"
      "dead_time (one step or more), or, with dead_time_random, for a time from the gamma distribution of this mean and of shape\n"
      "dead_time_shape. With dead_time = 0 the number of spikes in a step is Poisson distributed with mean rate h. The membrane\n"
      "is integrated during dead time too; with_reset sets it to 0 at each spike. The exponential nonlinearity is that of\n"
      "Jolivet, Rauch, Luescher & Gerstner 2006, doi:10.1007/s10827-006-7074-5, the adaptation that of Pozzorini et al. 2013,\n"
      "doi:10.1038/nn.3431, and dead time and gamma distribution follow Deger et al. 2012, doi:10.1007/s10827-011-0362-8.";

  struct P {
    double tau_m = 10, C_m = 250, dead_time = 1;
    bool dead_time_random = false;
    std::int64_t dead_time_shape = 1;
    bool with_reset = true;
    double c_1 = 0, c_2 = 1.238, c_3 = 0.25, I_e = 0;
  };
  struct S {
    double V_m = 0, E_sfa = 0;
    double t_ref_remaining = 0;  // ms
  };
  struct V {
    double decay, per_current, h;
  };
  struct Sum {
    double E_sfa = 0;
  };

  struct Adaptation {
    struct P {
      double tau_sfa = 1, q_sfa = 0;
    };
    struct S {
      double value = 0;
    };
    struct V {
      double decay;
    };
    static constexpr std::size_t count = 0;
    static constexpr auto params =
        table(field("tau_sfa", &P::tau_sfa, "ms", above(0), "Time constants of the adaptation"),
              field("q_sfa", &P::q_sfa, "mV", any(), "Jumps of the adaptation at each spike, one for each tau_sfa"));
    static constexpr auto recordables = table();
    static V prepare(const pp_psc_delta::P&, const P& p, double h) { return {std::exp(-h / p.tau_sfa)}; }
    NL_HD static void gather(const P&, const V& v, S& s, Sum& sum) {
      s.value *= v.decay;
      sum.E_sfa += s.value;
    }
    NL_HD static void on_spike(const P& p, S& s, int n) { s.value += n * p.q_sfa; }
  };
  using parts = Parts<Adaptation>;

  static constexpr auto params = table(
      field("tau_m", &P::tau_m, "ms", above(0), "Time constant of the membrane"),
      field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
      field("dead_time", &P::dead_time, "ms", at_least(0), "Time after a spike in which there is no other; 0 for none"),
      field("dead_time_random", &P::dead_time_random, "", any(), "Whether dead times are drawn at random"),
      field("dead_time_shape", &P::dead_time_shape, "", at_least(1), "Shape of the gamma distribution of dead times"),
      field("with_reset", &P::with_reset, "", any(), "Whether V_m is set to 0 after each spike"),
      field("c_1", &P::c_1, "1/(s mV)", any(), "Slope of the linear part of the rate"),
      field("c_2", &P::c_2, "1/s", any(), "Prefactor of the exponential part of the rate"),
      field("c_3", &P::c_3, "1/mV", at_least(0), "Factor in the exponent of the rate"),
      field("I_e", &P::I_e, "pA", any(), "Constant input current"),
      field("V_m", &S::V_m, "mV", any(), "Membrane potential; rest is at 0"),
      field("E_sfa", &S::E_sfa, "mV", any(), "Adaptation; each step sets it anew"),
      field("t_ref_remaining", &S::t_ref_remaining, "ms", at_least(0), "What is left of the dead time"));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential; rest is at 0"),
                                            recordable("E_sfa", &S::E_sfa, "mV", "Adaptation"));

  static constexpr auto weight_unit = "mV";
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }
  static bool draws(const P&) { return true; }

  NL_HD static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay, m.constant, h};
  }

  NL_HD static double spikes_per_step(const P& p, const V& v, const S& s) {
    const double x = s.V_m - s.E_sfa;
    const double rate = p.c_1 * x + p.c_2 * bounded_exp(p.c_3 * x);
    return rate > 0 ? rate * v.h * 1e-3 : 0.0;
  }

  template <class In>
  NL_HD static int step(const P& p, const V& v, S& s, const In& in, const Sum& sum) {
    const bool free = s.t_ref_remaining < 5e-4;  // times are resolved to a microsecond
    s.V_m = v.per_current * (in.current[0] + p.I_e) + v.decay * s.V_m + in.spikes[0];
    s.E_sfa = sum.E_sfa;
    s.t_ref_remaining = free ? 0.0 : s.t_ref_remaining - v.h;
    if constexpr (In::draws) return free && in.uniform < escape_probability(spikes_per_step(p, v, s));
    return 0;
  }

  static int on_spike(const P& p, const V& v, S& s, Draws& draws) {
    int n = 1;
    if (p.dead_time == 0) n = several("pp_psc_delta", spikes_per_step(p, v, s), draws);
    else if (p.dead_time_random)
      s.t_ref_remaining = draws.gamma(double(p.dead_time_shape)) * p.dead_time / double(p.dead_time_shape);
    else s.t_ref_remaining = p.dead_time > v.h ? p.dead_time : v.h;
    if (p.with_reset) s.V_m = 0;
    return n;
  }
};

}  // namespace nl
