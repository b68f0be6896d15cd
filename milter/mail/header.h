// SPDX-License-Identifier: GPL-2.0-or-later
// Header fields (RFC 5322 section 2.2): cutting a block into fields, unfolding, encoded-words (RFC 2047), and the
// Message-IDs in a field.  Fields are views into the text they came from, which must outlive them.  Accepts what
// real mail holds (any line end, blanks before the colon, an mbox "From " line); never fails.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct Field {
  std::string_view name;
  std::string_view raw;  // all that follows the colon, folding included, without the last line end
};

struct HeaderBlock {
  std::vector<Field> fields;
  size_t size = 0;     // where the body starts: after the empty line, or at the first line that is no field
  bool ended = false;  // an empty line was there

  const Field* find(std::string_view name) const;  // the first of that name (any case), or null
  std::string value(std::string_view name) const;  // its unfolded value, trimmed; empty if there is none
};

// The field names of RFC 5322: one or more of 0x21..0x7e without ':'.
bool is_field_name(std::string_view text);
// Reads at most `max_fields` fields; later ones are skipped, but the block's end is still found.
HeaderBlock parse_header_block(std::string_view text, size_t max_fields = 1000);
// Line ends with the blanks after them become one blank; other control characters stay.  Trimmed.
std::string unfold(std::string_view raw);
// Encoded-words decoded to UTF-8; text in charsets that charset.h does not know stays as raw bytes.
std::string decode_words(std::string_view value);
// Message-IDs with <>, in order, each once: folded ones are joined, and one without <> gets them (RFC 5322 3.6.4).
std::vector<std::string> find_message_ids(std::string_view value, size_t max = 16);
// A Message-ID for comparison: inner blanks and quotes of line folding removed, with <>; empty if it is none.
std::string clean_message_id(std::string_view text);

}  // namespace postern
