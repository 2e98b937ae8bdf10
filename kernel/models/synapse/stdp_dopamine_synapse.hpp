#pragma once
#include <nest_lab/synapse.hpp>

namespace nl {

struct stdp_dopamine_synapse {
  static constexpr auto doc =
      "Spike-timing dependent plasticity that dopamine turns into changes of the weight.\n"
      "\n"
      "Pairs of spikes leave a mark, the eligibility c; the weight follows it as far as the concentration n of dopamine differs\n"
      "from its base line b:\n"
      "\n"
      "    dw/dt = c (n - b)\n"
      "    dc/dt = -c/tau_c + A_plus exp(-dt/tau_plus) delta(t - t_post) - A_minus exp(-dt/tau_minus) delta(t - t_pre)\n"
      "    dn/dt = -n/tau_n + sum delta(t - t_dopamine) / tau_n\n"
      "\n"
      "with all pairs of spikes, the delay being dendritic, and dt the time between the two spikes of a pair. w is kept between\n"
      "Wmin and Wmax whenever something happens. tau_minus belongs to the target. Dopamine comes from the neurons connected to\n"
      "the volume_transmitter, which is one for all connections of the model and has to be set before they are made. weight, c\n"
      "and n are those after the last spike of the source or delivery of the transmitter.\n"
      "\n"
      "A spike of the source in the last min_delay before a delivery reaches the synapse after it: the synapse goes back to the\n"
      "time of the spike and on from there, so that every pair counts once. The reference simulator counts a spike of the\n"
      "target that comes in between twice, and takes dopamine that does for there before.\n"
      "\n"
      "Time constants that are set between runs hold from then on; in NEST 3.10 they hold from the last delivery on.\n"
      "\n"
      "Izhikevich (2007) doi:10.1093/cercor/bhl152; event-driven as in Potjans, Morrison & Diesmann (2010)\n"
      "doi:10.3389/fncom.2010.00141.";

  struct C {
    double A_plus = 1, A_minus = 1.5, tau_plus = 20, tau_c = 1000, tau_n = 200, b = 0, Wmin = 0, Wmax = 200;
  };
  struct Shared {
    NodeList volume_transmitter;
  };
  struct P {};
  struct Pre {
    double Kplus = 0;
  };
  struct S {
    double c = 0, n = 0;
    double since = 0;  // ms, the time of the weight, of c and of n
  };
  struct V {
    C c;
    double plus_rate, c_rate, n_rate;  // 1 / tau
  };
  static constexpr auto params = table(
      field("A_plus", &C::A_plus, "", any(), "Eligibility of a spike of the target after one of the source"),
      field("A_minus", &C::A_minus, "", any(), "Eligibility, lost, of a spike of the source after one of the target"),
      field("tau_plus", &C::tau_plus, "ms", above(0), "Time constant of the presynaptic trace"),
      field("tau_c", &C::tau_c, "ms", above(0), "Time constant of the eligibility"),
      field("tau_n", &C::tau_n, "ms", above(0), "Time constant of dopamine"),
      field("b", &C::b, "", any(), "Base line of dopamine, which leaves weights as they are"),
      field("Wmin", &C::Wmin, "", any(), "Smallest weight"), field("Wmax", &C::Wmax, "", any(), "Largest weight"),
      field("volume_transmitter", &Shared::volume_transmitter, "", any(), "Collector of the dopamine"),
      field("Kplus", &Pre::Kplus, "", any(), "Presynaptic trace right after the last spike"),
      field("c", &S::c, "", any(), "Eligibility"), field("n", &S::n, "", any(), "Concentration of dopamine"));
  static constexpr bool looks_back = true;
  static constexpr auto modulator = "volume_transmitter";

  static Complaint check(const C& c, const P&, const Pre&, const S&, double) {
    if (c.Wmin > c.Wmax)
      return {"Wmin must not be larger than Wmax", "at most Wmax", "Set the two together.", c.Wmin, ""};
    return {};
  }

  NL_HD static V prepare(const C& c, const P&) { return {c, 1 / c.tau_plus, 1 / c.tau_c, 1 / c.tau_n}; }

  NL_HD static void fade(const V& v, Pre& pre, double dt) { pre.Kplus *= PostArchive::decay(-dt * v.plus_rate); }

  NL_HD static void on_spike(const V& v, Pre& pre, const Spike& x) {
    pre.Kplus = pre.Kplus * PostArchive::decay((x.last - x.t) * v.plus_rate) + 1;
  }

  NL_HD static double on_pre(const V& v, const Pre& before, const Pre&, S& s, double& weight, const Spike& x,
                             Post& post) {
    advance(v, before, s, weight, x, post);
    s.c -= v.c.A_minus * post.trace(x);
    return weight;
  }

  // Goes on to the time x.t, with what has happened until then, or back.
  NL_HD static void advance(const V& v, const Pre& pre, S& s, double& weight, const Spike& x, Post& post) {
    if (s.since > x.t + same_time) return go_back(v, pre, s, weight, x, post);
    for (const PostSpike& p : post.archive->read(s.since - x.delay, x.t - x.delay)) {
      take_up(v, s, weight, post.released, p.t + x.delay);
      s.c += potentiation(v, pre, x, p);
    }
    take_up(v, s, weight, post.released, x.t);
  }

 private:
  NL_HD static double potentiation(const V& v, const Pre& pre, const Spike& x, const PostSpike& p) {
    return v.c.A_plus * pre.Kplus * PostArchive::decay((x.last - x.delay - p.t) * v.plus_rate);
  }

  // Weight, c and n while nothing happens; `to` may lie before.
  NL_HD static void drift(const V& v, S& s, double& weight, double to) {
    const double dt = to - s.since;
    const double of_c = PostArchive::decay(-dt * v.c_rate), of_n = PostArchive::decay(-dt * v.n_rate);
    weight += s.c * (s.n * (1 - of_c * of_n) / (v.c_rate + v.n_rate) - v.c.b * v.c.tau_c * (1 - of_c));
    weight = std::fmin(v.c.Wmax, std::fmax(v.c.Wmin, weight));
    s.c *= of_c;
    s.n *= of_n;
    s.since = to;
  }

  NL_HD static void take_up(const V& v, S& s, double& weight, std::span<const Release> released, double to) {
    auto r = released.end();
    while (r != released.begin() && (r - 1)->t > s.since + same_time) --r;
    for (; r != released.end() && r->t <= to + same_time; ++r) {
      drift(v, s, weight, r->t);
      s.n += r->amount * v.n_rate;
    }
    drift(v, s, weight, to);
  }

  // The other way round.
  NL_HD static void go_back(const V& v, const Pre& pre, S& s, double& weight, const Spike& x, Post& post) {
    post.archive->give_back(x.t - x.delay, s.since - x.delay, [&](const PostSpike& p) {
      give_back(v, s, weight, post.released, p.t + x.delay);
      s.c -= potentiation(v, pre, x, p);
    });
    give_back(v, s, weight, post.released, x.t);
  }

  NL_HD static void give_back(const V& v, S& s, double& weight, std::span<const Release> released, double to) {
    auto r = released.end();
    while (r != released.begin() && (r - 1)->t > s.since + same_time) --r;
    for (; r != released.begin() && (r - 1)->t > to + same_time; --r) {
      drift(v, s, weight, (r - 1)->t);
      s.n -= (r - 1)->amount * v.n_rate;
    }
    drift(v, s, weight, to);
  }
};

}  // namespace nl
