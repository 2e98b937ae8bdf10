// What happens in a step to the neurons of a model: the only part of a store that takes time, compiled for each instruction
// set. Its entrances are declared in neuron.hpp.
#pragma once
#include "neuron.hpp"

namespace nl {

template <class M>
class NeuronStep {
  using Store = StructStore<M>;
  using Chunk = typename Store::Chunk;
  using P = typename M::P;
  using S = typename M::S;
  using V = typename M::V;
  using List = typename PartsOf<M>::List;
  using Sum = typename PartsOf<M>::Sum;
  static constexpr bool has_parts = Store::has_parts, may_be_noisy = Store::may_be_noisy, is_ode = Store::is_ode,
                        is_precise = Store::is_precise, binary = Store::binary;
  static constexpr int coupled = Store::coupled;
  static constexpr bool has_reset = requires(P p, V v, S s) { M::reset(p, v, s); };
  template <bool Draws, bool Rare = true>
  using In = Inputs<M::spike_channels, M::current_channels, Draws, coupled, Rare>;
  template <class I>
  static inline auto step(const P& p, const V& v, S& s, const I& in, const Sum& sum) {
    if constexpr (has_parts) return M::step(p, v, s, in, sum);
    else return M::step(p, v, s, in);
  }

  Store& store_;

 public:
  explicit NeuronStep(Store& store) : store_(store) {}

  void update(std::size_t k, const ChunkStep& x) {
    Chunk& c = *store_.chunks_[k];
    const int n = store_.lanes(k);
    begin_interval(c, n, x);
    begin_recall(c, n, x.h);
    if constexpr (is_precise) update_precise(c, k, n, x);
    else if (c.special) update_special(c, k, n, x);
    else update_plain(c, k, n, x);
    remember(c, n, x);
  }

  void emit(std::size_t k, const ChunkStep& x, NeuronStore::Lanes lanes, int first, int n, double* const* out) {
    if constexpr (Emits<M>) {
      Chunk& c = *store_.chunks_[k];
      alignas(64) double normal[may_be_noisy ? chunk_lanes : 1];
      fill_normal(normal, c, k, x);
      for (std::size_t at = 0; at < lanes.size(); ++at) {
        const int i = int(lanes[at]);
        In<false> in{};
        in.order = x.order;
        if constexpr (may_be_noisy) in.normal = normal[i];
        double value[M::emitted + 1] = {};
        if (!c.common_at(i).frozen) {
          S s = c.state.load(i);
          M::emit(c.at(i), c.derived_at(i), s, in, value);
          c.state.save(i, s);
        }
        for (int v = 0; v < n; ++v) out[v][at] = value[first + v];
      }
    }
  }

  double reemit(std::size_t k, const ChunkStep& x, NeuronStore::Lanes lanes, const double* const* before,
                double* const* out) {
    double change = 0;
    if constexpr (Relaxes<M>) {
      Chunk& c = *store_.chunks_[k];
      for (std::size_t at = 0; at < lanes.size(); ++at) {
        const int i = int(lanes[at]);
        double past[M::emitted], value[M::emitted] = {};
        for (int v = 0; v < M::emitted; ++v) past[v] = before[v][at];
        if (!c.common_at(i).frozen) {
          S s = c.state.load(i);
          M::reemit(c.at(i), c.derived_at(i), c.before->state.load(i), s, inputs(x, i), value);
          c.state.save(i, s);
        }
        change = std::max(change, std::abs(M::course_end(value) - M::course_end(past)));
        for (int v = 0; v < M::emitted; ++v) out[v][at] = value[v];
      }
    }
    return change;
  }

 private:
  static bool learns(const ChunkStep& x) {
    if constexpr (Learns<M> && !LearnsBySpikes<M>)
      return x.clock && x.clock->learns(x.step, M::learning_shift + M::signal_lag);
    return false;
  }
  static void begin_interval(Chunk& c, int n, const ChunkStep& x) {
    if constexpr (Learns<M> && !LearnsBySpikes<M>) {
      if (!x.clock || !x.clock->reset || !x.clock->begins(x.step, M::learning_shift)) return;
      for (int i = 0; i < n; ++i) {
        if (c.common_at(i).frozen) continue;
        S s = c.state.load(i);
        M::begin(c.at(i), s);
        c.state.save(i, s);
      }
    }
  }

