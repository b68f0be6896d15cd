// SPDX-License-Identifier: GPL-2.0-or-later
// The token in the address of a user's feed: who has the address may read the feed, until the user revokes it.  What is
// kept is a hash of it, one row for each user.  libsodium lives here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace postern {

struct FeedToken {
  std::string id;      // the row's name, made from the user's: 32 hex digits
  std::string secret;  // 64 hex digits, random
  std::string text() const { return id + secret; }
};
struct FeedOwner {
  std::string user;  // as the IMAP server names him
  UnixTime made = 0;
};

std::string feed_id(std::string_view user);
FeedToken new_feed_token(std::string_view user);
// Nothing for what is no token, which needs no store to find out.
std::optional<FeedToken> parse_feed_token(std::string_view text);
// "HASH TIME USER": what the store keeps.
std::string feed_row(const FeedToken& token, std::string_view user, UnixTime now);
// Whose feed the token opens.  In constant time for a row and for none, and whatever the secret.
std::optional<FeedOwner> feed_owner(const std::optional<std::string>& row, const FeedToken& token);
// When the user made his token; nothing if the row is none.
std::optional<UnixTime> feed_made(const std::optional<std::string>& row);

// A strong entity tag (RFC 9110 section 8.8.3) of a text, with its quotes.
std::string entity_tag(std::string_view text);
// urn:uuid: (RFC 9562 section 5.8) of a text: always the same, and no other text has it.
std::string stable_urn(std::string_view text);

}  // namespace postern
