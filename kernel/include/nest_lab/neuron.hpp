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
//   lands_in                   optional: where spikes are added to the state, see columns.hpp
//   int on_spike(P, V, S&, Draws&)   optional: what follows when step() says so, with as many random numbers as it takes; returns
//                              how many spikes there are
//   parts                      optional: lists of receptor ports or adaptation currents, see elements.hpp
//   changed(P, S&)             optional: brings state up to date that follows from parameters
//   spiking, archives          optional: false where the model sends no spikes, or keeps no traces for plasticity
// A model of differential equations gives others in place of `step`, see integrators.hpp.
// Models that are coupled by other signals than spikes: see coupling.hpp.
#pragma once
#include <array>
#include <cstring>

#include "buffer.hpp"
#include "columns.hpp"
#include "coupling.hpp"
#include "elements.hpp"
#include "integrators.hpp"
#include "variates.hpp"

namespace nl {

template <class M>
class StructStore final : public NeuronStore {
  using P = typename M::P;
  using S = typename M::S;
  using V = typename M::V;
  using List = typename PartsOf<M>::List;
  using Sum = typename PartsOf<M>::Sum;
  static constexpr bool has_parts = requires { typename M::parts; };
  static constexpr int coupled = [] {
    if constexpr (Takes<M>) return M::coupled;
    else return 0;
  }();
  static constexpr bool may_be_noisy = requires(P p) { M::noisy(p); };
  template <bool Draws>
  using In = Inputs<M::spike_channels, M::current_channels, Draws, coupled>;
  static constexpr bool is_ode = requires { M::equations; };
  static constexpr bool is_precise = requires { M::precise; };
  static constexpr bool binary = requires { M::reads_transitions; };
  template <class I>
  static inline auto step(const P& p, const V& v, S& s, const I& in, const Sum& sum) {
    if constexpr (has_parts) return M::step(p, v, s, in, sum);
    else return M::step(p, v, s, in);
  }
  static constexpr std::size_t n_params = std::tuple_size_v<std::remove_cvref_t<decltype(M::params)>>;
  static constexpr std::size_t n_recordables = std::tuple_size_v<std::remove_cvref_t<decltype(M::recordables)>>;

  static_assert(!Lands<M> || !(is_ode || Relaxes<M> || has_parts),
                "input lands in models that are integrated in one step");

  struct Chunk {
    typename StateOf<M>::type state;
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
    bool draws = false, noisy = false;
    struct Snapshot {
      Columns<S> state;
      std::array<Step, chunk_lanes> last_spike, calcium_from, forced;
      std::array<double, chunk_lanes> calcium;
    };
    std::unique_ptr<Snapshot> before;  // of models whose steps are repeated
    [[no_unique_address]] std::conditional_t<has_parts, ElementChunk, Nothing> elements;

