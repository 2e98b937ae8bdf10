// The contract of synapses that change (see models/synapse/stdp_synapse.hpp), and the loop that takes a spike through them.
//
//   struct C { double ... };    optional: parameters that all connections of the model share
//   struct P { double ... };    parameters of a connection; the initialisers are the defaults, here and nowhere else
//   struct Pre { double ... };  state that follows from the spikes of the source and the parameters alone: kept once per
//                               source as long as all its connections agree
//   struct S { double ... };    other state of a connection, besides its weight
//   struct V                    what the functions work with
//   params                      table of the named members of C, P, Pre and S; weight, delay and receptor_type are added
//   V prepare(C, P)             or prepare(P) where there is no C
//   void on_spike(V, Pre&, Spike)                 the source has spiked
//   double on_pre(V, Pre before, Pre now, S&, double& weight, Spike, Post&)   what the spike delivers; see `nothing`
//   Complaint check(C, P, Pre, S, double weight)  optional, where values must fit together
//   bool looks_back             whether it asks for the spikes of the target
//   bool draws                  optional: whether it needs random numbers, Spike::uniform
//   const char* modulator       optional: name of a parameter of type NodeList, the device of a third factor that acts on
//                               all connections, see Post::released; its S::since is the time of the state
//   void advance(V, Pre, S&, double& weight, Spike, Post&)   where there is a modulator, or by_spikes: what becomes of the
//                               state up to the time Spike::t, at which the source does not spike
//   void fade(V, Pre&, double dt)   where C has time constants: what becomes of Pre in dt ms in which the source does not spike;
//                               with it goes advance, see `settle`
//   bool learns                 optional: whether it learns by gradients, with Post::learning and Spike::train; its
//                               S::pending is the interval in which it has spikes and no update yet, or -1
//   Step rests_until(S, Spike, Post&)   optional, for models that learn: after this spike, those that are stamped before the
//                               result deliver the weight and change nothing; so nothing else is read for them
//   bool by_spikes              optional: it learns from spike to spike; S::pending is the step up to which it did
//   asks_for                    optional: the name of what its target must remember, for Post::recalled and the like (recall.hpp)
#pragma once
#include <cmath>
#include <cstring>
#include <limits>

#include "learning.hpp"
#include "post_archive.hpp"
#include "recall.hpp"
#include "reflect.hpp"
#include "registry.hpp"
#include "release.hpp"
#include "rng.hpp"
#include "time.hpp"

