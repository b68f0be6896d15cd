// SPDX-License-Identifier: GPL-2.0-or-later
// Text on its way into a message of ours: the other direction of decode.h.  Pure.
#pragma once

#include <string>
#include <string_view>

namespace postern {

// Quoted-printable (RFC 2045 section 6.7) of text whose lines end with LF: lines of at most 76 characters that end with
// LF, blanks at their ends and all that is not printable ASCII as =XX, and so are a line's first "." and "From ", which
// some programs on the way would change.  decode_quoted_printable() of it gives the same bytes.
std::string encode_quoted_printable(std::string_view text);

}  // namespace postern
