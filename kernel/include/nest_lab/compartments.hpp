// Neurons that are trees of compartments. Each compartment has a membrane of its own and any of the channels of its model; receptors
// are added to compartments, and the number of a receptor is the receptor_type of connections. Neurons are built by hand, so
// each may be another tree. A model (see models/neuron/cm_default.hpp) lists its channels and receptors and nothing else:
//
//   using channels = Mechanisms<Na, K>;  using receptors = Mechanisms<AMPA, GABA>;
//
// where each of these is a struct in the manner of a neuron model:
//
//   struct P { double ... };   parameters, with their defaults      params   table
//   struct S { double ... };   state                                states   table; the number of the compartment (or receptor) is
//   struct V { double ... };   derived once                                  appended to the names
//   V prepare(P, h)            S rest(v): state of a compartment that has been at v for ever (channels)
//   bool present(P)            whether a compartment has the channel        Complaint check(P)    both optional
//   Linear step(P, V, S&, v)   with one more argument for receptors: the summed weights that arrive
//
// Within a step the current of a mechanism is a straight line in the voltage, i - g v. Crank & Nicolson (1947) then have for the
// voltages u in the middle of the step a linear system whose graph is the tree. Hines (1984, doi:10.1016/0020-7101(84)90008-4)
// solves it without filling in: leaves first, then from the root outwards. At the end of the step v is 2 u - v.
//
// Neurons of one chunk with the same tree, channels and receptors form blocks of up to 16 neurons, kept as [compartment][neuron],
// so that elimination works on all of them at once; a channel works on all its compartments and neurons in one loop, and
// does so for a single neuron too. What a neuron does not depend on its block: all lanes do the same arithmetic.
#pragma once
#include "neuron.hpp"

namespace nl {

struct Linear {
  double g, i;  // uS, nA
};

// Elements of one mechanism in a block: one array for each parameter, derived value and state variable, `stride` apart.
struct MechanismRun {
  const double *parameters, *derived;
  double* state;
  std::size_t stride;
  const double *v, *input;
  double *g, *i;
  int n;  // a multiple of 8
};

struct Mechanism {
  std::string name;
  std::vector<FieldInfo> params;
  std::vector<RecordableInfo> states;
  std::size_t derived = 0;
  bool (*present)(const double* parameters) = nullptr;
  Complaint (*check)(const double* parameters) = nullptr;
  void (*prepare)(const double* parameters, double h, double* derived) = nullptr;
  void (*rest)(double v, double* state) = nullptr;
  void (*advance)(const MechanismRun&) = nullptr;
};

struct CompartmentModel {
  std::vector<Mechanism> channels, receptors;
};

template <class... M>
struct Mechanisms {};

namespace mechanism {

template <class T>
T load(const double* from, std::size_t stride) {
  T t;
  auto m = members(t);
  for_each_member<T>([&](auto k) { std::get<k>(m) = from[k * stride]; });
  return t;
}
template <class T>
void save(const T& t, double* to, std::size_t stride) {
  auto m = members(t);
  for_each_member<T>([&](auto k) { to[k * stride] = std::get<k>(m); });
}

template <class M>
NL_NO_BRANCHES void advance(const MechanismRun&);  // run.hpp

template <class M>
Mechanism describe(const char* name) {
  using P = typename M::P;
  using S = typename M::S;
  Mechanism m;
  m.name = name;
  std::apply([&](auto&... f) { (m.params.push_back(nl::describe(f, false)), ...); }, M::params);
  std::apply([&](auto&... r) { (m.states.push_back({r.name, r.unit, r.doc}), ...); }, M::states);
  m.derived = member_count<typename M::V>;
  m.prepare = [](const double* p, double h, double* d) { save(M::prepare(load<P>(p, 1), h), d, 1); };
  m.rest = [](double v, double* s) {
    if constexpr (requires { M::rest(v); }) save(M::rest(v), s, 1);
    else save(S{}, s, 1);
  };
  if constexpr (requires(P p) { M::present(p); }) m.present = [](const double* p) { return M::present(load<P>(p, 1)); };
  if constexpr (requires(P p) { M::check(p); }) m.check = [](const double* p) { return M::check(load<P>(p, 1)); };
  m.advance = advance<M>;
  return m;
}

template <class... M>
std::vector<Mechanism> describe(Mechanisms<M...>) {
  return {describe<M>(M::name)...};
}

}  // namespace mechanism

ModelInfo describe_compartments(const char* name, const char* doc, const CompartmentModel&);

template <class M>
  requires requires { typename M::channels; }
ModelInfo describe_neuron(const char* name) {
  static const CompartmentModel model{mechanism::describe(typename M::channels{}),
                                      mechanism::describe(typename M::receptors{})};
  return describe_compartments(name, M::doc, model);
}

}  // namespace nl
