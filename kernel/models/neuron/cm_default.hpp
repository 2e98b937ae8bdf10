#pragma once
#include <nest_lab/compartments.hpp>
#include <nest_lab/vmath.hpp>

namespace nl {

struct cm_default {
  static constexpr auto doc =
      "Neuron with dendrites: a tree of compartments with sodium and potassium channels and any number of receptors.\n"
      "\n"
      "    C_m dv/dt = g_L (e_L - v) + sum over neighbours of g_C (v' - v) + I_Na + I_K + I_receptors + I_stim\n"
      "    I_Na = gbar_Na m^3 h (e_Na - v),   I_K = gbar_K n (e_K - v),   dx/dt = (x_inf(v) - x)/tau_x(v) for x = m, h, n\n"
      "    I_AMPA = g (e_AMPA - v),   I_NMDA = g B(v) (e_NMDA - v) with B(v) = 1/(1 + 0.3 exp(-0.1 v)),   GABA as AMPA,\n"
      "    AMPA_NMDA the sum of both, with g_NMDA times NMDA_ratio\n"
      "\n"
      "g_C is the conductance to the parent; between compartments v' is the neighbour's voltage. A spike of weight w (uS) opens\n"
      "g = w (exp(-t/tau_d) - exp(-t/tau_r))/norm, whose peak is w. The root spikes when its voltage comes from below V_th to V_th\n"
      "or above; nothing is reset. Units: nF, uS, nA.\n"
      "\n"
      "    neuron.compartments = [{'parent_idx': -1, 'params': {'gbar_Na': 1.7}}, {'parent_idx': 0}]\n"
      "    neuron.receptors = [{'comp_idx': 1, 'receptor_type': 'AMPA'}]\n"
      "\n"
      "receptor_type of a connection is the number of a receptor; of a current, the number of a compartment. Recordables carry\n"
      "these numbers: v_comp1, m_Na_1, g_r_AMPA_0. Compartments and receptors can be added at any time, also between runs; what a\n"
      "compartment is made of does not change any more.\n"
      "\n"
      "The model is that of Wybo et al. 2021, doi:10.7554/eLife.60936; kinetics of the channels after Mainen & Sejnowski 1996,\n"
      "doi:10.1038/382363a0, at 3.21 times the speed. Gates take an exponential step, then voltages a step of Crank and Nicolson, with\n"
      "the currents of receptors linear around the voltage at its start; the tree is solved after Hines 1984,\n"
      "doi:10.1016/0020-7101(84)90008-4. Channels with a conductance of 1e-9 uS or less are not there: their gates stand still.\n"
      "Other than in the reference simulator, e_K does not need e_Na, names that are not known are refused, and so are\n"
      "conductances below 0.";

  // Far outside all that happens to a membrane rates are those at the border, and remain finite.
  static double inside(double v) { return v < -300 ? -300.0 : v > 300 ? 300.0 : v; }
  static double decay(double steps) { return vexp(steps > 600 ? -600.0 : -steps); }

  // y / (1 - exp(-y)) as numerator and denominator, u being exp(-y): near 0 the quotient would lose its digits. To 1e-12.
  struct Ratio {
    double above, below;
    Ratio(double y, double u) {
      const double z = y * y;
      const bool near = z < 0.0025;
      above = near ? 1 + 0.5 * y + z * (1 / 12. - z * (1 / 720.)) : y;
      below = near ? 1.0 : 1 - u;
    }
  };

  struct Na {
    static constexpr auto name = "Na";
    struct P {
      double gbar_Na = 0, e_Na = 50;
    };
    struct S {
      double m, h;
    };
    struct V {
      double speed;
    };
    static constexpr auto params = table(field("gbar_Na", &P::gbar_Na, "uS", at_least(0), "Largest sodium conductance"),
                                         field("e_Na", &P::e_Na, "mV", any(), "Reversal potential of sodium"));
    static constexpr auto states = table(recordable("m_Na", &S::m, "", "Activation of sodium channels"),
                                         recordable("h_Na", &S::h, "", "Inactivation of sodium channels"));
    static bool present(const P& p) { return p.gbar_Na > 1e-9; }
    static V prepare(const P&, double h) { return {3.21 * h}; }

