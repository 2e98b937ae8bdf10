// The contract of neurons that learn by gradients: what they remember of each step, and what a spike at one of their synapses
// changes in the loss.
//
// Time is cut in intervals between updates of the weights. A neuron model that learns says
//   learning_shift                 steps from the start of the simulation to its first interval
//   signal_lag                     steps from a step to the one in which the learning signal for it is there
//   loses_first                    optional: true where spikes that arrive in the first step of an interval are lost
//   begin(P, S&)                   what happens to its state where an interval begins, if neurons are reset there
//   influence(P, V, Experience, double* out)   the gradient of the loss that a spike brings which arrives in step i of the interval
// and where its learning signal is found
//   teacher                        the channel of Inputs::coupled it arrives on, or
//   error                          the member of S that is the signal
// and for models with a threshold
//   slope, spiked                  members of S: the surrogate gradient, and whether the neuron has just spiked
//   remembered                     optional: a member of S that shows the time that is remembered
// Inputs::learning tells whether the learning signal that is there in a step belongs to the learning window: the last steps of
// each interval.
//
// A gradient is linear in the spikes of the source: each step of it is a sum over spikes, weighted by filters. So one pass back
// through an interval (the adjoint of the filters) gives what a spike in any step contributes, and a synapse adds up one number for
// each spike of its source, where filtering forward would take a pass through the interval for each synapse.
//
// In the other form of learning there are no intervals: a synapse follows the gradient when its source spikes, from the spike
// before on. Such a model says, in place of learning_shift, begin, loses_first and influence,
//   by_spikes                      true
//   gradients(P, V, Past, Eligibility&, double* out)   gradients in the steps between two spikes of a source, as many as it returns
//   regularisation                 optional: a member of S that counts in the gradient beside the learning signal
// Here each synapse takes its filters from spike to spike, because two synapses seldom ask for the same stretch of time. Where a
// source has a finite `flush_interval` and is silent for longer, its synapses follow up to there (Eligibility::since), so that
// what lies before can be forgotten.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "core.hpp"

namespace nl {

class NeuronStore;

inline constexpr auto flush_interval = "flush_event_send_interval";  // name of the parameter of neurons, in ms

// Intervals between updates, in steps.
struct LearningClock {
  Step interval = 1, window = 1;
  bool reset = true;  // neurons begin each interval anew
  // Interval of a step and its place there, for a model with this shift; the interval before the first has number -1.
  struct Place {
    Step interval, at;
  };
  Place place(Step step, Step shift) const {
    if (step < shift) return {-1, step - shift};
    return {(step - shift) / interval, (step - shift) % interval};
  }
  bool begins(Step step, Step shift) const { return place(step, shift).at == 0; }
  bool learns(Step step, Step shift) const { return place(step, shift).at >= interval - window; }
};

// What a neuron remembers of an interval.
struct Experience {
  std::span<const double> slope;   // by step; empty for models without a threshold
  std::span<const double> signal;  // by step; 0 as long as it is not known
  Step interval;
  double spikes;  // how many the neuron has sent
  double decay;   // of the filter that the readout applies, in a step
  double h;       // ms, the resolution
};

// What a neuron remembers of a step, where it learns from spike to spike; what the model does not have is 0.
struct PastStep {
  double slope = 0, signal = 0, regularisation = 0;
};
// The steps between two spikes of a source, from the step of the first to the one before the second.
using Past = std::span<const PastStep>;

// What a synapse remembers between two spikes of its source: the filters, whether the first of them has yet to arrive, and the
// steps since that spike.
struct Eligibility {
  double arrived = 0, filtered = 0, regular = 0, late = 0, since = 0;
  // Of the next so many steps, those that are less than a number of steps after the spike.
  Step before(double cutoff, Step steps) const {
    return cutoff - since < double(steps) ? Step(std::max(0.0, cutoff - since)) : steps;
  }
};

// Where a model learns, as the kernel needs to know it.
struct LearnerInfo {
  bool learns = false, by_spikes = false;
  Step shift = 0, lag = 0;
  int teacher = -1;
  bool slopes = false;       // has a threshold
  bool loses_first = false;  // what arrives in the first step of an interval is lost
};

// Values of the lanes of a chunk, as they are after a step; null where the model has none.
struct Observed {
  const double *slope = nullptr, *spiked = nullptr, *error = nullptr, *regularisation = nullptr;
  double* remembered = nullptr;  // here goes how long a time the neuron remembers, in ms
};

class LearningArchive {
  // Spikes that fall into one interval, by their stamps: the last one that was asked for.
  struct Stamps {
    Step begin = 0, end = 0, interval = 0;
  } stamps_;
  double *slope_now_ = nullptr, *signal_now_ = nullptr;  // of the intervals that are noted now, where that is known
  Step heard_ = 0;  // steps of which the signal is known, from the first interval on

