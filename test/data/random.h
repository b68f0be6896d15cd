// SPDX-License-Identifier: GPL-2.0-or-later
// Chance for the test data generator: the same seed gives the same bytes on every machine (SplitMix64, Steele and
// others 2014), which the standard library's distributions do not promise.  Not for anything secret.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace postern::testdata {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  // A number from `low` to `high`, both included.
  int between(int low, int high) { return low + static_cast<int>(next() % static_cast<uint64_t>(high - low + 1)); }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // 0 <= x < 1
  double between(double low, double high) { return low + (high - low) * unit(); }
  bool chance(double probability) { return unit() < probability; }
  template <class List>
  const auto& pick(const List& list) {
    return list[static_cast<size_t>(next() % std::size(list))];
  }
  // `count` characters of `alphabet`.
  std::string text(size_t count, const std::string& alphabet) {
    std::string out;
    while (out.size() < count) out += pick(alphabet);
    return out;
  }

 private:
  uint64_t state_;
};

}  // namespace postern::testdata
