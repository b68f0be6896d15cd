// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <numeric>

#include "portal/history.h"

namespace postern {
namespace {

constexpr uint64_t kWidth = 960, kHeight = 260;
constexpr uint64_t kLeft = 52, kRight = 8, kTop = 12, kBottom = 26;
constexpr uint64_t kPlotWidth = kWidth - kLeft - kRight, kPlotHeight = kHeight - kTop - kBottom;

uint64_t total(const VerdictCounts& counts) { return std::accumulate(counts.begin(), counts.end(), uint64_t{0}); }

// 1, 2 or 5 times a power of ten, four of which reach `greatest`.
uint64_t grid_step(uint64_t greatest) {
  for (uint64_t power = 1;; power *= 10) {
    for (const uint64_t factor : {1, 2, 5}) {
      if (factor * power * 4 >= greatest) return factor * power;
    }
  }
}

std::string number(uint64_t value) { return std::to_string(value); }
// Tenths, so that bars are as high as they should be without floating-point text.
std::string tenths(uint64_t value) { return number(value / 10) + "." + number(value % 10); }

std::string grid(uint64_t step) {
  std::string out;
  for (uint64_t line = 0; line <= 4; ++line) {
    const std::string y = number(kTop + kPlotHeight - kPlotHeight * line / 4);
    out += "<line x1=\"" + number(kLeft) + "\" x2=\"" + number(kWidth - kRight) + "\" y1=\"" + y + "\" y2=\"" + y +
           "\"/><text x=\"" + number(kLeft - 8) + "\" y=\"" + y + "\" dy=\"4\" text-anchor=\"end\">" +
           number(step * line) + "</text>";
  }
  return out;
}

}  // namespace

std::string chart_svg(const std::vector<VerdictCounts>& buckets, UnixTime now, UnixTime width) {
  uint64_t greatest = 1;
  uint64_t sum = 0;
  for (const VerdictCounts& each : buckets) {
    greatest = std::max(greatest, total(each));
    sum += total(each);
  }
  const uint64_t step = grid_step(greatest);
  std::string out = "<svg class=\"chart\" viewBox=\"0 0 " + number(kWidth) + " " + number(kHeight) +
                    "\" role=\"img\" aria-label=\"Bar chart: " + number(sum) + " messages in the last " +
                    number(buckets.size() * static_cast<uint64_t>(width) / 3600) + " hours, by verdict\">";
  out += grid(step);
  const UnixTime first = now - now % width - static_cast<UnixTime>(buckets.size() - 1) * width;
  for (size_t i = 0; i < buckets.size(); ++i) {
    const uint64_t x = (kLeft * 10 * buckets.size() + kPlotWidth * 10 * i) / buckets.size();
    const uint64_t wide = kPlotWidth * 10 / buckets.size();
    uint64_t below = 0;
    for (size_t verdict = 0; verdict < kVerdictWords.size(); ++verdict) {
      const uint64_t count = buckets[i][verdict];
      if (count == 0) continue;
      const uint64_t from = kPlotHeight * 10 * below / (step * 4);
      below += count;
      const uint64_t to = kPlotHeight * 10 * below / (step * 4);
      out += "<rect class=\"" + std::string(kVerdictWords[verdict]) + "\" x=\"" + tenths(x + 10) + "\" y=\"" +
             tenths((kTop + kPlotHeight) * 10 - to) + "\" width=\"" + tenths(wide > 30 ? wide - 20 : wide) +
             "\" height=\"" + tenths(std::max<uint64_t>(to - from, 5)) + "\"/>";
    }
    const UnixTime begins = first + static_cast<UnixTime>(i) * width;
    if (begins % (4 * 3600) == 0) {
      const bool last = i + 2 >= buckets.size();  // to the right of it there is no room for its words
      out += "<text x=\"" + tenths(last ? x + wide : x) + "\" y=\"" + number(kHeight - 8) + "\"" +
             (last ? " text-anchor=\"end\">" : ">") + iso_time(begins).substr(11, 5) + "</text>";
    }
  }
  return out + "</svg>";
}

}  // namespace postern
