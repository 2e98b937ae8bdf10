// Random numbers for what happens now and then, one at a time: as many as needed for one element in one step, a function of
// (seed, purpose, element, step) like all others.
#pragma once
#include "rng.hpp"

namespace nl {

class Draws {
  static constexpr std::uint32_t first_leaf = 2,
                                 leaves = 250;  // leaves 0 and 1 are taken by what is drawn in every step
  Stream stream_;
  std::uint32_t element_, used_ = 0;
  std::uint32_t word_[4];

  std::uint32_t word() {
    if (used_ % 4 == 0) philox<std::uint64_t, 1>(stream_.leaf(first_leaf + used_ / 4 % leaves), element_, word_, 1);
    return word_[used_++ % 4];
  }

 public:
  Draws(const Stream& s, std::uint32_t element) : stream_(s), element_(element) {}
  double uniform() {  // in (0, 1), with 52 bits
    const std::uint64_t upper = word() >> 6, lower = word() >> 6;
    return (double(upper << 26 | lower) + 0.5) * 0x1p-52;
  }
  double normal();
  double gamma(double shape);        // of mean `shape`; shape at least 1
  double poisson(double mean);       // a whole number
  double poisson_some(double mean);  // the same, given that it is not 0
  double binomial(double n, double p);
};

// Spikes at random: probability that a step holds at least one where `expected` is the integral of the hazard over it.
NL_HD inline double escape_probability(double expected) {
  const double x = expected > 600 ? 600 : expected;
  return x < 1e-5 ? x * (1 - 0.5 * x) : 1 - vexp(-x);  // without cancellation
}
// e^x for a hazard: without overflow, and exactly none far below a threshold, which may be infinite.
NL_HD inline double bounded_exp(double x) { return x < -600 ? 0.0 : vexp(x > 600 ? 600.0 : x < -600 ? -600.0 : x); }

// Number of spikes in a step that has at least one; refuses numbers that nobody could deliver.
int several(const char* model, double expected, Draws&);

}  // namespace nl