 public:
  LearnerInfo info;
  const NeuronStore* store = nullptr;
  std::size_t lane = 0;
  LearningClock clock;
  double h = 0;
  std::uint32_t incoming = 0;  // synapses that learn

 private:
  struct Episode {
    Step number = 0;
    std::uint32_t waiting = 0;  // synapses with spikes in it that have not been updated since
    double spikes = 0;
    std::vector<double> slope, signal;  // by step
    struct Influence {
      double tau;
      Step heard;
      std::vector<double> of;
    };
    std::vector<Influence> influences;
  };
  std::vector<Episode> episodes_;

  // Where there are no intervals: what is known from a step on, and the last spikes of sources, with the number of synapses
  // that have not been updated since.
  Step first_ = 0;
  std::vector<PastStep> moments_;
  std::vector<std::pair<Step, std::uint32_t>> waiting_;

  void find(Step stamp);
  void open(LearningClock::Place);
  Episode& episode(Step number);
  const std::vector<double>& influence(Episode&, double tau);
  void forget(Step before);
  PastStep& moment(Step step) {
    if (step - first_ >= Step(moments_.size())) moments_.resize(std::size_t(step - first_) + 1);
    return moments_[std::size_t(step - first_)];
  }
  std::pair<Step, std::uint32_t>& waiting(Step spike);
  void forget_steps(Step now);

 public:
  // Makes it the archive of a neuron of a store, of which nothing is held.
  void belong(const NeuronStore&, std::size_t lane, const LearningClock&, double h);
  // Number of the interval that a spike with this stamp (in steps) falls into; negative before the first one.
  Step interval_of(Step stamp) {
    if (stamp < stamps_.begin || stamp >= stamps_.end) find(stamp);
    return stamps_.interval;
  }
  // Whether a spike is lost: the last stamp of an interval arrives when the next one begins.
  bool loses(Step stamp) {
    interval_of(stamp);
    return info.loses_first && stamp == stamps_.end - 1;
  }
  // First stamp after that for which either of these has another answer.
  Step unchanged_until() const { return stamps_.end - info.loses_first; }
  void note(LearningClock::Place now, double slope, double spiked) {
    if (!slope_now_ || now.at == 0) open(now);
    slope_now_[now.at] = slope;
    if (spiked != 0) episode(now.interval).spikes += spiked;
  }
  void note_signal(LearningClock::Place now, double signal) {
    if (!signal_now_ || now.at == 0) signal_now_ = episode(now.interval).signal.data();
    signal_now_[now.at] = signal;
    heard_ = now.interval * clock.interval + now.at + 1;
    if (now.at + 1 == clock.interval) forget(now.interval);
  }
  void hold(Step interval);
  // Gradient of the loss in an interval from the spikes of a source, given by their stamps, beginning with stamp `from`, with the
  // time constant of the readout (ms). The synapse that held the interval lets it go.
  double gradient(Step interval, std::span<const Step> train, Step from, double tau);
  // The same without intervals: what is known of a step, a source that has spiked in it, and the gradients since that step.
  void note_step(Step step, double slope, double regularisation) {
    forget_steps(step);
    PastStep& m = moment(step);
    m.slope = slope;
    m.regularisation = regularisation;
  }
  void note_signal(Step step, double signal) {
    if (step >= first_) moment(step).signal = signal;
  }
  void hold_step(Step spike) { ++waiting(spike).second; }
  std::span<const double> gradients(Step from, Step to, Eligibility&);
  Step remembered(LearningClock::Place now) const;  // steps
};

template <class M>
concept Learns = requires { M::signal_lag; };
template <class M>
concept LearnsBySpikes = requires { M::by_spikes; };

}  // namespace nl
