// SPDX-License-Identifier: GPL-2.0-or-later
// Looks at eight characters at once: the first of them is the lowest byte of a number.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace postern {

constexpr uint64_t eight_times(char c) { return uint64_t{0x0101010101010101} * static_cast<unsigned char>(c); }

// All eight must be there.
inline uint64_t eight_at(const char* at) {
  uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return std::endian::native == std::endian::little ? bytes : __builtin_bswap64(bytes);
}

// Below, the highest bit of a byte says that it was found.
constexpr uint64_t kHighest = eight_times('\x80');

constexpr uint64_t others_than_digits(uint64_t bytes) {
  const uint64_t values = bytes ^ eight_times('0');
  return (values | ((values & ~kHighest) + eight_times('\x76'))) & kHighest;  // 10 and more reach the highest bit
}
// Exact up to the first that is found, which is what the next function asks for.
constexpr uint64_t those_equal(uint64_t bytes, char c) {
  const uint64_t zeros = bytes ^ eight_times(c);
  return (zeros - eight_times('\x01')) & ~zeros & kHighest;
}
// The place of the first that was found, 0 to 7; something must have been.
constexpr unsigned first_of(uint64_t found) { return static_cast<unsigned>(std::countr_zero(found)) / 8; }

}  // namespace postern
