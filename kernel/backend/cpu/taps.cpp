#include "backend/cpu/taps.hpp"

#include <algorithm>
#include <cmath>

namespace nl {

namespace {
constexpr int compare_at_most = 40;  // thresholds; beyond, a guide table beats comparing with each
constexpr int guide_bits = 10;
}  // namespace

PoissonTable::PoissonTable(double mean) {
  // Probabilities relative to the mode, summed outwards: no underflow for large means.
  const double reach = 12 * std::sqrt(mean) + 30;
  const std::int64_t mode = std::int64_t(mean), low = std::max<std::int64_t>(0, mode - std::int64_t(reach)),
                     high = mode + std::int64_t(reach);
  std::vector<double> p(std::size_t(high - low + 1));
  p[std::size_t(mode - low)] = 1;
  for (std::int64_t k = mode; k > low; --k) p[std::size_t(k - 1 - low)] = p[std::size_t(k - low)] * double(k) / mean;
  for (std::int64_t k = mode; k < high; ++k)
    p[std::size_t(k + 1 - low)] = p[std::size_t(k - low)] * mean / double(k + 1);
  double total = 0, sum = 0;
  for (double x : p) total += x;
  first_ = std::uint32_t(low);
  bool started = false;
  for (std::int64_t k = low; k < high; ++k) {
    sum += p[std::size_t(k - low)];
    const double cumulative = sum / total * 0x1p32;
    if (cumulative < 0.5 && !started) {
      first_ = std::uint32_t(k + 1);
      continue;
    }
    started = true;
    if (cumulative >= 0x1p32 - 0.5) break;
    threshold_.push_back(std::uint32_t(cumulative));  // word >= threshold: count is above k
  }
  if (threshold_.size() <= compare_at_most) return;
  for (std::uint32_t top = 0; top < (1u << guide_bits); ++top)
    guide_.push_back(std::uint32_t(std::upper_bound(threshold_.begin(), threshold_.end(), top << (32 - guide_bits)) -
                                   threshold_.begin()));
}

std::uint32_t PoissonTable::count(std::uint32_t word) const {
  if (guide_.empty()) {
    std::uint32_t n = first_;
    for (std::uint32_t t : threshold_) n += word >= t;
    return n;
  }
  std::uint32_t n = guide_[word >> (32 - guide_bits)];
  while (n < threshold_.size() && word >= threshold_[n]) ++n;
  return first_ + n;
}

void PoissonTable::add(const std::uint32_t* __restrict word, const double* __restrict weight, double common, int n,
                       double* __restrict out) const {
  alignas(64) std::uint32_t counts[draw_group];
  if (guide_.empty()) {
    for (int i = 0; i < draw_group; ++i) counts[i] = first_;
    for (std::uint32_t t : threshold_)
      for (int i = 0; i < draw_group; ++i) counts[i] += word[i] >= t;
  } else {
    for (int i = 0; i < n; ++i) counts[i] = count(word[i]);
  }
  if (weight)
    for (int i = 0; i < n; ++i) out[i] += weight[i] * double(std::int32_t(counts[i]));
  else
    for (int i = 0; i < n; ++i) out[i] += common * double(std::int32_t(counts[i]));
}

int PoissonTables::find(double mean) {
  if (auto found = index_.find(mean); found != index_.end()) return found->second;
  tables_.emplace_back(mean);
  return index_[mean] = int(tables_.size()) - 1;
}

}  // namespace nl
