// The widest register of the instruction set this file is compiled for, as a vector of 64-bit or 16-bit lanes. The only header that
// knows instructions by name: what it offers gives the same bits everywhere.
#pragma once
#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nl {

#if defined(__AVX512F__) && defined(__AVX512BW__)
inline constexpr int register_bytes = 64;
#elif defined(__AVX2__)
inline constexpr int register_bytes = 32;
#else
inline constexpr int register_bytes = 16;
#endif
using WideLane = std::uint64_t __attribute__((vector_size(register_bytes)));
using WideShort = std::int16_t __attribute__((vector_size(register_bytes)));

// 0, 1, 2, ...
template <class Lane>
inline Lane lane_numbers() {
  Lane x{};
  if constexpr (sizeof(Lane) > 8)
    for (int i = 0; i < int(sizeof(Lane) / 8); ++i) x[i] = std::uint64_t(i);
  return x;
}

template <class Lane>
inline std::uint64_t lane_value(const Lane& x, int i) {
  if constexpr (sizeof(Lane) > 8) return x[i];
  else return x;
}

// Product of the lower 32 bits of each lane with m.
template <class Lane>
inline Lane multiply_lower(Lane x, std::uint32_t m) {
#if defined(__AVX512F__)
  if constexpr (sizeof(Lane) == 64)
    return Lane(_mm512_maskz_mul_epu32(0xff, __m512i(x), _mm512_set1_epi64(m)));  // g++ 12 warns of the plain one
#endif
#if defined(__AVX2__)
  if constexpr (sizeof(Lane) == 32) return Lane(_mm256_mul_epu32(__m256i(x), _mm256_set1_epi64x(m)));
#endif
#if defined(__x86_64__)
  if constexpr (sizeof(Lane) == 16) return Lane(_mm_mul_epu32(__m128i(x), _mm_set1_epi64x(m)));
#endif
  return (x & 0xffffffffu) * m;
}

// One more in each lane where x is above t.
inline WideShort count_above(WideShort count, WideShort x, std::int16_t t) {
#if defined(__AVX512F__) && defined(__AVX512BW__)
  const __mmask32 above = _mm512_cmpgt_epi16_mask(__m512i(x), _mm512_set1_epi16(t));
  return WideShort(_mm512_mask_sub_epi16(__m512i(count), above, __m512i(count), _mm512_set1_epi16(-1)));
#else
  return count - WideShort(x > t);
#endif
}

}  // namespace nl
