// A node whose equations cannot be solved: what the user is told.
//
// The node keeps the last state that made sense. The slice is completed for all others, so that clock, spikes and records are
// those of one moment; then the run ends with an error. Once parameters or input of the node have been changed it can go on from there.
#include "src/simulation.hpp"

namespace nl {

namespace {

std::string with_unit(double x, const std::string& unit) { return number(x) + (unit.empty() ? "" : " " + unit); }

std::string allowed(const Failure& f) {
  if (f.stuck) return "a solution in at most 10000 steps, none of them shorter than a 1000000000th of the resolution";
  const double most = std::numeric_limits<double>::max();
  const std::string name = f.name, unit = *f.unit ? " " + std::string(f.unit) : "";
  if (f.lower > -most && f.upper < most) return name + " from " + number(f.lower) + " to " + number(f.upper) + unit;
  if (f.lower > -most) return name + " at least " + number(f.lower) + unit;
  if (f.upper < most) return name + " at most " + number(f.upper) + unit;
  return name + " finite";
}

// The parameters to look at, with the values they have.
std::string remedies(const Failure& f, const NeuronStore& store) {
  std::string text;
  for (const char* name : f.remedies)
    for (std::size_t i = 0; i < store.info->own; ++i)
      if (store.info->params[i].name == name)
        text += (text.empty() ? " (now " : ", ") +
                (name + (" = " + with_unit(store.get(f.lane, i), store.info->params[i].unit)));
  return text.empty() ? text : text + ")";
}

}  // namespace

// Of several the earliest, so that the message does not depend on the number of threads.
void Simulation::report_failures() {
  const Failure* first = nullptr;
  for (const ThreadState& team : team_)
    for (const Failure& f : team.failed)
      if (!first || std::pair(f.step, f.node) < std::pair(first->step, first->node)) first = &f;
  if (!first) return;
  const NeuronStore& store = *stores_[first->store];
  const std::string node = "node " + std::to_string(first->node) + " (" + store.name + ")";
  const std::string when = number(to_ms(first->step + 1, h_)) + " ms", kept = number(to_ms(first->step, h_)) + " ms";
  throw Error("NumericalInstability",
              first->stuck ? node + ": the integrator needs ever shorter steps on the way to " + when
                           : node + " left the range of values that make sense on the way to " + when,
              std::string(first->name) + " = " + with_unit(first->value, first->unit), allowed(*first),
              "Change the parameters of the node" + remedies(*first, store) +
                  " or its input, then go on; it keeps its state of " + kept + ".");
}

}  // namespace nl
