// SPDX-License-Identifier: GPL-2.0-or-later
// Where the lines of the mail log come from: files that were named, else the usual file, else the journal.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace postern {

// Calls `line` for each line.  `files` empty: the usual places; "-" is standard input, and what ends
// in ".journal" a file of systemd-journald.  `journal_options` are added
// to journalctl's, so that it need not print everything.
Status each_log_line(const std::vector<std::string>& files, const std::vector<std::string>& journal_options,
                     const std::function<void(std::string_view)>& line);

// When a line was logged: "2026-11-26T13:00:00.123+00:00 host ..." (RFC 5424, journalctl), or "Nov 26 13:00:00 host
// ..." (RFC 3164) in this host's zone, which has no year: the last one that is not after `now` by more than a day.
// Nothing for a line without a time, as standard error has them.
std::optional<UnixTime> log_time(std::string_view line, UnixTime now);

// What a command's option says of a time: "7d" is that long before now, else a date or a time; nothing for no text.
// The error names the option.
Result<std::optional<UnixTime>> moment_of(const char* option, const std::string& text, UnixTime now);

}  // namespace postern
