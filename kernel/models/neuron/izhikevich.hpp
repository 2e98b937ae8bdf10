#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct izhikevich {
  static constexpr auto doc =
      "Izhikevich's simple neuron: a quadratic potential and a recovery variable.\n"
      "\n"
      "    dV_m/dt = 0.04 V_m^2 + 5 V_m + 140 - U_m + I_e + I_stim\n"
      "    dU_m/dt = a (b V_m - U_m)\n"
      "\n"
      "Izhikevich 2003, doi:10.1109/TNN.2003.820440. When V_m reaches V_th it is set to c, and U_m grows by d. A spike that arrives\n"
      "raises V_m by its weight in mV. The step is Euler's; with consistent_integration off it is that of the publication: two\n"
      "half steps of V_m, to which the weights are then added as a current, and a step of U_m with the new V_m.";

  struct P {
    double a = 0.02, b = 0.2, c = -65, d = 8, I_e = 0, V_th = 30;
    double V_min = std::numeric_limits<double>::lowest();
    bool consistent_integration = true;
  };
  struct S {
    double V_m = -65, U_m = -13;
  };
  struct V {
    double h;
  };

  static constexpr auto params = table(
      field("a", &P::a, "1/ms", any(), "Rate of recovery"),
      field("b", &P::b, "", any(), "Sensitivity of recovery to V_m"),
      field("c", &P::c, "mV", any(), "Potential after a spike"),
      field("d", &P::d, "mV/ms", any(), "Recovery added by a spike"),
      field("I_e", &P::I_e, "pA", any(), "Constant input current"), field("V_th", &P::V_th, "mV", any(), "Threshold"),
      field("V_min", &P::V_min, "mV", any(), "Lower limit of V_m"),
      field("consistent_integration", &P::consistent_integration, "", any(),
            "Whether the step is Euler's, or that of the publication"),
      field("V_m", &S::V_m, "mV", any(), "Membrane potential"), field("U_m", &S::U_m, "mV/ms", any(), "Recovery"));
  static constexpr auto recordables =
      table(recordable("V_m", &S::V_m, "mV", "Membrane potential"), recordable("U_m", &S::U_m, "mV/ms", "Recovery"));

  static constexpr auto weight_unit = "mV";
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  NL_HD static V prepare(const P&, double h) { return {h}; }

  NL_HD static double slope(double V, double U, double I) { return 0.04 * V * V + 5 * V + 140 - U + I; }

  NL_HD static bool step(const P& p, const V& v, S& s, const Inputs<1, 1>& in) {
    const double I = in.current[0] + p.I_e, I_all = I + in.spikes[0], half = v.h / 2;
    const double euler = s.V_m + v.h * slope(s.V_m, s.U_m, I) + in.spikes[0];
    const double middle = s.V_m + half * slope(s.V_m, s.U_m, I_all);
    const double published = middle + half * slope(middle, s.U_m, I_all);
    const double free = p.consistent_integration ? euler : published;
    s.U_m += v.h * p.a * (p.b * (p.consistent_integration ? s.V_m : free) - s.U_m);
    const double V_m = free < p.V_min ? p.V_min : free;
    const bool spike = V_m >= p.V_th;
    s.V_m = spike ? p.c : V_m;
    s.U_m += spike ? p.d : 0.0;
    return spike;
  }
};

}  // namespace nl
