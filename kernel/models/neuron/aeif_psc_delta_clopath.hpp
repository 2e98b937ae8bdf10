#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct aeif_psc_delta_clopath {
  static constexpr auto doc =
      "Adaptive exponential integrate-and-fire neuron with filtered potentials, for plasticity that depends on the potential.\n"
      "\n"
      "    C_m dV_m/dt = -g_L (V_m - E_L) + g_L Delta_T exp((V_m - V_th)/Delta_T) - w + z + I_e + I_stim\n"
      "    tau_w dw/dt = a (V_m - E_L) - w,   tau_z dz/dt = -z,   tau_V_th dV_th/dt = V_th_rest - V_th\n"
      "    tau_u_bar_plus du_bar_plus/dt = V_m - u_bar_plus, and in the same way u_bar_minus with tau_u_bar_minus\n"
      "    tau_u_bar_bar du_bar_bar/dt = u_bar_minus - u_bar_bar;   V_m jumps by the weight (mV) of each arriving spike.\n"
      "\n"
      "When V_m reaches V_peak, within a step, a spike is emitted: w grows by b, z is set to I_sp, V_th to V_th_max, and V_m is\n"
      "held at V_clamp for t_clamp, during which w stands still; then at V_reset for t_ref. In this time arriving spikes are lost.\n"
      "With Delta_T = 0 there is no exponential term, and V_peak gives way to V_th_rest. Clopath, Buesing, Vasilaki & Gerstner 2010,\n"
      "doi:10.1038/nn.2479; the equations are those of Clopath & Gerstner 2010, doi:10.3389/fnsyn.2010.00025.\n"
      "\n"
      "clopath_synapse sees u_bar_plus and u_bar_minus as they were delay_u_bars ago; x+ is x where it is positive:\n"
      "\n"
      "    potentiation   A_LTP (V_m - theta_plus)+ (u_bar_plus - theta_minus)+ in each ms\n"
      "    depression     A_LTD (u_bar_minus - theta_minus)+, times u_bar_bar^2/u_ref_squared unless A_LTD_const.\n"
      "\n"
      "Spikes that arrive in a step act at its end, where a clamp ends, too. NEST 3.10 differs here: both happen after the first of the\n"
      "steps that its integrator takes. With t_clamp = 0 it leaves V_m at V_clamp; here V_m is reset at once. It takes the filtered\n"
      "potentials for 0 mV in the first delay_u_bars of a run, which changes weights; here they were what they were at first.";

  struct P {
    double C_m = 281, g_L = 30, E_L = -70.6, V_th_max = 30.4, V_th_rest = -50.4, V_peak = 33, V_reset = -60,
           V_clamp = 33;
    double t_ref = 0, t_clamp = 2, Delta_T = 2, a = 4, b = 80.5, I_sp = 400, I_e = 0;
    double tau_w = 144, tau_z = 40, tau_V_th = 50, tau_u_bar_plus = 7, tau_u_bar_minus = 10, tau_u_bar_bar = 500;
    double A_LTD = 14e-5, A_LTP = 8e-5, theta_plus = -45.3, theta_minus = -70.6, u_ref_squared = 60, delay_u_bars = 5;
    bool A_LTD_const = true;
    double gsl_error_tol = 1e-6;
  };
  struct S {
    double V_m = -70.6, w = 0, z = 0, V_th = -50.4, u_bar_plus = -70.6, u_bar_minus = -70.6, u_bar_bar = -70.6;
    double clamped = 0, refractory = 0;  // steps left
  };
  struct V {
    double V_peak, clamp_steps, steps;
    double slope, spike_current;  // 1/Delta_T and g_L Delta_T, nought without exponential term
    double per_capacitance, h;
  };

  static constexpr auto params = table(
      field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
      field("g_L", &P::g_L, "nS", any(), "Leak conductance"),
      field("E_L", &P::E_L, "mV", any(), "Leak reversal potential"),
      field("V_th_max", &P::V_th_max, "mV", any(), "Threshold right after a spike; not below V_th_rest"),
      field("V_th_rest", &P::V_th_rest, "mV", any(), "Threshold at rest"),
      field("V_peak", &P::V_peak, "mV", any(), "Potential at which a spike is emitted"),
      field("V_reset", &P::V_reset, "mV", any(), "Potential after the clamp; below V_peak"),
      field("V_clamp", &P::V_clamp, "mV", any(), "Potential during the clamp"),
      field("t_ref", &P::t_ref, "ms", at_least(0), "Time after the clamp during which V_m is held at V_reset"),
      field("t_clamp", &P::t_clamp, "ms", at_least(0), "Time after a spike during which V_m is held at V_clamp"),
      field("Delta_T", &P::Delta_T, "mV", at_least(0), "Slope of the exponential term"),
      field("a", &P::a, "nS", any(), "Adaptation to the potential"),
      field("b", &P::b, "pA", any(), "Adaptation added by each spike"),
      field("I_sp", &P::I_sp, "pA", any(), "Depolarising current right after a spike"),
      field("I_e", &P::I_e, "pA", any(), "Constant input current"),
      field("tau_w", &P::tau_w, "ms", above(0), "Time constant of adaptation"),
      field("tau_z", &P::tau_z, "ms", above(0), "Time constant of the current after a spike"),
      field("tau_V_th", &P::tau_V_th, "ms", above(0), "Time constant of the threshold"),
      field("tau_u_bar_plus", &P::tau_u_bar_plus, "ms", above(0), "Time constant of u_bar_plus"),
      field("tau_u_bar_minus", &P::tau_u_bar_minus, "ms", above(0), "Time constant of u_bar_minus"),
      field("tau_u_bar_bar", &P::tau_u_bar_bar, "ms", above(0), "Time constant of u_bar_bar"),
      field("A_LTD", &P::A_LTD, "1/mV", any(), "Amplitude of depression"),
      field("A_LTP", &P::A_LTP, "1/mV^2", any(), "Amplitude of potentiation"),
      field("theta_plus", &P::theta_plus, "mV", any(), "Potential above which there is potentiation"),
      field("theta_minus", &P::theta_minus, "mV", any(), "Filtered potential above which there is either"),
      field("u_ref_squared", &P::u_ref_squared, "mV^2", above(0), "Square of u_bar_bar at which A_LTD holds"),
      field("delay_u_bars", &P::delay_u_bars, "ms", between(0, 10000), "Time until filtered potentials take effect"),
      field("A_LTD_const", &P::A_LTD_const, "", any(), "Whether A_LTD holds whatever u_bar_bar is"),
      field("gsl_error_tol", &P::gsl_error_tol, "", above(0), "Largest error of a step of the integrator"),
      field("V_m", &S::V_m, "mV", any(), "Membrane potential"), field("w", &S::w, "pA", any(), "Adaptation current"),
      field("u_bar_plus", &S::u_bar_plus, "mV", any(), "Filtered potential, for potentiation"),
      field("u_bar_minus", &S::u_bar_minus, "mV", any(), "Filtered potential, for depression"),
      field("u_bar_bar", &S::u_bar_bar, "mV", any(), "Slowly filtered u_bar_minus"));
  static constexpr auto recordables =
      table(recordable("V_m", &S::V_m, "mV", "Membrane potential"), recordable("w", &S::w, "pA", "Adaptation current"),
            recordable("z", &S::z, "pA", "Depolarising current after a spike"),
            recordable("V_th", &S::V_th, "mV", "Threshold"),
            recordable("u_bar_plus", &S::u_bar_plus, "mV", "Filtered potential, for potentiation"),
            recordable("u_bar_minus", &S::u_bar_minus, "mV", "Filtered potential, for depression"),
            recordable("u_bar_bar", &S::u_bar_bar, "mV", "Slowly filtered u_bar_minus"));
  static constexpr auto limits = table(limit("V_m", &S::V_m, "mV", -1e3), limit("w", &S::w, "pA", -1e6, 1e6));
  static constexpr const char* remedies[] = {"C_m", "g_L", "a", "b", "tau_w", "Delta_T", "I_sp", "I_e"};

  static constexpr auto weight_unit = "mV";
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static Complaint check(const P& p) {
    if (p.V_th_max < p.V_th_rest)
      return {"V_th_max must not be below V_th_rest", "V_th_rest <= V_th_max", "Raise V_th_max or lower V_th_rest.",
              p.V_th_max, "mV"};
    struct {
      double V_reset, V_peak, V_th, Delta_T;
    } exponential{p.V_reset, p.V_peak, p.V_th_rest, p.Delta_T};
    Complaint c = check_exponential(exponential);
    if (c.what && p.V_reset < p.V_peak && p.V_peak < p.V_th_rest)
      return {"V_peak must not be below V_th_rest", "V_th_rest <= V_peak", "Raise V_peak or lower V_th_rest.", p.V_peak,
              "mV"};
    return c;
  }

  NL_HD static V prepare(const P& p, double h) {
    const bool exponential = p.Delta_T > 0;
    return {exponential ? p.V_peak : p.V_th_rest,
            double(steps_up(p.t_clamp, h)),
            double(steps_up(p.t_ref, h)),
            exponential ? 1 / p.Delta_T : 0.0,
            p.g_L * p.Delta_T,
            1 / p.C_m,
            h};
  }

  static constexpr int equations = 7;  // all but the counters
  NL_HD static double tolerance(const P& p) { return p.gsl_error_tol; }
  struct Threshold {
    double V_th;
    Threshold(const S& s) : V_th(s.V_th) {}
    Threshold(double V_th) : V_th(V_th) {}
  };
  // Beyond V_th + 30 Delta_T it takes less than a picosecond to V_peak, a time that the integrator need not follow. V_m may jump there.
  NL_HD static double peak(const P& p, const V& v, double V_th) {
    const double late = V_th + 30 * p.Delta_T;
    return p.Delta_T > 0 && late < v.V_peak ? late : v.V_peak;
  }
  // V_th only comes nearer to rest. Right after a spike it is near V_peak: V_m does not run far then.
  NL_HD static Runaway runaway(const P& p, const V& v, Threshold s = 0.0) {
    const double top = peak(p, v, s.V_th > p.V_th_rest ? s.V_th : p.V_th_rest);
    return {s.V_th, top > s.V_th + 15 * p.Delta_T ? p.Delta_T : 0.0, top};
  }

  NL_HD static void derivatives(const P& p, const V& v, const Inputs<1, 1>& in, const S& s, S& ds) {
    const bool clamped = s.clamped > 0, free = !clamped & (s.refractory == 0);
    const double held = clamped ? p.V_clamp : p.V_reset;
    const double below = s.V_m < v.V_peak ? s.V_m : v.V_peak, V_m = free ? below : held;
    const double steep = (V_m - s.V_th) * v.slope;
    const double upstroke = v.spike_current * vexp_below(steep < 30 ? steep : 30.0);
    const double slope = (-p.g_L * (V_m - p.E_L) + upstroke - s.w + s.z + p.I_e + in.current[0]) * v.per_capacitance;
    ds.V_m = free ? slope : 0.0;
    ds.w = (clamped ? 0.0 : p.a * (V_m - p.E_L) - s.w) / p.tau_w;
    ds.z = -s.z / p.tau_z;
    ds.V_th = (p.V_th_rest - s.V_th) / p.tau_V_th;
    ds.u_bar_plus = (V_m - s.u_bar_plus) / p.tau_u_bar_plus;
    ds.u_bar_minus = (V_m - s.u_bar_minus) / p.tau_u_bar_minus;
    ds.u_bar_bar = (s.u_bar_minus - s.u_bar_bar) / p.tau_u_bar_bar;
  }

  // The step in which the spike falls does not count as clamped or refractory: its rest comes on top.
  NL_HD static int substep(const P& p, const V& v, S& s) { return fire(p, v, s, peak(p, v, s.V_th)); }
  NL_HD static int fire(const P& p, const V& v, S& s, double peak) {
    const bool clamped = s.clamped > 0, free = !clamped & (s.refractory == 0);
    const bool spike = free & (s.V_m >= peak), clamps = v.clamp_steps > 0;
    const double after = clamps ? p.V_clamp : p.V_reset;
    s.V_m = spike ? after : clamped ? p.V_clamp : free ? s.V_m : p.V_reset;
    s.w += spike ? p.b : 0.0;
    s.z = spike ? p.I_sp : s.z;
    s.V_th = spike ? p.V_th_max : s.V_th;
    s.clamped = spike & clamps ? v.clamp_steps + 1 : s.clamped;
    s.refractory = spike & !clamps & (v.steps > 0) ? v.steps + 1 : s.refractory;
    return spike;
  }

  NL_HD static int finish(const P& p, const V& v, const S&, S& s, const Inputs<1, 1>& in) {
    const bool free = (s.clamped == 0) & (s.refractory == 0);
    s.V_m += free ? in.spikes[0] : 0.0;
    const int spike = fire(p, v, s, v.V_peak);
    const bool ends = s.clamped == 1;
    s.refractory = ends ? v.steps : s.refractory > 0 ? s.refractory - 1 : 0.0;
    s.clamped = s.clamped > 0 ? s.clamped - 1 : 0.0;
    s.V_m = ends ? p.V_reset : s.V_m;
    return spike;
  }

  static constexpr auto recalls = "filtered potentials";
  static std::array<double, 2> held(const S& s) { return {s.u_bar_plus, s.u_bar_minus}; }
  static double held_for(const P& p) { return p.delay_u_bars; }
  static Moment recall(const P& p, const V& v, const S& s, const double* held) {
    const double plus = held[0] - p.theta_minus, minus = held[1] - p.theta_minus, above = s.V_m - p.theta_plus;
    const double scale = p.A_LTD_const ? 1.0 : s.u_bar_bar * s.u_bar_bar / p.u_ref_squared;
    return {above > 0 && plus > 0 ? p.A_LTP * above * plus * v.h : 0.0, minus > 0 ? p.A_LTD * minus * scale : 0.0};
  }
};

}  // namespace nl
