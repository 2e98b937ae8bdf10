#pragma once
#include <algorithm>

#include <nest_lab/precise.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct iaf_psc_delta_ps {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with delta-shaped postsynaptic currents and precise spike times.\n"
      "\n"
      "    dV_m/dt = -(V_m - E_L)/tau_m + (I_e + I_stim)/C_m,   V_m jumps by the weight (mV) of each arriving spike.\n"
      "\n"
      "As iaf_psc_delta, but integrated exactly from event to event, in continuous time (Morrison, Straube, Plesser & Diesmann\n"
      "2007, doi:10.1162/neco.2007.19.1.47). V_m crosses V_th between events at a time that has a closed form, or at an event. It\n"
      "is then held at V_reset for t_ref, rounded up to steps. Spikes that arrive meanwhile are lost unless refractory_input is\n"
      "set: then each is kept, decayed as the membrane would have decayed it, until t_ref is over. (The\n"
      "reference simulator shows refractory_input but refuses to set it.) V_min must not lie above V_reset. A t_ref that is set\n"
      "while the neuron is refractory holds from the next spike on; with a shorter one NEST 3.10 stays refractory for ever. Set to\n"
      "V_th or above meanwhile, V_m fires at once, as it does in iaf_psc_delta, and is held anew.";

  struct P {
    double C_m = 250, tau_m = 10, t_ref = 2, E_L = -70, V_reset = -70, V_th = -55;
    double V_min = std::numeric_limits<double>::lowest();
    double I_e = 0;
    bool refractory_input = false;
  };
  struct S {
    double V_m = -70;
    bool is_refractory = false;
    double steps = 0, offset = 0;  // until the step in which it ends; from its end to the end of that step
    double waiting = 0;            // mV that arrived while refractory
  };
  struct V {
    double h, steps;
  };

  static constexpr auto params = std::tuple_cat(leaky_fields<P>(), precise_fields<P, S>(),
                                                table(field("refractory_input", &P::refractory_input, "", any(),
                                                            "Whether spikes that arrive while refractory count")));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential"));

  static constexpr auto weight_unit = "mV";
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr bool precise = true;
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) {
    if (p.V_reset < p.V_min)
      return {"V_min must not be above V_reset", "V_min <= V_reset", "Lower V_min or raise V_reset.", p.V_min, "mV"};
    if (p.V_reset < p.V_th) return {};
    return {"V_reset must be below V_th", "V_reset < V_th", "Lower V_reset or raise V_th.", p.V_reset, "mV"};
  }

  static V prepare(const P& p, double h) { return {h, double(steps_up(p.t_ref, h))}; }

  template <class In, class Emit>
  static void step(const P& p, const V& v, S& s, const In& in, std::span<const PreciseInput> inputs, Emit&& emit) {
    double left = v.h;                                                      // time to the end of the step
    const double rest = p.E_L + (p.I_e + in.current[0]) * p.tau_m / p.C_m;  // where V_m goes
    if (s.is_refractory) --s.steps;
    auto fire = [&](double offset) {
      emit(offset);
      s.V_m = p.V_reset;
      s.is_refractory = true;
      s.steps = v.steps;
      s.offset = offset;
    };
    if (s.is_refractory && s.V_m >= p.V_th) {                                       // it was set
      s.waiting *= std::exp(((s.steps + 1 - v.steps) * v.h - s.offset) / p.tau_m);  // for longer
      fire(left);
    }
    auto go = [&](double offset) {
      const double dt = left - offset, before = s.V_m;
      if (!s.is_refractory && dt > 0) {
        s.V_m = std::max(before - std::expm1(-dt / p.tau_m) * (rest - before), p.V_min);
        if (s.V_m >= p.V_th)
          fire(left -
               (before >= p.V_th ? 0.0 : std::min(dt, p.tau_m * std::log1p((p.V_th - before) / (rest - p.V_th)))));
      }
      left = offset;
    };
    auto jump = [&](double by, double offset) {
      s.V_m = std::max(s.V_m + by, p.V_min);
      if (s.V_m >= p.V_th) fire(offset);
    };
    auto hear = [&](const PreciseInput& e) {
      if (!s.is_refractory) jump(e.value, e.offset);
      else if (p.refractory_input) s.waiting += e.value * std::exp(-(s.steps * v.h + e.offset - s.offset) / p.tau_m);
    };
    auto ends = [&] {
      s.is_refractory = false;
      const double waiting = s.waiting;
      s.waiting = 0;
      if (p.refractory_input) jump(waiting, left);
    };
    through_step(inputs, s.is_refractory && s.steps <= 0 ? s.offset : -1, ends, go, hear);
    if (in.spikes[0] != 0) hear({0, 0, 0.0, in.spikes[0]});
  }
};

}  // namespace nl