    V derived_at(int lane) const { return each_derived ? each_derived->load(lane) : derived; }
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
  static auto make_lists() {
    if constexpr (has_parts) return make_elements(List{});
    else return Nothing{};
  }
  [[no_unique_address]] std::conditional_t<has_parts, Elements, Nothing> lists_ = make_lists();
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
  int spike_channels() const override {
    if constexpr (List::ports) return M::spike_channels + lists_.most_ports();
    return M::spike_channels;
  }
  int current_channels() const override { return M::current_channels; }
  int spike_channel(int receptor, bool negative) const override {
    if constexpr (List::ports)
      return receptor >= 1 && receptor <= lists_.most_ports() ? M::spike_channels + receptor - 1 : refused;
    else return M::spike_channel(receptor, negative);
  }
  std::optional<Ports> ports(std::size_t lane) const override {
    if constexpr (List::ports)
      return Ports{1, lists_.ports(chunk_of(lane).elements, at_lane(lane)), List::negative_weights};
    return {};
  }
  void relied_on(std::size_t lane, Reliance what) override {
    if constexpr (has_parts) {
      ElementChunk& e = chunk_of(lane).elements;
      (what == Reliance::recorder ? e.recorded : e.connected)[lane % chunk_lanes] = true;
    }
  }
  int current_channel(int receptor) const override { return M::current_channel(receptor); }
  bool counts_spikes() const override {
    if constexpr (requires { M::counts_spikes; }) return M::counts_spikes;
    return false;
  }
  bool precise() const override { return is_precise; }
  int current_lag() const override {
    if constexpr (requires { M::current_lag; }) return M::current_lag;
    return 1;
  }
  bool reads_transitions() const override { return binary; }
  bool lands() const override { return Lands<M>; }
  void land(std::size_t k, int channel, double* where) override {
    if constexpr (Lands<M>) chunks_[k]->state.land(channel, where);
  }
  void landed(std::size_t k) override {
    if constexpr (Lands<M>)
      if (Chunk& c = *chunks_[k]; c.special)
        for (int i = 0; i < lanes(k); ++i)
          if (c.common_at(i).frozen) c.state.forget_input(i);
  }
  std::size_t bytes_per_lane() const override {
    std::size_t lists = 0;
    if constexpr (has_parts) lists = lists_.bytes_per_lane();
    return sizeof(Chunk) / chunk_lanes + sizeof(NodeId) + 16 + lists;
  }

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
      if constexpr (has_parts) {
        lists_.start(c.elements, lane);
        c.stale = true;
      }
    }
  }

  void shrink(std::size_t n) override {
    ids.resize(ids.size() - n);
    chunks_.resize(chunks());
  }

