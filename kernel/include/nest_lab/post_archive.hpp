// Spikes of a neuron as plastic synapses look back at them: times and traces, kept until every synapse has seen them.
#pragma once
#include <algorithm>
#include <memory>
#include <vector>

#include "vmath.hpp"

namespace nl {

inline constexpr double same_time = 1e-6;  // ms; spikes closer than this count as simultaneous

struct PostSpike {
  double t;                // ms
  double trace, slow;      // the two traces right after the spike, which adds 1 to each
  std::uint32_t read = 0;  // synapses that have seen it
};

// Synapses mostly ask for the last few spikes: these lie in the archive itself, so that a synapse touches two neighbouring
// cache lines of its target and no more.
struct alignas(128) PostArchive {
  static constexpr int most_recent = 3;
  struct Past {
    std::vector<PostSpike> spikes;
    double slow_rate = 0;      // 1 / tau_minus_triplet
    double longest_delay = 0;  // ms, of the synapses that look back
  };

  PostSpike recent[most_recent];  // in order of time
  double rate = 0;                // 1 / tau_minus
  double looked_up = 0;           // trace that a synapse saw last
  std::unique_ptr<Past> past;     // there as soon as somebody looks back
  std::uint32_t incoming = 0;     // how many synapses look back
  std::uint16_t size = 0;         // of `recent` ...
  bool older = false;             // ... and whether there are spikes before these

  static double decay(double x) { return vexp(x < -600 ? -600 : x); }

  // Spikes are counted from the first recent one; older ones have negative numbers.
  int first() const { return older ? -int(past->spikes.size()) : 0; }
  const PostSpike& at(int k) const { return k >= 0 ? recent[k] : past->spikes[past->spikes.size() - std::size_t(-k)]; }
  PostSpike& at(int k) { return k >= 0 ? recent[k] : past->spikes[past->spikes.size() - std::size_t(-k)]; }
  std::size_t length() const { return std::size_t(size - first()); }

  // Adds a spike and forgets those that nobody can ask for: all synapses have seen them, and a later one is old enough to
  // give every trace that is still wanted.
  void add(double t, double min_delay) {
    const double wanted = t - past->longest_delay - min_delay - same_time;
    int old = 0;
    while (first() + old + 1 < size && at(first() + old).read >= incoming && at(first() + old + 1).t < wanted) ++old;
    PostSpike s{t, 1, 1};
    if (length() > 0) {
      const PostSpike& last = at(size - 1);
      s.trace += last.trace * decay((last.t - t) * rate);
      s.slow += last.slow * decay((last.t - t) * past->slow_rate);
    }
    forget(std::size_t(old));
    if (size == most_recent) {
      past->spikes.push_back(recent[0]);
      older = true;
      drop_recent(1);
    }
    recent[size++] = s;
  }

  // The latest spike before t, or null.
  const PostSpike* before(double t) const {
    for (int k = size - 1; k >= 0; --k)
      if (t - recent[k].t > same_time) return &recent[k];
    for (int k = -1; k >= first(); --k)
      if (t - at(k).t > same_time) return &at(k);
    return nullptr;
  }
  double trace(double t) {
    const PostSpike* s = before(t);
    return looked_up = s ? s->trace * decay((s->t - t) * rate) : 0;
  }
  double slow_trace(double t) const {
    const PostSpike* s = before(t);
    return s ? s->slow * decay((s->t - t) * past->slow_rate) : 0;
  }

  class Range {
    const PostArchive* archive_;
    int begin_, end_;

   public:
    struct Iterator {
      const PostArchive* archive;
      int k;
      const PostSpike& operator*() const { return archive->at(k); }
      Iterator& operator++() {
        ++k;
        return *this;
      }
      bool operator!=(const Iterator& o) const { return k != o.k; }
    };
    Range(const PostArchive* a, int b, int e) : archive_(a), begin_(b), end_(e) {}
    Iterator begin() const { return {archive_, begin_}; }
    Iterator end() const { return {archive_, end_}; }
  };
  // Calls f with these spikes again, the latest first: the synapse has not seen them after all.
  template <class F>
  void give_back(double from, double to, F&& f) {
    for (int k = size - 1; k >= first() && at(k).t > from + same_time; --k) {
      if (at(k).t > to + same_time) continue;
      --at(k).read;
      f(at(k));
    }
  }
  // Spikes with from < t <= to, which a synapse sees now.
  Range read(double from, double to) {
    int end = size;
    while (end > 0 && recent[end - 1].t > to + same_time) --end;
    if (end == 0)
      while (end > first() && at(end - 1).t > to + same_time) --end;
    int begin = end;
    while (begin > 0 && recent[begin - 1].t > from + same_time) ++recent[--begin].read;
    if (begin <= 0)
      while (begin > first() && at(begin - 1).t > from + same_time) ++at(--begin).read;
    return {this, begin, end};
  }

 private:
  void drop_recent(std::size_t n) {
    for (std::size_t k = n; k < size; ++k) recent[k - n] = recent[k];
    size = std::uint16_t(size - n);
  }
  void forget(std::size_t n) {
    const std::size_t from_past = older ? std::min(n, past->spikes.size()) : 0;
    if (from_past > 0) past->spikes.erase(past->spikes.begin(), past->spikes.begin() + std::ptrdiff_t(from_past));
    older = older && !past->spikes.empty();
    drop_recent(n - from_past);
  }
};

}  // namespace nl
