// Parts that a neuron has in any number: receptor ports, adaptation currents. A model names their types, `using parts =
// Parts<Port>`, and each type has the shape of a small model:
//
//   struct P, S, V             parameters, state and derived values of ONE element; all double. Users see P as lists
//   count                      elements of a new node
//   params                     table (field.hpp) of P, and of S for what can be read as a list
//   recordables                table of S; each name is followed by the number of the element: I_syn_1, I_syn_2, ...
//   V prepare(model's P, P, h)
//   gather(P, V, S&, Sum&)     before each step of the neuron: adds the element to what step() is given, and advances it;
//                              gather(P, V, S&, input, Sum&) for ports
//   at(P, V, S, time, Sum&)    of models of differential equations (integrators.hpp), whose last equation is the time since
//                              the step began: what the element is then; gather() comes after the step
//   on_spike(P, S&, n)         optional: the neuron has emitted n spikes
//   ports                      optional, true: spikes arrive at receptor types 1, 2, ... of the node, one for each element
//   conductance                optional, true: weights at the ports must not be negative
//   counts                     optional: the name under which a node shows how many elements it has
//
// The model has a struct Sum for what its elements add up to, and step(P, V, S&, Inputs, Sum). Elements lie as arrays over the
// lanes of a chunk. Lanes with fewer elements than others are filled up: an element whose numbers are all 0 must add nothing.
#pragma once
#include <array>
#include <map>
#include <span>

#include "buffer.hpp"
#include "columns.hpp"

namespace nl {

template <class... E>
struct Parts {
  static constexpr bool ports = (requires { E::ports; } || ...);
  static constexpr bool negative_weights = !(requires { E::conductance; } || ...);
};
template <>
struct Parts<> {
  static constexpr bool ports = false, negative_weights = true;
};

template <class M>
struct PartsOf {
  using List = Parts<>;
  struct Sum {};
};
template <class M>
  requires requires { typename M::parts; }
struct PartsOf<M> {
  using List = typename M::parts;
  using Sum = typename M::Sum;
};
struct Nothing {};

// One type of part, for everything that does not know it.
struct PartTable {
  struct Number {
    FieldInfo info;
    std::size_t member;  // among the numbers of an element: P, then S, then V
  };
  struct Sample {
    RecordableInfo info;
    std::size_t member;
  };
  std::vector<Number> fields;
  std::vector<Sample> recordables;
  std::vector<double> fresh;  // P and S of a new element
  std::size_t parameters = 0, state = 0, derived = 0;
  std::size_t count = 0;
  std::string counts;
  bool ports = false;
  std::size_t numbers() const { return parameters + state + derived; }
};

// The elements of the nodes of one chunk.
struct ElementChunk {
  using Row = Buffer<double>;  // one element of all lanes, by number and lane
  struct Part {
    std::vector<Row> rows;
    std::array<std::uint16_t, chunk_lanes> count{};
    bool same = false;  // all lanes have the same parameters
  };
  std::vector<Part> parts;
  std::array<bool, chunk_lanes> connected{}, recorded{};
};

// The part of a store that keeps lists. Fields are numbered from 0: the lists, the numbers of elements, has_connections.
class Elements {
  std::vector<PartTable> tables_;
  std::vector<std::vector<double>> fallback_;  // by part: P of one element after the other
  int most_ports_ = 0;
  using Counts = std::vector<std::size_t>;
  mutable std::map<Counts, std::vector<RecordableInfo>> recordables_;
  struct Found {
    std::size_t part;
    const PartTable::Number* number;
  };
  Found find(std::size_t field) const;
  Counts counts(const ElementChunk*, int lane) const;
  double number(std::size_t field, const Counts&, bool connected) const;
  static void resize(const PartTable&, ElementChunk::Part&, int lane, std::size_t n);

 public:
  explicit Elements(std::vector<PartTable> tables);
  void describe(ModelInfo&) const;
  std::size_t bytes_per_lane() const;
  int most_ports() const { return most_ports_; }
  int ports(const ElementChunk&, int lane) const;

