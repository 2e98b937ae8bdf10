#include "backend/cpu/taps.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <nest_lab/lanes.hpp>
#include <nest_lab/store.hpp>

namespace nl {

namespace {
constexpr int compare_at_most = 40;  // thresholds; beyond, a guide table beats comparing with each
constexpr int guide_bits = 10;
}  // namespace

CountTable::CountTable(double mean) {
  fill(mean, std::sqrt(mean), [mean](std::int64_t k) { return mean / double(k); });
}

CountTable::CountTable(std::int64_t trials, double p) {
  const double n = double(trials), odds = p / (1 - p);
  if (p >= 1) {  // all of them, always
    first_ = std::uint32_t(trials);
    choose_often();
    return;
  }
  fill(n * p, std::sqrt(n * p * (1 - p)), [=](std::int64_t k) { return (n - double(k) + 1) / double(k) * odds; });
}

// ratio(k) is the probability of k relative to that of k - 1. Probabilities are relative to the mode, summed outwards: no
// underflow for large means.
template <class Ratio>
void CountTable::fill(double mean, double deviation, Ratio&& ratio) {
  const double reach = 12 * deviation + 30;
  const std::int64_t mode = std::int64_t(mean), low = std::max<std::int64_t>(0, mode - std::int64_t(reach)),
                     high = mode + std::int64_t(reach);
  std::vector<double> p(std::size_t(high - low + 1));
  p[std::size_t(mode - low)] = 1;
  for (std::int64_t k = mode; k > low; --k) p[std::size_t(k - 1 - low)] = p[std::size_t(k - low)] / ratio(k);
  for (std::int64_t k = mode; k < high; ++k)
    p[std::size_t(k + 1 - low)] = p[std::size_t(k - low)] * std::max(0.0, ratio(k + 1));
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
  choose_often();
  if (threshold_.size() <= compare_at_most) return;
  for (std::uint32_t top = 0; top < (1u << guide_bits); ++top)
    guide_.push_back(std::uint32_t(std::upper_bound(threshold_.begin(), threshold_.end(), top << (32 - guide_bits)) -
                                   threshold_.begin()));
}

// Leaves out the thresholds that less than one word in two thousand reaches, or misses.
void CountTable::choose_often() {
  constexpr double rare = 0.5e-3 * 0x1p32;
  std::size_t a = 0, b = threshold_.size();
  while (a < b && threshold_[a] < rare) ++a;
  while (b > a && threshold_[b - 1] > 0x1p32 - rare) --b;
  for (std::size_t i = a; i < b; ++i) often_.push_back(std::uint16_t(threshold_[i] >> 16));
  skipped_ = std::uint16_t(a);
  if (a > 0) lowest_ = std::uint16_t(threshold_[a - 1] >> 16);
  if (b < threshold_.size()) highest_ = std::uint16_t(threshold_[b] >> 16);
}

std::uint32_t CountTable::count(std::uint32_t word) const {
  if (guide_.empty()) {
    std::uint32_t n = first_;
    for (std::uint32_t t : threshold_) n += word >= t;
    return n;
  }
  std::uint32_t n = guide_[word >> (32 - guide_bits)];
  while (n < threshold_.size() && word >= threshold_[n]) ++n;
  return first_ + n;
}

// Returns whether the upper halves decide everywhere. Only the thresholds that matter often are compared with: rare counts are
// left undecided.
bool CountTable::compare(const std::uint16_t* __restrict upper, std::uint16_t* __restrict n,
                         std::uint16_t* __restrict undecided) const {
  if (!guide_.empty()) {
    for (int i = 0; i < group; ++i) undecided[i] = 1;
    return false;
  }
  constexpr int width = int(sizeof(WideShort) / sizeof(std::uint16_t));
  WideShort any{};
  for (int i = 0; i < group; i += width) {
    WideShort x, count = WideShort{} + skipped_;
    std::memcpy(&x, upper + i, sizeof x);
    WideShort closest = x > lowest_ && x < highest_ ? WideShort{} + std::uint16_t(1) : WideShort{};
    for (std::uint16_t t : often_) {
      count = x > t ? count + std::uint16_t(1) : count;
      const WideShort away = x ^ t;
      closest = away < closest ? away : closest;
    }
    const WideShort open = WideShort(closest == 0);
    std::memcpy(n + i, &count, sizeof count);
    std::memcpy(undecided + i, &open, sizeof open);
    any |= open;
  }
  std::uint64_t word[sizeof any / 8], all = 0;
  std::memcpy(word, &any, sizeof any);
  for (std::uint64_t w : word) all |= w;
  return all == 0;
}

std::shared_ptr<const CountTable> CountTables::find(double a, std::int64_t trials) {
  if (auto found = known_.find({a, trials}); found != known_.end()) return found->second;
  if (known_.size() >= limit_) {
    std::erase_if(known_, [](auto& entry) { return entry.second.use_count() == 1; });
    limit_ = std::max<std::size_t>(256, 2 * known_.size());
  }
  auto table = trials > 0 ? std::make_shared<const CountTable>(trials, a) : std::make_shared<const CountTable>(a);
  return known_[{a, trials}] = std::move(table);
}

std::uint32_t poisson_count(double mean, std::uint32_t word) {
  double p = vexp(-mean), cumulative = p;
  std::uint32_t k = 0;
  while (double(word) >= cumulative * 0x1p32 && k < 100) {
    p *= mean / double(++k);
    cumulative += p;
  }
  return k;
}

namespace {

constexpr std::uint32_t lower_half = 0x80;  // leaf of the stream; repeats of a tap stay below

// Upper halves of a group come from one stream, two in a word; lower halves from another, one in a word.
std::uint32_t count_word(Stream s, std::uint32_t element) {
  const std::uint32_t group = element / CountTable::group, lane = element % CountTable::group;
  const std::uint32_t upper = draw1(s, group * 64 + lane % 64) >> (lane / 64 * 16) & 0xffff;
  return upper << 16 | (draw1(s.leaf(lower_half), element) & 0xffff);
}

// What a binary neuron makes of numbers of spikes stands in their place.
void read_transitions(std::uint32_t* count, int n) {
  for (int i = 0; i < n; ++i) count[i] = std::uint32_t(std::int32_t(transition(count[i])));
}

}  // namespace

std::uint32_t drawn_count(const Emission& e, const Stream& s, std::uint32_t element) {
  const std::uint32_t word = count_word(s, element);
  return e.table ? e.table->count(word) : poisson_count(e.a, word);
}

void add_counts(const Tap& tap, const Emission& e, Stream s, std::uint32_t first_element, double* out) {
  auto weight = [&](int lane) { return tap.weight.empty() ? tap.common : tap.weight[std::size_t(lane - tap.begin)]; };
  if (!e.table || tap.end - tap.begin <= 4) {
    for (int lane = tap.begin; lane < tap.end; ++lane) {
      const std::uint32_t n = drawn_count(e, s, first_element + std::uint32_t(lane));
      out[lane] += weight(lane) * (tap.transitions ? transition(n) : double(n));
    }
    return;
  }
  constexpr int size = CountTable::group;
  alignas(64) std::uint32_t word[draw_group], count[size];
  alignas(64) std::uint16_t upper[size];
  for (int from = tap.begin / size * size; from < tap.end; from += size) {
    const std::uint32_t element = first_element + std::uint32_t(from);
    draw64(s, element / size, word);
    for (int i = 0; i < draw_group; ++i) {
      upper[i] = std::uint16_t(word[i]);
      upper[i + draw_group] = std::uint16_t(word[i] >> 16);
    }
    e.table->counts(
        upper, [&](int i) { return draw1(s.leaf(lower_half), element + std::uint32_t(i)) & 0xffff; }, count);
    if (tap.transitions) read_transitions(count, size);
    const int begin = std::max(tap.begin, from), end = std::min(tap.end, from + size);
    if (tap.weight.empty())
      for (int lane = begin; lane < end; ++lane) out[lane] += tap.common * double(std::int32_t(count[lane - from]));
    else
      for (int lane = begin; lane < end; ++lane)
        out[lane] += tap.weight[std::size_t(lane - tap.begin)] * double(std::int32_t(count[lane - from]));
  }
}

void draw_noise(Tap& tap, const Emission& e, Stream s, std::uint32_t first_group) {
  alignas(64) double x[draw_group];
  tap.value.resize(std::size_t(tap.end - tap.begin));
  for (int lane = tap.begin; lane < tap.end;) {
    const int group = lane / draw_group, stop = std::min(tap.end, (group + 1) * draw_group);
    normal64(s, first_group + std::uint32_t(group), x);
    for (; lane < stop; ++lane) tap.value[std::size_t(lane - tap.begin)] = e.a + e.b * x[lane % draw_group];
  }
  tap.drawn = e.draw;
}

}  // namespace nl
