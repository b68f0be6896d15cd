// SPDX-License-Identifier: GPL-2.0-or-later
// What a reader sees of an HTML text: tags, comments, styles, scripts and (as far as inline styles tell) hidden text
// are left out, entities decoded, blocks put on lines of their own.  No DOM: one pass, linear time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern {

// At most about `max_bytes` of visible text, UTF-8 if `html` is.
std::string html_to_text(std::string_view html, size_t max_bytes = size_t{1} << 20);
// Characters that show: UTF-8 code points that are no blanks or control characters (of ASCII, U+00A0, U+200B-D,
// U+FEFF).
uint64_t count_visible(std::string_view text);

}  // namespace postern
