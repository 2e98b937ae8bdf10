#pragma once
#include <nest_lab/neuron.hpp>
#include <nest_lab/special.hpp>

namespace nl {

struct siegert_neuron {
  static constexpr auto doc =
      "Mean rate of a population of leaky integrate-and-fire neurons: one node stands for all of them.\n"
      "\n"
      "    tau dr/dt = -r + mean + Phi(mu, sigma^2)\n"
      "    1/Phi = t_ref + tau_m sqrt(pi) integral of exp(u^2) (1 + erf(u)) du from y_r to y_th\n"
      "    y_th = (theta - mu)/sigma + q/2,   y_r = (V_reset - mu)/sigma + q/2,   q = sqrt(2) |zeta(1/2)| sqrt(tau_syn/tau_m)\n"
      "\n"
      "where drift mu (mV) and diffusion sigma^2 (mV^2) are what diffusion_connections bring (Siegert 1951,\n"
      "doi:10.1103/PhysRev.81.617; q for synaptic currents with a short time constant: Fourcaud & Brunel 2002,\n"
      "doi:10.1162/089976602320264015; as a dynamical system: Hahne et al. 2017, doi:10.3389/fninf.2017.00034).\n"
      "\n"
      "Integrated by the exponential Euler method. Without diffusion (or with a negative one, which no input has) Phi is the rate of\n"
      "a neuron with constant input, where the reference simulator ends the process; far below threshold Phi is tiny where the\n"
      "reference has 0.";

  struct P {
    double tau = 1, tau_m = 5, tau_syn = 0, t_ref = 2, mean = 0, theta = 15, V_reset = 0;
  };
  struct S {
    double rate = 0;
  };
  struct V {
    double decay, per_input, shift;
  };

  static constexpr auto params =
      table(field("tau", &P::tau, "ms", above(0), "Time constant of the population"),
            field("tau_m", &P::tau_m, "ms", above(0), "Time constant of the membrane"),
            field("tau_syn", &P::tau_syn, "ms", at_least(0), "Time constant of synaptic currents"),
            field("t_ref", &P::t_ref, "ms", at_least(0), "Refractory time"),
            field("mean", &P::mean, "1/s", any(), "Constant part of the rate"),
            field("theta", &P::theta, "mV", any(), "Threshold relative to rest"),
            field("V_reset", &P::V_reset, "mV", any(), "Potential after a spike, relative to rest; below theta"),
            field("rate", &S::rate, "1/s", any(), "Rate"));
  static constexpr auto recordables = table(recordable("rate", &S::rate, "1/s", "Rate"));

  static constexpr bool spiking = false, iterates = true;
  static constexpr int spike_channels = 0, current_channels = 0;
  static constexpr int spike_channel(int, bool) { return refused; }
  static constexpr int current_channel(int) { return refused; }

  static constexpr auto emits = "rate of a population", takes = "rate of a population";
  static constexpr int emitted = 1, ports = 1, coupled = 2;  // drift and diffusion
  static constexpr int port(int receptor, bool) { return receptor == 0 || receptor == 1 ? 0 : refused; }
  template <class In>
  static void emit(const P&, const V&, S& s, const In&, double* out) {
    out[0] = s.rate;
  }

  static Complaint check(const P& p) {
    if (p.V_reset < p.theta) return {};
    return {"V_reset must be below theta", "V_reset < theta", "Lower V_reset or raise theta.", p.V_reset, "mV"};
  }

  static V prepare(const P& p, double h) {
    constexpr double zeta = 1.46035450880958681289;  // |zeta(1/2)|
    return {std::exp(-h / p.tau), -std::expm1(-h / p.tau), zeta * std::sqrt(p.tau_syn / p.tau_m / 2)};
  }

  // spikes/s
  static double gain(const P& p, const V& v, double drift, double diffusion) {
    constexpr double log_root_pi = 0.57236494292470008707;
    if (diffusion <= 0) {
      if (drift <= p.theta) return 0;
      return 1e3 / (p.t_ref + p.tau_m * std::log((drift - p.V_reset) / (drift - p.theta)));
    }
    const double sigma = std::sqrt(diffusion);
    const double from = (p.V_reset - drift) / sigma + v.shift, to = (p.theta - drift) / sigma + v.shift;
    const double waiting = log_root_pi + log_passage_integral(from, to);
    return waiting > 700 ? 0 : 1e3 / (p.t_ref + p.tau_m * std::exp(waiting));
  }

  template <class In>
  static bool step(const P& p, const V& v, S& s, const In& in) {
    s.rate = v.decay * s.rate + v.per_input * (p.mean + gain(p, v, in.coupled[0], in.coupled[1]));
    return false;
  }
};

}  // namespace nl
