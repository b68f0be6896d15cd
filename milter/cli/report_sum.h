// SPDX-License-Identifier: GPL-2.0-or-later
// Sums up what postern-milter's log lines tell: what was done, and what would have been done where it only watched.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace postern {

struct Tally {
  uint64_t done = 0;
  uint64_t watched = 0;  // would have been done: monitor mode, or a domain whose bounces are only watched
};

struct DomainTally {
  uint64_t messages = 0, not_clean = 0;
};

struct Report {
  uint64_t lines = 0;    // of ours that tell a verdict, within the period
  uint64_t undated = 0;  // left out: no time in them, but a period was asked for
  std::optional<UnixTime> first, last;
  uint64_t inbound = 0, outbound = 0;
  Tally refused;                               // clients at the gate
  std::map<std::string, Tally> verdicts;       // messages
  std::map<std::string, Tally> actions;        // recipients of messages that are not clean
  std::map<std::string, uint64_t> rules;       // messages that they hit
  std::map<std::string, DomainTally> domains;  // of recipients
  std::map<std::string, uint64_t> networks;    // that were or would have been refused, as a /24 or /48
  std::map<std::string, uint64_t> held_back;   // "forged-bounce" -> messages let in since their domain is watched
  std::map<std::string, uint64_t> held_back_domains;
};

struct Period {
  std::optional<UnixTime> since, until;  // first and last second
};

// Adds a line if it tells a verdict and falls into the period.
void add_to_report(Report& report, std::string_view line, const Period& period, UnixTime now);

}  // namespace postern
