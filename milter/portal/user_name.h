// SPDX-License-Identifier: GPL-2.0-or-later
// From what somebody typed to who that may be.  Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct UserName {
  std::string name;     // for the IMAP server
  std::string address;  // the key of his policy; empty if he has none
};

// Only letters, digits and .+_=-@ (in lower case from then on), with at most one @: a master user's separator, say,
// would sign somebody in as another.  `domain` is the setting portal-domain: with it the IMAP server gets the name
// alone, and names of other domains are nobody's.  Nothing for what can be no user.
std::optional<UserName> user_of(std::string_view typed, std::string_view domain);

// The users that a file names, each once: on each line what stands before the first colon or blank, as in Dovecot's
// passwd-file and in Postfix' virtual_mailbox_maps; # begins a comment, and @ what
// stands for a whole domain.
std::vector<std::string> user_list(std::string_view text);

}  // namespace postern
