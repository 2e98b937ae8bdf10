#pragma once
#include <nest_lab/elements.hpp>
#include <nest_lab/neuron.hpp>
#include <nest_lab/objects.hpp>
#include <nest_lab/propagators.hpp>

namespace nl {

struct gif_pop_psc_exp {
  static constexpr auto doc =
      "A population of N generalised integrate-and-fire neurons in one node: how many of them spike in each step.\n"
      "\n"
      "All neurons of the population have the input potential V_m,\n"
      "    tau_m dV_m/dt = -(V_m - E_L) + tau_m/C_m (I_syn_ex + I_syn_in + I_e + I_stim),\n"
      "and differ in the time since their last spike. A neuron that spiked a time s ago has gone on from V_reset since the end\n"
      "of t_ref, to u(s), and fires with the hazard lambda_0 exp((u(s) - theta(s))/Delta_V). The threshold is V_T_star + the\n"
      "sum of q_sfa exp(-s/tau_sfa) of its last spike + what the spikes before it have left, taken as Delta_V (1 -\n"
      "exp(-sum of q_sfa exp(-t/tau_sfa)/Delta_V))/N for each spike of the population a time t ago. The survivors of each\n"
      "past step, and the variance of their number, are followed over the length of the kernel; the expected number of spikes is\n"
      "    mean = sum of P(s) m(s) + P_free m_free + Lambda (N - sum of m - m_free),\n"
      "where the last term makes up for the survivors not adding up to N in a population of finite size; it may take the mean\n"
      "below 0, and then there is no spike. The number of spikes is binomial with this mean, or Poisson without BinoRand.\n"
      "Schwalger, Deger & Gerstner 2017, doi:10.1371/journal.pcbi.1005507, section Methods.\n"
      "\n"
      "A weight that arrives is spread evenly over its step. At the beginning all neurons have just spiked. The kernel has\n"
      "len_kernel steps, not less than t_ref; where that is not positive, as many as it takes for the adaptation to fall below a\n"
      "tenth of Delta_V, between 5 tau_m and 20 s. E_sfa is the threshold of neurons whose last spike is longer ago.";

  struct P {
    std::int64_t N = 100, len_kernel = -1;
    double C_m = 250, tau_m = 20, t_ref = 4, lambda_0 = 10, Delta_V = 2, E_L = 0, V_reset = 0, V_T_star = 15, I_e = 0,
           tau_syn_ex = 3, tau_syn_in = 6;
    std::vector<double> tau_sfa = {300}, q_sfa = {0.5};
    bool BinoRand = true;
  };
  struct S {
    double V_m = 0, I_syn_ex = 0, I_syn_in = 0, E_sfa = 0, mean = 0, events = 0;
    std::int64_t n_events = 0;
  };

  static constexpr auto params = table(
      field("N", &P::N, "", between(1, 1e9), "Number of neurons"),
      field("len_kernel", &P::len_kernel, "", Bounds{.upper = 1e6},
            "Length of the kernel in steps; chosen if not positive"),
      field("C_m", &P::C_m, "pF", above(0), "Capacitance of the membrane"),
      field("tau_m", &P::tau_m, "ms", above(0), "Time constant of the membrane"),
      field("t_ref", &P::t_ref, "ms", at_least(0), "Time after a spike during which a neuron is held at V_reset"),
      field("lambda_0", &P::lambda_0, "1/s", at_least(0), "Hazard at the threshold"),
      field("Delta_V", &P::Delta_V, "mV", above(0), "Width of the threshold: how far above it the hazard grows e-fold"),
      field("E_L", &P::E_L, "mV", any(), "Resting potential"),
      field("V_reset", &P::V_reset, "mV", any(), "Potential after a spike"),
      field("V_T_star", &P::V_T_star, "mV", any_or_never(), "Threshold without adaptation"),
      field("I_e", &P::I_e, "pA", any(), "Constant input current"),
      field("tau_syn_ex", &P::tau_syn_ex, "ms", above(0), "Time constant of the excitatory current"),
      field("tau_syn_in", &P::tau_syn_in, "ms", above(0), "Time constant of the inhibitory current"),
      field("tau_sfa", &P::tau_sfa, "ms", above(0), "Time constants of the threshold's adaptation"),
      field("q_sfa", &P::q_sfa, "mV", any(), "Jumps of the threshold at each spike, one for each tau_sfa"),
      field("BinoRand", &P::BinoRand, "", any(), "Whether numbers of spikes are binomial, not Poisson"),
      field("V_m", &S::V_m, "mV", any(), "Input potential"),
      field("I_syn_ex", &S::I_syn_ex, "pA", any(), "Excitatory synaptic current"),
      field("I_syn_in", &S::I_syn_in, "pA", any(), "Inhibitory synaptic current"),
      computed("E_sfa", &S::E_sfa, "mV", "Threshold of neurons that have not spiked for long"),
      computed("mean", &S::mean, "", "Expected number of spikes in the last step"),
      computed("n_events", &S::n_events, "", "Number of spikes in the last step"));
  static constexpr auto recordables =
      table(recordable("V_m", &S::V_m, "mV", "Input potential"),
            recordable("E_sfa", &S::E_sfa, "mV", "Threshold of neurons that have not spiked for long"),
            recordable("I_syn_ex", &S::I_syn_ex, "pA", "Excitatory synaptic current"),
            recordable("I_syn_in", &S::I_syn_in, "pA", "Inhibitory synaptic current"),
            recordable("mean", &S::mean, "", "Expected number of spikes in a step"),
            recordable("n_events", &S::events, "", "Number of spikes in a step"));

