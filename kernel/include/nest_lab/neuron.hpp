// The contract of a neuron model (a struct: see models/neuron/iaf_psc_exp.hpp) and the store that runs it on arrays.
//
//   struct P { double ... };   parameters; the initialisers are the defaults, here and nowhere else
//   struct S { double ... };   state
//   struct V { double ... };   derived once per (parameters, resolution)
//   params, recordables        tables (field.hpp)
//   spike_channels, spike_channel(receptor, negative), current_channels, current_channel(receptor)
//   V prepare(P, h)            bool or int step(P, V, S&, Inputs)     Complaint check(P) where parameters must fit together
//   precise                    optional: true for models whose spikes lie between grid points. Then spikes that arrive at the end
//                              of the step are in Inputs::spikes, and earlier ones are given by time:
//                              step(P, V, S, Inputs, std::span<const PreciseInput>, emit), emit(offset) for each spike
//   draws(P)                   optional: true when the model needs a random number in every step: Inputs::draws is then
//                              set and Inputs::uniform is one
#pragma once
#include <array>
#include <cstring>

#include "buffer.hpp"
#include "reflect.hpp"
#include "store.hpp"

namespace nl {

template <int Spikes, int Currents, bool Draws = false>
struct Inputs {
  static constexpr bool draws = Draws;
  double spikes[Spikes];                        // summed weights arriving in this step, by channel
  double current[Currents > 0 ? Currents : 1];  // pA injected during this step, by channel
  double uniform;                               // in (0, 1), for models that draw
};

template <class T>
struct alignas(64) Column {
  T v[chunk_lanes];
};

// One array per member of T.
template <class T>
class Columns {
  template <class Seq>
  struct Make;
  template <std::size_t... I>
  struct Make<std::index_sequence<I...>> {
    using type = std::tuple<Column<member_type<T, I>>...>;
  };
  typename Make<std::make_index_sequence<member_count<T>>>::type data_;

 public:
  template <std::size_t I>
  auto* column() {
    return std::get<I>(data_).v;
  }
  template <std::size_t I>
  const auto* column() const {
    return std::get<I>(data_).v;
  }

  inline T load(int lane) const {
    T t;
    auto m = members(t);
    for_each_member<T>([&](auto i) { std::get<i>(m) = std::get<i>(data_).v[lane]; });
    return t;
  }
  inline void save(int lane, const T& t) {
    auto m = members(t);
    for_each_member<T>([&](auto i) { std::get<i>(data_).v[lane] = std::get<i>(m); });
  }
};

// Place of a member among its siblings, from the address.
template <class T, class M>
std::size_t member_index(M T::* member) {
  static const T sample{};
  std::size_t at = 0;
  auto m = members(sample);
  for_each_member<T>([&](auto i) {
    if (static_cast<const void*>(&std::get<i>(m)) == static_cast<const void*>(&(sample.*member))) at = i;
  });
  return at;
}

template <class M>
class StructStore final : public NeuronStore {
  using P = typename M::P;
  using S = typename M::S;
  using V = typename M::V;
  template <bool Draws>
  using In = Inputs<M::spike_channels, M::current_channels, Draws>;
  static constexpr bool is_precise = requires { M::precise; };
  static constexpr bool binary = requires { M::reads_transitions; };
  template <class Model, bool Precise>
  struct Result {
    using type = decltype(Model::step(P{}, V{}, std::declval<S&>(), In<false>{}));
  };
  template <class Model>
  struct Result<Model, true> {
    using type = bool;
  };
  using Out = typename Result<M, is_precise>::type;  // bool, or int for multiplicity
  static constexpr std::size_t n_params = std::tuple_size_v<std::remove_cvref_t<decltype(M::params)>>;

  struct Chunk {
    Columns<S> state;
    P parameters;  // while all lanes agree ...
    V derived;
    std::unique_ptr<Columns<P>> each;  // ... and when they do not
    std::unique_ptr<Columns<V>> each_derived;
    Common common;
    std::unique_ptr<std::array<Common, chunk_lanes>> each_common;
    std::array<Step, chunk_lanes> last_spike;
    std::array<double, is_precise ? chunk_lanes : 1> last_offset{};
    std::array<double, chunk_lanes> calcium;  // value right after the last spike (or at `calcium_from`)
    std::array<Step, chunk_lanes> calcium_from;
    std::array<Step, chunk_lanes> forced;  // next spike of a lane that ignores its threshold; -1 when it does not
    bool stale = true;                     // derived values have to be computed anew
    bool special = false;                  // some lane is frozen or ignores its input
    bool draws = false;

