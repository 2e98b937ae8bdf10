#include "backend/cpu/taps.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <nest_lab/lanes.hpp>
#include <nest_lab/store.hpp>

namespace nl {

namespace {
constexpr double compare_up_to = 7;  // deviations; beyond, a guide beats comparing with each of 40 counts
constexpr std::uint32_t rare = 32;   // words that a count must own to be worth a comparison with all others
constexpr int guide_bits = 10;
}  // namespace

CountTable::CountTable(double mean) {
  fill(mean, std::sqrt(mean), [mean](std::int64_t k) { return mean / double(k); });
}

CountTable::CountTable(std::int64_t trials, double p) {
  const double n = double(trials), odds = p / (1 - p);
  if (p >= 1) {  // all of them, always
    first_ = std::uint32_t(trials);
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
  double total = 0;
  for (double x : p) total += x;
  for (double& x : p) x *= 0x1p16 / total;
  const bool few = deviation <= compare_up_to;
  share(std::uint32_t(low), p, few ? rare : 1);
  if (!few) make_guide();
}

// Deals out the words to counts from `low` on, which expect p of them: all of a count, if these are at least `least`.
void CountTable::share(std::uint32_t low, std::vector<double>& p, std::uint32_t least) {
  std::int32_t owned = -0x8001;
  for (std::size_t k = 0; k < p.size(); ++k) {
    const auto words = std::int32_t(p[k]);
    if (words < std::int32_t(least)) continue;
    if (owned < -0x8000) first_ = low + std::uint32_t(k);
    else last_.push_back(std::int16_t(owned));
    owned += words;
    p[k] -= words;
  }
  owned_ = owned;
  double total = 0, sum = 0;
  for (double x : p) total += x;
  rest_first_ = low;
  for (std::size_t k = 0; k + 1 < p.size(); ++k) {
    sum += p[k];
    rest_from_.push_back(total > 0 ? std::uint32_t(std::min(sum / total * 0x1p32, 0x1p32 - 1)) : 0);
  }
}

void CountTable::make_guide() {
  for (std::int32_t top = 0; top < (1 << guide_bits); ++top) {
    const std::int32_t word = (top << (16 - guide_bits)) - 0x8000;
    guide_.push_back(std::uint16_t(std::lower_bound(last_.begin(), last_.end(), word) - last_.begin()));
  }
}

std::uint32_t CountTable::place(std::int16_t word) const {
  std::uint32_t n = guide_.empty() ? 0 : guide_[std::uint32_t(word + 0x8000) >> (16 - guide_bits)];
  while (n < last_.size() && word > last_[n]) ++n;
  return n;
}

std::uint32_t CountTable::rest(std::uint32_t word) const {
  return rest_first_ + std::uint32_t(std::upper_bound(rest_from_.begin(), rest_from_.end(), word) - rest_from_.begin());
}

bool CountTable::compare(const std::int16_t* __restrict word, std::uint32_t* __restrict out) const {
  constexpr int at_once = 4, width = int(sizeof(WideShort) / sizeof(std::int16_t));
  alignas(64) std::int16_t n[group];
  WideShort open{};
  for (int i = 0; i < group; i += at_once * width) {
    WideShort x[at_once], count[at_once];
    for (int k = 0; k < at_once; ++k) {
      std::memcpy(&x[k], word + i + k * width, sizeof x[k]);
      count[k] = WideShort{};
    }
    for (std::int16_t t : last_)
      for (int k = 0; k < at_once; ++k) count[k] = count_above(count[k], x[k], t);
    for (int k = 0; k < at_once; ++k) {
      std::memcpy(n + i + k * width, &count[k], sizeof count[k]);
      open = count_above(open, x[k], std::int16_t(owned_));
    }
  }
  for (int i = 0; i < group; ++i) out[i] = first_ + std::uint32_t(n[i]);
  std::uint64_t part[sizeof open / 8], any = 0;
  std::memcpy(part, &open, sizeof open);
  for (std::uint64_t x : part) any |= x;
  return any != 0;
}

bool CountTable::look_up(const std::int16_t* __restrict word, std::uint32_t* __restrict out) const {
  std::int16_t highest = word[0];
  for (int i = 0; i < group; ++i) {
    out[i] = first_ + place(word[i]);
    highest = std::max(highest, word[i]);
  }
  return highest > owned_;
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

constexpr std::uint32_t second_word = 0x80;  // leaf of the stream; repeats of a tap stay below

// What a binary neuron makes of numbers of spikes stands in their place.
void read_transitions(std::uint32_t* count, int n) {
  for (int i = 0; i < n; ++i) count[i] = std::uint32_t(std::int32_t(transition(count[i])));
}

}  // namespace

std::uint32_t drawn_count(const Emission& e, const Stream& s, std::uint32_t element) {
  auto more = [&] { return draw1(s.leaf(second_word), element); };
  return e.table ? e.table->count(draw_half(s, element), more) : poisson_count(e.a, more());
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
  alignas(64) std::int16_t word[size];
  alignas(64) std::uint32_t count[size];
  for (int from = tap.begin / size * size; from < tap.end; from += size) {
    const std::uint32_t element = first_element + std::uint32_t(from);
    draw_halves(s, element / size, word);
    e.table->counts(word, [&](int i) { return draw1(s.leaf(second_word), element + std::uint32_t(i)); }, count);
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