    struct Rates {
      double m_inf, m_rate, h_inf, h_rate;  // rates at normal speed, 1/ms
      explicit Rates(double voltage) {
        const double v = inside(voltage);
        const double y_m = (v + 35.013) * (1 / 9.), y_a = (v + 50.013) * (1 / 5.), y_b = (v + 75.013) * (1 / 5.);
        const double u = vexp((v + 35.013) * (-1 / 45.)), u2 = u * u, u4 = u2 * u2;
        const double u_m = u4 * u, u_a = u4 * u4 * u * 0.0497870683678639430;  // exp(-3)
        const double u_b = u_a * 0.00673794699908546710;                       // exp(-5)
        const double w_m = 0.182 + 0.124 * u_m, w_h = 1 + vexp((v + 65) * (1 / 6.2));
        const Ratio m(y_m, u_m), a(y_a, u_a), b(y_b, u_b);
        // One division serves all five quotients.
        const double m_and_w = m.below * w_m, a_and_b = a.below * b.below, first_four = m_and_w * a_and_b;
        const double inverse = 1 / (first_four * w_h), of_m_and_w = inverse * w_h * a_and_b;
        const double of_a_and_b = inverse * w_h * m_and_w;
        m_inf = 0.182 * (of_m_and_w * m.below);
        m_rate = 9 * m.above * w_m * (of_m_and_w * w_m);
        h_inf = inverse * first_four;
        h_rate = 0.12 * a.above * (of_a_and_b * b.below) + 0.0455 * u_b * b.above * (of_a_and_b * a.below);
      }
    };
    static S rest(double v) {
      const Rates r(v);
      return {r.m_inf, r.h_inf};
    }
    static Linear step(const P& p, const V& d, S& s, double v) {
      const Rates r(v);
      s.m = r.m_inf + (s.m - r.m_inf) * decay(d.speed * r.m_rate);
      s.h = r.h_inf + (s.h - r.h_inf) * decay(d.speed * r.h_rate);
      const double g = p.gbar_Na * s.m * s.m * s.m * s.h;
      return {g, g * p.e_Na};
    }
  };

  struct K {
    static constexpr auto name = "K";
    struct P {
      double gbar_K = 0, e_K = -85;
    };
    struct S {
      double n;
    };
    struct V {
      double speed;
    };
    static constexpr auto params =
        table(field("gbar_K", &P::gbar_K, "uS", at_least(0), "Largest potassium conductance"),
              field("e_K", &P::e_K, "mV", any(), "Reversal potential of potassium"));
    static constexpr auto states = table(recordable("n_K", &S::n, "", "Activation of potassium channels"));
    static bool present(const P& p) { return p.gbar_K > 1e-9; }
    static V prepare(const P&, double h) { return {3.21 * h}; }

    struct Rates {
      double inf, rate;
      explicit Rates(double voltage) {
        const double y = (inside(voltage) - 25) * (1 / 9.), u = vexp(-y), w = 0.02 + 0.002 * u;
        const Ratio n(y, u);
        const double inverse = 1 / (n.below * w);
        inf = 0.02 * (inverse * n.below);
        rate = 9 * n.above * w * (inverse * w);
      }
    };
    static S rest(double v) { return {Rates(v).inf}; }
    static Linear step(const P& p, const V& d, S& s, double v) {
      const Rates r(v);
      s.n = r.inf + (s.n - r.inf) * decay(d.speed * r.rate);
      const double g = p.gbar_K * s.n;
      return {g, g * p.e_K};
    }
  };

  using channels = Mechanisms<Na, K>;