    P at(int lane) const { return each ? each->load(lane) : parameters; }
    const Common& common_at(int lane) const { return each_common ? (*each_common)[lane] : common; }
  };

  // Chunks of a large population lie together on huge pages: every step goes through all of them.
  static constexpr std::size_t chunks_alone = 16, chunks_per_slab = huge_page / sizeof(Chunk);
  struct Release {
    bool alone = true;
    void operator()(Chunk* c) const {
      if (alone) delete c;
      else c->~Chunk();
    }
  };
  std::vector<Buffer<char>> slabs_;
  std::size_t slab_used_ = chunks_per_slab;
  std::vector<std::unique_ptr<Chunk, Release>> chunks_;

  std::unique_ptr<Chunk, Release> new_chunk() {
    if (chunks_.size() < chunks_alone) return {new Chunk{}, Release{true}};
    if (slab_used_ == chunks_per_slab) {
      slabs_.emplace_back(huge_page);
      slab_used_ = 0;
    }
    return {new (slabs_.back().data() + slab_used_++ * sizeof(Chunk)) Chunk{}, Release{false}};
  }
  P fallback_{};
  S fallback_state_{};
  double prepared_h_ = 0;

  // Calls f(owner, member) for the parameter with number `field`; owner is a P or an S.
  template <class F>
  static void with_field(std::size_t field, F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      ((I == field ? (f(std::get<I>(M::params)), 0) : 0), ...);
    }(std::make_index_sequence<n_params>{});
  }
  template <class F>
  static constexpr bool is_state = std::is_same_v<typename F::owner, S>;

 public:
  int spike_channels() const override { return M::spike_channels; }
  int current_channels() const override { return M::current_channels; }
  int spike_channel(int receptor, bool negative) const override { return M::spike_channel(receptor, negative); }
  int current_channel(int receptor) const override { return M::current_channel(receptor); }
  bool counts_spikes() const override {
    if constexpr (requires { M::counts_spikes; }) return M::counts_spikes;
    return false;
  }
  bool precise() const override { return is_precise; }
  bool currents_at_once() const override { return requires { M::currents_at_once; }; }
  bool reads_transitions() const override { return binary; }
  std::size_t bytes_per_lane() const override { return sizeof(Chunk) / chunk_lanes + sizeof(NodeId) + 16; }

  void grow(NodeId first, std::size_t n) override {
    for (std::size_t i = 0; i < n; ++i) {
      const int lane = int(ids.size() % chunk_lanes);
      if (lane == 0) add_chunk();
      Chunk& c = *chunks_.back();
      ids.push_back(first + NodeId(i));
      if (c.each) c.each->save(lane, fallback_);
      else if (lane > 0 && std::memcmp(&c.parameters, &fallback_, sizeof(P)) != 0) spread(c).save(lane, fallback_);
      c.state.save(lane, fallback_state_);
      if (std::memcmp(&c.common, &fallback_common, sizeof(Common)) != 0 || c.each_common)
        common(ids.size() - 1) = fallback_common;
    }
  }

  void shrink(std::size_t n) override {
    ids.resize(ids.size() - n);
    chunks_.resize(chunks());
  }

