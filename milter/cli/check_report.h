// SPDX-License-Identifier: GPL-2.0-or-later
// What `postern check` says about one address: the gate's own answer and why, in words and as JSON.  Pure: the tables
// and the time come from outside, so that it answers just as the daemon does.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "policy/networks.h"

namespace postern {

struct AddressReport {
  std::string address;  // in its normal spelling
  NetworkAnswer answer;
  std::optional<NetworkRow> row;    // that decided
  std::vector<NetworkRow> waiting;  // that cover it and are not in force now, the longest first
  std::vector<NetworkRow> nearest;  // when nothing decided
  std::string reason;               // one line
};

AddressReport report_address(const NetworkTable& networks, const IpAddress& client, UnixTime now);
// "PASS 192.0.2.1  192.0.2.0/24 allow", and a line for each waiting row.  Ends with a newline.
std::string report_text(const AddressReport& report, UnixTime now, bool color);
nlohmann::ordered_json report_json(const AddressReport& report);

// "3d 4h", "45s": the two greatest units of a span of seconds.
std::string span_words(int64_t seconds);
// "in 3d 4h" or "3d 4h ago".
std::string when_words(UnixTime time, UnixTime now);
// Text in a colour of the terminal, or plain.
std::string in_green(const std::string& text, bool color);
std::string in_red(const std::string& text, bool color);

}  // namespace postern
