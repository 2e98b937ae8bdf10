#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct tanh_rate_opn {
  static constexpr auto doc =
      "Rate neuron with the hyperbolic tangent as its gain and noise at its output.\n"
      "\n"
      "    tau dX/dt = -X + mu + f(input),   f(x) = tanh(g (x - theta));   the others see X + sqrt(tau/h) sigma N(0, 1)\n"
      "\n"
      "with h the resolution: white noise that is constant for a step. The input is the sum of weight * rate over the connections;\n"
      "with linear_summation off, f acts on each rate before it is weighted, and the sums of excitation and inhibition stay as they\n"
      "are. mult_coupling has no effect on this gain.\n"
      "\n"
      "Integrated by the exponential Euler method (Hahne et al. 2017, doi:10.3389/fninf.2017.00034). mean and std are other names\n"
      "of mu and sigma.";

  struct P {
    double tau = 10, sigma = 1, mu = 0, g = 1, theta = 0;
    bool linear_summation = true, mult_coupling = false;
  };
  struct S {
    double rate = 0, noise = 0, noisy_rate = 0;
  };
  struct V {
    double decay, per_input, per_noise;
  };

  static constexpr auto params = table(
      field("tau", &P::tau, "ms", above(0), "Time constant"),
      field("sigma", &P::sigma, "", at_least(0), "Strength of the noise"),
      field("std", &P::sigma, "", at_least(0), "Another name of sigma"),
      field("mu", &P::mu, "", any(), "Mean of the drive"), field("mean", &P::mu, "", any(), "Another name of mu"),
      field("linear_summation", &P::linear_summation, "", any(),
            "Whether the gain acts on the sum of the input or on each part"),
      field("mult_coupling", &P::mult_coupling, "", any(), "No effect with this gain"),
      field("g", &P::g, "", any(), "Steepness of the gain"),
      field("theta", &P::theta, "", any(), "Input at which the gain is zero"),
      field("rate", &S::rate, "", any(), "Rate without the noise"),
      Field<S, double>{"noise", &S::noise, "", any(), "Noise of the last step", "readonly"},
      Field<S, double>{"noisy_rate", &S::noisy_rate, "", any(), "What the others saw in the last step", "readonly"});
  static constexpr auto recordables =
      table(recordable("rate", &S::rate, "", "Rate without the noise"),
            recordable("noise", &S::noise, "", "Noise of the last step"),
            recordable("noisy_rate", &S::noisy_rate, "", "What the others saw in the last step"));

  static constexpr bool spiking = false, iterates = true;
  static constexpr int spike_channels = 0, current_channels = 0;
  static constexpr int spike_channel(int, bool) { return refused; }
  static constexpr int current_channel(int) { return refused; }

  static constexpr auto emits = "rate", takes = "rate";
  static constexpr int emitted = 1, ports = 2, coupled = 2;
  static constexpr int port(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static bool noisy(const P& p) { return p.sigma > 0; }
  static bool shapes(const P& p) { return !p.linear_summation; }
  static double shape(const P& p, double rate) { return vtanh(p.g * (rate - p.theta)); }
  template <class In>
  static void emit(const P& p, const V& v, S& s, const In& in, double* out) {
    out[0] = s.rate + v.per_noise * p.sigma * in.normal;
  }

  NL_HD static V prepare(const P& p, double h) {
    return {std::exp(-h / p.tau), -std::expm1(-h / p.tau), std::sqrt(p.tau / h)};
  }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    s.noise = p.sigma * in.normal;
    s.noisy_rate = s.rate + v.per_noise * s.noise;
    const double sum = in.coupled[0] + in.coupled[1];
    const double input = p.linear_summation ? vtanh(p.g * (sum - p.theta)) : sum;
    s.rate = v.decay * s.rate + v.per_input * (p.mu + input);
    return false;
  }
};

}  // namespace nl
