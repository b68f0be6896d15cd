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

class Expander {
 public:
  Expander(std::string_view codes, bool early, size_t most)
      : bits_(codes),
        early_(early ? 1 : 0),
        most_(static_cast<uint32_t>(std::min(most, kMostExpanded))),
        out_(std::min<size_t>(most_, 4 * codes.size()) + kRoom, '\0') {}

  // False if a code has no meaning.
  bool run() {
    while (size_ < most_) {
      const unsigned code = bits_.next(width_);
      if (code == kEnd) break;
      if (code == kClear)
        clear();
      else if (!take(code))
        return false;
    }
    return true;
  }

  std::string result() {
    out_.resize(std::min(size_, most_));
    return std::move(out_);
  }

 private:
  void clear() {
    next_ = kFirst;
    width_ = 9;
    last_.length = 0;
  }

  bool take(unsigned code) {
    if (last_.length > 0) {
      if (next_ < kCodes) spans_[next_++] = {last_.start, last_.length + 1};
      if (next_ + early_ == 1U << width_ && width_ < 12) ++width_;
    }
    if (out_.size() - size_ < kRoom) out_.resize(2 * out_.size());
    if (code < kClear) {
      out_[size_] = static_cast<char>(code);
      last_ = {size_, 1};
    } else {
      if (code >= next_) return false;
      const Span span = spans_[code];
      copy(out_.data() + size_, out_.data() + span.start, span.length);
      last_ = {size_, span.length};
    }
    size_ += last_.length;
    return true;
  }

  BitReader bits_;
  const unsigned early_;
  const uint32_t most_;
  std::string out_;
  uint32_t size_ = 0;
  unsigned next_ = kFirst;
  unsigned width_ = 9;
  Span last_{0, 0};  // what the last code stands for; empty: there is none since the table was cleared
  std::array<Span, kCodes> spans_;
};

}  // namespace

std::optional<std::string> expand_lzw(std::string_view codes, bool early, size_t most) {
  Expander expander(codes, early, most);
  if (!expander.run()) return std::nullopt;
  return expander.result();
}

}  // namespace postern
