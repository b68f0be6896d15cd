// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/domains.h"

#include <algorithm>

#include "base/strings.h"

namespace postern {

Result<DomainRow> parse_domain_row(std::string_view text) {
  constexpr std::string_view kSince = "since=";
  constexpr std::string_view kTag = "tag=";
  DomainRow row;
  bool tag = false;
  for (const std::string_view word : words(text)) {
    if (starts_nocase(word, kSince)) {
      if (row.since) return invalid("since= stands twice");
      auto since = parse_iso_time(word.substr(kSince.size()));
      if (!since) return invalid("since: " + since.error().text);
      row.since = *since;
      continue;
    }
    if (starts_nocase(word, kTag)) {
      if (tag) return invalid("tag= stands twice");
      tag = true;
      row.tag = equal_nocase(word.substr(kTag.size()), "on");
      if (!row.tag && !equal_nocase(word.substr(kTag.size()), "off")) return invalid("tag: expected on or off");
      continue;
    }
    const auto wanted = parse_bounce_state(word);
    if (!wanted) {
      return invalid("\"" + printable(word, 40) + "\": expected enforce, monitor, off, since=<ISO time> or tag=on");
    }
    if (row.wanted) return invalid("only one of enforce, monitor and off can stand in a row");
    row.wanted = wanted;
  }
  if (!row.wanted && !row.since) {
    return invalid(std::string(tag ? "tag= stands alone" : "empty row") +
                   ": expected enforce, monitor, off or since=<ISO time>");
  }
  return row;
}

std::string to_string(const DomainRow& row) {
  std::string text(row.wanted ? to_string(*row.wanted) : "");
  if (row.since) text += (text.empty() ? "since=" : " since=") + iso_time(*row.since);
  if (row.tag) text += " tag=on";
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

bool tags_senders(const DomainTable& domains, std::string_view domain) {
  const auto found = domains.find(lower(domain));
  return found != domains.end() && found->second.tag;
}

bool tags_senders(const DomainTable& domains) {
  return std::any_of(domains.begin(), domains.end(), [](const auto& row) { return row.second.tag; });
}

}  // namespace postern
