#pragma once
#include <nest_lab/optimizer.hpp>
#include <nest_lab/synapse.hpp>

namespace nl {

struct eprop_synapse {
  static constexpr auto doc =
      "Synapse that learns by e-prop from spike to spike: its weight follows the gradients that its target finds.\n"
      "\n"
      "When the source spikes, the gradients of the loss in the steps since the spike before, which are those of eprop_iaf and\n"
      "eprop_readout, are passed to the optimizer: one by one with optimize_each_step, else as their sum. The delay is one step.\n"
      "Where the source has a finite flush_event_send_interval, gradients are also found that long after its last spike, and again\n"
      "after each further interval of silence. With optimize_each_step the weight then follows, else it waits for the spike.\n"
      "\n"
      "`optimizer` is a dictionary: `type`, 'gradient_descent' or 'adam', batch_size (in steps), eta, Wmin, Wmax, optimize_each_step,\n"
      "and for adam beta_1, beta_2 and epsilon. It is shared by all connections of the model.\n"
      "\n"
      "Korcsak-Gorzo et al. (2025) arXiv:2511.21674; Adam: Kingma & Ba (2015) doi:10.48550/arXiv.1412.6980.";

  struct C {
    std::int64_t optimizer = 0, batch_size = 1;
    double eta = 1e-4, Wmin = -100, Wmax = 100;
    bool optimize_each_step = true;
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
  };
  struct P {};
  struct Pre {};
  struct S {
    double pending = -1;  // step up to which the gradient was followed
    double since = 0;     // steps from the last spike to there
    double arrived = 0, filtered = 0, regular = 0, late = 0;
    double sum = 0, updates = 1, m = 0, v = 0;
  };
  struct V {
    C c;
  };
  static constexpr auto params = table();
  static constexpr auto dictionary = "optimizer", dictionary_doc = "How gradients change the weight";
  static constexpr auto items = optimizer_items<C>();
  static const char* item_when(std::string_view name) { return optimizer_needed(name); }
  static constexpr bool looks_back = false, learns = true, by_spikes = true;

  static Complaint check(const C& c, const P&, const Pre&, const S&, double weight) {
    return check_optimizer(c, weight);
  }

  static V prepare(const C& c, const P&) { return {c}; }
  static void on_spike(const V&, Pre&, const Spike&) {}

  static double on_pre(const V& v, const Pre&, const Pre&, S& s, double& weight, const Spike& x, Post& post) {
    const Step step = x.stamp - 1;
    if (s.pending >= 0) {
      follow(v, s, weight, step, *post.learning);
      if (!v.c.optimize_each_step) weight = optimised(v.c, s, weight, step);
    }
    post.learning->hold_step(step);
    s.pending = double(step);
    s.since = 0;
    return weight;
  }

  static void advance(const V& v, const Pre&, S& s, double& weight, const Spike& x, Post& post) {
    if (s.pending < 0) return;
    follow(v, s, weight, x.stamp - 1, *post.learning);
    post.learning->hold_step(x.stamp - 1);
  }

  static void follow(const V& v, S& s, double& weight, Step to, LearningArchive& target) {
    Eligibility e{s.arrived, s.filtered, s.regular, s.late, s.since};
    Step at = Step(s.pending);
    for (const double g : target.gradients(at, to, e)) {
      s.sum += g;
      ++at;
      if (v.c.optimize_each_step) weight = optimised(v.c, s, weight, at);
    }
    s.arrived = e.arrived;
    s.filtered = e.filtered;
    s.regular = e.regular;
    s.late = e.late;
    s.since += double(to) - s.pending;
    s.pending = double(to);
  }
};

}  // namespace nl
