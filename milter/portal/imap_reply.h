// SPDX-License-Identifier: GPL-2.0-or-later
// Responses of an IMAP server (RFC 3501 section 7) as values.  Pure and bounded: messages in them are hostile, and a
// server may be broken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct ImapValue {
  enum class Kind { kAtom, kString, kList, kNil };
  Kind kind = Kind::kNil;
  std::string text;              // of an atom (as written, with what stands in its brackets) or a string
  std::vector<ImapValue> items;  // of a list
};

// How far the first response in `buffer` reaches, literals and the last line end included; 0 while it is not whole;
// nothing if it is longer than `max_bytes` before its end is seen.
std::optional<size_t> response_end(std::string_view buffer, size_t max_bytes);
// The values of one whole response, "*" or the tag first.  Text after OK, NO, BAD, BYE or PREAUTH is one atom.  Nothing
// for what is not well formed.
std::optional<std::vector<ImapValue>> parse_response(std::string_view response);
// In the list of a FETCH response the value after this name (any case); what stands in brackets after the name does not
// matter.  Null if it is not there.
const ImapValue* fetch_item(const ImapValue& list, std::string_view name);
// "alice" -> "\"alice\"", the quoted string of section 4.3; nothing if it cannot be one.
std::optional<std::string> imap_quoted(std::string_view text);

}  // namespace postern