  double get(std::size_t lane, std::size_t field) const override {
    if constexpr (has_parts)
      if (field >= n_params) return lists_.get(chunk_of(lane).elements, at_lane(lane), field - n_params);
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
      S s = c.state.load(l);
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>) {
        assign(s, f, value);
      } else {
        P p = c.at(l);
        if (double(p.*f.member) == value) return;
        assign(p, f, value);
        if (lanes(lane / chunk_lanes) == 1 && !c.each) c.parameters = p;
        else spread(c).save(l, p);
        c.stale = true;
      }
      if constexpr (requires { M::changed(P{}, s); }) M::changed(c.at(l), s);
      c.state.save(l, s);
    });
  }

  void set_default(std::size_t field, double value) override {
    with_field(field, [&](auto& f) {
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>) assign(fallback_state_, f, value);
      else assign(fallback_, f, value);
    });
    if constexpr (requires(S s) { M::changed(P{}, s); }) M::changed(fallback_, fallback_state_);
  }
  double get_default(std::size_t field) const override {
    if constexpr (has_parts)
      if (field >= n_params) return lists_.get_default(field - n_params);
    double out = 0;
    with_field(field, [&](auto& f) {
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>) out = double(fallback_state_.*f.member);
      else out = double(fallback_.*f.member);
    });
    return out;
  }

  Value get_value(std::size_t lane, std::size_t field) const override {
    if constexpr (has_parts) return lists_.get_value(chunk_of(lane).elements, at_lane(lane), field - n_params);
    else return NeuronStore::get_value(lane, field);
  }
  void set_value(std::size_t lane, std::size_t field, const Value& v) override {
    if constexpr (has_parts) {
      lists_.set_value(chunk_of(lane).elements, at_lane(lane), field - n_params, v);
      chunk_of(lane).stale = true;
    }
  }
  Value get_default_value(std::size_t field) const override {
    if constexpr (has_parts) return lists_.get_default_value(field - n_params);
    else return NeuronStore::get_default_value(field);
  }
  void set_default_value(std::size_t field, const Value& v) override {
    if constexpr (has_parts) lists_.set_default_value(field - n_params, v);
  }

  Complaint check(std::size_t lane, Changes change) const override {
    const Chunk& c = chunk_of(lane);
    if constexpr (has_parts) lists_.check(name, &c.elements, at_lane(lane), change, n_params);
    return check_changed(c.at(at_lane(lane)), change);
  }
  Complaint check_default(Changes change) const override {
    if constexpr (has_parts) lists_.check(name, nullptr, 0, change, n_params);
    return check_changed(fallback_, change);
  }

  const std::vector<RecordableInfo>& recordables(std::size_t lane) const override {
    if constexpr (has_parts) return lists_.recordables(*info, n_recordables, &chunk_of(lane).elements, at_lane(lane));
    return info->recordables;
  }
  const std::vector<RecordableInfo>& default_recordables() const override {
    if constexpr (has_parts) return lists_.recordables(*info, n_recordables, nullptr, 0);
    return info->recordables;
  }

  double read(std::size_t lane, std::size_t recordable) const override {
    if constexpr (has_parts)
      if (recordable >= n_recordables)
        return lists_.read(chunk_of(lane).elements, at_lane(lane), recordable - n_recordables);
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
      c.draws = c.noisy = false;
      if (c.each) {
        if (!c.each_derived) c.each_derived = std::make_unique<Columns<V>>();
        for (int i = 0; i < chunk_lanes; ++i) {
          const P p = c.each->load(i < n ? i : n - 1);
          c.each->save(i, p);
          c.each_derived->save(i, M::prepare(p, h));
          c.draws |= draws(p);
          c.noisy |= noisy(p);
        }
      } else {
        c.derived = M::prepare(c.parameters, h);
        c.each_derived.reset();
        c.draws = draws(c.parameters);
        c.noisy = noisy(c.parameters);
      }
      if constexpr (has_parts) {
        prepare_elements(List{}, c.elements, h, [&](int i) { return c.at(i); });
        lists_.compare(c.elements, n);
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

  int ports() const override {
    if constexpr (Takes<M>) return M::ports;
    return 0;
  }
  int coupled_channels() const override { return coupled; }
  int port(int receptor, bool negative) const override {
    if constexpr (Takes<M>) return M::port(receptor, negative);
    return refused;
  }
  bool shapes(std::size_t lane) const override {
    if constexpr (requires(P p) { M::shapes(p); })
      return M::shapes(chunks_[lane / chunk_lanes]->at(int(lane % chunk_lanes)));
    return false;
  }
  void shape(std::size_t lane, double* values, std::size_t n) const override {
    if constexpr (requires(P p) { M::shapes(p); }) {
      const P p = chunks_[lane / chunk_lanes]->at(int(lane % chunk_lanes));
      for (std::size_t i = 0; i < n; ++i) values[i] = M::shape(p, values[i]);
    }
  }

  void emit(std::size_t k, const ChunkStep& x, Lanes lanes, double* const* out) override {
    if constexpr (Emits<M>) {
      Chunk& c = *chunks_[k];
      alignas(64) double normal[may_be_noisy ? chunk_lanes : 1];
      fill_normal(normal, c, k, x);
      for (std::size_t at = 0; at < lanes.size(); ++at) {
        const int i = int(lanes[at]);
        In<false> in{};
        in.order = x.order;
        if constexpr (may_be_noisy) in.normal = normal[i];
        double value[M::emitted] = {};
        if (!c.common_at(i).frozen) {
          S s = c.state.load(i);
          M::emit(c.at(i), c.derived_at(i), s, in, value);
          c.state.save(i, s);
        }
        for (int v = 0; v < M::emitted; ++v) out[v][at] = value[v];
      }
    }
  }

  void snapshot(std::size_t k) override {
    if constexpr (Relaxes<M>) {
      Chunk& c = *chunks_[k];
      if (!c.before) c.before = std::make_unique<typename Chunk::Snapshot>();
      *c.before = {c.state, c.last_spike, c.calcium_from, c.forced, c.calcium};
    }
  }
  void rewind(std::size_t k) override {
    if constexpr (Relaxes<M>) {
      Chunk& c = *chunks_[k];
      c.state = c.before->state;
      c.last_spike = c.before->last_spike;
      c.calcium_from = c.before->calcium_from;
      c.forced = c.before->forced;
      c.calcium = c.before->calcium;
    }
  }
  double reemit(std::size_t k, const ChunkStep& x, Lanes lanes, const double* const* before,
                double* const* out) override {
    double change = 0;
    if constexpr (Relaxes<M>) {
      Chunk& c = *chunks_[k];
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
  Chunk& chunk_of(std::size_t lane) { return *chunks_[lane / chunk_lanes]; }
  const Chunk& chunk_of(std::size_t lane) const { return *chunks_[lane / chunk_lanes]; }
  static int at_lane(std::size_t lane) { return int(lane % chunk_lanes); }

  template <class Owner, class T>
  static void assign(Owner& o, const Field<Owner, T>& f, double value) {
    o.*f.member = T(value);
  }

  static bool draws(const P& p) {
    if constexpr (requires { M::draws(p); }) return M::draws(p);
    return false;
  }

  static bool noisy(const P& p) {
    if constexpr (may_be_noisy) return M::noisy(p);
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

  Complaint check_changed(P p, Changes change) const {
    for (auto& [number, value] : change)
      with_field(number, [&](auto& f) {
        if constexpr (!is_state<std::remove_cvref_t<decltype(f)>>) assign(p, f, from_value<double>(value));
      });
    if constexpr (requires { M::check(p); }) return M::check(p);
    return {};
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
      gather_elements(List{}, c.elements, (n + 7) / 8 * 8, x.spikes + M::spike_channels, sum);
    }
  }

  void update_ode(Chunk& c, std::size_t k, int n, const ChunkStep& x, std::int32_t* out) {
    OdeLanes<M> all{c.parameters, c.derived, c.each.get(), c.each_derived.get(), &c.state, {}};
    if constexpr (has_parts) all.elements = &c.elements;
    for (int ch = 0; ch < M::current_channels; ++ch) all.current[ch] = x.currents ? x.currents[ch] : no_current;
    OdeStep<M>(all, n, x).run(index, ids.data() + k * chunk_lanes, std::uint32_t(k * chunk_lanes), out);
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
          lanes_loop<same(), currents() && (M::current_channels > 0), draw() && may_draw>(c, n, x, uniform, normal, sum,
                                                                                          out);
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
  // the same for all lanes, not there, or not drawn; else it could not work on several lanes at once.
  template <bool Same, bool Currents, bool Draws>
  static void lanes_loop(Chunk& c, int n, const ChunkStep& x, const double* uniform, const double* normal,
                         const auto& sums, std::int32_t* __restrict out) {
    const double* signal[coupled > 0 ? coupled : 1];
    for (int ch = 0; ch < coupled; ++ch) signal[ch] = x.coupled ? x.coupled[ch] : no_signal;
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
      for (int ch = 0; ch < (Lands<M> ? 0 : M::spike_channels); ++ch) in.spikes[ch] = x.spikes[ch][i];
      for (int ch = 0; ch < M::current_channels; ++ch) in.current[ch] = Currents ? x.currents[ch][i] : 0.0;
      if constexpr (Draws) in.uniform = uniform[i];
      for (int ch = 0; ch < coupled; ++ch) in.coupled[ch] = signal[ch][i];
      if constexpr (may_be_noisy) in.normal = normal[i];
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
    x.precise->push_back({ids[k * chunk_lanes + std::size_t(lane)], offset});
  }

  void collect(Chunk& c, std::size_t k, int n, const ChunkStep& x, const std::int32_t* out) {
    constexpr int group = 64;
    for (int begin = 0; begin < n; begin += group) {
      const int end = std::min(n, begin + group);
      std::int32_t any = 0;
      for (int i = begin; i < end; ++i) any |= out[i];
      if (any == 0) [[likely]]
        continue;
      for (int i = begin; i < end; ++i)
        if (out[i]) spike(c, k, i, follow(c, k, i, out[i], x), x);
    }
  }

  // What the spikes of a lane change in it; how many there are.
  static int follow(Chunk& c, std::size_t k, int lane, int multiplicity, const ChunkStep& x) {
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
    for (int m = 0; m < multiplicity; ++m) x.emitted->push_back(ids[k * chunk_lanes + std::size_t(lane)]);
  }

  // Frozen lanes stand still and are deaf. Lanes that ignore their threshold integrate and spike like a clock, if the model
  // says how (silence, force_spike).
  void update_special(Chunk& c, std::size_t k, int n, const ChunkStep& x) {
    std::vector<S> kept;
    for (int i = 0; i < n; ++i) kept.push_back(c.state.load(i));
    const auto last = c.last_spike;
    const auto calcium = c.calcium;
    const auto from = c.calcium_from;
    std::vector<std::vector<double>> kept_elements(std::size_t(has_parts ? n : 0));
    if constexpr (has_parts)
      for (int i = 0; i < n; ++i) kept_elements[std::size_t(i)] = lists_.state(c.elements, i);
    std::vector<NodeId> emitted;
    std::vector<Failure> failed = *x.failed;
    const std::size_t failures = failed.size();
    ChunkStep y = x;
    y.emitted = &emitted;
    y.failed = &failed;
    update_plain(c, k, n, y);
    for (std::size_t f = failures; f < failed.size(); ++f)
      if (!common_value(failed[f].lane).frozen) x.failed->push_back(failed[f]);
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
      c.state.save(i, kept[std::size_t(i)]);
      if constexpr (Lands<M>) c.state.note(i);
      if constexpr (has_parts) lists_.set_state(c.elements, i, kept_elements[std::size_t(i)]);
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
        M::force_spike(own, v, s);
        c.state.save(i, s);
        spike(c, k, i, 1, x);
        return;
      }
      c.state.save(i, s);
    }
  }
};

// Models of another shape bring their store along (objects.hpp).
template <class M>
struct StoreOf {
  using type = StructStore<M>;
};
template <class M>
  requires requires { typename M::store; }
struct StoreOf<M> {
  using type = typename M::store;
};

template <class M>
ModelInfo describe_neuron(const char* name) {
  ModelInfo m;
  m.name = name;
  m.doc = M::doc;
  m.kind = Kind::neuron;
  if constexpr (requires { M::archives; }) m.archives = M::archives;
  auto add = [&]<class Owner, class T>(const Field<Owner, T>& f) {
    m.params.push_back(describe(f, std::is_same_v<Owner, typename M::S>));
  };
  std::apply([&](auto&... f) { (add(f), ...); }, M::params);
  std::apply([&](auto&... r) { (m.recordables.push_back({r.name, r.unit, r.doc}), ...); }, M::recordables);
  if constexpr (requires { typename M::parts; }) {
    make_elements(typename M::parts{}).describe(m);
    if (M::parts::ports) m.spike_receptor = 1;
  }
  add_common_neuron_fields(m);
  if constexpr (requires { M::receptors; })
    for (auto& [receptor, port] : M::receptors) m.receptors.emplace_back(receptor, port);
  m.spiking = true;
  m.precise = requires { M::precise; };
  if constexpr (requires { M::sends; }) m.sends = M::sends;
  if constexpr (requires { M::receives; }) m.receives = M::receives;
  if constexpr (requires { M::spiking; }) m.spiking = M::spiking;
  if constexpr (requires { M::population; }) m.population = M::population;
  if constexpr (Emits<M>) {
    m.emits = M::emits;
    m.emitted = M::emitted;
    if constexpr (requires { M::emits_after; }) m.emits_after = M::emits_after;
  }
  if constexpr (Takes<M>) m.takes = M::takes;
  if constexpr (requires { M::iterates; }) m.iterates = M::iterates;
  m.relaxes = Relaxes<M>;
  m.stochastic = requires(typename M::P p) { M::draws(p); } || requires(typename M::P p) { M::noisy(p); };
  m.make_store = [] { return std::make_unique<typename StoreOf<M>::type>(); };
  return m;
}

}  // namespace nl
