// SPDX-License-Identifier: GPL-2.0-or-later
// Mail addresses as text: clean-up of what an MTA hands over, splitting, and finding addresses in prose.  Never looks
// anything up, and never changes the case of a local part except for comparison (RFC 5321 section 2.4).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

// An envelope address without blanks, <> and source route (RFC 5321 section 4.1.1.3), its domain in lower case and
// without a final dot.  Empty for the null sender.
std::string clean_address(std::string_view envelope);
// The form that is compared, looked up and hashed: clean_address() wholly in lower case.
std::string address_key(std::string_view envelope);
// What follows the last @; empty if there is none.
std::string_view domain_of(std::string_view address);
// What stands before the last @; the whole text if there is none.
std::string_view local_of(std::string_view address);

// user+detail@domain.  Without a delimiter (or with one at either end) the whole local part is the user.
struct AddressParts {
  std::string user, detail, domain;
};
AddressParts split_address(std::string_view address, char delimiter = '+');

// The addresses in any text (header field, prose, "rfc822;user@example.com"), in order, as written, each once.
std::vector<std::string> find_addresses(std::string_view text, size_t max = 16);
// The first address of a From-like field (RFC 5322 section 3.4): the one in <> if there is one.  Empty if none.
std::string field_address(std::string_view value);

}  // namespace postern
