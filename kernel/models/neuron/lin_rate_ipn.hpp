#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct lin_rate_ipn {
  static constexpr auto doc =
      "Rate neuron with linear gain and noise at its input.\n"
      "\n"
      "    tau dX/dt = -lambda X + mu + f(input) + sqrt(tau) sigma xi(t),   f(x) = g x\n"
      "\n"
      "with Gaussian white noise xi. The input is the sum of weight * rate over the connections; with linear_summation off, f acts\n"
      "on each rate before it is weighted. With mult_coupling excitation (weights of 0 and more) is multiplied by\n"
      "g_ex (theta_ex - X) and inhibition by g_in (theta_in + X). With rectify_output X does not fall below rectify_rate.\n"
      "\n"
      "Integrated by the exponential Euler method; its noise is exact for the Ornstein-Uhlenbeck process without input (Hahne et\n"
      "al. 2017, doi:10.3389/fninf.2017.00034). mean and std are other names of mu and sigma.";

  struct P {
    double tau = 10, lambda = 1, sigma = 1, mu = 0, rectify_rate = 0;
    double g = 1, g_ex = 1, g_in = 1, theta_ex = 0, theta_in = 0;
    bool rectify_output = false, linear_summation = true, mult_coupling = false;
  };
  struct S {
    double rate = 0, noise = 0;
  };
  struct V {
    double decay, per_input, per_noise;
  };

  static constexpr auto params = table(
      field("tau", &P::tau, "ms", above(0), "Time constant"),
      field("lambda", &P::lambda, "", at_least(0), "Rate of passive decay"),
      field("sigma", &P::sigma, "", at_least(0), "Strength of the noise"),
      field("std", &P::sigma, "", at_least(0), "Another name of sigma"),
      field("mu", &P::mu, "", any(), "Mean of the drive"), field("mean", &P::mu, "", any(), "Another name of mu"),
      field("rectify_rate", &P::rectify_rate, "", at_least(0), "Lower limit of the rate, if there is one"),
      field("rectify_output", &P::rectify_output, "", any(), "Whether the rate has a lower limit"),
      field("linear_summation", &P::linear_summation, "", any(),
            "Whether the gain acts on the sum of the input or on each part"),
      field("mult_coupling", &P::mult_coupling, "", any(), "Whether input is multiplied by a function of the rate"),
      field("g", &P::g, "", any(), "Gain"), field("g_ex", &P::g_ex, "", any(), "Factor of excitation"),
      field("g_in", &P::g_in, "", any(), "Factor of inhibition"),
      field("theta_ex", &P::theta_ex, "", any(), "Rate at which excitation has no effect"),
      field("theta_in", &P::theta_in, "", any(), "Negative rate at which inhibition has no effect"),
      field("rate", &S::rate, "", any(), "Rate"),
      Field<S, double>{"noise", &S::noise, "", any(), "Noise of the last step", "readonly"});
  static constexpr auto recordables =
      table(recordable("rate", &S::rate, "", "Rate"), recordable("noise", &S::noise, "", "Noise of the last step"));

  static constexpr bool spiking = false, iterates = true;
  static constexpr int spike_channels = 0, current_channels = 0;
  static constexpr int spike_channel(int, bool) { return refused; }
  static constexpr int current_channel(int) { return refused; }

  static constexpr auto emits = "rate", takes = "rate";
  static constexpr int emitted = 1, ports = 2, coupled = 2;
  static constexpr int port(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static bool noisy(const P& p) { return p.sigma > 0; }
  static bool shapes(const P& p) { return !p.linear_summation; }
  static double shape(const P& p, double rate) { return p.g * rate; }
  template <class In>
  static void emit(const P&, const V&, S& s, const In&, double* out) {
    out[0] = s.rate;
  }

  NL_HD static V prepare(const P& p, double h) {
    const double x = h / p.tau;
    if (p.lambda == 0) return {1, x, std::sqrt(x)};
    return {std::exp(-p.lambda * x), -std::expm1(-p.lambda * x) / p.lambda,
            std::sqrt(-std::expm1(-2 * p.lambda * x) / (2 * p.lambda))};
  }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    const double gain = p.linear_summation ? p.g : 1.0;
    const double ex = p.mult_coupling ? p.g_ex * (p.theta_ex - s.rate) : 1.0;
    const double inh = p.mult_coupling ? p.g_in * (p.theta_in + s.rate) : 1.0;
    s.noise = p.sigma * in.normal;
    const double input = ex * gain * in.coupled[0] + inh * gain * in.coupled[1];
    const double rate = v.decay * s.rate + v.per_input * (p.mu + input) + v.per_noise * s.noise;
    s.rate = p.rectify_output && rate < p.rectify_rate ? p.rectify_rate : rate;
    return false;
  }
};

}  // namespace nl
