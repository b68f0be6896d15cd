// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "pdf/stream_data.h"

namespace postern {

namespace {

constexpr unsigned kClear = 256, kEnd = 257, kFirst = 258;  // codes
constexpr unsigned kCodes = 4096;
constexpr size_t kMostExpanded = 1 << 30;  // bytes, whatever was asked for
constexpr size_t kChunk = 16;              // bytes that are copied at a time
constexpr size_t kRoom = kCodes + kChunk;  // more than the longest string needs

// Numbers of some bits each, the highest bit first.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  // The next `width` bits, at most 32; kEnd if there are not as many.
  unsigned next(unsigned width) {
    if (count_ < width && !fill(width)) return kEnd;
    count_ -= width;
    return static_cast<unsigned>(bits_ >> count_) & ((1U << width) - 1);
  }

 private:
  static uint64_t byte(char c) { return static_cast<uint8_t>(c); }
  bool fill(unsigned width) {
    if (end_ - at_ >= 4) {
      bits_ = bits_ << 32 | byte(at_[0]) << 24 | byte(at_[1]) << 16 | byte(at_[2]) << 8 | byte(at_[3]);
      at_ += 4;
      count_ += 32;
      return true;
    }
    for (; at_ < end_; ++at_, count_ += 8) bits_ = bits_ << 8 | byte(*at_);
    return count_ >= width;
  }

  const char* at_;
  const char* end_;
  uint64_t bits_ = 0;
  unsigned count_ = 0;
};

// What a code stands for is what one before it stood for, and the byte after that: it lies in the output already.
struct Span {
  uint32_t start, length;
};

// There is room behind both; what is copied may begin to be read as soon as it is written.
void copy(char* to, const char* from, size_t length) {
  if (static_cast<size_t>(to - from) < kChunk) {
    for (; length > 0; --length) *to++ = *from++;
    return;
  }
  for (char* const end = to + length; to < end; to += kChunk, from += kChunk) std::memcpy(to, from, kChunk);
}

}  // namespace

// A loop over names of its own: what a member holds would be read anew after each byte that is written.
std::optional<Bytes> expand_lzw(std::string_view codes, bool early, size_t most) {
  most = std::min(most, kMostExpanded);
  Bytes out(std::min(most, 4 * codes.size()) + kRoom);
  std::array<Span, kCodes> spans;
  BitReader bits(codes);
  char* start = out.data();
  uint32_t size = 0, length = 0;  // so far; of what the last code stands for, 0: the table is empty
  uint32_t room = static_cast<uint32_t>(out.size() - kRoom);
  unsigned next = kFirst, width = 9;
  while (size < most) {
    const unsigned code = bits.next(width);
    if (code == kEnd) break;
    if (code == kClear) {
      next = kFirst;
      width = 9;
      length = 0;
      continue;
    }
    if (length > 0) {
      if (next < kCodes) spans[next++] = {size - length, length + 1};
      if (next + (early ? 1 : 0) == 1U << width && width < 12) ++width;
    }
    if (size > room) {
      out.resize(2 * out.size());
      start = out.data();
      room = static_cast<uint32_t>(out.size() - kRoom);
    }
    if (code < kClear) {
      start[size] = static_cast<char>(code);
      length = 1;
    } else if (code < next) {
      length = spans[code].length;
      copy(start + size, start + spans[code].start, length);
    } else {
      return std::nullopt;
    }
    size += length;
  }
  out.resize(std::min<size_t>(size, most));
  return out;
}

}  // namespace postern
