// SPDX-License-Identifier: GPL-2.0-or-later
// Where the pieces of an encoded or multipart body are: helpers of the MIME walk.  Finds positions, decodes nothing.
#pragma once

#include <string_view>
#include <vector>

namespace postern {

// The parts between the lines "--boundary" (RFC 2046 section 5.1.1), at most `max`; a missing last line is forgiven.
// Empty if there is no such line or the boundary is empty or absurdly long.
std::vector<std::string_view> cut_parts(std::string_view body, std::string_view boundary, size_t max);
// The boundary that a multipart seems to use: the first line "--x" that a Content-* field follows.
std::string_view guess_boundary(std::string_view body);
// Whether text that claims an encoding that its type forbids could really be in it.
bool looks_base64(std::string_view text);
bool looks_quoted_printable(std::string_view text);
// Start of the next "begin 644 name" line at or after `from` that data follows, or npos.
size_t find_uuencode(std::string_view text, size_t from);
// Where the line that `at` is in ends, its line end included.
size_t end_of_line(std::string_view text, size_t at);
std::string_view skip_blank_lines(std::string_view text);

}  // namespace postern
