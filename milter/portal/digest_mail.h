// SPDX-License-Identifier: GPL-2.0-or-later
// The mail that tells a user what is new in his quarantine.  What it quotes of messages is hostile: none of it gets
// into a header field, the HTML escapes it, and no mail program makes a link of it.  Its only links open the portal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "portal/message_view.h"

namespace postern {

struct DigestEntry {
  MessageSummary summary;
  UnixTime arrived = 0;  // 0: not known
  std::string link;      // where the portal shows it
};

struct DigestMail {
  std::string from, to;   // mail addresses
  std::string link;       // of the quarantine
  std::string id;         // unique, of letters and digits
  UnixTime now = 0;
  UnixTime life = 0;      // seconds until a message goes; 0: not told
  size_t count = 0;       // new messages, also those that are not listed
  std::vector<DigestEntry> entries;  // the newest of them, in the order in which they are told
};

// At most so many entries are told.
inline constexpr size_t kDigestEntries = 100;

// The whole message, multipart/alternative, its lines ending with LF as sendmail(1) takes them.  Needs
// load_templates().
std::string digest_mail(const DigestMail& mail);
// Where the portal shows a message of the user's quarantine.
std::string message_link(std::string_view portal_url, uint32_t uid, uint32_t validity);

}  // namespace postern
