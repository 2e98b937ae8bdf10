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
//   rare(P)                    optional: true when the step has to do what few neurons need and what would slow down the others:
//                              a step without it is given Inputs::rare = false
//   weight_unit                optional: of spikes, where a weight is not what receptors say
//   lands_in                   optional: where spikes are added to the state, see columns.hpp
//   reset(P, V, S&)            optional: what a spike does to the neuron, where step() leaves it to this: spikes are rare, and a
//                              step without cases for them is shorter
//   int on_spike(P, V, S&, Draws&)   optional: what follows when step() says so, with as many random numbers as it takes; returns
//                              how many spikes there are
//   parts                      optional: lists of receptor ports or adaptation currents, see elements.hpp
//   groups                     optional: dictionaries of parameters and state, table(group(...), ...), see field.hpp
//   changed(P, S&)             optional: brings state up to date that follows from parameters
//   spiking, archives          optional: false where the model sends no spikes, or keeps no traces for plasticity
//   counts_spike_step          optional: its refractory time includes the step of the spike
// A model of differential equations gives others in place of `step`, see integrators.hpp.
// Models that are coupled by other signals than spikes: see coupling.hpp; that remember variables for synapses: recall.hpp.
#pragma once
#include <array>
#include <cstring>

#include "buffer.hpp"
#include "columns.hpp"
#include "coupling.hpp"
#include "elements.hpp"
#include "integrators.hpp"
#include "learning.hpp"
#include "recall.hpp"
#include "variates.hpp"

namespace nl {

template <class M>
class StructStore;
template <class M>
class NeuronStep;

// What a step is made of: neuron_run.hpp.
template <class M>
struct NeuronRun {
  static void update(StructStore<M>&, std::size_t chunk, const ChunkStep&);
  static void emit(StructStore<M>&, std::size_t chunk, const ChunkStep&, NeuronStore::Lanes, int first, int n,
                   double* const* values);
  static double reemit(StructStore<M>&, std::size_t chunk, const ChunkStep&, NeuronStore::Lanes,
                       const double* const* before, double* const* values);
};

template <class M>
class StructStore final : public NeuronStore {
  friend class NeuronStep<M>;
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
  static constexpr bool may_be_rare = requires(P p) { M::rare(p); };
  static constexpr bool is_ode = requires { M::equations; };
  static constexpr bool is_precise = requires { M::precise; };
  static constexpr bool binary = requires { M::reads_transitions; };
  static constexpr std::size_t n_params = std::tuple_size_v<std::remove_cvref_t<decltype(M::params)>>;
  static constexpr std::size_t n_recordables = std::tuple_size_v<std::remove_cvref_t<decltype(M::recordables)>>;

  static_assert(!Lands<M> || !(is_ode || Relaxes<M> || has_parts),
                "input lands in models that are integrated in one step");

