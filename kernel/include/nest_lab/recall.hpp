// The contract of neurons that remember continuous variables, for plastic synapses that ask for more than their spikes.
//
// Of each step a synapse sees up to two numbers of its target:
//   event   kept until every synapse has looked back at it; 0 is not kept at all
//   level   found by its step, as long as a spike may need to arrive
// A neuron model says
//   recalls                    the name of what it remembers, which synapse models ask for (plastic.hpp)
//   Moment recall(P, V, S, const double* held)   what synapses see of a step, from the state at its end
//   held(S), held_for(P)       optional: an array of variables that matter later, and the delay in ms. `recall` is given what `held`
//                              was that long ago; before its first step a neuron has been as it was then
//   told(P)                    optional: an array of parameters that the synapses work with
// Gradients (learning.hpp) are another matter: they are found interval by interval, with a pass back through each.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "core.hpp"

namespace nl {

struct Moment {
  double event = 0, level = 0;
};

struct RecalledEvent {
  Step stamp;  // end of its step
  double value;
  std::uint32_t read = 0;  // synapses that have seen it
};

class RecallArchive {
  struct Level {
    Step stamp = -1;
    double value = 0;
  };
  std::vector<RecalledEvent> events_;
  std::size_t first_ = 0;  // events before it are forgotten
  std::vector<Level> levels_;
  std::vector<double> line_;  // what was held, the oldest at `oldest_`
  std::size_t oldest_ = 0;
  std::uint32_t incoming_ = 0;  // synapses that look back

  std::size_t place(Step after) const {
    return std::size_t(std::upper_bound(events_.begin() + std::ptrdiff_t(first_), events_.end(), after,
                                        [](Step t, const RecalledEvent& e) { return t < e.stamp; }) -
                       events_.begin());
  }
  void forget();

 public:
  std::array<double, 4> told{};  // parameters of the neuron

  // What is held for so many steps. A line that grows goes on with the oldest that it has.
  void hold_for(std::size_t steps, std::span<const double> now);
  // Takes what is held now, and gives what was held then.
  void pass(std::span<double> held) {
    if (line_.empty()) return;
    for (std::size_t i = 0; i < held.size(); ++i) std::swap(held[i], line_[oldest_ + i]);
    oldest_ = oldest_ + held.size() == line_.size() ? 0 : oldest_ + held.size();
  }

  void note(Step stamp, Moment m) {
    if (incoming_ == 0) return;
    levels_[std::size_t(stamp) & (levels_.size() - 1)] = {stamp, m.level};
    if (m.event == 0) return;
    forget();
    events_.push_back({stamp, m.event});
  }

  // Events with from < stamp <= to, which a synapse sees now.
  std::span<const RecalledEvent> read(Step from, Step to) {
    const std::size_t begin = place(from), end = std::max(begin, place(to));
    for (std::size_t i = begin; i < end; ++i) ++events_[i].read;
    return {events_.data() + begin, end - begin};
  }
  double level(Step stamp) const {
    if (stamp <= 0) return 0;
    const Level& l = levels_[std::size_t(stamp) & (levels_.size() - 1)];
    return l.stamp == stamp ? l.value : 0;
  }

  // The synapses are counted anew: none; then each with its delay, and the last stamp that it has seen.
  void forget_readers();
  void add_reader(Step delay, Step seen);
  void readers_known();
};

template <class M>
concept Recalls = requires { M::recalls; };

}  // namespace nl