  double get(std::size_t lane, std::size_t field) const override {
    const Chunk& c = *chunks_[lane / chunk_lanes];
    double out = 0;
    with_field(field, [&](auto& f) {
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>)
        out = double(c.state.load(int(lane % chunk_lanes)).*f.member);
      else out = double(c.at(int(lane % chunk_lanes)).*f.member);
    });
    return out;
  }

  void set(std::size_t lane, std::size_t field, double value) override {
    Chunk& c = *chunks_[lane / chunk_lanes];
    const int l = int(lane % chunk_lanes);
    with_field(field, [&](auto& f) {
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>) {
        S s = c.state.load(l);
        assign(s, f, value);
        c.state.save(l, s);
      } else {
        P p = c.at(l);
        if (double(p.*f.member) == value) return;
        assign(p, f, value);
        if (lanes(lane / chunk_lanes) == 1 && !c.each) c.parameters = p;
        else spread(c).save(l, p);
        c.stale = true;
      }
    });
  }

  void set_default(std::size_t field, double value) override {
    with_field(field, [&](auto& f) {
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>) assign(fallback_state_, f, value);
      else assign(fallback_, f, value);
    });
  }
  double get_default(std::size_t field) const override {
    double out = 0;
    with_field(field, [&](auto& f) {
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>) out = double(fallback_state_.*f.member);
      else out = double(fallback_.*f.member);
    });
    return out;
  }

  Complaint check(std::size_t lane, std::span<const std::pair<std::size_t, double>> change) const override {
    return check_changed(chunks_[lane / chunk_lanes]->at(int(lane % chunk_lanes)), change);
  }
  Complaint check_default(std::span<const std::pair<std::size_t, double>> change) const override {
    return check_changed(fallback_, change);
  }

  double read(std::size_t lane, std::size_t recordable) const override {
    const Chunk& c = *chunks_[lane / chunk_lanes];
    const S s = c.state.load(int(lane % chunk_lanes));
    double out = 0;
    std::size_t k = 0;
    std::apply([&](auto&... r) { ((k++ == recordable ? void(out = s.*r.member) : void()), ...); }, M::recordables);
    return out;
  }

  // Chunks whose lanes have come to agree again (all set to one value) go back to one set of parameters.
  void prepare(double h) override {
    for (std::size_t k = 0; k < chunks_.size(); ++k) {
      Chunk& c = *chunks_[k];
      if (!c.stale && h == prepared_h_) continue;
      const int n = lanes(k);
      gather(c, n);
      c.draws = false;
      if (c.each) {
        if (!c.each_derived) c.each_derived = std::make_unique<Columns<V>>();
        for (int i = 0; i < chunk_lanes; ++i) {
          const P p = c.each->load(i < n ? i : n - 1);
          c.each->save(i, p);
          c.each_derived->save(i, M::prepare(p, h));
          c.draws |= draws(p);
        }
      } else {
        c.derived = M::prepare(c.parameters, h);
        c.each_derived.reset();
        c.draws = draws(c.parameters);
      }
      c.special = false;
      for (int i = 0; i < n; ++i) c.special |= c.common_at(i).frozen || c.common_at(i).ignore_and_spike;
      c.stale = false;
    }
    prepared_h_ = h;
  }

  void update(std::size_t k, const ChunkStep& x) override {
    Chunk& c = *chunks_[k];
    const int n = lanes(k);
    if constexpr (is_precise) update_precise(c, k, n, x);
    else if (c.special) update_special(c, k, n, x);
    else update_plain(c, k, n, x);
  }

  Common& common(std::size_t lane) override {
    Chunk& c = *chunks_[lane / chunk_lanes];
    c.stale = true;
    if (!c.each_common) {
      c.each_common = std::make_unique<std::array<Common, chunk_lanes>>();
      c.each_common->fill(c.common);
    }
    return (*c.each_common)[lane % chunk_lanes];
  }
  const Common& common_value(std::size_t lane) const override {
    return chunks_[lane / chunk_lanes]->common_at(int(lane % chunk_lanes));
  }
  double t_spike(std::size_t lane, double h) const override {
    const Chunk& c = *chunks_[lane / chunk_lanes];
    const Step s = c.last_spike[lane % chunk_lanes];
    return s < 0 ? -1.0 : to_ms(s, h) - c.last_offset[is_precise ? lane % chunk_lanes : 0];
  }
  double calcium(std::size_t lane, Step now, double h) const override {
    const Chunk& c = *chunks_[lane / chunk_lanes];
    const int l = int(lane % chunk_lanes);
    return c.calcium[l] * std::exp(-double(now - c.calcium_from[l]) * h / c.common_at(l).tau_Ca);
  }
  void set_calcium(std::size_t lane, double value, Step now) override {
    Chunk& c = *chunks_[lane / chunk_lanes];
    c.calcium[lane % chunk_lanes] = value;
    c.calcium_from[lane % chunk_lanes] = now;
  }

 private:
  template <class Owner, class T>
  static void assign(Owner& o, const Field<Owner, T>& f, double value) {
    o.*f.member = T(value);
  }

  static bool draws(const P& p) {
    if constexpr (requires { M::draws(p); }) return M::draws(p);
    return false;
  }

  void add_chunk() {
    auto c = new_chunk();
    c->parameters = fallback_;
    c->common = fallback_common;
    for (int i = 0; i < chunk_lanes; ++i) c->state.save(i, fallback_state_);  // lanes nobody uses yet stay finite
    c->last_spike.fill(-1);
    c->calcium.fill(0);
    c->calcium_from.fill(0);
    c->forced.fill(-1);
    chunks_.push_back(std::move(c));
  }

  static Columns<P>& spread(Chunk& c) {
    if (!c.each) {
      c.each = std::make_unique<Columns<P>>();
      for (int i = 0; i < chunk_lanes; ++i) c.each->save(i, c.parameters);
    }
    c.stale = true;
    return *c.each;
  }

  static void gather(Chunk& c, int n) {
    if (!c.each) return;
    bool same = true;
    for_each_member<P>([&](auto i) {
      auto* col = c.each->template column<i>();
      for (int l = 1; l < n; ++l) same &= col[l] == col[0];
    });
    if (!same) return;
    c.parameters = c.each->load(0);
    c.each.reset();
  }

  Complaint check_changed(P p, std::span<const std::pair<std::size_t, double>> change) const {
    for (auto& [field, value] : change)
      with_field(field, [&](auto& f) {
        if constexpr (!is_state<std::remove_cvref_t<decltype(f)>>) assign(p, f, value);
      });
    if constexpr (requires { M::check(p); }) return M::check(p);
    return {};
  }

  static constexpr bool may_draw = requires(P p) { M::draws(p); };

  void update_plain(Chunk& c, std::size_t k, int n, const ChunkStep& x) {
    alignas(64) Out out[chunk_lanes];
    alignas(64) double uniform[may_draw ? chunk_lanes : 1];
    if (may_draw && c.draws) fill_uniform(uniform, k, x);
    choose(!c.each, [&](auto same) {
      choose(M::current_channels > 0 && x.currents, [&](auto currents) {
        choose(may_draw && c.draws, [&](auto draw) {
          lanes_loop<same(), currents() && (M::current_channels > 0), draw() && may_draw>(c, n, x, uniform, out);
        });
      });
    });
    collect(c, k, n, x, out);
  }

  template <class F>
  static void choose(bool b, F&& f) {
    if (b) f(std::true_type{});
    else f(std::false_type{});
  }

  // The hot loop: the compiler sees plain arrays and keeps a lane's structs in registers. A case of its own for what is
  // the same for all lanes, not there, or not drawn; else it could not work on several lanes at once.
  template <bool Same, bool Currents, bool Draws>
  static void lanes_loop(Chunk& c, int n, const ChunkStep& x, const double* uniform, Out* __restrict out) {
    const P p0 = c.parameters;
    const V v0 = c.derived;
    const Columns<P>* each = c.each.get();
    const Columns<V>* each_derived = c.each_derived.get();
    const int padded = (n + 7) / 8 * 8;
#pragma GCC ivdep
    for (int i = 0; i < padded; ++i) {
      const P p = Same ? p0 : each->load(i);
      const V v = Same ? v0 : each_derived->load(i);
      In<Draws> in;
      for (int ch = 0; ch < M::spike_channels; ++ch) in.spikes[ch] = x.spikes[ch][i];
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = Currents ? x.currents[ch][i] : 0.0;
      if constexpr (Draws) in.uniform = uniform[i];
      S s = c.state.load(i);
      out[i] = M::step(p, v, s, in);
      c.state.save(i, s);
    }
  }

  static void fill_uniform(double* uniform, std::size_t chunk, const ChunkStep& x) {
    alignas(64) std::uint32_t word[draw_group];
    for (int g = 0; g < chunk_lanes / draw_group; ++g) {
      draw64(x.random, std::uint32_t(chunk * (chunk_lanes / draw_group) + std::size_t(g)), word);
      for (int i = 0; i < draw_group; ++i) uniform[g * draw_group + i] = to_uniform(word[i]);
    }
  }

  void collect(Chunk& c, std::size_t k, int n, const ChunkStep& x, const Out* out) {
    constexpr int per_word = int(8 / sizeof(Out));
    for (int w = 0; w < n; w += per_word) {
      std::uint64_t word;
      std::memcpy(&word, out + w, 8);
      if (word == 0) [[likely]]
        continue;
      for (int i = w; i < std::min(n, w + per_word); ++i)
        if (out[i]) spike(c, k, i, int(out[i]), x);
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
    c.calcium[lane] = (c.calcium[lane] * std::exp(-since / common.tau_Ca) + common.beta_Ca) * std::exp(-offset / common.tau_Ca);
    c.calcium_from[lane] = now;
    c.last_spike[lane] = now;
    c.last_offset[is_precise ? lane : 0] = offset;
    x.precise->push_back({ids[k * chunk_lanes + std::size_t(lane)], offset});
  }

  void spike(Chunk& c, std::size_t k, int lane, int multiplicity, const ChunkStep& x) {
    const Step now = x.step + 1;  // a spike is stamped with the end of its step
    const Common& common = c.common_at(lane);
    c.calcium[lane] =
        c.calcium[lane] * vexp(-std::min(600.0, double(now - c.calcium_from[lane]) * x.h / common.tau_Ca)) +
        (binary ? 1 : multiplicity) * common.beta_Ca;
    c.calcium_from[lane] = now;
    c.last_spike[lane] = now;
    for (int m = 0; m < multiplicity; ++m) x.emitted->push_back(ids[k * chunk_lanes + std::size_t(lane)]);
  }

  // Frozen lanes stand still and are deaf. Lanes that ignore their threshold integrate and spike like a clock, if the model
  // says how (silence, force_spike).
  void update_special(Chunk& c, std::size_t k, int n, const ChunkStep& x) {
    const Columns<S> kept = c.state;
    const auto last = c.last_spike;
    const auto calcium = c.calcium;
    const auto from = c.calcium_from;
    std::vector<NodeId> emitted;
    ChunkStep y = x;
    y.emitted = &emitted;
    update_plain(c, k, n, y);
    std::size_t e = 0;
    for (int i = 0; i < n; ++i) {
      const Common& common = c.common_at(i);
      const std::size_t begin = e;
      while (e < emitted.size() && emitted[e] == ids[k * chunk_lanes + std::size_t(i)]) ++e;
      if (!common.frozen && !ignores(common)) {
        c.forced[i] = -1;
        x.emitted->insert(x.emitted->end(), emitted.begin() + long(begin), emitted.begin() + long(e));
        continue;
      }
      c.state.save(i, kept.load(i));
      c.last_spike[i] = last[i];
      c.calcium[i] = calcium[i];
      c.calcium_from[i] = from[i];
      if (!common.frozen) clock_step(c, k, i, x);
    }
  }

  static constexpr bool has_clock = requires(P p) { M::silence(p); };
  static bool ignores(const Common& common) { return has_clock && common.ignore_and_spike; }

  void clock_step(Chunk& c, std::size_t k, int i, const ChunkStep& x) {
    if constexpr (has_clock) {
      const P own = c.at(i);
      const V v = c.each_derived ? c.each_derived->load(i) : c.derived;
      const Common& common = c.common_at(i);
      P p = own;
      M::silence(p);
      In<false> in{};
      for (int ch = 0; ch < M::spike_channels; ++ch) in.spikes[ch] = x.spikes[ch][i];
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = x.currents ? x.currents[ch][i] : 0.0;
      S s = c.state.load(i);
      M::step(p, v, s, in);
      if (c.forced[i] < 0) c.forced[i] = x.step + steps_up(common.ignore_and_spike_offset, x.h);
      if (x.step + 1 >= c.forced[i]) {
        c.forced[i] = x.step + 1 + std::max<Step>(1, steps_up(common.ignore_and_spike_interval, x.h));
        M::force_spike(own, v, s);
        c.state.save(i, s);
        spike(c, k, i, 1, x);
        return;
      }
      c.state.save(i, s);
    }
  }
};

template <class M>
ModelInfo describe_neuron(const char* name) {
  ModelInfo m;
  m.name = name;
  m.doc = M::doc;
  m.kind = Kind::neuron;
  auto add = [&]<class Owner, class T>(const Field<Owner, T>& f) {
    m.params.push_back(describe(f, std::is_same_v<Owner, typename M::S>));
  };
  std::apply([&](auto&... f) { (add(f), ...); }, M::params);
  add_common_neuron_fields(m);
  std::apply([&](auto&... r) { (m.recordables.push_back({r.name, r.unit, r.doc}), ...); }, M::recordables);
  if constexpr (requires { M::receptors; })
    for (auto& [receptor, port] : M::receptors) m.receptors.emplace_back(receptor, port);
  m.spiking = true;
  m.precise = requires { M::precise; };
  if constexpr (requires { M::sends; }) m.sends = M::sends;
  if constexpr (requires { M::receives; }) m.receives = M::receives;
  m.stochastic = requires(typename M::P p) { M::draws(p); };
  m.make_store = [] { return std::make_unique<StructStore<M>>(); };
  return m;
}

}  // namespace nl