namespace nl {

// What on_pre returns when no event reaches the target at all.
inline constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

struct Spike {     // of the source
  double t, last;  // ms; this one and the one before, 0 when there was none
  double delay;    // ms, of the connection
  double h;        // ms, the resolution
  double factor;   // of the weight; 1 for spikes of neurons
  Stream random;   // for models that draw
  std::uint32_t element;
  // In (0, 1): number k of this spike at this synapse.
  double uniform(std::uint32_t k) const { return to_uniform(draw1(random.leaf(k), element)); }
  Step stamp = 0;                    // steps; end of the step of the spike
  std::span<const Step> train = {};  // stamps of the source's spikes up to this one, for models that learn
  Step delay_steps() const { return to_steps(delay, h); }
  Step last_stamp() const { return Step(std::ceil(last / h - 1e-6)); }
};

// What a synapse sees of its target.
struct Post {
  PostArchive* archive;
  LearningArchive* learning = nullptr;
  std::span<const Release> released = {};  // by the modulator since the state was brought up to date, or longer
  RecallArchive* recall = nullptr;
  // Spikes of the target whose effect came back to the synapse after the last spike of the source and up to this one.
  PostArchive::Range since_last(const Spike& x) { return archive->read(x.last - x.delay, x.t - x.delay); }
  // Traces of the target's spikes as they are at the synapse when the spike of the source is there.
  double trace(const Spike& x) { return archive->trace(x.t - x.delay); }
  double slow_trace(const Spike& x) { return archive->slow_trace(x.t - x.delay); }
  // The same of what the target remembers: the events in that time, and the level then.
  std::span<const RecalledEvent> recalled(const Spike& x) {
    return recall->read(x.last_stamp() - x.delay_steps(), x.stamp - x.delay_steps());
  }
  double level(const Spike& x) const { return recall->level(x.stamp - x.delay_steps()); }
};

// Values of one member of P, Pre or S: one number while all agree, one per source while those of a source agree.
struct ColumnView {
  double common;
  double *of_source, *each;
  double get(std::size_t source, std::size_t at) const {
    return each ? each[at] : of_source ? of_source[source] : common;
  }
};

// Where what is delivered goes: input by step of arrival.
class InputRing;
double* ring_row(InputRing&, std::uint32_t page, Step arrival);  // null where input ends nowhere

struct Delivery {  // for those who record
  std::uint32_t at;
  double weight;
};

// Synapses of a row with one delay end before number `end` of the row, where those with the next delay begin.
struct [[gnu::packed]] RunEnd {
  std::uint32_t end;
  std::uint16_t delay;  // steps
};

// One spike on its way through the synapses of its source that end on one page of a thread.
struct RowCall {
  Spike spike;
  Step step;           // of emission
  char* synapses;      // slot of the target (16 bits) and weight (float64) of each, packed
  const RunEnd* runs;  // one for each delay
  std::uint32_t delays;
  std::size_t source, at;     // places of the source and of its first synapse in the columns
  const ColumnView* columns;  // of P, Pre, S and the time of the last spike
  bool shared;                // all synapses of a source have the same P and Pre
  const double* common;       // C
  PostArchive* archive;       // by slot, where the model looks back
  InputRing* ring;
  std::uint32_t page, negative_page;  // for either sign of what is delivered ...
  std::int32_t to_negative;           // ... and from the slot on the one to that on the other
  bool counts;                        // targets take numbers of spikes, not weights
  const std::uint16_t* twin;          // for models that draw: number among synapses of one pair, or null
  const NodeId* node;                 // by slot
  std::vector<Delivery>* log;         // or null
  LearningArchive* learning;          // by slot, where the model learns
  std::span<const Release> released;  // by the modulator
  RecallArchive* const* recall;       // by slot, where the model asks for what is remembered
  Step* rests_until;                  // of the source, where the model says so
};

enum class Part { parameter, source_state, state };

struct PlasticInfo {
  struct Member {
    std::string name;  // as users know it; empty for what they never see
    Part part;
    double initial;
    Type type;
  };
  std::vector<Member> members;             // of P, Pre, S, and the time of the last spike
  std::vector<std::string> common;         // names of the members of C
  std::vector<std::string> common_within;  // the dictionary they are items of, if any
  std::vector<double> common_initial;
  bool learns = false, by_spikes = false, rests = false;
  int pending = -1;       // place of S::pending among the members
  std::string modulator;  // name of the parameter; empty where there is none
  int since = -1;         // place of S::since among the members
  std::string asks_for = {};
  bool looks_back = false, draws = false, always = true;  // always: also when nobody records
  void (*deliver)(const RowCall&) = nullptr;
  void (*advance)(const RowCall&) = nullptr;
  void (*settle)(const RowCall&) = nullptr;
  Complaint (*check)(const double* common, const double* members, double weight) = nullptr;
  int find(const std::string& name) const {
    for (std::size_t i = 0; i < members.size(); ++i)
      if (!name.empty() && members[i].name == name) return int(i);
    return -1;
  }
};

namespace plastic {

struct None {};
template <class M>
concept has_common = requires { typename M::C; };
template <class M>
struct common_of {
  using type = None;
};
template <has_common M>
struct common_of<M> {
  using type = typename M::C;
};
template <class M>
using Common = typename common_of<M>::type;

template <class T>
T from(const double* values) {
  T t;
  auto m = members(t);
  for_each_member<T>([&](auto i) { std::get<i>(m) = member_type<T, i>(values[i]); });
  return t;
}
template <class T>
T load(const ColumnView* c, std::size_t source, std::size_t at) {
  T t;
  auto m = members(t);
  for_each_member<T>([&](auto i) { std::get<i>(m) = member_type<T, i>(c[i].get(source, at)); });
  return t;
}
template <class T>
void save(const ColumnView* c, std::size_t at, double* ColumnView::* where, T& t) {
  auto m = members(t);
  for_each_member<T>([&](auto i) { (c[i].*where)[at] = double(std::get<i>(m)); });
}

template <class M>
typename M::V prepare(const Common<M>& c, const typename M::P& p) {
  if constexpr (has_common<M>) return M::prepare(c, p);
  else return M::prepare(p);
}

inline void add(const RowCall& r, double* positive, double*& negative, Step arrival, std::uint16_t slot, double w) {
  double *row = positive, x = r.counts ? 1 : w;
  std::int32_t at = slot;
  if ((r.negative_page != r.page || r.to_negative != 0) && w < 0) {  // signs are hard to predict
    if (!negative) negative = ring_row(*r.ring, r.negative_page, arrival);
    row = negative;
    at += r.to_negative;
  }
  if (row) row[at] += x;
}

// For spikes that change nothing.
void deliver_weights(const RowCall&);

// What targets remember lies all over the memory: it is asked for some synapses ahead.
inline void fetch_archive(const RowCall& r, std::uint32_t i, std::uint32_t n) {
  constexpr std::uint32_t ahead = 12;
  if (i + ahead >= n) return;
  std::uint16_t slot;
  std::memcpy(&slot, r.synapses + (i + ahead) * (sizeof(std::uint16_t) + sizeof(double)), sizeof slot);
  const char* archive = reinterpret_cast<const char*>(r.archive + slot);
  __builtin_prefetch(archive, 1);
  __builtin_prefetch(archive + 64, 1);
}

template <class M>
concept Rests = requires { M::rests_until; };

template <class M>
void deliver(const RowCall& r) {
  using P = typename M::P;
  using Pre = typename M::Pre;
  using S = typename M::S;
  constexpr std::size_t n_p = member_count<P>, n_pre = member_count<Pre>, n_s = member_count<S>;
  const ColumnView *of_p = r.columns, *of_pre = of_p + n_p, *of_s = of_pre + n_pre, *of_last = of_s + n_s;
  const Common<M> c = from<Common<M>>(r.common);
  Spike x = r.spike;
  auto v = prepare<M>(c, load<P>(of_p, r.source, r.at));
  Pre before = load<Pre>(of_pre, r.source, r.at), now = before;
  x.last = of_last->get(r.source, r.at);
  if (r.shared) {
    M::on_spike(v, now, x);
    save(of_pre, r.source, &ColumnView::of_source, now);
    of_last->of_source[r.source] = x.t;
    if constexpr (Rests<M>)
      if (x.stamp < *r.rests_until) return deliver_weights(r);
  }
  [[maybe_unused]] Step rests_until = forever;
  constexpr std::size_t stride = sizeof(std::uint16_t) + sizeof(double);
  const std::uint32_t n = r.runs[r.delays - 1].end;
  std::uint32_t i = 0;
  for (std::uint32_t d = 0; d < r.delays; ++d) {
    const Step delay = r.runs[d].delay;
    x.delay = to_ms(delay, x.h);
    double *positive = ring_row(*r.ring, r.page, r.step + delay), *negative = nullptr;
    for (; i < r.runs[d].end; ++i) {
      if constexpr (M::looks_back) fetch_archive(r, i, n);
      char* synapse = r.synapses + i * stride;
      const std::size_t at = r.at + i;
      std::uint16_t slot;
      double weight;
      std::memcpy(&slot, synapse, sizeof slot);
      std::memcpy(&weight, synapse + sizeof slot, sizeof weight);
      if (!r.shared) {
        v = prepare<M>(c, load<P>(of_p, r.source, at));
        now = before = load<Pre>(of_pre, r.source, at);
        x.last = of_last->get(r.source, at);
        M::on_spike(v, now, x);
        save(of_pre, at, &ColumnView::each, now);
        of_last->each[at] = x.t;
      }
      if constexpr (requires { M::draws; }) {
        x.element = r.node[slot];
        x.random.row = r.spike.random.row | std::uint64_t(r.twin ? r.twin[at] : 0) << 40;
      }
      Post post{r.archive ? r.archive + slot : nullptr, r.learning ? r.learning + slot : nullptr, r.released,
                r.recall ? r.recall[slot] : nullptr};
      S s = load<S>(of_s, r.source, at);
      const double sent = M::on_pre(v, before, now, s, weight, x, post);
      save(of_s, at, &ColumnView::each, s);
      std::memcpy(synapse + sizeof slot, &weight, sizeof weight);
      if constexpr (Rests<M>) rests_until = std::min(rests_until, M::rests_until(s, x, post));
      if (sent != sent) continue;
      add(r, positive, negative, r.step + delay, slot, sent);
      if (r.log) r.log->push_back({i, sent});
    }
  }
  if constexpr (Rests<M>) *r.rests_until = rests_until;
}

// Brings synapses of a source up to the time of the call: those that are `due`, which is asked with their last spike. `then` is
// told the place of each.
template <class M, class Due, class Then>
void bring_up(const RowCall& r, Due due, Then then) {
  constexpr std::size_t n_p = member_count<typename M::P>, n_pre = member_count<typename M::Pre>;
  const ColumnView *of_p = r.columns, *of_pre = of_p + n_p, *of_s = of_pre + n_pre;
  const ColumnView* of_last = of_s + member_count<typename M::S>;
  constexpr std::size_t stride = sizeof(std::uint16_t) + sizeof(double);
  const Common<M> c = from<Common<M>>(r.common);
  Spike x = r.spike;
  std::uint32_t i = 0;
  for (std::uint32_t d = 0; d < r.delays; ++d)
    for (x.delay = to_ms(r.runs[d].delay, x.h); i < r.runs[d].end; ++i) {
      if constexpr (M::looks_back) fetch_archive(r, i, r.runs[r.delays - 1].end);
      char* synapse = r.synapses + i * stride;
      const std::size_t at = r.at + i;
      x.last = of_last->get(r.source, at);
      if (!due(x.last)) continue;
      std::uint16_t slot;
      double weight;
      std::memcpy(&slot, synapse, sizeof slot);
      std::memcpy(&weight, synapse + sizeof slot, sizeof weight);
      auto s = load<typename M::S>(of_s, r.source, at);
      Post post{r.archive ? r.archive + slot : nullptr, r.learning ? r.learning + slot : nullptr, r.released};
      M::advance(prepare<M>(c, load<typename M::P>(of_p, r.source, at)), load<typename M::Pre>(of_pre, r.source, at), s,
                 weight, x, post);
      save(of_s, at, &ColumnView::each, s);
      std::memcpy(synapse + sizeof slot, &weight, sizeof weight);
      then(at);
    }
}

// Brings all synapses of a source up to the time of the call, as far as a third factor acts on them, or they learn.
template <class M>
void advance(const RowCall& r) {
  bring_up<M>(r, [](double) { return true; }, [](std::size_t) {});
}

// Brings all synapses of a source up to the time of the call, where values that all connections share change; so what decays has
// decayed as it did before. Synapses that are there already stay as they are.
template <class M>
void settle(const RowCall& r) {
  const ColumnView *of_pre = r.columns + member_count<typename M::P>, *of_s = of_pre + member_count<typename M::Pre>;
  const ColumnView* of_last = of_s + member_count<typename M::S>;
  const Common<M> c = from<Common<M>>(r.common);
  const double now = r.spike.t;
  auto pass = [&](double* ColumnView::* where, std::size_t to, std::size_t at) {
    auto pre = load<typename M::Pre>(of_pre, r.source, at);
    M::fade(prepare<M>(c, load<typename M::P>(r.columns, r.source, at)), pre, now - of_last->get(r.source, at));
    save(of_pre, to, where, pre);
    (of_last->*where)[to] = now;
  };
  const auto behind = [&](double last) { return last < now; };
  bring_up<M>(r, behind, [&](std::size_t at) {
    if (!r.shared) pass(&ColumnView::each, at, at);
  });
  if (r.shared && behind(of_last->get(r.source, r.at))) pass(&ColumnView::of_source, r.source, r.at);
}

}  // namespace plastic

}  // namespace nl
