// Included by the generated source file of each model: puts its table into the registry when the library is loaded. What
// describes the model comes with the model's own header.
#pragma once
#include "registry.hpp"

#define NL_REGISTER(kind, name) \
  static const bool nl_registered_##name = nl::Registry::add(nl::describe_##kind<nl::name>(#name));
