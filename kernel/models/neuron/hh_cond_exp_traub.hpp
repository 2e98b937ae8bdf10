#pragma once
#include <nest_lab/conductance_fields.hpp>
#include <nest_lab/neuron.hpp>

namespace nl {

struct hh_cond_exp_traub {
  static constexpr auto doc =
      "Hodgkin-Huxley neuron of Traub and Miles, with synaptic conductances that decay exponentially.\n"
      "\n"
      "    C_m dV_m/dt = -g_Na m^3 h (V_m - E_Na) - g_K n^4 (V_m - E_K) - g_L (V_m - E_L)\n"
      "                  - g_ex (V_m - E_ex) - g_in (V_m - E_in) + I_e + I_stim\n"
      "    dx/dt = alpha_x (1 - x) - beta_x x   for the gates m (Act_m), h (Inact_h) and n (Act_n)\n"
      "    dg_X/dt = -g_X/tau_syn_X;   g_ex (g_in) jumps by the size of each positive (negative) weight in nS.\n"
      "\n"
      "    alpha_n = 0.032 (15 - V)/(exp((15 - V)/5) - 1)    beta_n = 0.5 exp((10 - V)/40)    with V = V_m - V_T\n"
      "    alpha_m = 0.32 (13 - V)/(exp((13 - V)/4) - 1)     beta_m = 0.28 (V - 40)/(exp((V - 40)/5) - 1)\n"
      "    alpha_h = 0.128 exp((17 - V)/18)                  beta_h = 4/(1 + exp((40 - V)/5))\n"
      "\n"
      "Rates of Traub & Miles 1991, doi:10.1017/CBO9780511895401; the neuron of the COBAHH benchmark of\n"
      "Brette et al. 2007, doi:10.1007/s10827-007-0038-6. A spike is emitted in the step after a maximum of V_m above V_T + 30 mV,\n"
      "and no other within t_ref. Gates that are not given begin at their steady state at V_m - V_T = -60 mV, as in the reference\n"
      "simulator. Solved with an error of 3e-5 in each step, in mV and nS.";

  struct P {
    double C_m = 200, g_Na = 20000, g_K = 6000, g_L = 10, E_Na = 50, E_K = -90, E_L = -60, V_T = -63, t_ref = 2;
    double E_ex = 0, E_in = -80, tau_syn_ex = 5, tau_syn_in = 10, I_e = 0;
  };
  struct S {
    double V_m = -60;
    double Act_m = 9.895563096746586e-09, Inact_h = 0.999999999106396, Act_n = 2.551577051602551e-07;
    double g_ex = 0, g_in = 0;
    double refractory = 0;  // steps left
  };
  struct V {
    double steps, per_capacitance, rate_ex, rate_in;
    double to_grid;  // takes V_m to the grid of V_m - V_T
  };
  static constexpr double grid = 0x1.8p30;  // added to and taken from a number, it leaves multiples of 2.4e-7 (2^-22)

  static constexpr auto params = std::tuple_cat(
      membrane_fields<P>(), synapse_fields<P>(),
      table(field("g_Na", &P::g_Na, "nS", any(), "Largest sodium conductance"),
            field("g_K", &P::g_K, "nS", any(), "Largest potassium conductance"),
            field("E_Na", &P::E_Na, "mV", any(), "Sodium reversal potential"),
            field("E_K", &P::E_K, "mV", any(), "Potassium reversal potential"),
            field("V_T", &P::V_T, "mV", any(), "Shifts the rates of the gates, and with them the threshold"),
            field("t_ref", &P::t_ref, "ms", at_least(0), "Time after a spike without another one"),
            field("V_m", &S::V_m, "mV", any(), "Membrane potential"),
            field("Act_m", &S::Act_m, "", at_least(0), "Activation of sodium"),
            field("Inact_h", &S::Inact_h, "", at_least(0), "Inactivation of sodium, 1 if there is none"),
            field("Act_n", &S::Act_n, "", at_least(0), "Activation of potassium")));
  static constexpr auto recordables =
      std::tuple_cat(table(recordable("V_m", &S::V_m, "mV", "Membrane potential"),
                           recordable("Act_m", &S::Act_m, "", "Activation of sodium"),
                           recordable("Inact_h", &S::Inact_h, "", "Inactivation of sodium, 1 if there is none"),
                           recordable("Act_n", &S::Act_n, "", "Activation of potassium")),
                     conductance_recordables<S>());
  static constexpr auto limits = std::tuple_cat(table(limit("V_m", &S::V_m, "mV"), limit("Act_m", &S::Act_m, ""),
                                                      limit("Inact_h", &S::Inact_h, ""), limit("Act_n", &S::Act_n, "")),
                                                conductance_limits<S>());
  static constexpr const char* remedies[] = {"C_m", "g_Na", "g_K", "g_L", "tau_syn_ex", "tau_syn_in", "I_e"};

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  NL_HD static V prepare(const P& p, double h) {
    return {double(steps_up(p.t_ref, h)), 1 / p.C_m, 1 / p.tau_syn_ex, 1 / p.tau_syn_in, grid - p.V_T};
  }

