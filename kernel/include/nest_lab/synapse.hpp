// The contract of synapse models. Static synapses have no state beyond weight and delay: the kernel keeps those in rows.
#pragma once
#include "registry.hpp"

namespace nl {

// What every static synapse has; a model adds its doc, and whether one weight is shared by all its connections.
struct StaticSynapse {
  struct P {
    double weight = 1, delay = 1;
    std::int64_t receptor_type = 0;
  };
  static constexpr auto params =
      table(field("weight", &P::weight, "", any(), "Strength, in the unit of the target's input"),
            field("delay", &P::delay, "ms", above(0), "Time from spike to effect, at least one step"),
            field("receptor_type", &P::receptor_type, "", at_least(0), "Port of the target"));
};

struct LabelledSynapse {
  struct P : StaticSynapse::P {
    std::int64_t synapse_label = -1;
  };
  static constexpr auto params = std::tuple_cat(
      StaticSynapse::params,
      table(field("synapse_label", &P::synapse_label, "", at_least(-1), "Label to select connections by")));
};

template <class M>
ModelInfo describe_synapse(const char* name) {
  ModelInfo m;
  m.name = name;
  m.doc = M::doc;
  m.kind = Kind::synapse;
  m.common_weight = M::common_weight;
  if constexpr (requires { M::carries; }) {
    m.carries = M::carries;
    m.has_delay = M::has_delay;
    m.both_ways = M::both_ways;
    m.factors.assign(M::factors.begin(), M::factors.end());
  }
  auto add = [&]<class Owner, class T>(const Field<Owner, T>& f) { m.params.push_back(describe(f, false)); };
  std::apply([&](auto&... f) { (add(f), ...); }, M::params);
  return m;
}

}  // namespace nl
