#pragma once
#include <nest_lab/neuron.hpp>

namespace nl {

struct mcculloch_pitts_neuron {
  static constexpr auto doc =
      "Binary neuron with a sharp threshold, updated at random times.\n"
      "\n"
      "The state S is 1 after an update at which the summed input h plus the injected current exceeds theta, else 0; intervals\n"
      "between updates are exponential with mean tau_m (Ginzburg & Sompolinsky 1994, doi:10.1103/PhysRevE.50.3171, eqs 3.4, 3.5).\n"
      "A transition up leaves as two spikes at once, one down as a single spike; arriving, they add the weight of the connection\n"
      "to h and take it away. Two connections of one source to one target count both; the reference simulator mistakes their\n"
      "spikes for each other's.";

  struct P {
    double tau_m = 10, theta = 0;
  };
  struct State {
    bool S = false;
    double state = 0, h = 0;
    double due = 0;  // ms from the beginning of the step to the next update
    bool started = false;
  };
  using S = State;
  struct V {
    double h;
  };

  static constexpr auto params =
      table(field("tau_m", &P::tau_m, "ms", above(0), "Mean interval of updates"),
            field("theta", &P::theta, "mV", any_or_never(), "Threshold"),
            Field<State, double>{"h", &State::h, "mV", any(), "Summed input", "readonly"},
            Field<State, bool>{"S", &State::S, "", any(), "Whether the neuron is up", "readonly"});
  static constexpr auto recordables = table(recordable("S", &State::state, "", "1 when the neuron is up, else 0"),
                                            recordable("h", &State::h, "mV", "Summed input"));

  static constexpr int spike_channels = 1, current_channels = 1;
  static constexpr bool reads_transitions = true;
  static constexpr int current_lag = 0;
  static constexpr unsigned sends = signal::transitions, receives = signal::transitions;
  static constexpr int spike_channel(int receptor, bool) { return receptor == 0 ? 0 : refused; }
  static constexpr int current_channel(int receptor) { return receptor == 0 ? 0 : refused; }

  static bool draws(const P&) { return true; }
  NL_HD static V prepare(const P&, double h) { return {h}; }

  template <class In>
  NL_HD static int step(const P& p, const V& v, State& s, const In& in) {
    double interval = 0;
    if constexpr (In::draws) interval = -p.tau_m * vlog(in.uniform);
    s.h += in.spikes[0];
    const double due = s.started ? s.due : interval;
    const bool update = due < 0;
    const bool up = update ? s.h + in.current[0] > p.theta : s.S;
    const int spikes = up == s.S ? 0 : up ? 2 : 1;
    s.due = due + (update ? interval : 0.0) - v.h;
    s.started = true;
    s.S = up;
    s.state = up;
    return spikes;
  }
};

}  // namespace nl
