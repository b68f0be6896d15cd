// SPDX-License-Identifier: GPL-2.0-or-later
// Feeds over HTTP: behind a token in their address, without a session.
#pragma once

#include <string_view>

#include "portal/portal.h"

namespace postern {

// Whether the settings have what feeds need.
bool has_feeds(const Settings& settings);
// GET /feed/TOKEN: needs no session and begins none.  404 for each token that opens nothing, 304 when the client has
// it.
HttpResponse feed_response(Portal& portal, const HttpRequest& request);
inline constexpr std::string_view kFeedPath = "/feed/";

}  // namespace postern
