#pragma once
#include <algorithm>
#include <cmath>
#include <deque>

#include <nest_lab/device.hpp>

namespace nl {

struct correlation_detector {
  static constexpr auto doc =
      "Counts pairs of spikes of two sources by the time between them.\n"
      "\n"
      "Spikes that come in at receptor_type 0 and 1 make pairs; a pair with lag t1 - t0 from -tau_max - delta_tau/2 (included) to\n"
      "tau_max + delta_tau/2 (not included) is counted in the bin of width delta_tau around it. count_histogram holds numbers of\n"
      "pairs, histogram sums of products of the weights, histogram_correction what rounding took from these sums (Kahan 1965,\n"
      "doi:10.1145/363707.363723). A pair counts when its later spike lies from Tstart to Tstop; n_events are the numbers\n"
      "of spikes in this time. Spikes have the time of their emission: delays have no effect. Two spikes at once and three at\n"
      "once are six pairs; the reference simulator takes them for two events and counts three. Setting n_events to [0, 0], or\n"
      "another tau_max or delta_tau, starts anew.";
  static constexpr Role role = Role::detector;
  static constexpr int inputs = 2;
  struct P {
    double delta_tau = 0.5, tau_max = 5, Tstart = 0, Tstop = std::numeric_limits<double>::max();
  };
  struct Waiting {
    Step time;
    double weight, multiplicity;
  };
  struct S {
    std::vector<double> histogram, histogram_correction, count_histogram, n_events{0, 0};
    std::vector<double> counted{0, 0};  // n_events that nobody has set
    std::deque<Waiting> waiting[2];
    double delta_tau = 0, tau_max = 0;  // that the histograms are made for
  };
  static constexpr auto params = table(
      field("delta_tau", &P::delta_tau, "ms", above(0), "Width of a bin"),
      field("tau_max", &P::tau_max, "ms", at_least(0), "Middle of the last bin"),
      field("Tstart", &P::Tstart, "ms", any(), "Time from which pairs count"),
      field("Tstop", &P::Tstop, "ms", any(), "Time up to which pairs count"),
      Field<S, std::vector<double>>{"histogram", &S::histogram, "", any(), "Sums of products of weights", "readonly"},
      Field<S, std::vector<double>>{"histogram_correction", &S::histogram_correction, "", any(),
                                    "What rounding took from these sums", "readonly"},
      Field<S, std::vector<double>>{"count_histogram", &S::count_histogram, "", any(), "Numbers of pairs", "readonly"},
      field("n_events", &S::n_events, "", at_least(0), "Numbers of spikes at receptor_type 0 and 1"));

  static void check(const P& p, const S& s, double h, Step) {
    auto refuse = [](const char* name, double ms, const std::string& allowed, const char* todo) {
      throw Error("BadValue", std::string("correlation_detector.") + name, number(ms) + " ms", allowed, todo);
    };
    if (!on_grid(p.delta_tau, h) || p.delta_tau < h * (1 - 1e-9))
      refuse("delta_tau must be a multiple of the resolution", p.delta_tau, "multiples of " + number(h) + " ms",
             "Choose a bin of a whole number of steps.");
    if (!on_grid(p.tau_max, p.delta_tau))
      refuse("tau_max must be a multiple of delta_tau", p.tau_max, "multiples of " + number(p.delta_tau) + " ms",
             "Set both, tau_max as a whole number of bins.");
    if (p.tau_max / p.delta_tau > 1e6)
      refuse("tau_max has too many bins", p.tau_max, "at most " + number(1e6 * p.delta_tau) + " ms",
             "Lower tau_max or raise delta_tau.");
    if (s.n_events != s.counted && s.n_events != std::vector<double>{0, 0})
      throw Error("BadValue", "correlation_detector.n_events can only be set to [0, 0]",
                  std::to_string(s.n_events.size()) + " numbers", "[0, 0]", "Set it to [0, 0] to start anew.");
  }

  static void normalise(const P& p, S& s, double, Step) {
    const bool other = s.delta_tau != p.delta_tau || s.tau_max != p.tau_max;
    if (s.delta_tau > 0 && (other || s.n_events != s.counted)) start(p, s);
  }

  static Emission emit(const P& p, S& s, const Window&, const DeviceStep&) {
    if (s.delta_tau == 0) start(p, s);
    return {};
  }

  static void receive(const P& p, S& s, const Window& w, const InSpike& x, double h) {
    const Step t = x.emitted + 1;
    if (w.frozen || t <= w.first(h) || t > w.last(h)) return;
    const bool counts = t >= start_step(p.Tstart, h) && t <= start_step(p.Tstop, h);
    const Step bin = to_steps(p.delta_tau, h), edge = 2 * to_steps(p.tau_max, h) + bin;  // in half steps
    auto& others = s.waiting[1 - x.receptor];
    // The interval of lags is open at its end, so that a spike at receptor 0 that lies there comes too late.
    while (!others.empty() && 2 * (t - others.front().time) >= edge + 1 - x.receptor) others.pop_front();
    const double n = double(x.multiplicity), product = n * x.weight;
    if (counts) s.counted[std::size_t(x.receptor)] = s.n_events[std::size_t(x.receptor)] += n;
    for (const Waiting& o : others) {
      if (!counts) break;
      const Step lag = x.receptor == 1 ? t - o.time : o.time - t;
      const auto k = std::size_t((2 * lag + edge) / (2 * bin));
      s.count_histogram[k] += n * o.multiplicity;
      add(s.histogram[k], s.histogram_correction[k], product * o.weight);
    }
    s.waiting[x.receptor].push_back({t, product, n});
  }

 private:
  static Step start_step(double ms, double h) { return ms >= 1e300 ? forever : to_steps(ms, h); }
  static void add(double& sum, double& correction, double x) {
    const double y = x - correction, t = sum + y;
    correction = (t - sum) - y;
    sum = t;
  }
  static void start(const P& p, S& s) {
    const auto bins = std::size_t(2 * std::llround(p.tau_max / p.delta_tau) + 1);
    for (auto* histogram : {&s.histogram, &s.histogram_correction, &s.count_histogram}) histogram->assign(bins, 0);
    s.n_events = s.counted = {0, 0};
    for (auto& spikes : s.waiting) spikes.clear();
    s.delta_tau = p.delta_tau;
    s.tau_max = p.tau_max;
  }
};

}  // namespace nl
