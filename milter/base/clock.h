// SPDX-License-Identifier: GPL-2.0-or-later
// Times.  Wall-clock times are whole seconds since 1970 (UTC) and are handed in from outside, so that decisions
// read no clock; time limits use the steady clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace postern {

using UnixTime = int64_t;  // seconds since 1970-01-01T00:00:00Z
using Day = int32_t;       // whole days since 1970-01-01
using Millis = std::chrono::milliseconds;

constexpr Day day_of(UnixTime time) { return static_cast<Day>(time / 86400); }
UnixTime unix_now();
int64_t steady_micros();  // for measuring spans

// RFC 3339 profile of ISO 8601: "2007-08-15T00:00:00Z", an offset "+02:00", or a date alone (midnight UTC).
// From 1970 to 9999, so that iso_time() of it reads back.
Result<UnixTime> parse_iso_time(std::string_view text);
std::string iso_time(UnixTime time);  // "2007-08-15T00:00:00Z"
std::string mail_date(UnixTime time);  // "Wed, 15 Aug 2007 00:00:00 +0000" (RFC 5322 section 3.3)
// RFC 5322 section 3.3 date-time, obsolete zones included; nothing if it is none.
std::optional<UnixTime> parse_mail_date(std::string_view text);
// A whole number and a unit: 0s, 50ms, 2s, 10m, 4h, 7d.
Result<Millis> parse_duration(std::string_view text);
std::string to_string(Millis duration);  // the shortest exact spelling: "7d", "1500ms"

// A point in time after which nobody waits any more.
class Deadline {
 public:
  static Deadline after(Millis span) { return Deadline(std::chrono::steady_clock::now() + span); }
  Millis left() const;  // never negative
  bool passed() const { return left() == Millis::zero(); }
  // This deadline, or `span` from now if that is sooner.
  Deadline within(Millis span) const;

 private:
  explicit Deadline(std::chrono::steady_clock::time_point at) : at_(at) {}
  std::chrono::steady_clock::time_point at_;
};

}  // namespace postern
