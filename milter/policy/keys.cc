// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/keys.h"

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kSecretBytes = 32;

// Takes one word into the row.  The text of an error never holds any part of a secret.
Status set_field(KeyRow& row, std::string_view name, std::string_view value) {
  if (name == "secret") {
    auto secret = unhex(value);
    if (!secret || secret->size() != kSecretBytes) return invalid("secret: expected 64 hexadecimal digits");
    row.secret = std::move(*secret);
  } else if (name == "created") {
    const auto created = parse_iso_time(value);
    if (!created) return invalid("created: " + created.error().text);
    row.created = *created;
  } else if (name == "state") {
    if (value != "active" && value != "old") return invalid("state: expected active or old");
    row.active = value == "active";
  } else {
    return invalid("unknown field: expected secret=, created= and state=");
  }
  return Nothing{};
}

}  // namespace

Result<KeyRow> parse_key_row(std::string_view text) {
  KeyRow row;
  bool created = false;
  for (const std::string_view word : words(text)) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos)
      return invalid("expected secret=<64 hex digits> created=<ISO time> state=active|old");
    const std::string_view name = word.substr(0, equals);
    const Status done = set_field(row, name, word.substr(equals + 1));
    if (!done) return done.error();
    created = created || name == "created";
  }
  if (row.secret.empty()) return invalid("secret= is missing: expected 64 hexadecimal digits");
  if (!created) return invalid("created= is missing: expected an ISO time");
  return row;
}

std::string to_string(const KeyRow& row) {
  return "secret=" + hex(row.secret) + " created=" + iso_time(row.created) +
         (row.active ? " state=active" : " state=old");
}

KeyTable::const_iterator signing_key(const KeyTable& keys) {
  auto best = keys.end();
  for (auto it = keys.begin(); it != keys.end(); ++it) {
    // Keys come in ascending order of id, so >= lets the greatest id win a tie.
    if (it->second.active && (best == keys.end() || it->second.created >= best->second.created)) best = it;
  }
  return best;
}

}  // namespace postern
