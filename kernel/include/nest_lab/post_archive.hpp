// Spikes of a neuron as plastic synapses look back at them: times and traces, kept until every synapse has seen them.
#pragma once
#include <span>
#include <vector>

#include "vmath.hpp"

namespace nl {

inline constexpr double same_time = 1e-6;  // ms; spikes closer than this count as simultaneous

struct PostSpike {
  double t;                // ms
  double trace, slow;      // the two traces right after the spike, which adds 1 to each
  std::uint32_t read = 0;  // synapses that have seen it
};

struct PostArchive {
  std::vector<PostSpike> spikes;
  double rate = 0, slow_rate = 0;  // 1 / tau_minus, 1 / tau_minus_triplet
  double looked_up = 0;            // trace that a synapse saw last
  double longest_delay = 0;        // ms, of the synapses that look back
  std::uint32_t incoming = 0;      // how many these are

  static double decay(double x) { return vexp(x < -600 ? -600 : x); }

  // Adds a spike and forgets those that nobody can ask for: all synapses have seen them, and a later one is old enough to
  // give every trace that is still wanted.
  void add(double t, double min_delay) {
    std::size_t old = 0;
    while (old + 1 < spikes.size() && spikes[old].read >= incoming &&
           t - spikes[old + 1].t > longest_delay + min_delay + same_time)
      ++old;
    if (old > 0) spikes.erase(spikes.begin(), spikes.begin() + std::ptrdiff_t(old));
    PostSpike s{t, 1, 1};
    if (!spikes.empty()) {
      const PostSpike& last = spikes.back();
      s.trace += last.trace * decay((last.t - t) * rate);
      s.slow += last.slow * decay((last.t - t) * slow_rate);
    }
    spikes.push_back(s);
  }

  // The latest spike before t, or null. Synapses mostly ask for the recent past.
  const PostSpike* before(double t) const {
    for (auto s = spikes.rbegin(); s != spikes.rend(); ++s)
      if (t - s->t > same_time) return &*s;
    return nullptr;
  }
  double trace(double t) {
    const PostSpike* s = before(t);
    return looked_up = s ? s->trace * decay((s->t - t) * rate) : 0;
  }
  double slow_trace(double t) const {
    const PostSpike* s = before(t);
    return s ? s->slow * decay((s->t - t) * slow_rate) : 0;
  }
  // Spikes with from < t <= to, which a synapse sees now.
  std::span<const PostSpike> read(double from, double to) {
    std::size_t end = spikes.size();
    while (end > 0 && spikes[end - 1].t > to + same_time) --end;
    std::size_t begin = end;
    while (begin > 0 && spikes[begin - 1].t > from + same_time) ++spikes[--begin].read;
    return {spikes.data() + begin, end - begin};
  }
};

}  // namespace nl
