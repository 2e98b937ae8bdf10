#pragma once
#include <nest_lab/leaky_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct iaf_psc_delta : HeldAfterSpike {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with delta-shaped postsynaptic currents.\n"
      "\n"
      "    dV_m/dt = -(V_m - E_L)/tau_m + (I_e + I_stim)/C_m,   V_m jumps by the weight (mV) of each arriving spike.\n"
      "\n"
      "The solution is exact on the grid (Rotter & Diesmann 1999, doi:10.1007/s004220050570). A spike is emitted when\n"
      "V_m reaches V_th at the end of a step; V_m is then held at V_reset for t_ref. Spikes that arrive meanwhile are lost\n"
      "unless refractory_input is set: then each is kept, decayed as the membrane would have decayed it, until t_ref is over.";

  struct P {
    double C_m = 250, tau_m = 10, t_ref = 2, E_L = -70, V_reset = -70, V_th = -55;
    double V_min = std::numeric_limits<double>::lowest();
    double I_e = 0;
    bool refractory_input = false;
  };
  struct S {
    double V_m = -70;
    double waiting = 0;    // mV that arrived while refractory
    float refractory = 0;  // steps left
  };
  struct V {
    double decay, per_current, steps, h_over_tau;
  };

  static constexpr auto params = std::tuple_cat(leaky_fields<P>(), threshold_fields<P>(),
                                                table(field("V_min", &P::V_min, "mV", any(), "Lower limit of V_m"),
                                                      field("refractory_input", &P::refractory_input, "", any(),
                                                            "Whether spikes that arrive while refractory count"),
                                                      field("V_m", &S::V_m, "mV", any(), "Membrane potential")));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential"));

  static constexpr auto weight_unit = "mV";
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) {
    if (p.V_reset < p.V_th) return {};
    return {"V_reset must be below V_th", "V_reset < V_th", "Lower V_reset or raise V_th.", p.V_reset, "mV"};
  }

  NL_HD static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay, m.constant, double(steps_up(p.t_ref, h)), h / p.tau_m};
  }

  static bool rare(const P& p) { return p.refractory_input; }

  template <class In>
  NL_HD static bool step(const P& p, const V& v, S& s, const In& in) {
    const bool free = s.refractory == 0;
    const double integrated = v.per_current * (in.current[0] + p.I_e) + v.decay * (s.V_m - p.E_L) + p.E_L +
                              in.spikes[0] + (p.refractory_input ? s.waiting : 0.0);
    const double limited = integrated < p.V_min ? p.V_min : integrated;
    const double V_m = free ? limited : s.V_m;
    if constexpr (In::rare)
      if (p.refractory_input) s.waiting = free ? 0.0 : s.waiting + in.spikes[0] * vexp(-s.refractory * v.h_over_tau);
    s.V_m = V_m;
    s.refractory = std::max(s.refractory - 1, 0.0f);
    return V_m >= p.V_th;
  }

  // ignore_and_spike: no threshold, and spikes that come from a clock.
  static void silence(P& p) { p.V_th = inf; }
};

}  // namespace nl
