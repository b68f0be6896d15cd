// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/domains.h"

#include "base/strings.h"

namespace postern {

Result<DomainRow> parse_domain_row(std::string_view text) {
  constexpr std::string_view kSince = "since=";
  DomainRow row;
  for (const std::string_view word : words(text)) {
    if (starts_nocase(word, kSince)) {
      if (row.since) return invalid("since= stands twice");
      auto since = parse_iso_time(word.substr(kSince.size()));
      if (!since) return invalid("since: " + since.error().text);
      row.since = *since;
      continue;
    }
    const auto wanted = parse_bounce_state(word);
    if (!wanted) {
      return invalid("\"" + printable(word, 40) + "\": expected enforce, monitor, off or since=<ISO time>");
    }
    if (row.wanted) return invalid("only one of enforce, monitor and off can stand in a row");
    row.wanted = wanted;
  }
  if (!row.wanted && !row.since) return invalid("empty row: expected enforce, monitor, off or since=<ISO time>");
  return row;
}

std::string to_string(const DomainRow& row) {
  std::string text(row.wanted ? to_string(*row.wanted) : "");
  if (row.since) text += (text.empty() ? "since=" : " since=") + iso_time(*row.since);
  return text;
}

BounceState bounce_state(const DomainTable& domains, std::string_view domain, UnixTime now, Millis grace) {
  const auto found = domains.find(lower(domain));
  if (found == domains.end()) return BounceState::kMonitor;
  const DomainRow& row = found->second;
  if (row.wanted) return *row.wanted;
  const bool passed = row.since && now >= *row.since && (now - *row.since) >= grace.count() / 1000;
  return passed ? BounceState::kEnforce : BounceState::kMonitor;
}

}  // namespace postern
