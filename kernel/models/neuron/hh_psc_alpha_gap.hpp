#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct hh_psc_alpha_gap {
  static constexpr auto doc =
      "Hodgkin-Huxley neuron with gap junctions and alpha-shaped postsynaptic currents.\n"
      "\n"
      "    C_m dV_m/dt = -g_L (V_m - E_L) - g_Na m^3 h (V_m - E_Na) - (g_Kv1 n^4 + g_Kv3 p^2) (V_m - E_K)\n"
      "                  + I_syn_ex + I_syn_in + I_e + I_stim + sum of g_j (V_j - V_m)\n"
      "    dx/dt = alpha_x(V_m) (1 - x) - beta_x(V_m) x   for x = m, h, n, p: Act_m, Inact_h, Act_n, Inact_p\n"
      "\n"
      "Fast-spiking interneuron of Mancilla et al. 2007, doi:10.1523/JNEUROSCI.2715-06.2007, with two potassium currents; the\n"
      "potentials V_j come through gap_junctions of weight g_j in nS. A spike of weight w makes a current that peaks with w pA\n"
      "after tau_syn_X. A spike is emitted at the first grid point after a maximum of V_m above 0 mV, at most one in t_ref.\n"
      "\n"
      "Within a step each neuron sees polynomials of its neighbours' potentials, and the step is repeated until these change by less\n"
      "than wfr_tol (Hahne et al. 2015, doi:10.3389/fninf.2015.00022). Solved to 1e-6 in each step.";

  struct P {
    double t_ref = 2, g_Na = 4500, g_Kv1 = 9, g_Kv3 = 9000, g_L = 10, C_m = 40, E_Na = 74, E_K = -90, E_L = -70;
    double tau_syn_ex = 0.2, tau_syn_in = 2, I_e = 0;
  };
  struct S {
    double V_m = -69.60401191631222, Act_m = 0.019198766985083732, Inact_h = 0.868462041294399,
           Act_n = 0.0005741576228359767, Inact_p = 0.0002511318227150632;
    double dI_ex = 0, I_syn_ex = 0, dI_in = 0, I_syn_in = 0;
    double phase = 0;                                      // of the step, from 0 to 1
    double g_gap = 0, in0 = 0, in1 = 0, in2 = 0, in3 = 0;  // sum of g_j, and of g_j times the polynomials of V_j
    double c1 = 0, c2 = 0, c3 = 0;                         // own polynomial of the last step, without the constant term
    double refractory = 0;                                 // steps left
  };
  struct V {
    double rate_ex, rate_in, jump_ex, jump_in, per_step, step, steps;
  };

  static constexpr auto params =
      table(field("t_ref", &P::t_ref, "ms", at_least(0), "Least time between two spikes"),
            field("g_Na", &P::g_Na, "nS", at_least(0), "Conductance of the sodium channels"),
            field("g_Kv1", &P::g_Kv1, "nS", at_least(0), "Conductance of the Kv1 potassium channels"),
            field("g_Kv3", &P::g_Kv3, "nS", at_least(0), "Conductance of the Kv3 potassium channels"),
            field("g_L", &P::g_L, "nS", at_least(0), "Leak conductance"),
            field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
            field("E_Na", &P::E_Na, "mV", any(), "Reversal potential of sodium"),
            field("E_K", &P::E_K, "mV", any(), "Reversal potential of potassium"),
            field("E_L", &P::E_L, "mV", any(), "Leak reversal potential"),
            field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Rise time of the excitatory current"),
            field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Rise time of the inhibitory current"),
            field("I_e", &P::I_e, "pA", any(), "Constant input current"),
            field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
            field("Act_m", &S::Act_m, "", at_least(0), "Activation of sodium"),
            field("Inact_h", &S::Inact_h, "", at_least(0), "Inactivation of sodium"),
            field("Act_n", &S::Act_n, "", at_least(0), "Activation of Kv1"),
            field("Inact_p", &S::Inact_p, "", at_least(0), "Activation of Kv3"));
  static constexpr auto recordables = table(recordable("V_m", &S::V_m, "mV", "Membrane potential"),
                                            recordable("I_syn_ex", &S::I_syn_ex, "pA", "Excitatory synaptic current"),
                                            recordable("I_syn_in", &S::I_syn_in, "pA", "Inhibitory synaptic current"),
                                            recordable("Act_m", &S::Act_m, "", "Activation of sodium"),
                                            recordable("Inact_h", &S::Inact_h, "", "Inactivation of sodium"),
                                            recordable("Act_n", &S::Act_n, "", "Activation of Kv1"),
                                            recordable("Inact_p", &S::Inact_p, "", "Activation of Kv3"));
  static constexpr auto limits = table(limit("V_m", &S::V_m, "mV", -1e4, 1e4));
  static constexpr const char* remedies[] = {"C_m", "g_Na", "g_Kv1", "g_Kv3", "g_L", "I_e"};

  static constexpr bool iterates = true;
  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  // The signal: 1, and the polynomial of V_m over the step; so that sums of conductances come with those of the potentials.
  static constexpr auto emits = "membrane potential", takes = "membrane potential";
  static constexpr int emitted = 5, ports = 1, coupled = 5;
  static constexpr int port(int receptor, bool) { return receptor == 0 ? 0 : refused; }

  template <class In>
  static void arrive(S& s, const In& in) {
    s.phase = 0;
    s.g_gap = in.coupled[0];
    s.in0 = in.coupled[1];
    s.in1 = in.coupled[2];
    s.in2 = in.coupled[3];
    s.in3 = in.coupled[4];
  }

  // As a first guess the course of the last step goes on.
  template <class In>
  static void emit(const P&, const V&, S& s, const In& in, double* out) {
    const bool moves = in.order > 0;
    out[0] = 1;
    out[1] = s.V_m;
    out[2] = moves ? s.c1 + 2 * s.c2 + 3 * s.c3 : 0.0;
    out[3] = moves ? s.c2 + 3 * s.c3 : 0.0;
    out[4] = moves ? s.c3 : 0.0;
  }

  template <class In>
  static void reemit(const P& p, const V& v, const S& before, S& s, const In& in, double* out) {
    const double rise = s.V_m - before.V_m;
    out[0] = 1;
    out[1] = before.V_m;
    s.c1 = in.order == 1 ? rise : 0.0;
    s.c2 = s.c3 = 0;
    if (in.order == 3) {  // Hermite's polynomial: potentials and slopes at both ends
      S start = s, slope;
      members_of_start(start, before);
      derivatives(p, v, in, start, slope);
      const double first = slope.V_m * v.step;
      derivatives(p, v, in, s, slope);
      const double last = slope.V_m * v.step;
      s.c1 = first;
      s.c2 = 3 * rise - 2 * first - last;
      s.c3 = first + last - 2 * rise;
    }
    out[2] = s.c1;
    out[3] = s.c2;
    out[4] = s.c3;
  }
  static double course_end(const double* polynomial) {
    return polynomial[1] + polynomial[2] + polynomial[3] + polynomial[4];
  }

  NL_HD static V prepare(const P& p, double h) {
    constexpr double e = 2.71828182845904523536;
    const double rate_ex = 1 / p.tau_syn_ex, rate_in = 1 / p.tau_syn_in;
    return {rate_ex, rate_in, e * rate_ex, e * rate_in, 1 / h, h, double(steps_up(p.t_ref, h))};
  }

  static constexpr int equations = 5;  // V_m, Act_m, Inact_h, Act_n, Inact_p
  NL_HD static double tolerance(const P&) { return 1e-6; }

  template <class In>
  NL_HD static void derivatives(const P& p, const V&, const In& in, const S& s, S& ds) {
    const double U = s.V_m, m = s.Act_m, h = s.Inact_h, n = s.Act_n, q = s.Inact_p;
    const double alpha_m = 40 * 13.5 * x_over_expm1((75.5 - U) / 13.5), beta_m = 1.2262 * vexp_any(-U / 42.248);
    const double alpha_h = 0.0035 * vexp_any(-U / 24.186), beta_h = 0.017 * 5.2 * x_over_expm1(-(U + 51.25) / 5.2);
    const double alpha_n = 0.014 * 2.3 * x_over_expm1(-(U + 44) / 2.3), beta_n = 0.0043 * vexp_any(-(U + 44) / 34);
    const double alpha_p = 11.8 * x_over_expm1((95 - U) / 11.8), beta_p = 0.025 * vexp_any(-U / 22.222);
    const double sodium = p.g_Na * m * m * m * h * (U - p.E_Na);
    const double potassium = (p.g_Kv1 * n * n * n * n + p.g_Kv3 * q * q) * (U - p.E_K);
    const double gaps = s.in0 + s.phase * (s.in1 + s.phase * (s.in2 + s.phase * s.in3)) - s.g_gap * U;
    ds.V_m =
        (-p.g_L * (U - p.E_L) - sodium - potassium + s.I_syn_ex + s.I_syn_in + p.I_e + in.current[0] + gaps) / p.C_m;
    ds.Act_m = alpha_m * (1 - m) - beta_m * m;
    ds.Inact_h = alpha_h * (1 - h) - beta_h * h;
    ds.Act_n = alpha_n * (1 - n) - beta_n * n;
    ds.Inact_p = alpha_p * (1 - q) - beta_p * q;
  }

  struct Course : Decay {
    double phase;
  };
  NL_HD static Course decay(const P&, const V& v, double t) { return {{t, v.rate_ex, v.rate_in}, t * v.per_step}; }
  NL_HD static void course(const P&, const Course& d, S& s) {
    rise_and_decay(s.I_syn_ex, s.dI_ex, d.ex, d.t);
    rise_and_decay(s.I_syn_in, s.dI_in, d.in, d.t);
    s.phase = d.phase;
  }

  template <class In>
  NL_HD static bool finish(const P&, const V& v, const S& before, S& s, const In& in) {
    const bool free = s.refractory == 0;
    const bool spike = free && s.V_m >= 0 && before.V_m > s.V_m;
    s.refractory = spike ? v.steps : free ? 0.0 : s.refractory - 1;
    s.dI_ex += in.spikes[0] * v.jump_ex;
    s.dI_in += in.spikes[1] * v.jump_in;
    return spike;
  }

 private:
  // The beginning of the step, seen with the potentials of the others that it was made with.
  static void members_of_start(S& start, const S& before) {
    const S made = start;
    start = before;
    start.phase = 0;
    start.g_gap = made.g_gap;
    start.in0 = made.in0;
    start.in1 = made.in1;
    start.in2 = made.in2;
    start.in3 = made.in3;
  }
};

}  // namespace nl
