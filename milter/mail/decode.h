// SPDX-License-Identifier: GPL-2.0-or-later
// Content transfer encodings (RFC 2045 section 6, uuencode).  Decoders skip what they do not understand, as mail
// readers do, and stop at `max_bytes`; they never fail.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postern {

struct Decoded {
  std::string bytes;
  bool truncated = false;  // max_bytes was reached
};

Decoded decode_base64(std::string_view text, size_t max_bytes);
// `in_header`: the Q encoding of RFC 2047, where _ is a blank.
Decoded decode_quoted_printable(std::string_view text, size_t max_bytes, bool in_header = false);
// `text` starts after the "begin" line; `used` (may be null) receives where the data ended, "end" line included.
Decoded decode_uuencode(std::string_view text, size_t max_bytes, size_t* used = nullptr);
// "begin 644 name": gives the name; empty if the line is no such.
std::string_view uuencode_name(std::string_view line);

}  // namespace postern