  // Conductance that rises and decays: the difference of two exponentials, exact on the grid.
  struct Wave {
    double decay_r, decay_d, norm;
    Wave() = default;
    Wave(double tau_r, double tau_d, double h) : decay_r(std::exp(-h / tau_r)), decay_d(std::exp(-h / tau_d)) {
      const double peak = tau_r * tau_d / (tau_d - tau_r) * std::log(tau_d / tau_r);
      norm = 1 / (std::exp(-peak / tau_d) - std::exp(-peak / tau_r));
    }
  };
  static double wave(double decay_r, double decay_d, double arrived, double& g_r, double& g_d) {
    g_r = g_r * decay_r - arrived;
    g_d = g_d * decay_d + arrived;
    return g_r + g_d;
  }
  static Complaint different(double tau_r, double tau_d) {
    if (tau_r != tau_d) return {};
    return {"rise and decay must have different time constants", "tau_r and tau_d that differ",
            "Change one of them a little.", tau_r, "ms"};
  }

  // Magnesium block: a current g B(v) (e - v) as a straight line around v.
  static Linear blocked(double g, double e, double v) {
    const double x = 0.3 * vexp(-0.1 * inside(v)), B = 1 / (1 + x), slope = 0.1 * x * B * B;
    const double current = g * B * (e - v), line = g * (B - slope * (e - v));
    return {line, current + line * v};
  }

  struct AMPA {
    static constexpr auto name = "AMPA";
    struct P {
      double e = 0, tau_r = 0.2, tau_d = 3;
    };
    struct S {
      double g_r = 0, g_d = 0;
    };
    struct V {
      double e, decay_r, decay_d, norm;
    };
    static constexpr auto params = table(field("e_AMPA", &P::e, "mV", any(), "Reversal potential"),
                                         field("tau_r_AMPA", &P::tau_r, "ms", above(0), "Time constant of the rise"),
                                         field("tau_d_AMPA", &P::tau_d, "ms", above(0), "Time constant of the decay"));
    static constexpr auto states =
        table(recordable("g_r_AMPA", &S::g_r, "uS", "Rising part of the AMPA conductance"),
              recordable("g_d_AMPA", &S::g_d, "uS", "Decaying part of the AMPA conductance"));
    static Complaint check(const P& p) { return different(p.tau_r, p.tau_d); }
    static V prepare(const P& p, double h) {
      const Wave w(p.tau_r, p.tau_d, h);
      return {p.e, w.decay_r, w.decay_d, w.norm};
    }
    static Linear step(const P&, const V& d, S& s, double, double weights) {
      const double g = wave(d.decay_r, d.decay_d, weights * d.norm, s.g_r, s.g_d);
      return {g, g * d.e};
    }
  };

  struct GABA {
    static constexpr auto name = "GABA";
    struct P {
      double e = -80, tau_r = 0.2, tau_d = 10;
    };
    using S = AMPA::S;
    using V = AMPA::V;
    static constexpr auto params = table(field("e_GABA", &P::e, "mV", any(), "Reversal potential"),
                                         field("tau_r_GABA", &P::tau_r, "ms", above(0), "Time constant of the rise"),
                                         field("tau_d_GABA", &P::tau_d, "ms", above(0), "Time constant of the decay"));
    static constexpr auto states =
        table(recordable("g_r_GABA", &S::g_r, "uS", "Rising part of the GABA conductance"),
              recordable("g_d_GABA", &S::g_d, "uS", "Decaying part of the GABA conductance"));
    static Complaint check(const P& p) { return different(p.tau_r, p.tau_d); }
    static V prepare(const P& p, double h) {
      const Wave w(p.tau_r, p.tau_d, h);
      return {p.e, w.decay_r, w.decay_d, w.norm};
    }
    static Linear step(const P&, const V& d, S& s, double, double weights) {
      const double g = wave(d.decay_r, d.decay_d, weights * d.norm, s.g_r, s.g_d);
      return {g, g * d.e};
    }
  };

