#include <nest_lab/registry.hpp>

#include <charconv>

#include <nest_lab/growth_curve.hpp>
#include <nest_lab/rule.hpp>

namespace nl {

Registry& Registry::get() {
  static Registry registry;  // filled while the library is loaded, constant afterwards
  return registry;
}

const char* kind_name(Kind k) {
  static const char* names[] = {"neuron", "stimulator", "recorder", "synapse", "other"};
  return names[int(k)];
}

const char* isa() {  // the instruction set this copy of the engine was compiled for
#ifdef NL_ISA
  return NL_ISA;
#else
  return "generic";
#endif
}

std::string with_article(const std::string& name) {
  const bool spelt = name.substr(0, name.find('_')).find_first_of("aeiouy") == std::string::npos;
  const bool an = !name.empty() && std::string(spelt ? "fhlmnrsx" : "aeiou").find(name[0]) != std::string::npos;
  return (an ? "an " : "a ") + name;
}

std::string number(double x) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, x).ptr;
  return {text, end};
}

}  // namespace nl
