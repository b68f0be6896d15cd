// SPDX-License-Identifier: GPL-2.0-or-later
// The decoders of a PDF's streams on any bytes: what they give is never more than was asked for, less of it is its
// beginning, and rows that are made of it are whole.  The first bytes choose how much, and the predictor.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pdf/stream_data.h"
#include "test/fuzz/demand.h"

namespace {

using namespace postern;

constexpr size_t kHead = 6;
constexpr size_t kMost = 100'000;

template <class Decode>
std::optional<Bytes> decoded(size_t most, Decode&& decode) {
  const std::optional<Bytes> all = decode(kMost), some = decode(most);
  demand(!all || (all->size() <= kMost && some));
  demand(!some || some->size() <= most);
  demand(!all || view(*some) == view(*all).substr(0, most));
  return some;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < kHead) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + kHead), size - kHead);
  const Predictor predictor{data[0] % 18, data[1] << 4 | data[2] % 16, data[3], data[4] % 20};
  const size_t most = size_t{data[5]} * data[5];
  for (const bool early : {false, true}) decoded(most, [&](size_t each) { return expand_lzw(bytes, early, each); });
  if (!predictor.known()) return 0;
  const size_t coded = predictor.coded(most);
  demand(coded >= most && coded <= 2 * most + 2 * (1 << 20));
  std::optional<Bytes> rows =
      decoded(std::min(coded, kMost), [&](size_t each) { return inflate(bytes, each, data[1] % 3 * most); });
  if (!rows) return 0;
  const size_t before = rows->size();
  if (predictor.undo(*rows)) demand(rows->size() <= before && (predictor.kind >= 10 || rows->size() == before));
  return 0;
}
