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
// Here each synapse takes its filters from spike to spike, because two synapses seldom ask for the same stretch of time.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core.hpp"

namespace nl {

class NeuronStore;

// Intervals between updates, in steps.
struct LearningClock {
  Step interval = 0, window = 0;
  bool reset = true;  // neurons begin each interval anew
  // Place of a step in its interval, for a model with this shift; negative before the first one.
  Step phase(Step step, Step shift) const { return step < shift ? step - shift : (step - shift) % interval; }
  bool learns(Step step, Step shift) const {
    const Step at = phase(step, shift);
    return at >= interval - window;
  }
};

// What a neuron remembers of an interval.
struct Experience {
  std::span<const double> slope;   // by step; empty for models without a threshold
  std::span<const double> signal;  // by step, as far as it is known
  Step interval;
  double spikes;  // how many the neuron has sent
  double decay;   // of the filter that the readout applies, in a step
  double h;       // ms, the resolution
  double signal_at(std::size_t i) const { return i < signal.size() ? signal[i] : 0; }
};

// What a neuron remembers of the steps between two spikes of a source, from the step of the first to the one before the second.
struct Past {
  std::span<const double> slope, signal, regularisation;  // by step; those that the model does not have are 0
  Step steps;
};

// What a synapse remembers between two spikes of its source: the filters, and whether the first of them has yet to arrive.
struct Eligibility {
  double arrived = 0, filtered = 0, regular = 0, late = 0;
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
  struct Episode {
    Step number = 0;
    std::uint32_t waiting = 0;  // synapses with spikes in it that have not been updated since
    double spikes = 0;
    std::vector<double> slope, signal;
    struct Influence {
      double decay;
      std::size_t known;  // how much of the signal was there
      std::vector<double> of;
    };
    std::vector<Influence> influences;
  };
  std::vector<Episode> episodes_;

  // Where there are no intervals.
  struct Course {
    Step first = 0;  // step of the first value of each
    std::vector<double> slope, signal, regularisation;
    std::map<Step, std::uint32_t> waiting;  // synapses, by the step of the last spike of their source
    std::vector<double> scratch;
  } course_;

  void put(std::vector<double>& values, Step step, double x);
  void forget_steps(Step now);

  Episode& episode(Step number);
  const std::vector<double>& influence(Episode&, double decay);
  void forget(Step before);

 public:
  const NeuronStore* store = nullptr;
  std::size_t lane = 0;
  LearnerInfo info;
  LearningClock clock;
  double h = 0;
  std::uint32_t incoming = 0;  // synapses that learn

  // Number of the interval that a spike with this stamp (in steps) falls into; negative before the first one.
  Step interval_of(Step stamp) const {
    const Step at = stamp - 1 - info.shift;
    return at < 0 ? -1 : at / clock.interval;
  }
  bool loses(Step stamp) const { return info.loses_first && clock.phase(stamp, info.shift) == 0; }
  void note(Step step, double slope, double spiked);
  void note_signal(Step step, double signal);
  void hold(Step interval);
  void hold_nothing();
  // Gradient of the loss in an interval from the spikes of a source, given by their stamps, beginning with stamp `from`. The
  // synapse that held the interval lets it go.
  double gradient(Step interval, std::span<const Step> train, Step from, double decay);
  // The same without intervals: what is known of a step, a source that has spiked in it, and the gradients since that step.
  void note_step(Step step, double slope, double regularisation);
  void hold_step(Step spike) { ++course_.waiting[spike]; }
  std::span<const double> gradients(Step from, Step to, Eligibility&);
  Step remembered() const;  // steps
};

template <class M>
concept Learns = requires { M::signal_lag; };
template <class M>
concept LearnsBySpikes = requires { M::by_spikes; };

}  // namespace nl
