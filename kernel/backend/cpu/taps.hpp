// Taps: how generators reach the chunks they are connected to. A tap is one generator at one chunk through one channel with
// one delay; it adds a whole vector at once instead of sending events.
#pragma once
#include <map>
#include <memory>
#include <vector>

#include <nest_lab/device.hpp>

namespace nl {

// Inverse cumulative distribution of counts on 32-bit words: the count is the number of thresholds a word reaches. The upper
// half of a word nearly always decides, so that the lower half is drawn only where it does not.
class CountTable {
  std::vector<std::uint32_t> threshold_;  // of counts first_ + 1, first_ + 2, ...
  std::uint32_t first_ = 0;               // counts below never occur
  std::vector<std::uint16_t> often_;      // upper halves of those in the middle of the distribution ...
  std::uint16_t skipped_ = 0, lowest_ = 0, highest_ = 0xffff;  // ... after how many; words from which on there are more
  std::vector<std::uint32_t> guide_;  // by the top bits of the word, where many thresholds would be compared

 public:
  explicit CountTable(double mean);           // Poisson
  CountTable(std::int64_t trials, double p);  // binomial
  // Counts of a group from its upper halves; `lower(i)` gives the lower half of lane i.
  template <class Lower>
  void counts(const std::uint16_t* upper, Lower&& lower, std::uint32_t* out) const;
  std::uint32_t count(std::uint32_t word) const;

  static constexpr int group = 128;  // lanes whose upper halves are drawn at once

 private:
  template <class Ratio>
  void fill(double mean, double deviation, Ratio&& ratio);
  void choose_often();
  bool compare(const std::uint16_t* upper, std::uint16_t* count, std::uint16_t* undecided) const;
};

template <class Lower>
void CountTable::counts(const std::uint16_t* upper, Lower&& lower, std::uint32_t* out) const {
  alignas(64) std::uint16_t n[group], undecided[group];
  const bool all = compare(upper, n, undecided);
  for (int i = 0; i < group; ++i) out[i] = first_ + n[i];
  if (all) [[likely]]
    return;
  for (int i = 0; i < group; ++i)
    if (undecided[i]) out[i] = count(std::uint32_t(upper[i]) << 16 | lower(i));
}

// Tables by distribution. Those that are still needed are held by what was emitted; of the others some are kept.
class CountTables {
  std::map<std::pair<double, std::int64_t>, std::shared_ptr<const CountTable>> known_;
  std::size_t limit_ = 256;

 public:
  std::shared_ptr<const CountTable> find(double a, std::int64_t trials);
};

// A Poisson count without a table, for a mean that few targets draw from.
std::uint32_t poisson_count(double mean, std::uint32_t word);
inline constexpr double largest_mean_without_table = 10;

struct Tap {
  std::uint32_t instance = 0;  // of the generator
  std::uint32_t call = 0;      // of the Connect call: two connections of one pair draw independently
  Role role = Role::current;
  bool transitions = false;  // the target reads counts as transitions
  int channel = 0;
  Step delay = 1;
  Step since = 0, until = forever;  // steps of emission that it carries
  std::uint32_t repeat = 0;         // number among taps of one call at one lane
  int begin = 0, end = 0;           // lanes
  double common = 0;                // weight, where all lanes of the range have the same ...
  std::vector<double> weight;       // ... and where not (0 = not connected); starts at lane `begin`
  std::int64_t drawn = -1;          // noise: the draw that `value` holds
  std::vector<double> value;
};

// Counts of one target, and of all targets of a tap times their weights.
std::uint32_t drawn_count(const Emission&, const Stream&, std::uint32_t element);
void add_counts(const Tap&, const Emission&, Stream, std::uint32_t first_element, double* out);
void draw_noise(Tap&, const Emission&, Stream, std::uint32_t first_group);

}  // namespace nl
