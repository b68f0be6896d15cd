// SPDX-License-Identifier: GPL-2.0-or-later
#include "bounce/tag.h"

#include <sodium.h>

#include <array>

#include "base/strings.h"
#include "bounce/stamp.h"
#include "mail/address.h"

namespace postern {
namespace {

constexpr std::string_view kPrefix = "prvs=";
constexpr size_t kValueChars = 10;                              // K, DDD, SSSSSS
constexpr size_t kTagChars = kPrefix.size() + kValueChars + 1;  // with the '=' that ends it
constexpr size_t kMaxLocal = 64;
constexpr size_t kMacBytes = 3;
constexpr Day kDays = 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string mac_of(const KeyRow& key, char digit, Day day, std::string_view address) {
  std::string text = "postern-tag";
  text += '\0';
  text += digit + std::to_string(day);
  text += '\0';
  text += address_key(address);
  std::array<unsigned char, crypto_generichash_BYTES_MIN> full{};
  crypto_generichash(full.data(), full.size(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     reinterpret_cast<const unsigned char*>(key.secret.data()), key.secret.size());
  return hex({reinterpret_cast<const char*>(full.data()), kMacBytes});
}

// The day that ends in these three digits and is nearest to today.
Day full_day(int last_digits, Day today) {
  const Day base = today - today % kDays + last_digits;
  if (base > today + kDays / 2) return base - kDays;
  return base <= today - kDays / 2 ? base + kDays : base;
}

std::string three_digits(Day day) {
  const std::string text = std::to_string(kDays + day % kDays);
  return text.substr(1);
}

}  // namespace

std::optional<Tag> parse_tag(std::string_view address) {
  const std::string clean = clean_address(address);
  const std::string_view local = local_of(clean);
  if (domain_of(clean).empty() || local.size() <= kTagChars || !starts_nocase(local, kPrefix)) return std::nullopt;
  const std::string value = lower(local.substr(kPrefix.size(), kValueChars));
  if (local[kTagChars - 1] != '=') return std::nullopt;
  if (!is_digit(value[0]) || value.find_first_not_of("0123456789abcdef") != std::string::npos) return std::nullopt;
  const auto day = to_uint(value.substr(1, 3));
  if (!day) return std::nullopt;
  return Tag{value[0], static_cast<int>(*day), value.substr(4), clean.substr(kTagChars)};
}

char tag_digit(std::string_view key_id) {
  const char last = key_id.empty() ? '0' : lower(key_id.back());
  if (is_digit(last)) return last;
  return last < 'a' || last > 'z' ? '0' : static_cast<char>('0' + (last - 'a') % 10);
}

Result<std::string> make_tag(const KeyTable& keys, std::string_view address, UnixTime now, Millis life) {
  const auto key = signing_key(keys);
  if (key == keys.end()) return unavailable("no active signing key: run `postern keys rotate`");
  if (!usable_key(key->second)) return invalid("key " + key->first + ": its secret must have 16 to 64 bytes");
  const std::string clean = clean_address(address);
  const std::string_view local = local_of(clean);
  if (domain_of(clean).empty() || local.empty()) return invalid("no address of a domain");
  if (local.find('"') != std::string_view::npos) return invalid("a quoted local part cannot carry one");
  if (clean_address(clean) != clean) return invalid("an address that ends in dots or blanks cannot carry one");
  if (local.size() + kTagChars > kMaxLocal) {
    return invalid("the local part has more than " + std::to_string(kMaxLocal - kTagChars) + " octets");
  }
  const char digit = tag_digit(key->first);
  const Day day = day_of(now + life.count() / 1000);
  return std::string(kPrefix) + digit + three_digits(day) + mac_of(key->second, digit, day, clean) + "=" + clean;
}

TagAnswer check_tag(const KeyTable& keys, std::string_view address, UnixTime now) {
  const auto tag = parse_tag(address);
  if (!tag) return {};
  const Day day = full_day(tag->day, day_of(now));
  for (const auto& [id, key] : keys) {
    if (tag_digit(id) != tag->key_digit || !usable_key(key)) continue;
    const std::string mac = mac_of(key, tag->key_digit, day, tag->address);
    if (sodium_memcmp(mac.data(), tag->mac.data(), mac.size()) != 0) continue;
    return {day < day_of(now) ? TagCheck::kExpired : TagCheck::kValid, tag->address};
  }
  return {TagCheck::kWrong, ""};
}

}  // namespace postern
