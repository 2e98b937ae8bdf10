// Names of parameters that the kernel itself looks at.
#pragma once

namespace nl {

inline constexpr auto recorder_of_synapses = "weight_recorder";

}  // namespace nl
