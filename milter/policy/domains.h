// SPDX-License-Identifier: GPL-2.0-or-later
// Which domains' bounces are judged.  A row says since when a domain stamps ("since=2026-11-01T00:00:00Z"), or what
// the administrator wants ("enforce", "monitor", "off"), or both; and with them whether the envelope senders of its
// mail are tagged ("tag=on", "tag=off").
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "policy/verdict.h"

namespace postern {

struct DomainRow {
  std::optional<BounceState> wanted;
  std::optional<UnixTime> since;
  bool tag = false;
};
using DomainTable = std::map<std::string, DomainRow, std::less<>>;

// `tag` alone is an error: no node could add the date of the first stamp to such a row, so its bounces would never be
// judged.
Result<DomainRow> parse_domain_row(std::string_view text);
std::string to_string(const DomainRow& row);

// The administrator's word if there is one; else enforce once `grace` has passed since the first stamp; else monitor.
BounceState bounce_state(const DomainTable& domains, std::string_view domain, UnixTime now, Millis grace);
// Whether envelope senders of this domain (any case) are tagged.
bool tags_senders(const DomainTable& domains, std::string_view domain);
// Whether those of any domain are.
bool tags_senders(const DomainTable& domains);

}  // namespace postern
