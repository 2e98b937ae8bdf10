#pragma once
#include <nest_lab/optimizer.hpp>
#include <nest_lab/synapse.hpp>

namespace nl {

struct eprop_synapse_bsshslm_2020 {
  static constexpr auto doc =
      "Synapse that learns by e-prop: its weight follows the gradient that its target finds.\n"
      "\n"
      "When the source spikes for the first time in an update interval, the gradient of the loss in the interval in which it has\n"
      "spiked before is passed to the optimizer, which changes the weight. The gradients are those of\n"
      "eprop_iaf_bsshslm_2020, eprop_iaf_adapt_bsshslm_2020 and eprop_readout_bsshslm_2020. Intervals are set by\n"
      "eprop_update_interval and eprop_learning_window. The delay is one step.\n"
      "\n"
      "`optimizer` is a dictionary: `type`, 'gradient_descent' or 'adam', batch_size, eta, Wmin, Wmax, and for adam beta_1, beta_2 and\n"
      "epsilon. It and average_gradient are shared by all connections of the model.\n"
      "\n"
      "Bellec et al. (2020) doi:10.1038/s41467-020-17236-y; Adam: Kingma & Ba (2015) doi:10.48550/arXiv.1412.6980.";

  struct C {
    bool average_gradient = false;
    std::int64_t optimizer = 0, batch_size = 1;
    double eta = 1e-4, Wmin = -100, Wmax = 100;
    bool optimize_each_step = true;
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  };
  struct P {
    double tau_m_readout = 10;
  };
  struct Pre {};
  struct S {
    double pending = -1;  // interval that waits for its update
    double from = 0;      // stamp of the first spike in it
    double sum = 0, updates = 1, m = 0, v = 0;
  };
  struct V {
    C c;
    P p;
  };
  static constexpr auto params =
      table(field("tau_m_readout", &P::tau_m_readout, "ms", above(0), "Time constant of the readout"),
            field("average_gradient", &C::average_gradient, "", any(),
                  "Whether gradients are divided by the steps of the learning window"));
  static constexpr auto dictionary = "optimizer", dictionary_doc = "How gradients change the weight";
  static constexpr auto items = optimizer_items<C>();
  static const char* item_when(std::string_view name) { return optimizer_needed(name); }
  static constexpr bool looks_back = false, learns = true;

  static Complaint check(const C& c, const P&, const Pre&, const S&, double weight) {
    return check_optimizer(c, weight);
  }

  static V prepare(const C& c, const P& p) { return {c, p}; }
  static void on_spike(const V&, Pre&, const Spike&) {}

  static double on_pre(const V& v, const Pre&, const Pre&, S& s, double& weight, const Spike& x, Post& post) {
    LearningArchive& target = *post.learning;
    if (target.loses(x.stamp)) return nothing;
    const Step interval = target.interval_of(x.stamp);
    if (double(interval) <= s.pending) return weight;
    if (s.pending >= 0) {
      const double gradient = target.gradient(Step(s.pending), x.train, Step(s.from), v.p.tau_m_readout);
      s.sum += v.c.average_gradient ? gradient / double(target.clock.window) : gradient;
    }
    weight = optimised(v.c, s, weight, interval);  // also before the first gradient: intervals that went by are updates
    target.hold(interval);
    s.pending = double(interval);
    s.from = double(x.stamp);
    return weight;
  }

  // Up to the end of an interval in which the source has spiked.
  static Step rests_until(const S& s, const Spike& x, Post& post) {
    return s.pending == double(post.learning->interval_of(x.stamp)) ? post.learning->unchanged_until() : x.stamp;
  }
};

}  // namespace nl
