// Included by the generated source file of each model: puts its table into the registry when the library is loaded.
#pragma once
#include "device.hpp"
#include "growth_curve.hpp"
#include "neuron.hpp"
#include "rule.hpp"
#include "synapse.hpp"

#define NL_REGISTER(kind, name) \
  static const bool nl_registered_##name = nl::Registry::add(nl::describe_##kind<nl::name>(#name));
