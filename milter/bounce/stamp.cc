// SPDX-License-Identifier: GPL-2.0-or-later
#include "bounce/stamp.h"

#include <sodium.h>

#include <array>

#include "base/strings.h"
#include "mail/address.h"
#include "mail/report.h"

namespace postern {
namespace {

static_assert(kStampHeader == kStampField, "the report reader looks for the header that is stamped");

constexpr size_t kDayDigits = 4;
constexpr size_t kRandomBytes = 8;
constexpr size_t kMacBytes = 16;
constexpr size_t kMacChars = 22;  // 16 bytes in base64url without padding
constexpr size_t kMaxKeyId = 8;
constexpr Day kMaxSkew = 1;  // days by which the clock of another node may be ahead

bool ready() {
  static const bool done = sodium_init() >= 0;
  return done;
}

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kIdChars = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string base64url(const unsigned char* bytes, size_t size) {
  std::array<char, 64> text{};
  sodium_bin2base64(text.data(), text.size(), bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

// "1.k1.50a3<random>": what stands before the MAC.
std::string head_of(std::string_view key_id, Day day, std::string_view random) {
  const std::array<char, 2> bytes{static_cast<char>(day >> 8 & 0xff), static_cast<char>(day & 0xff)};
  return "1." + std::string(key_id) + "." + hex({bytes.data(), bytes.size()}) + std::string(random);
}

// The MAC covers the head and the sender; the zero byte keeps them apart.
std::string mac_of(const KeyRow& key, std::string_view head, std::string_view sender) {
  std::string text = "postern-stamp";
  text += '\0';
  text += head;
  text += '\0';
  text += address_key(sender);
  std::array<unsigned char, kMacBytes> mac{};
  crypto_generichash(mac.data(), mac.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<const unsigned char*>(key.secret.data()), key.secret.size());
  return base64url(mac.data(), mac.size());
}

}  // namespace

bool usable_key(const KeyRow& key) {
  return key.secret.size() >= crypto_generichash_KEYBYTES_MIN && key.secret.size() <= crypto_generichash_KEYBYTES_MAX;
}

std::string new_key_secret() {
  ready();
  std::string secret(32, '\0');
  randombytes_buf(secret.data(), secret.size());
  return secret;
}

Result<Stamp> parse_stamp(std::string_view text) {
  text = trim(text);
  const auto fields = split(text.substr(0, 100), '.');
  if (fields.size() != 4 || fields[0] != "1") return invalid("not a tracking ID: expected 1.KEY.DAYRANDOM.MAC");
  if (fields[1].empty() || fields[1].size() > kMaxKeyId || !all_of(fields[1], kIdChars)) {
    return invalid("tracking ID: the key id has 1 to 8 of a-z and 0-9");
  }
  if (fields[2].size() != kDayDigits + 2 * kRandomBytes || !all_of(fields[2], kHexDigits)) {
    return invalid("tracking ID: day and random number have 20 hexadecimal digits");
  }
  if (fields[3].size() != kMacChars || !all_of(fields[3], kBase64Url)) {
    return invalid("tracking ID: the MAC has 22 characters of base64url");
  }
  const std::string day = unhex(fields[2].substr(0, kDayDigits)).value_or(std::string(2, '\0'));
  Stamp stamp;
  stamp.key_id = fields[1];
  stamp.day = static_cast<unsigned char>(day[0]) * 256 + static_cast<unsigned char>(day[1]);
  stamp.random = fields[2].substr(kDayDigits);
  stamp.mac = fields[3];
  return stamp;
}

Result<std::string> make_stamp(const KeyTable& keys, std::string_view sender, UnixTime now) {
  const auto key = signing_key(keys);
  if (key == keys.end()) return unavailable("no active signing key: run `postern keys rotate`");
  if (!usable_key(key->second) || !ready())
    return invalid("key " + key->first + ": its secret must have 16 to 64 bytes");
  std::array<char, kRandomBytes> random{};
  randombytes_buf(random.data(), random.size());
  const std::string head = head_of(key->first, day_of(now), hex({random.data(), random.size()}));
  return head + "." + mac_of(key->second, head, sender);
}

std::string_view to_string(StampCheck check) {
  switch (check) {
    case StampCheck::kValid:
      return "valid stamp";
    case StampCheck::kMalformed:
      return "malformed stamp";
    case StampCheck::kUnknownKey:
      return "stamp of an unknown key";
    case StampCheck::kExpired:
      return "expired stamp";
    case StampCheck::kFuture:
      return "stamp from the future";
    case StampCheck::kWrongMac:
      return "stamp not made for this address";
  }
  return "malformed stamp";
}

StampCheck check_stamp(const KeyTable& keys, std::string_view text, std::string_view sender, UnixTime now,
                       Millis life) {
  const Result<Stamp> stamp = parse_stamp(text);
  if (!stamp) return StampCheck::kMalformed;
  const auto key = keys.find(stamp->key_id);
  if (key == keys.end() || !usable_key(key->second)) return StampCheck::kUnknownKey;
  const std::string mac = mac_of(key->second, head_of(stamp->key_id, stamp->day, stamp->random), sender);
  if (mac.size() != stamp->mac.size() || sodium_memcmp(mac.data(), stamp->mac.data(), mac.size()) != 0) {
    return StampCheck::kWrongMac;
  }
  if (stamp->day > day_of(now) + kMaxSkew) return StampCheck::kFuture;
  const UnixTime end_of_day = (static_cast<UnixTime>(stamp->day) + 1) * 86400;
  return now > end_of_day + life.count() / 1000 ? StampCheck::kExpired : StampCheck::kValid;
}

}  // namespace postern
