// Taps: how generators reach the chunks they are connected to. A tap is one generator at one chunk through one channel with
// one delay; it adds a whole vector at once instead of sending events.
#pragma once
#include <map>
#include <memory>
#include <vector>

#include <nest_lab/device.hpp>

namespace nl {

// Counts from random words of 16 bits. Each count owns as many words as its probability says, rounded down; the rest of all
// probabilities, and counts that are rare, share the last words: they are drawn with one more word, of 32 bits.
class CountTable {
  std::uint32_t first_ = 0;               // the count that owns the first words
  std::vector<std::int16_t> last_;        // last word of that count, of the next one ... of the last but one
  std::int32_t owned_ = 0x7fff;           // last word that a count owns
  std::vector<std::uint16_t> guide_;      // by the top bits of the word, where many counts own words
  std::uint32_t rest_first_ = 0;          // with the second word: the lowest count ...
  std::vector<std::uint32_t> rest_from_;  // ... and from which words on it is one more, two more ...

 public:
  static constexpr int group = 128;  // lanes whose words are drawn at once

  explicit CountTable(double mean);           // Poisson
  CountTable(std::int64_t trials, double p);  // binomial
  // `more` draws the second word, of lane i where there are many.
  template <class More>
  std::uint32_t count(std::int16_t word, More&& more) const {
    return word > owned_ ? rest(more()) : first_ + place(word);
  }
  template <class More>
  void counts(const std::int16_t* word, More&& more, std::uint32_t* out) const {
    const bool open = guide_.empty() ? compare(word, out) : look_up(word, out);
    if (open) [[unlikely]]
      for (int i = 0; i < group; ++i)
        if (word[i] > owned_) out[i] = rest(more(i));
  }

 private:
  template <class Ratio>
  void fill(double mean, double deviation, Ratio&& ratio);
  void share(std::uint32_t low, std::vector<double>& p, std::uint32_t least);
  void make_guide();
  std::uint32_t place(std::int16_t word) const;
  std::uint32_t rest(std::uint32_t word) const;
  // Counts of a group; tell whether any word is not owned.
  bool compare(const std::int16_t* word, std::uint32_t* out) const;
  bool look_up(const std::int16_t* word, std::uint32_t* out) const;
};

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
