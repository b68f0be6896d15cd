// SPDX-License-Identifier: GPL-2.0-or-later
// Sixteen neighbouring pixels at a time, by the vector types that GCC and clang have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace postern {

using Lanes = uint8_t __attribute__((vector_size(16)));
constexpr unsigned kLanes = 16;

inline Lanes load(const uint8_t* from) {
  Lanes out;
  std::memcpy(&out, from, sizeof out);
  return out;
}
inline Lanes larger(Lanes a, Lanes b) { return a > b ? a : b; }
inline Lanes smaller(Lanes a, Lanes b) { return a < b ? a : b; }
inline Lanes difference(Lanes a, Lanes b) { return larger(a, b) - smaller(a, b); }
// 255 where the lane is more than that, else 0.
inline Lanes more(Lanes lanes, uint8_t than) {
  const Lanes limit = Lanes{} + than;
  return reinterpret_cast<Lanes>(lanes > limit);
}
inline bool any(Lanes lanes) {
  uint64_t halves[2];
  std::memcpy(halves, &lanes, sizeof halves);
  return (halves[0] | halves[1]) != 0;
}

// Counts set lanes.
class LaneCount {
 public:
  void add(Lanes set) {
    lanes_ -= set;
    if (++added_ == 255) flush();
  }
  uint64_t sum() {
    flush();
    return sum_;
  }

 private:
  void flush() {
    uint8_t lanes[kLanes];
    std::memcpy(lanes, &lanes_, sizeof lanes);
    for (const uint8_t lane : lanes) sum_ += lane;
    lanes_ = Lanes{};
    added_ = 0;
  }
  Lanes lanes_{};
  unsigned added_ = 0;
  uint64_t sum_ = 0;
};

}  // namespace postern
