// SPDX-License-Identifier: GPL-2.0-or-later
// Published lists of networks as JSON, told apart by their shape: Microsoft 365's endpoints, AWS' ip-ranges.json, and
// Google's files, which look like the latter.  Reads text only; fetches nothing.
#pragma once

#include <string_view>

#include "policy/networks_list.h"

namespace postern {

// Whether text starts as JSON does.
bool looks_like_json(std::string_view text);
// All networks of the list, or those of one service (in any case: "Exchange", "EC2"), as allow rows whose note names
// the service.  The error names the element, or the services there are when `service` is none of them.
Result<NetworkList> read_network_json(std::string_view path, std::string_view text, std::string_view service);

}  // namespace postern
