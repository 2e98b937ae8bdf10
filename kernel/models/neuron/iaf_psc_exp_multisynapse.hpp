#pragma once
#include <nest_lab/leaky_fields.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct iaf_psc_exp_multisynapse : HeldAfterSpike {
  static constexpr auto doc =
      "Leaky integrate-and-fire neuron with any number of receptor ports, each with an exponential current of its own.\n"
      "\n"
      "    dV_m/dt = -(V_m - E_L)/tau_m + (I_syn + I_e + I_stim)/C_m,   I_syn = sum over k of I_syn_k\n"
      "    dI_syn_k/dt = -I_syn_k/tau_syn_k;   I_syn_k jumps by the weight (pA) of each spike that arrives at port k.\n"
      "\n"
      "Port k is receptor_type k, counted from 1; tau_syn has one entry for each port. Weights of either sign may arrive at\n"
      "any port. Integrated exactly on the grid (Rotter & Diesmann 1999, doi:10.1007/s004220050570), also where tau_syn_k\n"
      "equals tau_m. Once there are connections to its ports, a node can be given more of them but not fewer.";

  struct P {
    double C_m = 250, tau_m = 10, t_ref = 2, E_L = -70, V_reset = -70, V_th = -55, I_e = 0;
  };
  struct S {
    double V_m = -70, I_syn = 0;
    double refractory = 0;  // steps left
  };
  struct V {
    double decay, per_current, steps;
  };
  struct Sum {
    double I = 0, change_of_V = 0;
  };

  struct Port {
    struct P {
      double tau_syn = 2;
    };
    struct S {
      double I_syn = 0;
    };
    struct V {
      double decay, to_V;
    };
    static constexpr std::size_t count = 1;
    static constexpr bool ports = true;
    static constexpr auto counts = "n_synapses";
    static constexpr auto params = table(
        field("tau_syn", &P::tau_syn, "ms", above(0), "Time constants of the synaptic currents, one for each port"));
    static constexpr auto recordables = table(recordable("I_syn_", &S::I_syn, "pA", "Synaptic current of one port"));

    NL_HD static V prepare(const iaf_psc_exp_multisynapse::P& neuron, const P& p, double h) {
      return {std::exp(-h / p.tau_syn), from_exponential(p.tau_syn, neuron.tau_m, neuron.C_m, h)};
    }
    NL_HD static void gather(const P&, const V& v, S& s, double weight, Sum& sum) {
      sum.change_of_V += s.I_syn * v.to_V;
      s.I_syn = s.I_syn * v.decay + weight;
      sum.I += s.I_syn;
    }
  };
  using parts = Parts<Port>;

  static constexpr auto params = std::tuple_cat(leaky_fields<P>(), threshold_fields<P>(),
                                                table(field("V_m", &S::V_m, "mV", any(), "Membrane potential")));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential"),
                                            recordable("I_syn", &S::I_syn, "pA", "Sum of the synaptic currents"));

  static constexpr int spike_channels = 0, current_channels = 1;
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) {
    if (p.V_reset < p.V_th) return {};
    return {"V_reset must be below V_th", "V_reset < V_th", "Lower V_reset or raise V_th.", p.V_reset, "mV"};
  }

  NL_HD static V prepare(const P& p, double h) {
    const Membrane m = membrane(p.tau_m, p.C_m, h);
    return {m.decay, m.constant, double(steps_up(p.t_ref, h))};
  }

  NL_HD static bool step(const P& p, const V& v, S& s, const Inputs<0, 1>& in, const Sum& sum) {
    const bool free = s.refractory == 0;
    const double integrated =
        v.decay * (s.V_m - p.E_L) + p.E_L + sum.change_of_V + (p.I_e + in.current[0]) * v.per_current;
    const double V_m = free ? integrated : s.V_m;
    s.I_syn = sum.I;
    s.V_m = V_m;
    s.refractory = std::max(s.refractory - 1, 0.0);
    return V_m >= p.V_th;
  }
};

}  // namespace nl
