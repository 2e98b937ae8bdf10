// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405, fig. 3 and table 2).
// A number is a function of (seed, purpose, object, row, position): no state, so the same for any number of threads.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "core.hpp"
#include "lanes.hpp"
#include "vmath.hpp"

namespace nl {

// Separate purposes never share numbers, whatever the other coordinates are. The parameters of a synapse have a purpose each,
// from `column` on.
enum class Purpose : std::uint32_t {
  rule = 1,
  weight,
  delay,
  degree,
  poisson,
  noise,
  escape,
  parameter,
  receptor,
  third,
  structure,
  synapse,
  device,
  train,
  position,
  choice,
  column = 64
};

struct Stream {
  std::uint64_t key = 0;      // from the seed
  std::uint32_t object = 0;   // recipe, device or store
  std::uint32_t purpose = 0;  // Purpose, and which leaf of an expression
  std::uint64_t row = 0;      // target, source, block or step: 56 bits

  Stream leaf(std::uint32_t n) const { return {key, object, purpose + (n << 8), row}; }
};

inline std::uint64_t stream_key(std::uint64_t seed) {  // splitmix64: neighbouring seeds give unrelated keys
  std::uint64_t z = seed + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

inline constexpr int draw_group = 64;  // numbers drawn at once: 16 lanes times the 4 words of a Philox block

// Blocks `first` and following, one in each lane: their four words. A lane is 64 bits wide, of which the lower half counts: the
// product of two lower halves is one instruction, and so are its halves.
template <class Lane, int Lanes>
inline void philox_blocks(const Stream& s, std::uint32_t first, Lane (&c)[4][Lanes]) {
  constexpr int width = int(sizeof(Lane) / 8);
  for (int i = 0; i < Lanes; ++i) {
    c[0][i] = lane_numbers<Lane>() + (first + std::uint64_t(i * width));
    c[1][i] = Lane{} + std::uint32_t(s.row);
    c[2][i] = Lane{} + s.object;
    c[3][i] = Lane{} + ((s.purpose & 0xffff) | (std::uint32_t(s.row >> 32) << 16));
  }
  Lane k0 = Lane{} + std::uint32_t(s.key), k1 = Lane{} + std::uint32_t(s.key >> 32);  // upper halves do not count
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < Lanes; ++i) {
      const Lane p0 = multiply_lower(c[0][i], 0xD2511F53u), p1 = multiply_lower(c[2][i], 0xCD9E8D57u);
      c[0][i] = (p1 >> 32) ^ c[1][i] ^ k0;
      c[2][i] = (p0 >> 32) ^ c[3][i] ^ k1;
      c[1][i] = p1;
      c[3][i] = p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

// Word w of block i stands at place w * stride + i.
template <class Lane, int Lanes>
inline void philox(const Stream& s, std::uint32_t first, std::uint32_t* __restrict out, int stride) {
  constexpr int width = int(sizeof(Lane) / 8);
  Lane c[4][Lanes];
  philox_blocks(s, first, c);
  for (int i = 0; i < Lanes; ++i)
    for (int l = 0; l < width; ++l)
      for (int w = 0; w < 4; ++w) out[w * stride + i * width + l] = std::uint32_t(lane_value(c[w][i], l));
}

// 64 random words: elements group * 64 ... group * 64 + 63 of the stream. Two vectors at once hide the latency of a product; more
// do not fit into 16 registers.
inline void draw64(const Stream& s, std::uint32_t group, std::uint32_t* out) {
  constexpr int at_once = 2, lanes = at_once * int(sizeof(WideLane) / 8);
  for (int i = 0; i < 16; i += lanes) philox<WideLane, at_once>(s, group * 16 + std::uint32_t(i), out + i, 16);
}

// 128 random words of 16 bits: the two halves of each word of as many blocks, four of one block side by side.
inline void draw_halves(const Stream& s, std::uint32_t group, std::int16_t* out) {
  constexpr int at_once = 2, width = int(sizeof(WideLane) / 8);
  for (int i = 0; i < 16; i += at_once * width) {
    WideLane c[4][at_once];
    philox_blocks(s, group * 16 + std::uint32_t(i), c);
    for (int k = 0; k < at_once; ++k)
      for (int pair = 0; pair < 2; ++pair) {
        const WideLane four = (c[2 * pair][k] & 0xffffffffu) | c[2 * pair + 1][k] << 32;
        std::memcpy(out + pair * 64 + (i + k * width) * 4, &four, sizeof four);
      }
  }
}

// One element, the same value draw64 gives for it.
inline std::uint32_t draw1(const Stream& s, std::uint32_t element) {
  std::uint32_t word[4];
  philox<std::uint64_t, 1>(s, element / 64 * 16 + element % 16, word, 1);
  return word[element % 64 / 16];
}

// One element of draw_halves.
inline std::int16_t draw_half(const Stream& s, std::uint32_t element) {
  std::uint32_t word[4];
  philox<std::uint64_t, 1>(s, element / 128 * 16 + element % 64 / 4, word, 1);
  return std::int16_t(word[element % 128 / 64 * 2 + element % 4 / 2] >> (element % 2 * 16));
}

NL_HD inline double to_uniform(std::uint32_t word) { return (word + 0.5) * 0x1p-32; }  // in (0, 1), never an end

// Standard normal numbers from pairs of uniform ones (Box & Muller 1958, doi:10.1214/aoms/1177706645).
inline void to_normal(const std::uint32_t* a, const std::uint32_t* b, double* x, double* y, int n) {
  for (int i = 0; i < n; ++i) {
    const double radius = std::sqrt(-2 * vlog(to_uniform(a[i])));
    double c, s;
    vcossin2pi(to_uniform(b[i]), c, s);
    x[i] = radius * c;
    y[i] = radius * s;
  }
}

inline void normal64(const Stream& s, std::uint32_t group, double* out) {
  alignas(64) std::uint32_t word[draw_group];
  draw64(s, group, word);
  to_normal(word, word + 32, out, out + 32, 32);
}

// Numbers one after the other, for what is drawn seldom. Another `first` is another sequence of the same stream.
class Sequence {
  static constexpr std::uint32_t blocks = 64;  // of four words; a longer sequence goes on in the next leaf
  Stream stream_;
  std::uint32_t first_, block_ = 0, word_[4];
  int left_ = 0;

 public:
  explicit Sequence(const Stream& stream, std::uint32_t first = 0) : stream_(stream), first_(first * blocks) {}
  std::uint32_t word() {
    if (left_ == 0) {
      philox<std::uint64_t, 1>(stream_.leaf(block_ / blocks % 256), first_ + block_ % blocks, word_, 1);
      ++block_;
      left_ = 4;
    }
    return word_[--left_];
  }
  double uniform() { return to_uniform(word()); }
  double exponential() { return -vlog(uniform()); }  // of mean 1
  double normal() {
    const std::uint32_t a = word(), b = word();
    double x, y;
    to_normal(&a, &b, &x, &y, 1);
    return x;
  }
};

// 0 <= result < n, exactly uniform (Lemire 2019, doi:10.1145/3230636); `again` supplies words for the rare rejection.
template <class Again>
inline std::uint32_t bounded(std::uint32_t word, std::uint32_t n, Again&& again) {
  std::uint64_t m = std::uint64_t(word) * n;
  if (std::uint32_t(m) < n) [[unlikely]] {
    const std::uint32_t threshold = std::uint32_t(-n) % n;
    while (std::uint32_t(m) < threshold) m = std::uint64_t(again()) * n;
  }
  return std::uint32_t(m >> 32);
}

}  // namespace nl