  static void begin_recall(Chunk& c, int n, double h) {
    if constexpr (requires { M::held_for(P{}); }) {
      if (c.recall->begun) return;
      for (int i = 0; i < n; ++i) {
        const auto held = M::held(c.state.load(i));
        c.recall->of[std::size_t(i)].hold_for(std::size_t(steps_up(M::held_for(c.at(i)), h)), held);
      }
      c.recall->begun = true;
    }
  }
  // Frozen lanes have no past either.
  static void remember(Chunk& c, int n, const ChunkStep& x) {
    if constexpr (Recalls<M>)
      for (int i = 0; i < n; ++i) {
        if (c.special && c.common_at(i).frozen) continue;
        const S s = c.state.load(i);
        RecallArchive& archive = c.recall->of[std::size_t(i)];
        if constexpr (requires { M::held_for(P{}); }) {
          auto held = M::held(s);
          archive.pass(held);
          archive.note(x.step + 1, M::recall(c.at(i), c.derived_at(i), s, held.data()));
        } else {
          archive.note(x.step + 1, M::recall(c.at(i), c.derived_at(i), s, nullptr));
        }
      }
  }

  static constexpr bool may_draw = requires(P p) { M::draws(p); };

  void update_plain(Chunk& c, std::size_t k, int n, const ChunkStep& x) {
    alignas(64) std::int32_t out[chunk_lanes];  // spikes; not narrower: lanes would have to be packed
    take_signals(c, n, x);
    if constexpr (is_ode) {
      update_ode(c, k, n, x, out);
    } else {
      update_steps(c, k, n, x, out);
    }
    collect(c, k, n, x, out);
  }

  // What the elements of each lane add up to; they move on by a step.
  static void gather(Chunk& c, int n, const ChunkStep& x, auto& sum) {
    if constexpr (has_parts) {
      for (int i = 0; i < chunk_lanes; ++i) sum.save(i, Sum{});
      gather_elements(List{}, c.elements, whole_groups(n), x.spikes + M::spike_channels, sum);
    }
  }

  void update_ode(Chunk& c, std::size_t k, int n, const ChunkStep& x, std::int32_t* out) {
    OdeLanes<M> all{c.parameters, c.derived, c.each.get(), c.each_derived.get(), &c.state, {}};
    if constexpr (has_parts) all.elements = &c.elements;
    for (int ch = 0; ch < M::current_channels; ++ch) all.current[ch] = x.currents ? x.currents[ch] : no_current;
    alignas(64) double uniform[may_draw ? chunk_lanes : 1];
    if constexpr (may_draw) fill_uniform(uniform, k, x);
    all.uniform = uniform;
    OdeStep<M>(all, n, x).run(store_.index, store_.ids.data() + k * chunk_lanes, std::uint32_t(k * chunk_lanes), out);
    alignas(64) std::conditional_t<has_parts, Columns<Sum>, Nothing> sum;
    gather(c, n, x, sum);
  }

  void update_steps(Chunk& c, std::size_t k, int n, const ChunkStep& x, std::int32_t* out) {
    alignas(64) double uniform[may_draw ? chunk_lanes : 1];
    alignas(64) std::conditional_t<has_parts, Columns<Sum>, Nothing> sum;
    alignas(64) double normal[may_be_noisy ? chunk_lanes : 1];
    if (may_draw && c.draws) fill_uniform(uniform, k, x);
    fill_normal(normal, c, k, x);
    gather(c, n, x, sum);
    choose(!c.each, [&](auto same) {
      choose(M::current_channels > 0 && x.currents, [&](auto currents) {
        choose(may_draw && c.draws, [&](auto draw) {
          choose(Store::may_be_rare && c.rare, [&](auto rare) {
            lanes_loop<same(), currents() && (M::current_channels > 0), draw() && may_draw,
                       rare() || !Store::may_be_rare>(c, n, x, uniform, normal, sum, out);
          });
        });
      });
    });
  }

  template <class F>
  static void choose(bool b, F&& f) {
    if (b) f(std::true_type{});
    else f(std::false_type{});
  }