  struct Chunk {
    typename StateOf<M>::type state{};
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
    bool draws = false, noisy = false, rare = false;
    struct Snapshot {
      Columns<S> state;
      std::array<Step, chunk_lanes> last_spike, calcium_from, forced;
      std::array<double, chunk_lanes> calcium;
    };
    std::unique_ptr<Snapshot> before;  // of models whose steps are repeated
    [[no_unique_address]] std::conditional_t<has_parts, ElementChunk, Nothing> elements;
    struct Recall {
      std::array<RecallArchive, chunk_lanes> of;
      bool begun = false;
    };
    std::unique_ptr<Recall> recall;  // of models that remember

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
  static constexpr std::size_t n_groups = [] {
    if constexpr (requires { M::groups; }) return std::tuple_size_v<std::remove_cvref_t<decltype(M::groups)>>;
    else return std::size_t{0};
  }();
  static_assert(n_groups == 0 || !has_parts, "a neuron with parts cannot have dictionaries yet");
  // Calls f(owner, member) for all items of the dictionary with number `field`.
  template <class F>
  static void with_items(std::size_t field, F&& f) {
    std::size_t k = n_params;
    auto of = [&](auto& g) {
      if (k++ == field) std::apply([&](auto&... item) { (f(item), ...); }, g.fields);
    };
    if constexpr (n_groups > 0) std::apply([&](auto&... g) { (of(g), ...); }, M::groups);
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
    if constexpr (Recalls<M>) lists += sizeof(RecallArchive);
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
    with_field(field, [&](auto& f) { write(lane, f, value); });
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

  // Of a field of the model itself this is a name that a number stands for.
  Value get_value(std::size_t lane, std::size_t field) const override {
    if constexpr (has_parts)
      if (field >= n_params) return lists_.get_value(chunk_of(lane).elements, at_lane(lane), field - n_params);
    if constexpr (n_groups > 0)
      if (field >= n_params)
        return items(chunk_of(lane).at(at_lane(lane)), chunk_of(lane).state.load(at_lane(lane)), field);
    return NeuronStore::get_value(lane, field);
  }
  void set_value(std::size_t lane, std::size_t field, const Value& v) override {
    if constexpr (has_parts)
      if (field >= n_params) {
        lists_.set_value(chunk_of(lane).elements, at_lane(lane), field - n_params, v);
        chunk_of(lane).stale = true;
        return;
      }
    if (field < n_params) NeuronStore::set_value(lane, field, v);
    else with_given(field, v, [&](auto& f, double x) { write(lane, f, x); });
  }
  Value get_default_value(std::size_t field) const override {
    if constexpr (has_parts)
      if (field >= n_params) return lists_.get_default_value(field - n_params);
    if constexpr (n_groups > 0)
      if (field >= n_params) return items(fallback_, fallback_state_, field);
    return NeuronStore::get_default_value(field);
  }
  void set_default_value(std::size_t field, const Value& v) override {
    if constexpr (has_parts)
      if (field >= n_params) return lists_.set_default_value(field - n_params, v);
    if (field < n_params) return NeuronStore::set_default_value(field, v);
    with_given(field, v, [&](auto& f, double x) {
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>) assign(fallback_state_, f, x);
      else assign(fallback_, f, x);
    });
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
      c.draws = c.noisy = c.rare = false;
      if (c.each) {
        if (!c.each_derived) c.each_derived = std::make_unique<Columns<V>>();
        for (int i = 0; i < chunk_lanes; ++i) {
          const P p = c.each->load(i < n ? i : n - 1);
          c.each->save(i, p);
          c.each_derived->save(i, M::prepare(p, h));
          c.draws |= draws(p);
          c.noisy |= noisy(p);
          c.rare |= rare(p);
        }
      } else {
        c.derived = M::prepare(c.parameters, h);
        c.each_derived.reset();
        c.draws = draws(c.parameters);
        c.noisy = noisy(c.parameters);
        c.rare = rare(c.parameters);
      }
      if constexpr (has_parts) {
        prepare_elements(List{}, c.elements, h, [&](int i) { return c.at(i); });
        lists_.compare(c.elements, n);
      }
      prepare_recall(c, n);
      c.special = false;
      for (int i = 0; i < n; ++i) c.special |= c.common_at(i).frozen || c.common_at(i).ignore_and_spike;
      c.stale = false;
    }
    prepared_h_ = h;
  }

  void update(std::size_t k, const ChunkStep& x) override { NeuronRun<M>::update(*this, k, x); }

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

  void emit(std::size_t k, const ChunkStep& x, Lanes lanes, int first, int n, double* const* out) override {
    if constexpr (Emits<M>) NeuronRun<M>::emit(*this, k, x, lanes, first, n, out);
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
    if constexpr (Relaxes<M>) return NeuronRun<M>::reemit(*this, k, x, lanes, before, out);
    return 0;
  }

  Observed observed(std::size_t k) const override {
    Observed seen;
    if constexpr (Learns<M>) {
      const auto& state = chunks_[k]->state;
      if constexpr (requires { M::slope; }) {
        seen.slope = column_of(state, M::slope);
        if constexpr (requires { M::spiked; }) seen.spiked = column_of(state, M::spiked);
      }
      if constexpr (requires { M::regularisation; }) seen.regularisation = column_of(state, M::regularisation);
      if constexpr (requires { M::error; }) seen.error = column_of(state, M::error);
      if constexpr (requires { M::remembered; }) seen.remembered = const_cast<double*>(column_of(state, M::remembered));
    }
    return seen;
  }
  void influence(std::size_t lane, const Experience& e, double* out) const override {
    if constexpr (Learns<M> && !LearnsBySpikes<M>)
      M::influence(chunk_of(lane).at(at_lane(lane)), chunk_of(lane).derived_at(at_lane(lane)), e, out);
  }
  Step gradients(std::size_t lane, const Past& past, Eligibility& e, double* out) const override {
    if constexpr (LearnsBySpikes<M>)
      return M::gradients(chunk_of(lane).at(at_lane(lane)), chunk_of(lane).derived_at(at_lane(lane)), past, e, out);
    return 0;
  }