  struct NMDA {
    static constexpr auto name = "NMDA";
    struct P {
      double e = 0, tau_r = 0.2, tau_d = 43;
    };
    using S = AMPA::S;
    using V = AMPA::V;
    static constexpr auto params = table(field("e_NMDA", &P::e, "mV", any(), "Reversal potential"),
                                         field("tau_r_NMDA", &P::tau_r, "ms", above(0), "Time constant of the rise"),
                                         field("tau_d_NMDA", &P::tau_d, "ms", above(0), "Time constant of the decay"));
    static constexpr auto states =
        table(recordable("g_r_NMDA", &S::g_r, "uS", "Rising part of the NMDA conductance"),
              recordable("g_d_NMDA", &S::g_d, "uS", "Decaying part of the NMDA conductance"));
    static Complaint check(const P& p) { return different(p.tau_r, p.tau_d); }
    static V prepare(const P& p, double h) {
      const Wave w(p.tau_r, p.tau_d, h);
      return {p.e, w.decay_r, w.decay_d, w.norm};
    }
    static Linear step(const P&, const V& d, S& s, double v, double weights) {
      return blocked(wave(d.decay_r, d.decay_d, weights * d.norm, s.g_r, s.g_d), d.e, v);
    }
  };

  struct AMPA_NMDA {
    static constexpr auto name = "AMPA_NMDA";
    struct P {
      double e = 0, tau_r_AMPA = 0.2, tau_d_AMPA = 3, tau_r_NMDA = 0.2, tau_d_NMDA = 43, NMDA_ratio = 2;
    };
    struct S {
      double g_r_AMPA = 0, g_d_AMPA = 0, g_r_NMDA = 0, g_d_NMDA = 0;
    };
    struct V {
      double e, ratio, r_AMPA, d_AMPA, norm_AMPA, r_NMDA, d_NMDA, norm_NMDA;
    };
    static constexpr auto params =
        table(field("e_AMPA_NMDA", &P::e, "mV", any(), "Reversal potential"),
              field("tau_r_AMPA", &P::tau_r_AMPA, "ms", above(0), "Time constant of the rise, AMPA"),
              field("tau_d_AMPA", &P::tau_d_AMPA, "ms", above(0), "Time constant of the decay, AMPA"),
              field("tau_r_NMDA", &P::tau_r_NMDA, "ms", above(0), "Time constant of the rise, NMDA"),
              field("tau_d_NMDA", &P::tau_d_NMDA, "ms", above(0), "Time constant of the decay, NMDA"),
              field("NMDA_ratio", &P::NMDA_ratio, "", at_least(0), "Peak conductance of NMDA per that of AMPA"));
    static constexpr auto states = table(
        recordable("g_r_AN_AMPA", &S::g_r_AMPA, "uS", "Rising part of the AMPA conductance"),
        recordable("g_d_AN_AMPA", &S::g_d_AMPA, "uS", "Decaying part of the AMPA conductance"),
        recordable("g_r_AN_NMDA", &S::g_r_NMDA, "uS", "Rising part of the NMDA conductance, without NMDA_ratio"),
        recordable("g_d_AN_NMDA", &S::g_d_NMDA, "uS", "Decaying part of the NMDA conductance, without NMDA_ratio"));
    static Complaint check(const P& p) {
      const Complaint of_AMPA = different(p.tau_r_AMPA, p.tau_d_AMPA);
      return of_AMPA.what ? of_AMPA : different(p.tau_r_NMDA, p.tau_d_NMDA);
    }
    static V prepare(const P& p, double h) {
      const Wave a(p.tau_r_AMPA, p.tau_d_AMPA, h), n(p.tau_r_NMDA, p.tau_d_NMDA, h);
      return {p.e, p.NMDA_ratio, a.decay_r, a.decay_d, a.norm, n.decay_r, n.decay_d, n.norm};
    }
    static Linear step(const P&, const V& d, S& s, double v, double weights) {
      const double a = wave(d.r_AMPA, d.d_AMPA, weights * d.norm_AMPA, s.g_r_AMPA, s.g_d_AMPA);
      const double n = wave(d.r_NMDA, d.d_NMDA, weights * d.norm_NMDA, s.g_r_NMDA, s.g_d_NMDA);
      const Linear of_NMDA = blocked(d.ratio * n, d.e, v);
      return {a + of_NMDA.g, a * d.e + of_NMDA.i};
    }
  };

  using receptors = Mechanisms<AMPA, GABA, NMDA, AMPA_NMDA>;
};

}  // namespace nl