  static constexpr int spike_channels = 2, current_channels = 1;
  static constexpr int spike_channel(int receptor, bool negative) { return receptor == 0 ? int(negative) : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }
  static constexpr bool archives = false, population = true;
  static bool draws(const P&) { return true; }

  static Complaint check(const P& p) {
    const std::pair<std::string, std::size_t> lists[] = {{"tau_sfa", p.tau_sfa.size()}, {"q_sfa", p.q_sfa.size()}};
    check_same_length("gif_pop_psc_exp", lists);
    return {};
  }

  // Neurons by the step of their last spike, the youngest first: how many spiked, how many of them have not spiked since and the
  // variance of that, their potential and hazard. The window moves down by one place a step, and back to the end when
  // it has reached the beginning.
  struct History {
    std::vector<double> spiked, survivors, variance, u, hazard;
    std::size_t begin = 0, length = 0;

    auto all() { return std::array{&spiked, &survivors, &variance, &u, &hazard}; }
    void resize(std::size_t n) {  // the youngest stay
      for (auto* x : all()) {
        std::vector<double> y(3 * n + 8, 0.0);
        for (std::size_t k = 0; k < std::min(n, length); ++k) y[2 * n + k] = (*x)[begin + k];
        x->swap(y);
      }
      begin = 2 * n;
      length = n;
    }
    void add(double n, double V_reset) {
      if (begin == 0) {
        for (auto* x : all()) std::copy_n(x->begin(), length, x->begin() + long(2 * length));
        begin = 2 * length;
      }
      --begin;
      spiked[begin] = survivors[begin] = n;
      variance[begin] = hazard[begin] = 0;
      u[begin] = V_reset;
    }
  };

  struct Node {
    P p;
    S s;
    History past;
    std::vector<double> kernel, left;           // adaptation by age: of the last spike, of one spike among N
    std::vector<double> decay_sfa, far, level;  // of spikes beyond the history
    std::vector<double> threshold;
    double h = 0, decay = 0, per_current = 0, decay_ex = 0, decay_in = 0, from_ex = 0, from_in = 0;
    double free_neurons = 0, free_variance = 0, free_hazard = 0;
    std::size_t silent = 0;  // steps of t_ref
    bool fresh = true;

    double adaptation(double age) const {
      double sum = 0;
      for (std::size_t l = 0; l < p.tau_sfa.size(); ++l) sum += p.q_sfa[l] * std::exp(-age / p.tau_sfa[l]);
      return sum;
    }

    std::size_t kernel_steps() const {
      if (p.len_kernel > 0) return std::max<std::size_t>({1, silent, std::size_t(p.len_kernel)});
      const std::size_t least = std::size_t(5 * p.tau_m / h);
      std::size_t n = std::min<std::size_t>(1000000, std::size_t(20000 / h));
      while (n > least && adaptation(double(n) * h) / p.Delta_V < 0.1) --n;
      return std::max<std::size_t>({1, n, silent + 1});
    }

    void prepare(double resolution) {
      h = resolution;
      const Membrane m = membrane(p.tau_m, p.C_m, h);
      decay = m.decay;
      per_current = m.constant;
      decay_ex = std::exp(-h / p.tau_syn_ex);
      decay_in = std::exp(-h / p.tau_syn_in);
      from_ex = from_exponential(p.tau_syn_ex, p.tau_m, p.C_m, h);
      from_in = from_exponential(p.tau_syn_in, p.tau_m, p.C_m, h);
      silent = std::size_t(std::min<Step>(1000000, steps_up(p.t_ref, h)));
      const std::size_t n = kernel_steps();
      for (std::size_t k = n; k < past.length; ++k) {  // a shorter history: the rest join the free neurons
        free_neurons += past.survivors[past.begin + k];
        free_variance += past.variance[past.begin + k];
      }
      if (n != past.length) past.resize(n);
      kernel.resize(n);
      left.resize(n);
      threshold.assign(n + 8, 0.0);
      for (std::size_t k = 0; k < n; ++k) {
        kernel[k] = adaptation(double(k + 1) * h);
        left[k] = -p.Delta_V * std::expm1(-kernel[k] / p.Delta_V) / double(p.N);
      }
      decay_sfa.clear();
      far.clear();
      level.resize(p.tau_sfa.size());
      for (std::size_t l = 0; l < p.tau_sfa.size(); ++l) {
        decay_sfa.push_back(std::exp(-h / p.tau_sfa[l]));
        far.push_back(p.q_sfa[l] * p.tau_sfa[l] * std::exp(-double(n) * h / p.tau_sfa[l]));
      }
      if (fresh) past.add(double(p.N), p.V_reset);
      fresh = false;
    }

