// Included by the generated source file of each model: puts its table into the registry when the library is loaded. What
// describes the model comes with the model's own header.
#pragma once
#include "registry.hpp"

#define NL_REGISTER(kind, name, where)     \
  static const bool nl_registered_##name = \
      (nl::Registry::get().where.emplace(#name, nl::describe_##kind<nl::name>(#name)), true);
#define NL_REGISTER_NEURON(name) NL_REGISTER(neuron, name, models)
#define NL_REGISTER_DEVICE(name) NL_REGISTER(device, name, models)
#define NL_REGISTER_SYNAPSE(name) NL_REGISTER(synapse, name, models)
#define NL_REGISTER_RULE(name) NL_REGISTER(rule, name, rules)
#define NL_REGISTER_GROWTH_CURVE(name) NL_REGISTER(growth_curve, name, growth_curves)
