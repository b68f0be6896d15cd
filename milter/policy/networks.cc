// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

namespace postern {
namespace {

constexpr UnixTime kAlwaysBefore = std::numeric_limits<UnixTime>::min();
constexpr UnixTime kNeverAfter = std::numeric_limits<UnixTime>::max();

// Addresses between `client` and the nearest one of a prefix; 0 inside of it.
Uint128 distance(const Prefix& prefix, const IpAddress& client) {
  if (client < prefix.address) return number_of(prefix.address) - number_of(client);
  const IpAddress last = prefix.last();
  return client > last ? number_of(client) - number_of(last) : 0;
}

}  // namespace

std::string_view to_string(NetworkUse use) {
  switch (use) {
    case NetworkUse::kAllow:
      return "allow";
    case NetworkUse::kOutbound:
      return "outbound";
    case NetworkUse::kDeny:
      return "deny";
  }
  return "";
}

NetworkTable::NetworkTable(const std::vector<NetworkRow>& rows) {
  std::vector<uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return rows[a] < rows[b]; });
  details_.emplace_back();
  std::map<Detail, uint32_t> known{{Detail{}, 0}};
  keys_.reserve(rows.size());
  meta_.reserve(rows.size());
  for (const uint32_t i : order) {
    const NetworkRow& row = rows[i];
    keys_.push_back(row.prefix.address);
    Meta meta{kNone, 0, row.prefix.length, row.use};
    if (row.from || row.until || !row.note.empty()) {
      Detail detail{row.from, row.until, row.note};
      const auto [at, is_new] = known.emplace(detail, static_cast<uint32_t>(details_.size()));
      if (is_new) details_.push_back(std::move(detail));
      meta.detail = at->second;
    }
    meta_.push_back(meta);
  }
  link_parents();
  find_enforced_times(rows);
  index_ = PrefixIndex(keys_);
}

void NetworkTable::link_parents() {
  std::vector<uint32_t> open;  // the rows that cover the current one, longest last
  for (uint32_t i = 0; i < keys_.size(); ++i) {
    while (!open.empty() && masked(keys_[i], meta_[open.back()].length) != keys_[open.back()]) open.pop_back();
    if (!open.empty()) meta_[i].parent = open.back();
    open.push_back(i);
  }
}

void NetworkTable::find_enforced_times(const std::vector<NetworkRow>& rows) {
  std::vector<std::pair<UnixTime, UnixTime>> times;
  for (const NetworkRow& row : rows) {
    if (row.use != NetworkUse::kAllow) continue;
    const std::pair span{row.from.value_or(kAlwaysBefore), row.until.value_or(kNeverAfter)};
    if (times.empty() || times.back() != span) times.push_back(span);
  }
  std::sort(times.begin(), times.end());
  for (const auto& [from, until] : times) {
    if (from >= until) continue;
    if (!enforced_.empty() && from <= enforced_.back().second) {
      enforced_.back().second = std::max(enforced_.back().second, until);
    } else {
      enforced_.emplace_back(from, until);
    }
  }
}

bool NetworkTable::enforced(UnixTime now) const {
  const auto after = std::upper_bound(enforced_.begin(), enforced_.end(), std::pair{now, kNeverAfter});
  return after != enforced_.begin() && now < std::prev(after)->second;
}

bool NetworkTable::covers(uint32_t index, const IpAddress& client) const {
  return Prefix{keys_[index], meta_[index].length}.contains(client);
}

bool NetworkTable::in_force(uint32_t index, UnixTime now) const {
  if (meta_[index].detail == 0) return true;
  const Detail& detail = details_[meta_[index].detail];
  return (!detail.from || now >= *detail.from) && (!detail.until || now < *detail.until);
}

// The longest row that covers an address is the last one that starts at or before it, or one that covers that one.
uint32_t NetworkTable::first_covering(const IpAddress& client) const {
  const size_t before = index_.count_up_to(keys_, client);
  uint32_t at = before == 0 ? kNone : static_cast<uint32_t>(before - 1);
  while (at != kNone && !covers(at, client)) at = meta_[at].parent;
  return at;
}

NetworkAnswer NetworkTable::judge(const IpAddress& client, UnixTime now) const {
  NetworkAnswer answer;
  answer.enforced = enforced(now);
  uint32_t at = first_covering(client);
  while (at != kNone && !in_force(at, now)) at = meta_[at].parent;
  if (at != kNone && !covers(at, client)) at = kNone;  // an IPv4 address stops where IPv6 prefixes begin
  if (at != kNone) {
    answer.row = at;
    answer.outbound = meta_[at].use == NetworkUse::kOutbound;
  }
  const bool listed = at != kNone && meta_[at].use != NetworkUse::kDeny;
  answer.pass = listed || !answer.enforced || client.is_loopback();
  return answer;
}

NetworkRow NetworkTable::row(uint32_t index) const {
  const Meta& meta = meta_.at(index);
  const Detail& detail = details_[meta.detail];
  return {{keys_[index], meta.length}, meta.use, detail.from, detail.until, detail.note};
}

std::vector<NetworkRow> NetworkTable::rows() const {
  std::vector<NetworkRow> all;
  all.reserve(size());
  for (uint32_t i = 0; i < size(); ++i) all.push_back(row(i));
  return all;
}

std::vector<NetworkRow> NetworkTable::covering(const IpAddress& client) const {
  std::vector<NetworkRow> found;
  for (uint32_t at = first_covering(client); at != kNone && covers(at, client); at = meta_[at].parent) {
    found.push_back(row(at));
  }
  return found;
}

std::vector<NetworkRow> NetworkTable::nearest(const IpAddress& client, size_t count) const {
  constexpr size_t kWindow = 64;  // rows looked at on either side, besides those that cover them
  const size_t middle = index_.count_up_to(keys_, client);
  const size_t first = middle - std::min(middle, kWindow + count);
  const size_t end = std::min(size(), middle + kWindow + count);
  std::vector<uint32_t> candidates;
  for (size_t i = first; i < end; ++i) {
    candidates.push_back(static_cast<uint32_t>(i));
    const uint32_t parent = meta_[i].parent;
    for (uint32_t at = parent; at != kNone && at < first; at = meta_[at].parent) candidates.push_back(at);
  }
  std::erase_if(candidates, [&](uint32_t i) {
    return Prefix{keys_[i], meta_[i].length}.is_ipv4() != client.is_ipv4();
  });
  // At equal distance the longer prefix says more, and of equal prefixes the one that would win comes first.
  const auto rank = [&](uint32_t i) {
    return std::tuple(distance({keys_[i], meta_[i].length}, client), -int{meta_[i].length}, ~i);
  };
  std::sort(candidates.begin(), candidates.end(), [&](uint32_t a, uint32_t b) { return rank(a) < rank(b); });
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  if (candidates.size() > count) candidates.resize(count);
  std::vector<NetworkRow> found;
  for (const uint32_t i : candidates) found.push_back(row(i));
  return found;
}

size_t NetworkTable::memory() const {
  size_t bytes = keys_.capacity() * sizeof(IpAddress) + meta_.capacity() * sizeof(Meta) + index_.memory() +
                 details_.capacity() * sizeof(Detail) + enforced_.capacity() * sizeof(enforced_[0]);
  for (const Detail& detail : details_) {
    if (detail.note.capacity() > std::string().capacity()) bytes += detail.note.capacity() + 1;
  }
  return bytes;
}

Prefix refusal_source(const IpAddress& client) {
  const uint8_t length = client.is_ipv4() ? 96 + 24 : 48;
  return {masked(client, length), length};
}

}  // namespace postern
