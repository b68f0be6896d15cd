// SPDX-License-Identifier: GPL-2.0-or-later
// Text to UTF-8 from the charsets that need no tables to speak of: US-ASCII, UTF-8, ISO-8859-1, ISO-8859-15,
// windows-1252, UTF-7 (old Exchange) and UTF-16.  Text in others is handed back as the bytes it is.
#pragma once

#include <string>
#include <string_view>

namespace postern {

std::string to_utf8(std::string_view bytes, std::string_view charset);

}  // namespace postern