  // The hot loop: the compiler sees plain arrays and keeps a lane's structs in registers. A case of its own for what is
  // the same for all lanes, not there, not drawn or rare; else it could not work on several lanes at once.
  template <bool Same, bool Currents, bool Draws, bool Rare>
  [[gnu::flatten]] static void lanes_loop(Chunk& c, int n, const ChunkStep& x, const double* uniform,
                                          const double* normal, const auto& sums, std::int32_t* __restrict out) {
    const double* signal[coupled > 0 ? coupled : 1];
    for (int ch = 0; ch < coupled; ++ch) signal[ch] = x.coupled ? x.coupled[ch] : no_signal;
    const P p0 = c.parameters;
    const V v0 = c.derived;
    const Columns<P>* each = c.each.get();
    const Columns<V>* each_derived = c.each_derived.get();
    const int padded = whole_groups(n);
    [[maybe_unused]] const bool learning = learns(x);
#pragma GCC ivdep
    for (int i = 0; i < padded; ++i) {
      const P p = Same ? p0 : each->load(i);
      const V v = Same ? v0 : each_derived->load(i);
      In<Draws, Rare> in;
      for (int ch = 0; ch < (Lands<M> ? 0 : M::spike_channels); ++ch) in.spikes[ch] = x.spikes[ch][i];
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = Currents ? x.currents[ch][i] : 0.0;
      if constexpr (Draws) in.uniform = uniform[i];
      for (int ch = 0; ch < coupled; ++ch) in.coupled[ch] = signal[ch][i];
      if constexpr (may_be_noisy) in.normal = normal[i];
      if constexpr (Learns<M>) in.learning = learning;
      S s = c.state.load(i);
      Sum sum;
      if constexpr (has_parts) sum = sums.load(i);
      out[i] = std::int32_t(step(p, v, s, in, sum));
      c.state.save(i, s);
    }
  }

  static void fill_uniform(double* uniform, std::size_t chunk, const ChunkStep& x) {
    alignas(64) std::uint32_t word[draw_group];
    for (int g = 0; g < chunk_lanes / draw_group; ++g) {
      draw64(x.random, std::uint32_t(chunk * (chunk_lanes / draw_group) + std::size_t(g)), word);
      for (int i = 0; i < draw_group; ++i) uniform[g * draw_group + i] = to_uniform(word[i]);
      // Near 0, where rare events are decided, another word takes over.
      std::uint32_t lowest = word[0];
      for (int i = 1; i < draw_group; ++i) lowest = std::min(lowest, word[i]);
      for (int i = 0; i < draw_group && lowest < 0x1000; ++i) {
        const std::uint32_t element = std::uint32_t(chunk * chunk_lanes) + std::uint32_t(g * draw_group + i);
        if (word[i] < 0x1000)
          uniform[g * draw_group + i] = (word[i] + to_uniform(draw1(x.random.leaf(1), element))) * 0x1p-32;
      }
    }
  }

  // For models that keep what arrives in their state.
  static void take_signals(Chunk& c, int n, const ChunkStep& x) {
    if constexpr (requires(S s, In<false> in) { M::arrive(s, in); })
      for (int i = 0; i < n; ++i) {
        S s = c.state.load(i);
        M::arrive(s, inputs(x, i));
        c.state.save(i, s);
      }
  }

  // What a step of one lane sees that lasts all through it.
  static In<false> inputs(const ChunkStep& x, int i) {
    In<false> in{};
    in.order = x.order;
    for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = x.currents ? x.currents[ch][i] : 0.0;
    for (int ch = 0; ch < coupled; ++ch) in.coupled[ch] = x.coupled ? x.coupled[ch][i] : 0.0;
    return in;
  }

  alignas(64) static inline const double no_signal[chunk_lanes] = {};

  // Stays nought where nobody has noise.
  static void fill_normal(double* normal, const Chunk& c, std::size_t chunk, const ChunkStep& x) {
    if constexpr (may_be_noisy) {
      if (!c.noisy) std::fill_n(normal, chunk_lanes, 0.0);
      else
        for (std::uint32_t g = 0; g < chunk_lanes / draw_group; ++g)
          normal64(x.random.leaf(1), std::uint32_t(chunk) * (chunk_lanes / draw_group) + g, normal + g * draw_group);
    }
  }

