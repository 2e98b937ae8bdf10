#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct astrocyte_lr_1994 {
  static constexpr auto doc =
      "Astrocyte: calcium that is released by IP3, and causes a slow inward current in neurons.\n"
      "\n"
      "    d[IP3]/dt = (IP3_0 - [IP3])/tau_IP3;   [IP3] jumps by delta_IP3 times the weight of each spike\n"
      "    d[Ca]/dt = J_channel + J_leak - J_pump + J_stim,   c = ([Ca_tot] - [Ca])/ratio_ER_cyt - [Ca]\n"
      "    J_channel = ratio_ER_cyt rate_IP3R (m n h)^3 c,   m = [IP3]/([IP3] + Kd_IP3_1),   n = [Ca]/([Ca] + Kd_act)\n"
      "    J_leak = ratio_ER_cyt rate_L c,   J_pump = rate_SERCA [Ca]^2/([Ca]^2 + Km_SERCA^2)\n"
      "    dh/dt = k_IP3R (Kd_inh ([IP3] + Kd_IP3_1)/([IP3] + Kd_IP3_2) (1 - h) - [Ca] h)\n"
      "\n"
      "Li & Rinzel 1994, doi:10.1006/jtbi.1994.1041. The current is SIC_scale log(y) pA where y = 1000 ([Ca] - SIC_th) exceeds 1\n"
      "(Nadkarni & Jung 2003, doi:10.1103/PhysRevLett.91.268101). Injected currents enter as J_stim in uM/ms. [Ca] stays between\n"
      "0 and Ca_tot, h between 0 and 1. Solved to 1e-6 in each step.";

  struct P {
    double Ca_tot = 2, IP3_0 = 0.16, Kd_IP3_1 = 0.13, Kd_IP3_2 = 0.9434, Kd_act = 0.08234, Kd_inh = 1.049,
           Km_SERCA = 0.1, SIC_scale = 1, SIC_th = 0.19669, delta_IP3 = 0.0002, k_IP3R = 0.0002, rate_IP3R = 0.006,
           rate_L = 0.00011, rate_SERCA = 0.0009, ratio_ER_cyt = 0.185, tau_IP3 = 7142;
  };
  struct S {
    double Ca_astro = 0.073, h_IP3R = 0.793, IP3 = 0.16;
  };
  struct V {
    double rate_IP3, per_ratio;
  };

  static constexpr auto params = table(
      field("Ca_tot", &P::Ca_tot, "uM", above(0), "Free calcium in all, as a concentration in the cytosol"),
      field("IP3_0", &P::IP3_0, "uM", at_least(0), "IP3 at rest"),
      field("Kd_IP3_1", &P::Kd_IP3_1, "uM", above(0), "First dissociation constant of IP3"),
      field("Kd_IP3_2", &P::Kd_IP3_2, "uM", above(0), "Second dissociation constant of IP3"),
      field("Kd_act", &P::Kd_act, "uM", above(0), "Dissociation constant of calcium, activation"),
      field("Kd_inh", &P::Kd_inh, "uM", at_least(0), "Dissociation constant of calcium, inhibition"),
      field("Km_SERCA", &P::Km_SERCA, "uM", above(0), "Calcium at which the SERCA pump works at half its maximum"),
      field("SIC_scale", &P::SIC_scale, "", above(0), "Scale of the slow inward current"),
      field("SIC_th", &P::SIC_th, "uM", at_least(0), "Calcium above which there is a slow inward current"),
      field("delta_IP3", &P::delta_IP3, "uM", at_least(0), "IP3 that a spike of weight 1 adds"),
      field("k_IP3R", &P::k_IP3R, "1/(uM*ms)", at_least(0), "Binding constant of calcium, inhibition"),
      field("rate_IP3R", &P::rate_IP3R, "1/ms", at_least(0), "Largest rate of release through IP3 receptors"),
      field("rate_L", &P::rate_L, "1/ms", at_least(0), "Rate of leak from the endoplasmic reticulum"),
      field("rate_SERCA", &P::rate_SERCA, "uM/ms", at_least(0), "Largest rate of uptake by SERCA pumps"),
      field("ratio_ER_cyt", &P::ratio_ER_cyt, "", above(0),
            "Ratio of the volumes of endoplasmic reticulum and cytosol"),
      field("tau_IP3", &P::tau_IP3, "ms", above(0), "Time constant of IP3"),
      field("IP3", &S::IP3, "uM", at_least(0), "IP3 in the cytosol"),
      field("Ca_astro", &S::Ca_astro, "uM", at_least(0), "Calcium in the cytosol"),
      field("h_IP3R", &S::h_IP3R, "", between(0, 1), "Fraction of IP3 receptors that calcium does not inhibit"));
  static constexpr auto recordables =
      table(recordable("IP3", &S::IP3, "uM", "IP3 in the cytosol"),
            recordable("Ca_astro", &S::Ca_astro, "uM", "Calcium in the cytosol"),
            recordable("h_IP3R", &S::h_IP3R, "", "Fraction of IP3 receptors that calcium does not inhibit"));
  static constexpr auto limits = table(limit("Ca_astro", &S::Ca_astro, "uM"), limit("IP3", &S::IP3, "uM"));
  static constexpr const char* remedies[] = {"tau_IP3", "rate_IP3R", "rate_L", "rate_SERCA", "k_IP3R"};

  static constexpr bool spiking = false, archives = false;
  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static constexpr auto emits = "slow inward current";
  static constexpr bool emits_after = true;
  static constexpr int emitted = 1;
  template <class In>
  static void emit(const P& p, const V&, S& s, const In&, double* out) {
    const double y = (s.Ca_astro - p.SIC_th) * 1000;
    out[0] = y > 1 ? p.SIC_scale * vlog(y) : 0.0;
  }

  NL_HD static V prepare(const P& p, double) { return {1 / p.tau_IP3, 1 / p.ratio_ER_cyt}; }

  static constexpr int equations = 2;  // Ca_astro, h_IP3R
  NL_HD static double tolerance(const P&) { return 1e-6; }

  template <class In>
  NL_HD static void derivatives(const P& p, const V& v, const In& in, const S& s, S& ds) {
    const double Ca = s.Ca_astro > 0 ? s.Ca_astro : 0.0;
    const double gradient = (p.Ca_tot - Ca) * v.per_ratio - Ca;
    const double open = s.IP3 * Ca * s.h_IP3R / ((s.IP3 + p.Kd_IP3_1) * (Ca + p.Kd_act));
    const double released = p.ratio_ER_cyt * (p.rate_IP3R * open * open * open + p.rate_L) * gradient;
    const double pumped = p.rate_SERCA * Ca * Ca / (p.Km_SERCA * p.Km_SERCA + Ca * Ca);
    const double recovery = p.Kd_inh * (s.IP3 + p.Kd_IP3_1) / (s.IP3 + p.Kd_IP3_2);
    ds.Ca_astro = released - pumped + in.current[0];
    ds.h_IP3R = p.k_IP3R * (recovery * (1 - s.h_IP3R) - Ca * s.h_IP3R);
  }

  NL_HD static double decay(const P&, const V& v, double t) { return vexp_any(-t * v.rate_IP3); }
  NL_HD static void course(const P& p, double left, S& s) { s.IP3 = p.IP3_0 + (s.IP3 - p.IP3_0) * left; }

  template <class In>
  NL_HD static bool finish(const P& p, const V&, const S&, S& s, const In& in) {
    s.Ca_astro = s.Ca_astro < 0 ? 0.0 : s.Ca_astro > p.Ca_tot ? p.Ca_tot : s.Ca_astro;
    s.h_IP3R = s.h_IP3R < 0 ? 0.0 : s.h_IP3R > 1 ? 1.0 : s.h_IP3R;
    s.IP3 += p.delta_IP3 * in.spikes[0];
    return false;
  }
};

}  // namespace nl
