#pragma once
#include <algorithm>

#include <nest_lab/precise.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct iaf_psc_exp_ps {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with exponential postsynaptic currents and precise spike times.\n"
      "\n"
      "    dV_m/dt = -(V_m - E_L)/tau_m + (I_syn_ex + I_syn_in + I_e + I_stim)/C_m,   dI_syn/dt = -I_syn/tau_syn\n"
      "\n"
      "As iaf_psc_exp, but integrated exactly from event to event, in continuous time (Morrison, Straube, Plesser & Diesmann 2007,\n"
      "doi:10.1162/neco.2007.19.1.47; Hanuschkin, Kunkel, Helias, Morrison & Diesmann 2010, doi:10.3389/fninf.2010.00113). Where\n"
      "V_m is at V_th or above at an event or at the end of a step, the spike is put where V_m crossed V_th, which is found to\n"
      "rounding; an excursion above V_th between two events goes unseen. V_m is then held at V_reset for t_ref, rounded up to steps.\n"
      "Set to V_th or above meanwhile, V_m fires at once, as it does in iaf_psc_exp, and is held anew.\n"
      "A t_ref that is set meanwhile holds from the next spike on; with a shorter one NEST 3.10 stays refractory for ever.";

  struct P {
    double C_m = 250, tau_m = 10, tau_syn_ex = 2, tau_syn_in = 2, t_ref = 2, E_L = -70, V_reset = -70, V_th = -55;
    double V_min = -inf;
    double I_e = 0;
  };
  struct S {
    double V_m = -70, I_syn_ex = 0, I_syn_in = 0;
    bool is_refractory = false;
    double steps = 0, offset = 0;  // until the step in which it ends; from its end to the end of that step
  };
  struct Propagator {
    double decay, per_current, decay_ex, decay_in, from_ex, from_in;
  };
  struct V {
    double h, steps, decay, per_current, decay_ex, decay_in, from_ex, from_in;
  };

  static constexpr auto params = std::tuple_cat(
      leaky_fields<P>(), precise_fields<P, S>(),
      table(field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Time constant of the excitatory current"),
            field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Time constant of the inhibitory current"),
            field("I_syn_ex", &S::I_syn_ex, "pA", any(), "Excitatory synaptic current"),
            field("I_syn_in", &S::I_syn_in, "pA", any(), "Inhibitory synaptic current")));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential"));

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr bool precise = true;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) {
    if (p.V_reset < p.V_min)
      return {"V_min must not be above V_reset", "V_min <= V_reset", "Lower V_min or raise V_reset.", p.V_min, "mV"};
    if (p.V_reset < p.V_th) return {};
    return {"V_reset must be below V_th", "V_reset < V_th", "Lower V_reset or raise V_th.", p.V_reset, "mV"};
  }

  static Propagator over(const P& p, double dt) {
    const Membrane m = membrane(p.tau_m, p.C_m, dt);
    return {m.decay,
            m.constant,
            std::exp(-dt / p.tau_syn_ex),
            std::exp(-dt / p.tau_syn_in),
            from_exponential(p.tau_syn_ex, p.tau_m, p.C_m, dt),
            from_exponential(p.tau_syn_in, p.tau_m, p.C_m, dt)};
  }
  static V prepare(const P& p, double h) {
    const Propagator x = over(p, h);
    return {h, double(steps_up(p.t_ref, h)), x.decay, x.per_current, x.decay_ex, x.decay_in, x.from_ex, x.from_in};
  }

  static double potential(const P& p, const Propagator& x, const S& s, double current) {
    return x.decay * (s.V_m - p.E_L) + p.E_L + s.I_syn_ex * x.from_ex + s.I_syn_in * x.from_in +
           (p.I_e + current) * x.per_current;
  }

  template <class In, class Emit>
  static void step(const P& p, const V& v, S& s, const In& in, std::span<const PreciseInput> inputs, Emit&& emit) {
    double left = v.h;  // time to the end of the step
    if (s.is_refractory) --s.steps;
    auto fire = [&](double offset) {
      emit(offset);
      s.V_m = p.V_reset;
      s.is_refractory = true;
      s.steps = v.steps;
      s.offset = offset;
    };
    if (s.is_refractory && s.V_m >= p.V_th) fire(left);  // it was set
    auto go = [&](double offset) {
      const double dt = left - offset;
      if (dt <= 0) return;
      const Propagator x =
          dt == v.h ? Propagator{v.decay, v.per_current, v.decay_ex, v.decay_in, v.from_ex, v.from_in} : over(p, dt);
      if (!s.is_refractory) {
        const double V_m = std::max(potential(p, x, s, in.current[0]), p.V_min);
        if (V_m >= p.V_th) {
          auto above = [&](double t) { return potential(p, over(p, t), s, in.current[0]) - p.V_th; };
          fire(left - (s.V_m >= p.V_th ? 0.0 : first_zero(above, dt)));
        } else {
          s.V_m = V_m;
        }
      }
      s.I_syn_ex *= x.decay_ex;
      s.I_syn_in *= x.decay_in;
      left = offset;
    };
    auto hear = [&](const PreciseInput& e) { (e.channel == 0 ? s.I_syn_ex : s.I_syn_in) += e.value; };
    const double ends = s.is_refractory && s.steps <= 0 ? s.offset : -1;
    through_step(inputs, ends, [&] { s.is_refractory = false; }, go, hear);
    s.I_syn_ex += in.spikes[0];
    s.I_syn_in += in.spikes[1];
  }
};

}  // namespace nl
