// SPDX-License-Identifier: GPL-2.0-or-later
// A user's quarantine as an Atom feed (RFC 4287), for programs that alert.  What it quotes of messages is hostile: it
// comes as text, never as HTML, no reader makes a link of it, and the only links open the portal.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "portal/message_view.h"

namespace postern {

struct FeedEntry {
  MessageSummary summary;
  UnixTime arrived = 0;
  std::string link;  // where the portal shows it
};
struct FeedView {
  std::string user;
  std::string self;     // the feed's own address
  std::string link;     // of the quarantine
  UnixTime made = 0;    // when its token was made: it says when an empty feed was last changed
  std::vector<FeedEntry> entries;  // the newest first
};

// The document, UTF-8; the same for the same view.  Needs load_templates().
std::string atom_feed(const FeedView& view);

}  // namespace postern
