// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/clock.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "base/strings.h"

namespace postern {
namespace {

// Days since 1970 of a proleptic Gregorian date; month 1..12.
int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(month),
                            std::chrono::day(day)};
  return sys_days(date).time_since_epoch().count();
}

bool real_date(int64_t year, uint64_t month, uint64_t day) {
  using namespace std::chrono;
  return year >= 1970 && year <= 9999 &&
         year_month_day{std::chrono::year(static_cast<int>(year)), std::chrono::month(static_cast<unsigned>(month)),
                        std::chrono::day(static_cast<unsigned>(day))}
             .ok();
}

// "hh:mm" or "hh:mm:ss" as seconds of the day; a leap second counts as the next second.
std::optional<int64_t> seconds_of_day(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  const auto hour = to_uint(parts[0], 23);
  const auto minute = to_uint(parts[1], 59);
  const auto second = parts.size() == 3 ? to_uint(parts[2], 60) : std::optional<uint64_t>(0);
  if (!hour || !minute || !second) return std::nullopt;
  return static_cast<int64_t>(*hour * 3600 + *minute * 60 + *second);
}

// "+0200", "-05:30", "Z", "GMT", "EST" as seconds east of UTC; unknown letters are UTC (RFC 5322 section 4.3).
std::optional<int64_t> zone_offset(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (text[0] == '+' || text[0] == '-') {
    std::string digits(text.substr(1));
    std::erase(digits, ':');
    const auto value = to_uint(digits, 2359);
    if (digits.size() != 4 || !value) return std::nullopt;
    const auto seconds = static_cast<int64_t>(*value / 100 * 3600 + *value % 100 * 60);
    return text[0] == '-' ? -seconds : seconds;
  }
  constexpr std::array<std::pair<std::string_view, int>, 8> kZones{
      {{"EDT", -4}, {"EST", -5}, {"CDT", -5}, {"CST", -6}, {"MDT", -6}, {"MST", -7}, {"PDT", -7}, {"PST", -8}}};
  for (const auto& [name, hours] : kZones) {
    if (equal_nocase(text, name)) return hours * 3600;
  }
  return 0;
}

unsigned month_number(std::string_view name) {
  constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (name.size() < 3) return 0;
  const size_t at = kMonths.find(lower(name.substr(0, 3)));
  return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<unsigned>(at / 3 + 1);
}

constexpr UnixTime kLastTime = 253'402'300'799;  // 9999-12-31T23:59:59Z: a year has four digits

struct Unit {
  std::string_view name;
  int64_t millis;
};
constexpr std::array<Unit, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};

}  // namespace

UnixTime unix_now() { return std::time(nullptr); }

int64_t steady_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Result<UnixTime> parse_iso_time(std::string_view text) {
  const Error fault = invalid("\"" + printable(text, 40) + "\" is not a time like 2007-08-15T00:00:00Z (1970 to 9999)");
  const size_t cut = std::min(text.find_first_of("Tt"), text.size());
  const auto date = split(text.substr(0, cut), '-');
  if (date.size() != 3 || date[0].size() != 4 || date[1].size() != 2 || date[2].size() != 2) return fault;
  const auto year = to_uint(date[0], 9999);
  const auto month = to_uint(date[1], 12);
  const auto day = to_uint(date[2], 31);
  if (!year || !month || !day || !real_date(static_cast<int64_t>(*year), *month, *day)) return fault;
  const int64_t midnight = 86400 * days_from_civil(static_cast<int64_t>(*year), static_cast<unsigned>(*month),
                                                   static_cast<unsigned>(*day));
  const auto in_range = [](UnixTime time) { return time >= 0 && time <= kLastTime; };
  if (cut == text.size()) return in_range(midnight) ? Result<UnixTime>(midnight) : fault;
  const std::string_view clock = text.substr(cut + 1);
  const size_t zone = clock.find_first_of("Zz+-");
  if (zone == std::string_view::npos) return fault;
  const auto seconds = seconds_of_day(clock.substr(0, zone));
  const std::string_view zone_text = clock.substr(zone);
  const auto offset = zone_offset(zone_text);
  if (!seconds || !offset || (lower(zone_text[0]) == 'z' && zone_text.size() != 1)) return fault;
  const UnixTime time = midnight + *seconds - *offset;
  return in_range(time) ? Result<UnixTime>(time) : fault;
}

std::string iso_time(UnixTime time) {
  std::tm parts{};
  const std::time_t value = time;
  gmtime_r(&value, &parts);
  std::array<char, 40> text{};
  const size_t used = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), used};
}

std::string mail_date(UnixTime time) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  const std::time_t value = time;
  gmtime_r(&value, &parts);
  std::array<char, 24> rest{};
  const size_t used = std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S +0000", &parts);
  return std::string(kDays.at(static_cast<size_t>(parts.tm_wday))) + ", " + (parts.tm_mday < 10 ? "0" : "") +
         std::to_string(parts.tm_mday) + " " + kMonths.at(static_cast<size_t>(parts.tm_mon)) +
         std::string(rest.data(), used);
}

std::optional<UnixTime> parse_mail_date(std::string_view text) {
  const size_t comma = text.find(',');
  if (comma != std::string_view::npos) text.remove_prefix(comma + 1);
  const auto parts = words(text);
  if (parts.size() < 4) return std::nullopt;
  const auto day = to_uint(parts[0], 31);
  const unsigned month = month_number(parts[1]);
  auto year = to_uint(parts[2], 9999);
  const auto seconds = seconds_of_day(parts[3]);
  if (!day || month == 0 || !year || !seconds) return std::nullopt;
  if (parts[2].size() == 2) *year += *year < 50 ? 2000 : 1900;  // RFC 5322 section 4.3
  if (!real_date(static_cast<int64_t>(*year), month, *day)) return std::nullopt;
  const auto offset = parts.size() > 4 ? zone_offset(parts[4]) : std::optional<int64_t>(0);
  return 86400 * days_from_civil(static_cast<int64_t>(*year), month, static_cast<unsigned>(*day)) + *seconds -
         offset.value_or(0);
}

Result<Millis> parse_duration(std::string_view text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = to_uint(text.substr(0, digits), 1'000'000'000);
  for (const Unit& unit : kUnits) {
    if (number && text.substr(digits) == unit.name) return Millis(static_cast<int64_t>(*number) * unit.millis);
  }
  return invalid("\"" + printable(text, 40) + "\" is not a duration like 50ms, 2s, 10m, 4h or 7d");
}

std::string to_string(Millis duration) {
  for (const Unit& unit : kUnits) {
    if (duration.count() % unit.millis == 0 && (duration.count() != 0 || unit.name == "s")) {
      return std::to_string(duration.count() / unit.millis) + std::string(unit.name);
    }
  }
  return std::to_string(duration.count()) + "ms";
}

Millis Deadline::left() const {
  const auto span = std::chrono::ceil<Millis>(at_ - std::chrono::steady_clock::now());
  return std::max(span, Millis::zero());
}

Deadline Deadline::within(Millis span) const {
  return Deadline(std::min(at_, std::chrono::steady_clock::now() + span));
}

}  // namespace postern