  void start(ElementChunk&, int lane);  // a new node
  double get(const ElementChunk& c, int lane, std::size_t field) const {
    return number(field, counts(&c, lane), c.connected[std::size_t(lane)]);
  }
  double get_default(std::size_t field) const { return number(field, counts(nullptr, 0), false); }
  Value get_value(const ElementChunk&, int lane, std::size_t field) const;
  void set_value(ElementChunk&, int lane, std::size_t field, const Value&);
  Value get_default_value(std::size_t field) const;
  void set_default_value(std::size_t field, const Value&);
  // Refuses lists of one part that differ in length; `change` holds fields numbered from `first` on. Without a chunk: of the defaults.
  void check(const std::string& model, const ElementChunk*, int lane, NeuronStore::Changes change,
             std::size_t first) const;

  // The model's own recordables, then those of the elements that the node has; without a chunk, a new node.
  const std::vector<RecordableInfo>& recordables(const ModelInfo&, std::size_t own, const ElementChunk*,
                                                 int lane) const;
  double read(const ElementChunk&, int lane, std::size_t recordable) const;

  void compare(ElementChunk&, int lanes) const;  // after derived values were made
  std::vector<double> state(const ElementChunk&, int lane) const;
  void set_state(ElementChunk&, int lane, const std::vector<double>&) const;
};

// Refuses lists that belong together and differ in length.
void check_same_length(const std::string& model, std::span<const std::pair<std::string, std::size_t>> lists);

template <class T>
inline T load_numbers(const double* row, std::size_t first, int lane) {
  T t;
  auto m = members(t);
  for_each_member<T>([&](auto i) { std::get<i>(m) = row[(first + i) * chunk_lanes + std::size_t(lane)]; });
  return t;
}
template <class T>
inline void save_numbers(double* row, std::size_t first, int lane, const T& t) {
  auto m = members(t);
  for_each_member<T>([&](auto i) { row[(first + i) * chunk_lanes + std::size_t(lane)] = std::get<i>(m); });
}

template <class E>
PartTable part_table() {
  using P = typename E::P;
  using S = typename E::S;
  static constexpr std::size_t np = member_count<P>, ns = member_count<S>, nv = member_count<typename E::V>;
  static_assert(sizeof(P) == np * sizeof(double) && sizeof(S) == ns * sizeof(double), "elements are made of doubles");
  const P p{};
  const S s{};
  PartTable t;
  t.parameters = np;
  t.state = ns;
  t.derived = nv;
  t.count = E::count;
  t.fresh.resize(np + ns);
  std::memcpy(t.fresh.data(), &p, sizeof p);
  std::memcpy(t.fresh.data() + np, &s, sizeof s);
  auto place = [](auto member, auto& owner, std::size_t first) {
    return first + std::size_t(&(owner.*member) - reinterpret_cast<const double*>(&owner));
  };
  std::apply(
      [&](auto&... f) {
        auto add = [&]<class Owner>(const Field<Owner, double>& field) {
          FieldInfo info = nl::describe(field, std::is_same_v<Owner, S>);
          info.type = Type::array;
          info.fallback = std::vector<double>(E::count, std::get<double>(info.fallback));
          if constexpr (std::is_same_v<Owner, S>) t.fields.push_back({info, place(field.member, s, np)});
          else t.fields.push_back({info, place(field.member, p, 0)});
        };
        (add(f), ...);
      },
      E::params);
  std::apply([&](auto&... r) { (t.recordables.push_back({{r.name, r.unit, r.doc}, place(r.member, s, np)}), ...); },
             E::recordables);
  if constexpr (requires { E::counts; }) t.counts = E::counts;
  if constexpr (requires { E::ports; }) t.ports = true;
  return t;
}

template <class... E>
Elements make_elements(Parts<E...>) {
  return Elements({part_table<E>()...});
}

// Derived values of the elements of a chunk, for the parameters of the neurons they belong to.
template <class... E, class ParametersOf>
void prepare_elements(Parts<E...>, ElementChunk& c, double h, ParametersOf&& of) {
  std::size_t part = 0;
  auto one = [&]<class T>(std::type_identity<T>) {
    constexpr std::size_t before = member_count<typename T::P> + member_count<typename T::S>;
    ElementChunk::Part& x = c.parts[part++];
    for (std::size_t k = 0; k < x.rows.size(); ++k)
      for (int i = 0; i < chunk_lanes; ++i) {
        double* row = x.rows[k].data();
        if (k < x.count[std::size_t(i)])
          save_numbers(row, before, i, T::prepare(of(i), load_numbers<typename T::P>(row, 0, i), h));
        else
          for (std::size_t v = 0; v < member_count<typename T::V>; ++v)
            row[(before + v) * chunk_lanes + std::size_t(i)] = 0;
      }
  };
  (one(std::type_identity<E>{}), ...);
}

template <class E, bool Same, class Sum>
void gather_row(double* __restrict row, const double* input, int padded, Sum* __restrict sum) {
  using P = typename E::P;
  using S = typename E::S;
  using V = typename E::V;
  constexpr std::size_t state = member_count<P>, derived = state + member_count<S>;
  const P p0 = load_numbers<P>(row, 0, 0);
  const V v0 = load_numbers<V>(row, derived, 0);
#pragma GCC ivdep
  for (int i = 0; i < padded; ++i) {
    const P p = Same ? p0 : load_numbers<P>(row, 0, i);
    const V v = Same ? v0 : load_numbers<V>(row, derived, i);
    S s = load_numbers<S>(row, state, i);
    auto total = sum->load(i);
    if constexpr (requires { E::ports; }) E::gather(p, v, s, input[i], total);
    else E::gather(p, v, s, total);
    save_numbers(row, state, i, s);
    sum->save(i, total);
  }
}

template <class... E, class Sum>
void gather_elements(Parts<E...>, ElementChunk& c, int padded, double* const* ports, Sum& sum) {
  std::size_t part = 0;
  auto one = [&]<class T>(std::type_identity<T>) {
    ElementChunk::Part& x = c.parts[part++];
    for (std::size_t k = 0; k < x.rows.size(); ++k) {
      const double* input = requires { T::ports; } ? ports[k] : nullptr;
      if (x.same) gather_row<T, true>(x.rows[k].data(), input, padded, &sum);
      else gather_row<T, false>(x.rows[k].data(), input, padded, &sum);
    }
  };
  (one(std::type_identity<E>{}), ...);
}

// Sums for lanes first ... first + lanes - 1, or for those that `place` has in their stead, each at its own time.
template <class... E, class Sum>
void elements_at(Parts<E...>, const ElementChunk& c, int first, int lanes, const std::uint16_t* place,
                 const double* time, Sum* __restrict sum) {
  std::size_t part = 0;
  auto one = [&]<class T>(std::type_identity<T>) {
    constexpr std::size_t state = member_count<typename T::P>, derived = state + member_count<typename T::S>;
    for (auto& row : c.parts[part++].rows)
#pragma GCC ivdep
      for (int i = 0; i < lanes; ++i) {
        const int lane = place ? place[first + i] : first + i;
        T::at(load_numbers<typename T::P>(row.data(), 0, lane), load_numbers<typename T::V>(row.data(), derived, lane),
              load_numbers<typename T::S>(row.data(), state, lane), time[i], sum[i]);
      }
  };
  (one(std::type_identity<E>{}), ...);
}

template <class... E>
void spike_elements(Parts<E...>, ElementChunk& c, int lane, int n) {
  std::size_t part = 0;
  auto one = [&]<class T>(std::type_identity<T>) {
    ElementChunk::Part& x = c.parts[part++];
    if constexpr (requires(typename T::P p, typename T::S s) { T::on_spike(p, s, n); })
      for (std::size_t k = 0; k < x.count[std::size_t(lane)]; ++k) {
        double* row = x.rows[k].data();
        auto s = load_numbers<typename T::S>(row, member_count<typename T::P>, lane);
        T::on_spike(load_numbers<typename T::P>(row, 0, lane), s, n);
        save_numbers(row, member_count<typename T::P>, lane, s);
      }
  };
  (one(std::type_identity<E>{}), ...);
}

}  // namespace nl
