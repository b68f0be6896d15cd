// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses made from others, as the settings quarantine-address and archive-address want them: a template with {user}
// and {domain}, for example {user}={domain}@archive.example.net.
#pragma once

#include <string>
#include <string_view>

namespace postern {

// An address without the <> around it.
std::string_view without_brackets(std::string_view address);
// The template with {user} (the local part up to its first '+') and {domain} of an address filled in; empty if no
// address comes of it, because there is no domain or a quoted local part.
std::string expand_address_template(std::string_view address_template, std::string_view address);
// Whether an address is one that the template makes of some other: each {user} and {domain} stands for one or more
// characters other than '@'.  Letters count the same in both cases.
bool is_from_template(std::string_view address_template, std::string_view address);

}  // namespace postern
