// SPDX-License-Identifier: GPL-2.0-or-later
// Compares all words of a cell of the networks index with an address at once: 32 bytes, by SSE2 where the processor
// has it, which every x86-64 does.  Knows nothing of networks but the form of a word: see PrefixIndex.
#pragma once

#include <cstdint>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace postern {

template <class Word>
inline constexpr uint32_t kLanes = 32 / sizeof(Word);

// One bit for each of the kLanes words from `words` on: the wanted bits agree with the word's above its lowest one
// that is not in `ignored`.  No word's, and not the wanted, highest bit is set.
template <class Word>
uint32_t covering_lanes_plain(const Word* words, Word wanted, uint32_t ignored) {
  uint32_t covering = 0;
  for (uint32_t i = 0; i < kLanes<Word>; ++i) {
    const uint32_t word = words[i] & ~ignored;
    const uint32_t marker = word & (0 - word);
    covering |= static_cast<uint32_t>((wanted ^ word) >> 1 < marker) << i;
  }
  return covering;
}

#ifdef __SSE2__
// Half of the lanes, each all ones or all zeros.
template <class Word>
__m128i compare_half(const Word* words, Word wanted, uint32_t ignored) {
  const __m128i loaded = _mm_loadu_si128(reinterpret_cast<const __m128i*>(words));
  if constexpr (sizeof(Word) == 2) {
    const __m128i word = _mm_andnot_si128(_mm_set1_epi16(static_cast<int16_t>(ignored)), loaded);
    const __m128i marker = _mm_and_si128(word, _mm_sub_epi16(_mm_setzero_si128(), word));
    const __m128i differ = _mm_xor_si128(word, _mm_set1_epi16(static_cast<int16_t>(wanted)));
    return _mm_cmplt_epi16(_mm_srli_epi16(differ, 1), marker);
  } else {
    const __m128i word = _mm_andnot_si128(_mm_set1_epi32(static_cast<int32_t>(ignored)), loaded);
    const __m128i marker = _mm_and_si128(word, _mm_sub_epi32(_mm_setzero_si128(), word));
    const __m128i differ = _mm_xor_si128(word, _mm_set1_epi32(static_cast<int32_t>(wanted)));
    return _mm_cmplt_epi32(_mm_srli_epi32(differ, 1), marker);
  }
}
template <class Word>
uint32_t covering_lanes(const Word* words, Word wanted, uint32_t ignored) {
  const __m128i low = compare_half(words, wanted, ignored);
  const __m128i high = compare_half(words + kLanes<Word> / 2, wanted, ignored);
  const __m128i bytes = sizeof(Word) == 2 ? _mm_packs_epi16(low, high)
                                          : _mm_packs_epi16(_mm_packs_epi32(low, high), _mm_setzero_si128());
  return static_cast<uint32_t>(_mm_movemask_epi8(bytes));
}
#else
template <class Word>
uint32_t covering_lanes(const Word* words, Word wanted, uint32_t ignored) {
  return covering_lanes_plain(words, wanted, ignored);
}
#endif

}  // namespace postern