  // Lane by lane: each has its own times. Frozen lanes stand still and are deaf.
  void update_precise(Chunk& c, std::size_t k, int n, const ChunkStep& x) {
    auto next = x.inputs.begin();
    for (int i = 0; i < n; ++i) {
      const auto first = next;
      while (next != x.inputs.end() && next->lane == std::uint32_t(i)) ++next;
      if (c.common_at(i).frozen) continue;
      const P p = c.at(i);
      const V v = c.each_derived ? c.each_derived->load(i) : c.derived;
      In<false> in{};
      for (int ch = 0; ch < M::spike_channels; ++ch) in.spikes[ch] = x.spikes[ch][i];
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = x.currents ? x.currents[ch][i] : 0.0;
      S s = c.state.load(i);
      M::step(p, v, s, in, std::span(first, next), [&](double offset) { spike_within(c, k, i, offset, x); });
      c.state.save(i, s);
    }
  }

  void spike_within(Chunk& c, std::size_t k, int lane, double offset, const ChunkStep& x) {
    const Step now = x.step + 1;
    const Common& common = c.common_at(lane);
    const double since = double(now - c.calcium_from[lane]) * x.h - offset;
    // calcium_from lies on the grid: the value there that decays to the right one afterwards
    c.calcium[lane] =
        (c.calcium[lane] * std::exp(-since / common.tau_Ca) + common.beta_Ca) * std::exp(-offset / common.tau_Ca);
    c.calcium_from[lane] = now;
    c.last_spike[lane] = now;
    c.last_offset[is_precise ? lane : 0] = offset;
    x.precise->push_back({store_.ids[k * chunk_lanes + std::size_t(lane)], offset});
  }

  void collect(Chunk& c, std::size_t k, int n, const ChunkStep& x, std::int32_t* out) {
    constexpr int group = 64;
    static_assert(chunk_lanes % group == 0);
    for (int i = n; i % group != 0; ++i) out[i] = 0;
    for (int begin = 0; begin < n; begin += group) {
      std::int32_t any = 0;
      for (int i = begin; i < begin + group; ++i) any |= out[i];
      if (any == 0) [[likely]]
        continue;
      for (int i = begin; i < begin + group; ++i)
        if (const int spikes = out[i] ? follow(c, k, i, out[i], x) : 0) spike(c, k, i, spikes, x);
    }
  }

  // What the spikes of a lane change in it; how many there are.
  static int follow(Chunk& c, std::size_t k, int lane, int multiplicity, const ChunkStep& x) {
    if constexpr (has_reset) {
      S s = c.state.load(lane);
      M::reset(c.at(lane), c.derived_at(lane), s);
      c.state.save(lane, s);
    }
    if constexpr (requires(P p, V v, S s, Draws d) { M::on_spike(p, v, s, d); }) {
      S s = c.state.load(lane);
      Draws draws(x.random, std::uint32_t(k * chunk_lanes) + std::uint32_t(lane));
      multiplicity = M::on_spike(c.at(lane), c.derived_at(lane), s, draws);
      c.state.save(lane, s);
    }
    if constexpr (has_parts) spike_elements(List{}, c.elements, lane, multiplicity);
    return multiplicity;
  }

  void spike(Chunk& c, std::size_t k, int lane, int multiplicity, const ChunkStep& x) {
    const Step now = x.step + 1;  // a spike is stamped with the end of its step
    const Common& common = c.common_at(lane);
    c.calcium[lane] =
        c.calcium[lane] * vexp(-std::min(600.0, double(now - c.calcium_from[lane]) * x.h / common.tau_Ca)) +
        (binary ? 1 : multiplicity) * common.beta_Ca;
    c.calcium_from[lane] = now;
    c.last_spike[lane] = now;
    for (int m = 0; m < multiplicity; ++m) x.emitted->push_back(store_.ids[k * chunk_lanes + std::size_t(lane)]);
  }

