#pragma once
#include <nest_lab/coupling.hpp>

namespace nl {

struct gap_junction : InstantCoupling {
  static constexpr auto doc =
      "Electrical synapse: a conductance between two membranes.\n\n"
      "Into the target flows the current weight * (V_source - V_target), weight in nS, and the same current out of the source: so it\n"
      "is made in both directions, by {'rule': 'one_to_one', 'make_symmetric': True}, or by all_to_all within one population. How\n"
      "exactly the two potentials follow each other within a step is set by wfr_tol and wfr_interpolation_order (Hahne et al.\n"
      "2015, doi:10.3389/fninf.2015.00022); without use_wfr a target sees the potential that the source had at the beginning\n"
      "of the step, where the reference simulator keeps it for as long as min_delay.";
  static constexpr const char* carries = "membrane potential";
  static constexpr bool both_ways = true;
};

}  // namespace nl
