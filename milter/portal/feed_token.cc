// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/feed_token.h"

#include <sodium.h>

#include <algorithm>

#include "base/strings.h"
#include "portal/sessions.h"

namespace postern {
namespace {

constexpr size_t kIdLength = 32;
constexpr size_t kSecretLength = 64;

// BLAKE2b of `purpose` and `text`, as hex.
std::string hashed(std::string_view purpose, std::string_view text, size_t bytes) {
  const std::string all = std::string(purpose) + '\0' + std::string(text);
  std::string out(bytes, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                     reinterpret_cast<const unsigned char*>(all.data()), all.size(), nullptr, 0);
  return hex(out);
}

struct Row {
  std::string hash;
  FeedOwner owner;
};

std::optional<Row> parse_row(const std::optional<std::string>& text) {
  const auto word = words(text ? std::string_view(*text) : std::string_view());
  if (word.size() != 3 || word[0].size() != kSecretLength) return std::nullopt;
  const auto made = parse_iso_time(word[1]);
  if (!made.ok()) return std::nullopt;
  return Row{std::string(word[0]), {std::string(word[2]), *made}};
}

}  // namespace

std::string feed_id(std::string_view user) { return hashed("feed of", user, kIdLength / 2); }

FeedToken new_feed_token(std::string_view user) { return {feed_id(user), random_name()}; }

std::optional<FeedToken> parse_feed_token(std::string_view text) {
  const bool digits = std::all_of(text.begin(), text.end(),
                                  [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (text.size() != kIdLength + kSecretLength || !digits) return std::nullopt;
  return FeedToken{std::string(text.substr(0, kIdLength)), std::string(text.substr(kIdLength))};
}

std::string feed_row(const FeedToken& token, std::string_view user, UnixTime now) {
  return hashed("feed token", token.secret, kSecretLength / 2) + " " + iso_time(now) + " " + std::string(user);
}

std::optional<FeedOwner> feed_owner(const std::optional<std::string>& row, const FeedToken& token) {
  const std::string shown = hashed("feed token", token.secret, kSecretLength / 2);
  auto known = parse_row(row);
  const std::string wanted = known ? known->hash : std::string(kSecretLength, '-');  // no hash has a dash
  if (sodium_memcmp(wanted.data(), shown.data(), shown.size()) != 0 || !known) return std::nullopt;
  return std::move(known->owner);
}

std::optional<UnixTime> feed_made(const std::optional<std::string>& row) {
  const auto known = parse_row(row);
  return known ? std::optional(known->owner.made) : std::nullopt;
}

std::string entity_tag(std::string_view text) { return "\"" + hashed("entity", text, 16) + "\""; }

std::string stable_urn(std::string_view text) {
  std::string digits = hashed("uuid", text, 16);
  digits[12] = '8';                              // version 8: made in a way of one's own
  digits[16] = "89ab"[digits[16] & 3];           // the variant of RFC 9562
  return "urn:uuid:" + digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" +
         digits.substr(16, 4) + "-" + digits.substr(20);
}

}  // namespace postern
