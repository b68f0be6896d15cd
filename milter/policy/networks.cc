// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <tuple>

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
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    const bool family = rows[a].prefix.is_ipv4() != rows[b].prefix.is_ipv4();
    return family ? rows[a].prefix.is_ipv4() : rows[a] < rows[b];
  });
  details_.emplace_back();
  std::map<Detail, uint32_t> known{{Detail{}, 0}};
  entries_.reserve(rows.size());
  detail_ids_.reserve(rows.size());
  for (const uint32_t i : order) {
    const NetworkRow& row = rows[i];
    PrefixEntry entry{row.prefix.address, kNoEntry, row.prefix.length, static_cast<uint8_t>(row.use), false};
    uint32_t id = 0;
    if (row.from || row.until || !row.note.empty()) {
      Detail detail{row.from, row.until, row.note};
      const auto [at, is_new] = known.emplace(detail, static_cast<uint32_t>(details_.size()));
      if (is_new) details_.push_back(std::move(detail));
      id = at->second;
    }
    entry.detailed = row.from || row.until;
    entries_.push_back(entry);
    detail_ids_.push_back(id);
    if (row.prefix.is_ipv4()) ipv4_end_ = static_cast<uint32_t>(entries_.size());
  }
  const auto end = static_cast<uint32_t>(entries_.size());
  link_parents(0, ipv4_end_);
  link_parents(ipv4_end_, end);
  find_enforced_times(rows);
  ipv4_ = PrefixIndex<uint16_t>(entries_, 0, ipv4_end_);
  ipv6_ = PrefixIndex<uint32_t>(entries_, ipv4_end_, end);
}

void NetworkTable::link_parents(uint32_t first, uint32_t end) {
  std::vector<uint32_t> open;  // the rows that cover the current one, longest last
  for (uint32_t i = first; i < end; ++i) {
    while (!open.empty() && !entries_[open.back()].covers(entries_[i].address)) open.pop_back();
    if (!open.empty()) entries_[i].parent = open.back();
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

bool NetworkTable::in_force(uint32_t index, UnixTime now) const {
  if (!entries_[index].detailed) return true;
  const Detail& detail = details_[detail_ids_[index]];
  return (!detail.from || now >= *detail.from) && (!detail.until || now < *detail.until);
}

PrefixMatch NetworkTable::first_covering(const IpAddress& client) const {
  return client.is_ipv4() ? ipv4_.find(entries_, client) : ipv6_.find(entries_, client);
}

NetworkAnswer NetworkTable::judge(const IpAddress& client, UnixTime now) const {
  const PrefixMatch first = first_covering(client);
  uint32_t at = first.entry;
  auto found = static_cast<NetworkUse>(first.use);
  if (first.detailed) {  // otherwise what the index says is enough, and the entry need not be read
    while (at != kNoEntry && !in_force(at, now)) at = entries_[at].parent;
    if (at != kNoEntry) found = use(at);
  }
  // What was found is often still on its way from memory: nothing below branches on it.
  const bool matched = at != kNoEntry;
  NetworkAnswer answer;
  answer.enforced = enforced(now);
  answer.row = at;
  answer.outbound = matched & (found == NetworkUse::kOutbound);
  answer.pass = (matched & (found != NetworkUse::kDeny)) | !answer.enforced | client.is_loopback();
  return answer;
}

NetworkRow NetworkTable::row(uint32_t index) const {
  const PrefixEntry& entry = entries_.at(index);
  const Detail& detail = details_[detail_ids_[index]];
  return {{entry.address, entry.length}, use(index), detail.from, detail.until, detail.note};
}

std::vector<NetworkRow> NetworkTable::rows() const {
  std::vector<NetworkRow> all;
  all.reserve(size());
  for (uint32_t i = 0; i < size(); ++i) all.push_back(row(i));
  return all;
}

std::vector<NetworkRow> NetworkTable::covering(const IpAddress& client) const {
  std::vector<NetworkRow> found;
  for (uint32_t at = first_covering(client).entry; at != kNoEntry; at = entries_[at].parent) found.push_back(row(at));
  return found;
}

std::vector<NetworkRow> NetworkTable::nearest(const IpAddress& client, size_t count) const {
  constexpr size_t kWindow = 64;  // rows looked at on either side, besides those that cover them
  const uint32_t begin = client.is_ipv4() ? 0 : ipv4_end_;
  const uint32_t end = client.is_ipv4() ? ipv4_end_ : static_cast<uint32_t>(size());
  const size_t middle = count_entries_up_to(entries_, begin, end, client);
  const size_t first = middle - std::min(middle - begin, kWindow + count);
  const size_t last = std::min<size_t>(end, middle + kWindow + count);
  std::vector<uint32_t> candidates;
  for (size_t i = first; i < last; ++i) {
    candidates.push_back(static_cast<uint32_t>(i));
    for (uint32_t at = entries_[i].parent; at < first; at = entries_[at].parent) candidates.push_back(at);
  }
  // At equal distance the longer prefix says more, and of equal prefixes the one that would win comes first.
  const auto rank = [&](uint32_t i) {
    const Prefix prefix{entries_[i].address, entries_[i].length};
    return std::tuple(distance(prefix, client), -int{prefix.length}, ~i);
  };
  std::sort(candidates.begin(), candidates.end(), [&](uint32_t a, uint32_t b) { return rank(a) < rank(b); });
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  if (candidates.size() > count) candidates.resize(count);
  std::vector<NetworkRow> found;
  for (const uint32_t i : candidates) found.push_back(row(i));
  return found;
}

size_t NetworkTable::memory() const {
  size_t bytes = entries_.capacity() * sizeof(PrefixEntry) + detail_ids_.capacity() * sizeof(uint32_t) +
                 ipv4_.memory() + ipv6_.memory() + details_.capacity() * sizeof(Detail) +
                 enforced_.capacity() * sizeof(enforced_[0]);
  for (const Detail& detail : details_) {
    if (detail.note.capacity() > std::string().capacity()) bytes += detail.note.capacity() + 1;
  }
  return bytes;
}

std::string gate_words(const NetworkTable& networks, UnixTime now) {
  const std::string count = std::to_string(networks.size()) + (networks.size() == 1 ? " row" : " rows");
  return networks.enforced(now) ? "enforced, " + count : "not enforced: no allow row is in force (" + count + ")";
}

Prefix refusal_source(const IpAddress& client) {
  const uint8_t length = client.is_ipv4() ? 96 + 24 : 48;
  return {masked(client, length), length};
}

}  // namespace postern
