// SPDX-License-Identifier: GPL-2.0-or-later
// Fields with parameters: Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2183), parameters continued
// and encoded as in RFC 2231, and RFC 2047 words where mailers put them against the rules.  Never fails.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mail/header.h"

namespace postern {

struct ContentField {
  std::string value;                                        // "text/plain", "attachment": lower case
  std::vector<std::pair<std::string, std::string>> params;  // names in lower case, values decoded
  std::string_view param(std::string_view name) const;      // empty if there is none
};

ContentField parse_content_field(std::string_view raw);
// Its `value` alone, without the trouble of the parameters.
std::string content_value(std::string_view raw);
// The file name of a part: Content-Disposition's filename, else Content-Type's name; without folders.
std::string file_name(const ContentField& type, const ContentField& disposition);

}  // namespace postern