  RecallArchive* recall(std::size_t lane) override {
    if constexpr (Recalls<M>) return &chunk_of(lane).recall->of[lane % chunk_lanes];
    else return nullptr;
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

  static void prepare_recall(Chunk& c, int n) {
    if constexpr (requires { M::told(P{}); })
      for (int i = 0; i < n; ++i) std::ranges::copy(M::told(c.at(i)), c.recall->of[std::size_t(i)].told.begin());
    if constexpr (Recalls<M>) c.recall->begun = false;
  }

  static const double* column_of(const Columns<S>& state, double S::* member) {
    const std::size_t at = member_index(member);
    const double* out = nullptr;
    for_each_member<S>([&](auto i) {
      if constexpr (std::is_same_v<member_type<S, i>, double>)
        if (i == at) out = state.template column<i>();
    });
    return out;
  }

  template <class Owner, class T>
  static void assign(Owner& o, const Field<Owner, T>& f, double value) {
    o.*f.member = T(value);
  }

  template <class F>
  void write(std::size_t lane, const F& f, double value) {
    Chunk& c = chunk_of(lane);
    const int l = at_lane(lane);
    S s = c.state.load(l);
    if constexpr (is_state<F>) {
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
  }

  // Calls f(field, number) for the items of a dictionary that are given.
  template <class F>
  static void with_given(std::size_t field, const Value& v, F&& f) {
    with_items(field, [&](auto& item) {
      if (const Value* x = std::get<DictPtr>(v)->find(item.name)) f(item, from_value<double>(*x));
    });
  }
  static Value items(const P& p, const S& s, std::size_t field) {
    auto dict = std::make_shared<Dict>();
    with_items(field, [&](auto& f) {
      if constexpr (is_state<std::remove_cvref_t<decltype(f)>>) dict->items.emplace_back(f.name, to_value(s.*f.member));
      else dict->items.emplace_back(f.name, to_value(p.*f.member));
    });
    return DictPtr(dict);
  }

  static bool draws(const P& p) {
    if constexpr (requires { M::draws(p); }) return M::draws(p);
    return false;
  }

  static bool rare(const P& p) {
    if constexpr (may_be_rare) return M::rare(p);
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
    if constexpr (Recalls<M>) c->recall = std::make_unique<typename Chunk::Recall>();
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
        if constexpr (!is_state<std::remove_cvref_t<decltype(f)>>) assign(p, f, number_at(number, value));
      });
    for (auto& [number, value] : change)
      if (number >= n_params && number < n_params + n_groups)
        with_given(number, value, [&](auto& f, double x) {
          if constexpr (!is_state<std::remove_cvref_t<decltype(f)>>) assign(p, f, x);
        });
    if constexpr (requires { M::check(p); }) return M::check(p);
    return {};
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
  if constexpr (requires { M::population; }) m.population = M::population;
  m.spiking = true;
  if constexpr (requires { M::spiking; }) m.spiking = M::spiking;
  auto add = [&]<class Owner, class T>(const Field<Owner, T>& f) {
    m.add(describe(f, std::is_same_v<Owner, typename M::S>));
  };
  std::apply([&](auto&... f) { (add(f), ...); }, M::params);
  std::apply([&](auto&... r) { (m.add_recordable(r.name, r.unit, r.doc), ...); }, M::recordables);
  if constexpr (requires { M::groups; })
    std::apply([&](auto&... g) { (m.add(describe<typename M::S>(g)), ...); }, M::groups);
  if constexpr (requires { typename M::parts; }) {
    make_elements(typename M::parts{}).describe(m);
    if (M::parts::ports) m.spike_receptor = 1;
  }
  if constexpr (requires { M::spike_receptor; }) m.spike_receptor = M::spike_receptor;
  add_common_neuron_fields(m);
  if constexpr (requires { M::receptors; })
    for (auto& [receptor, port] : M::receptors) m.receptors.emplace_back(receptor, port);
  if constexpr (requires { M::weight_unit; }) m.weight_unit = M::weight_unit;
  m.precise = requires { M::precise; };
  m.counts_spike_step = requires { M::counts_spike_step; };
  if constexpr (requires { M::sends; }) m.sends = M::sends;
  if constexpr (requires { M::receives; }) m.receives = M::receives;
  if constexpr (Emits<M>) {
    m.emits = M::emits;
    m.emitted = M::emitted;
    if constexpr (requires { M::emits_after; }) m.emits_after = M::emits_after;
  }
  if constexpr (requires { M::also_emits; }) m.also_emits = M::also_emits;
  if constexpr (Takes<M>) m.takes = M::takes;
  if constexpr (Learns<M>) {
    m.learner = {
        .learns = true, .by_spikes = LearnsBySpikes<M>, .lag = M::signal_lag, .slopes = requires { M::slope; }};
    if constexpr (requires { M::learning_shift; }) m.learner.shift = M::learning_shift;
    if constexpr (requires { M::teacher; }) m.learner.teacher = M::teacher;
    if constexpr (requires { M::loses_first; }) m.learner.loses_first = M::loses_first;
  }
  if constexpr (Recalls<M>) m.recalls = M::recalls;
  if constexpr (requires { M::iterates; }) m.iterates = M::iterates;
  m.relaxes = Relaxes<M>;
  m.stochastic = requires(typename M::P p) { M::draws(p); } || requires(typename M::P p) { M::noisy(p); };
  m.make_store = [] { return std::make_unique<typename StoreOf<M>::type>(); };
  return m;
}

}  // namespace nl
