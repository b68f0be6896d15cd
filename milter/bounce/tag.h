// SPDX-License-Identifier: GPL-2.0-or-later
// The envelope tag: a signed envelope sender, so that the address to which a report is sent proves by itself that it
// answers mail of ours (draft-levine-smtp-batv-01, section 4: prvs): prvs=KDDDSSSSSS=local@domain
// K: digit of the key, tag_digit(); DDD: the last day on which the tag counts, days since 1970 modulo 1000; SSSSSS:
// 24 bits of keyed BLAKE2b (RFC 7693) in hex over K, that day in full, and the lower-cased address.  Read in any
// case.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "policy/keys.h"

namespace postern {

struct Tag {
  char key_digit = '0';
  int day = 0;          // modulo 1000
  std::string mac;      // 6 hex digits, lower case
  std::string address;  // local@domain: what the tag was put before, spelt as it came
};

// Shape only; blanks, <> and a source route around it are ignored.  Nothing if the address carries no tag.
std::optional<Tag> parse_tag(std::string_view address);
// The digit that stands for a key id: its last character if that is a digit ("k12": '2'), else the place of that
// letter in the alphabet, modulo 10 ("a": '0').  Keys may share one; each of them is tried.
char tag_digit(std::string_view key_id);

// The address with a tag that counts for `life` from now, by the key that signs.  Fails when no key is active, and
// for an address that cannot carry one: the null sender, one with a quoted local part, one that ends in dots or
// blanks, and one whose local part would have more than 64 octets (RFC 5321 section 4.5.3.1.1).
Result<std::string> make_tag(const KeyTable& keys, std::string_view address, UnixTime now, Millis life);

enum class TagCheck {
  kNone,     // no tag
  kWrong,    // not made here, or altered
  kExpired,  // made here; no evidence any more
  kValid,
};
struct TagAnswer {
  TagCheck check = TagCheck::kNone;
  std::string address;  // kExpired, kValid: the address without the tag
};
TagAnswer check_tag(const KeyTable& keys, std::string_view address, UnixTime now);

}  // namespace postern
