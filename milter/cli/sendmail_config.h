// SPDX-License-Identifier: GPL-2.0-or-later
// Sendmail's configuration, as far as milters are concerned: sendmail.cf, which Sendmail reads, and sendmail.mc beside
// it, from which an administrator makes it.  Sendmail Installation and Operation Guide, section 5: lines X, O.  Reads
// only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace postern {

// "Xpostern, S=unix:/run/x, F=T, T=R:60s;E:5m"
struct SendmailFilter {
  std::string name;
  std::string address;  // "unix:/run/x", as libmilter spells addresses
  std::string flags;    // what becomes of mail while it is away: "T", "R", "4", or empty: it goes on unjudged
  std::map<char, int64_t> seconds;  // C: to connect, S: to send, R: to wait for a reply, E: for the whole message
};

// "O DaemonPortOptions=Name=MTA, I=postern"
struct SendmailDaemon {
  std::string name;
  std::optional<std::vector<std::string>> filters;  // its own list, in place of the one for all
};

struct SendmailConfig {
  std::string path;           // of sendmail.cf
  std::string source;         // of sendmail.mc beside it; empty: there is none
  std::string source_text;    // what stands in it but for comments
  std::vector<SendmailFilter> filters;
  std::vector<std::string> asked;  // InputMailFilters
  std::vector<SendmailDaemon> daemons;
  std::string envfrom_macros;
  std::string run_as;  // the user that it becomes, empty: root

  const SendmailFilter* find(std::string_view name) const;
};

// kNotFound when there is no such file.
Result<SendmailConfig> read_sendmail(const std::string& path);
// The lines of a sendmail.cf; a line that begins with white space goes on with the one before.
void parse_sendmail(std::string_view text, SendmailConfig& config);
// Seconds of a time such as "30", "30s", "5m", "1h30m"; a number alone counts `unit`s.  -1 if it is none.
int64_t sendmail_seconds(std::string_view text, char unit = 's');

}  // namespace postern
