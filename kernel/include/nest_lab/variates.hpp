// Random numbers for what happens now and then, one at a time: as many as needed for one element in one step, a function of
// (seed, purpose, element, step) like all others.
#pragma once
#include "rng.hpp"

namespace nl {

class Draws {
  static constexpr std::uint32_t first_leaf = 2, leaves = 250;  // leaves 0 and 1 are taken by what is drawn in every step
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
  double gamma(double shape);         // of mean `shape`; shape at least 1
  double poisson(double mean);        // a whole number
  double poisson_some(double mean);   // the same, given that it is not 0
  double binomial(double n, double p);
};

}  // namespace nl
