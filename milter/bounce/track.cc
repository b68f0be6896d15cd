// SPDX-License-Identifier: GPL-2.0-or-later
#include "bounce/track.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "bounce/stamp.h"
#include "bounce/verify.h"
#include "mail/address.h"
#include "mail/header.h"

namespace postern {
namespace {

// The kind of fact, its parts, a zero byte between them: no two facts have the same text.
std::string fact_text(std::string_view kind, std::string_view first, std::string_view second) {
  std::string text(kind);
  text += '\0';
  text += first;
  text += '\0';
  text += second;
  return text;
}

// Whether another key took over from this one before `start`.
bool replaced_before(const KeyTable& keys, const KeyRow& key, UnixTime start) {
  return std::any_of(keys.begin(), keys.end(), [&](const auto& entry) {
    return entry.second.created > key.created && entry.second.created < start;
  });
}

}  // namespace

std::string stamp_fact(std::string_view stamp) { return fact_text("stamp", trim(stamp), ""); }

std::string message_id_fact(std::string_view message_id, std::string_view sender) {
  return fact_text("message-id", clean_message_id(message_id), address_key(sender));
}

std::string recipient_fact(std::string_view recipient, std::string_view sender) {
  return fact_text("recipient", address_key(recipient), address_key(sender));
}

TrackHash track_hash(const KeyRow& key, std::string_view fact) {
  std::array<unsigned char, crypto_generichash_BYTES_MIN> full{};
  crypto_generichash(full.data(), full.size(), reinterpret_cast<const unsigned char*>(fact.data()), fact.size(),
                     reinterpret_cast<const unsigned char*>(key.secret.data()), key.secret.size());
  TrackHash hash{};
  for (size_t i = 0; i < hash.size(); ++i) hash[i] = static_cast<char>(full[i]);
  return hash;
}

std::vector<const KeyRow*> keys_of_day(const KeyTable& keys, Day day) {
  const UnixTime start = static_cast<UnixTime>(day) * 86400;
  const auto signing = signing_key(keys);
  std::vector<const KeyRow*> out;
  for (auto it = keys.begin(); it != keys.end(); ++it) {
    if (it->second.created >= start + 86400 || !usable_key(it->second)) continue;
    if (it == signing || !replaced_before(keys, it->second, start)) out.push_back(&it->second);
  }
  return out;
}

void add_track_queries(const KeyTable& keys, std::string_view fact, Day first, Day last,
                       std::vector<TrackQuery>& out) {
  std::vector<std::pair<const KeyRow*, size_t>> open;  // keys of the day before, and where their query is
  for (Day day = first; day <= last; ++day) {
    std::vector<std::pair<const KeyRow*, size_t>> now;
    for (const KeyRow* key : keys_of_day(keys, day)) {
      const auto before =
          std::find_if(open.begin(), open.end(), [key](const auto& entry) { return entry.first == key; });
      if (before != open.end()) {
        out[before->second].last = day;
        now.push_back(*before);
      } else {
        now.emplace_back(key, out.size());
        out.push_back({track_hash(*key, fact), day, day});
      }
    }
    open = std::move(now);
  }
}

TrackRecord make_track_record(const KeyTable& keys, std::string_view stamp, std::string_view sender,
                              std::string_view message_id, std::span<const std::string> recipients, UnixTime now) {
  TrackRecord record;
  record.day = day_of(now);
  record.minute = static_cast<uint16_t>(now % 86400 / 60);
  record.sender_domain = domain_of(clean_address(sender));
  const auto key = signing_key(keys);
  if (key == keys.end() || !usable_key(key->second)) return record;
  const auto add = [&](const std::string& fact) {
    const TrackHash hash = track_hash(key->second, fact);
    if (std::find(record.facts.begin(), record.facts.end(), hash) == record.facts.end()) record.facts.push_back(hash);
  };
  if (!trim(stamp).empty()) add(stamp_fact(stamp));
  if (!clean_message_id(message_id).empty()) add(message_id_fact(message_id, sender));
  for (const std::string& recipient : recipients) add(recipient_fact(recipient, sender));
  return record;
}

}  // namespace postern