  // Frozen lanes stand still and are deaf. Lanes that ignore their threshold integrate and spike like a clock, if the model
  // says how (silence, and force_spike where a spike from a clock does not do the same as any other: reset).
  void update_special(Chunk& c, std::size_t k, int n, const ChunkStep& x) {
    std::vector<S> kept;
    for (int i = 0; i < n; ++i) kept.push_back(c.state.load(i));
    const auto last = c.last_spike;
    const auto calcium = c.calcium;
    const auto from = c.calcium_from;
    std::vector<std::vector<double>> kept_elements(std::size_t(has_parts ? n : 0));
    if constexpr (has_parts)
      for (int i = 0; i < n; ++i) kept_elements[std::size_t(i)] = store_.lists_.state(c.elements, i);
    std::vector<NodeId> emitted;
    std::vector<Failure> failed = *x.failed;
    const std::size_t failures = failed.size();
    ChunkStep y = x;
    y.emitted = &emitted;
    y.failed = &failed;
    update_plain(c, k, n, y);
    for (std::size_t f = failures; f < failed.size(); ++f)
      if (!store_.common_value(failed[f].lane).frozen) x.failed->push_back(failed[f]);
    std::size_t e = 0;
    for (int i = 0; i < n; ++i) {
      const Common& common = c.common_at(i);
      const std::size_t begin = e;
      while (e < emitted.size() && emitted[e] == store_.ids[k * chunk_lanes + std::size_t(i)]) ++e;
      if (!common.frozen && !ignores(common)) {
        c.forced[i] = -1;
        x.emitted->insert(x.emitted->end(), emitted.begin() + long(begin), emitted.begin() + long(e));
        continue;
      }
      c.state.save(i, kept[std::size_t(i)]);
      if constexpr (Lands<M>) c.state.note(i);
      if constexpr (has_parts) store_.lists_.set_state(c.elements, i, kept_elements[std::size_t(i)]);
      c.last_spike[i] = last[i];
      c.calcium[i] = calcium[i];
      c.calcium_from[i] = from[i];
      if (!common.frozen) clock_step(c, k, i, x);
    }
  }

  static constexpr bool has_clock = requires(P p) { M::silence(p); };
  static_assert(!has_clock || !has_parts, "a neuron with parts cannot ignore its threshold yet");
  static bool ignores(const Common& common) { return has_clock && common.ignore_and_spike; }

  void clock_step(Chunk& c, std::size_t k, int i, const ChunkStep& x) {
    if constexpr (has_clock) {
      const P own = c.at(i);
      const V v = c.derived_at(i);
      const Common& common = c.common_at(i);
      P p = own;
      M::silence(p);
      In<false> in{};
      for (int ch = 0; ch < (Lands<M> ? 0 : M::spike_channels); ++ch) in.spikes[ch] = x.spikes[ch][i];
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = x.currents ? x.currents[ch][i] : 0.0;
      S s = c.state.load(i);
      M::step(p, v, s, in);
      if (c.forced[i] < 0) c.forced[i] = x.step + steps_up(common.ignore_and_spike_offset, x.h);
      if (x.step + 1 >= c.forced[i]) {
        c.forced[i] = x.step + 1 + std::max<Step>(1, steps_up(common.ignore_and_spike_interval, x.h));
        if constexpr (has_reset) M::reset(own, v, s);
        else M::force_spike(own, v, s);
        c.state.save(i, s);
        spike(c, k, i, 1, x);
        return;
      }
      c.state.save(i, s);
    }
  }
};

template <class M>
void NeuronRun<M>::update(StructStore<M>& store, std::size_t k, const ChunkStep& x) {
  NeuronStep<M>(store).update(k, x);
}
template <class M>
void NeuronRun<M>::emit(StructStore<M>& store, std::size_t k, const ChunkStep& x, NeuronStore::Lanes lanes, int first,
                        int n, double* const* out) {
  NeuronStep<M>(store).emit(k, x, lanes, first, n, out);
}
template <class M>
double NeuronRun<M>::reemit(StructStore<M>& store, std::size_t k, const ChunkStep& x, NeuronStore::Lanes lanes,
                            const double* const* before, double* const* out) {
  return NeuronStep<M>(store).reemit(k, x, lanes, before, out);
}

}  // namespace nl
