// Functions of a distance, or of the two parts of a way, by which connections thin out.
#pragma once
#include <nest_lab/parameter.hpp>

namespace nl {

const char* const* profile_constants(Parameter::Op);  // names of what is fixed
void draw_profile(Parameter::Op, const std::vector<double>& constants, const double* x, const double* y, double* out);
std::pair<double, double> profile_bounds(Parameter::Op, const std::vector<double>& constants,
                                         const std::vector<std::pair<double, double>>& of_arguments);

}  // namespace nl