  static constexpr int equations = 6;  // V_m, Act_m, Inact_h, Act_n, g_ex, g_in
  NL_HD static double tolerance(const P&) { return 3e-5; }

  struct Rates {
    double alpha_m, beta_m, alpha_h, beta_h, alpha_n, beta_n;
  };

  // All exponentials are powers of exp((10 - V)/2880), for which a short series does (to 1e-8 within 150 mV, 3e-5 at 600 mV, where
  // they stop to grow). V is taken to the middle of its 2.4e-7 mV, so that it is never 13, 15 or 40, where a rate would be 0/0.
  NL_HD static Rates rates(double V_m, double to_grid) {
    constexpr double middle = 0x1p-23;
    const double V = (V_m + to_grid) - grid;
    const double u = (10 - middle - V) * (1 / 2880.), low = u < -5 / 24. ? -5 / 24. : u,
                 w = low > 5 / 24. ? 5 / 24. : low;
    const double w2 = w * w, p1 = ((1 + w) + w2 * (0.5 + w * (1 / 6.))) + (w2 * w2) * (1 / 24. + w * (1 / 120.));
    const double p2 = p1 * p1, p4 = p2 * p2, q = p4 * p4;  // of V/2880 ... V/360
    const double q2 = q * q, q4 = q2 * q2, q8 = q4 * q4, q20 = q8 * q8 * q4;
    const double e1 = q8 * q, e2 = e1 * e1, e4 = e2 * e2, e8 = e4 * e4;  // of V/40 ... V/5
    const double e_n = e8 * 2.71828182845904523536, e_m = e8 * (e2 * 2.11700001661267466855),
                 e_h = e8 * 403.428793492735122608;
    const double under_h = e_h - 1, more = 1 + e_h, inverse = 1 / (under_h * more), V_h = 40 - middle - V;
    return {0.32 * (13 - middle - V) / (e_m - 1),
            0.28 * (V_h * (more * inverse) + V_h),
            0.128 * 1.47534061549062230 * q20,  // exp(7/18)
            4 * (under_h * inverse),
            0.032 * (15 - middle - V) / (e_n - 1),
            0.5 * e1};
  }

  NL_HD static void derivatives(const P& p, const V& v, const Inputs<2, 1>& in, const S& s, S& ds) {
    const Rates r = rates(s.V_m, v.to_grid);
    const double m2 = s.Act_m * s.Act_m, n2 = s.Act_n * s.Act_n;
    const double sodium = p.g_Na * (s.V_m - p.E_Na) * (m2 * (s.Act_m * s.Inact_h));
    const double potassium = p.g_K * (s.V_m - p.E_K) * (n2 * n2);
    const double leak = p.g_L * (s.V_m - p.E_L);
    const double synapses = s.g_ex * (s.V_m - p.E_ex) + s.g_in * (s.V_m - p.E_in);
    ds.V_m = (-sodium - potassium - leak - synapses + in.current[0] + p.I_e) * v.per_capacitance;
    ds.Act_m = r.alpha_m * (1 - s.Act_m) - r.beta_m * s.Act_m;
    ds.Inact_h = r.alpha_h * (1 - s.Inact_h) - r.beta_h * s.Inact_h;
    ds.Act_n = r.alpha_n * (1 - s.Act_n) - r.beta_n * s.Act_n;
    ds.g_ex = s.g_ex * -v.rate_ex;
    ds.g_in = s.g_in * -v.rate_in;
  }

  NL_HD static bool finish(const P& p, const V& v, const S& before, S& s, const Inputs<2, 1>& in) {
    const bool free = s.refractory == 0;
    const bool spike = free && s.V_m >= p.V_T + 30 && before.V_m > s.V_m;
    s.refractory = spike ? v.steps : free ? 0.0 : s.refractory - 1;
    s.g_ex += in.spikes[0];
    s.g_in -= in.spikes[1];
    return spike;
  }
};

}  // namespace nl
