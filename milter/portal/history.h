// SPDX-License-Identifier: GPL-2.0-or-later
// What the daemon on this host counted, read again and again from its metrics (the setting metrics-listen), as messages
// of each verdict in five-minute steps of the last day.  In memory: it begins with the portal.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace postern {

inline constexpr std::array<std::string_view, 6> kVerdictWords{"clean",         "spam",
                                                               "surespam",      "forged-bounce",
                                                               "unverified-bounce", "blocked"};
using VerdictCounts = std::array<uint64_t, kVerdictWords.size()>;

// The totals of postern_messages_total in Prometheus' text format (version 0.0.4), summed over all other labels.
VerdictCounts parse_verdict_totals(std::string_view metrics);

class History {
 public:
  static constexpr UnixTime kStep = 300;     // seconds
  static constexpr size_t kSteps = 288;      // a day
  struct Step {
    UnixTime begins = 0;
    VerdictCounts counts{};
  };

  // Totals as they stand; what they grew by counts for the step of `now`.  Totals that shrank began anew.
  void add(const VerdictCounts& totals, UnixTime now);
  // Sums of the last `seconds`.
  VerdictCounts sum(UnixTime now, UnixTime seconds) const;
  // Buckets of `width` seconds, the last one holding `now`.
  std::vector<VerdictCounts> buckets(UnixTime now, UnixTime width, size_t count) const;
  bool empty() const;

 private:
  mutable std::mutex mutex_;
  bool known_ = false;
  VerdictCounts last_{};
  std::deque<Step> steps_;  // oldest first
};

// Asks the daemon at `metrics_listen`.
Result<VerdictCounts> read_verdict_totals(const std::string& metrics_listen);

// The chart, as an <svg> element: one stack of bars for each bucket.  Classes are the verdicts' words; colours come
// from the style sheet.
std::string chart_svg(const std::vector<VerdictCounts>& buckets, UnixTime now, UnixTime width);

}  // namespace postern
