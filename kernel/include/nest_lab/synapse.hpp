// The contract of synapse models. Static synapses have no state beyond weight and delay: the kernel keeps those in rows.
#pragma once
#include "registry.hpp"

namespace nl {

template <class M>
ModelInfo describe_synapse(const char* name) {
  ModelInfo m;
  m.name = name;
  m.doc = M::doc;
  m.kind = Kind::synapse;
  m.common_weight = M::common_weight;
  auto add = [&]<class Owner, class T>(const Field<Owner, T>& f) { m.params.push_back(describe(f, false)); };
  std::apply([&](auto&... f) { (add(f), ...); }, M::params);
  return m;
}

}  // namespace nl