    double hazard(double above) const { return p.lambda_0 * 1e-3 * bounded_exp(above / p.Delta_V); }

    // What all neurons get during the step: the change of their potential towards rest is not in it.
    double input(const double* spikes, double current) {
      const double ex = spikes[0] * p.tau_syn_ex / h, in = spikes[1] * p.tau_syn_in / h;  // where the currents tend to
      const double change =
          (s.I_syn_ex - ex) * from_ex + (s.I_syn_in - in) * from_in + (ex + in + p.I_e + current) * per_current;
      s.I_syn_ex = ex + (s.I_syn_ex - ex) * decay_ex;
      s.I_syn_in = in + (s.I_syn_in - in) * decay_in;
      return change;
    }

    // Thresholds by age. Spikes before a neuron's last one count as those of the population: sums from the oldest on.
    void find_thresholds() {
      const std::size_t n = past.length;
      const double* spiked = past.spiked.data() + past.begin;
      s.E_sfa = p.V_T_star;
      for (std::size_t l = 0; l < level.size(); ++l) {
        level[l] = level[l] * decay_sfa[l] + (1 - decay_sfa[l]) * spiked[n - 1] / (double(p.N) * h);
        s.E_sfa += far[l] * level[l];
      }
      double sum = s.E_sfa;
      for (std::size_t k = n; k-- > silent;) {
        threshold[k] = sum + kernel[k];
        sum += left[k] * spiked[k];
      }
    }

    struct Totals {
      double spikes = 0, neurons = 0, spread = 0, variance = 0;
    };

    // One step of the survivors that are not refractory. Eight sums side by side, in an order that no machine changes.
    Totals follow_survivors(double change) {
      constexpr std::size_t width = 8;
      double sums[4][width] = {};
      double* __restrict m = past.survivors.data() + past.begin;
      double* __restrict v = past.variance.data() + past.begin;
      double* __restrict u = past.u.data() + past.begin;
      double* __restrict hazards = past.hazard.data() + past.begin;
      const double* limit = threshold.data();
      const std::size_t n = past.length;
      for (std::size_t k0 = silent; k0 < n; k0 += width)
        for (std::size_t i = 0; i < width; ++i) {
          const std::size_t k = k0 + i;  // what lies behind the end is 0
          const double U = decay * (u[k] - p.E_L) + p.E_L + change, now = hazard(U - limit[k]);
          const double expected = 0.5 * (now + hazards[k]) * h;
          const double P = expected > 0.01 ? 1 - vexp(expected > 600 ? -600 : -expected) : expected;
          const bool inside = k < n;
          const double M = inside ? m[k] : 0.0, W = inside ? v[k] : 0.0;
          u[k] = U;
          hazards[k] = now;
          sums[0][i] += P * M;
          sums[1][i] += M;
          sums[2][i] += P * W;
          sums[3][i] += W;
          v[k] = (1 - P) * (1 - P) * W + P * M;
          m[k] = (1 - P) * M;
        }
      Totals t;
      for (std::size_t i = 0; i < width; ++i) {
        t.spikes += sums[0][i];
        t.neurons += sums[1][i];
        t.spread += sums[2][i];
        t.variance += sums[3][i];
      }
      for (std::size_t k = 0; k < std::min(silent, n); ++k) t.neurons += m[k];
      return t;
    }

    int step(const double* spikes, const double* currents, Draws& draws) {
      const double change = input(spikes, currents[0]);
      s.V_m = decay * (s.V_m - p.E_L) + p.E_L + change;
      find_thresholds();
      const double now = hazard(s.V_m - s.E_sfa);
      const double P_free = escape_probability(0.5 * (now + free_hazard) * h);
      free_hazard = now;
      const Totals t = follow_survivors(change);
      const double variance = t.variance + free_variance;
      const double correction = variance > 0 ? (t.spread + P_free * free_variance) / variance : 0.0;
      s.mean = t.spikes + P_free * free_neurons + correction * (double(p.N) - t.neurons - free_neurons);
      // The oldest leave the history and join the free ones.
      const std::size_t last = past.begin + past.length - 1;
      free_variance = (1 - P_free) * (1 - P_free) * free_variance + P_free * free_neurons + past.variance[last];
      free_neurons = (1 - P_free) * free_neurons + past.survivors[last];
      const double bounded = std::clamp(s.mean, 0.0, double(p.N));
      s.events = p.BinoRand ? draws.binomial(double(p.N), bounded / double(p.N))
                            : std::min(draws.poisson(bounded), double(p.N));
      s.n_events = std::int64_t(s.events);
      past.add(s.events, p.V_reset);
      return int(s.n_events);
    }
  };
  using store = ObjectStore<gif_pop_psc_exp>;
};

}  // namespace nl
