// SPDX-License-Identifier: GPL-2.0-or-later
// The connection gate's table: which networks may deliver (`allow`), must not (`deny`), or send our outbound mail
// (`outbound`, which also may deliver).  Longest prefix wins; deny wins a tie; a row counts only between its from=
// and until=.  The gate is enforced only when the table has an allow row in force, so an empty list locks nobody out.
// The families are apart: ::/0 says nothing about IPv4.  Nothing in here does I/O or reads a clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "policy/networks_index.h"

namespace postern {

enum class NetworkUse : uint8_t { kAllow, kOutbound, kDeny };  // of equal prefixes the later one wins
std::string_view to_string(NetworkUse use);

struct NetworkRow {
  Prefix prefix;
  NetworkUse use = NetworkUse::kAllow;
  std::optional<UnixTime> from, until;  // in force from <= now < until
  std::string note;

  bool in_force(UnixTime now) const { return (!from || now >= *from) && (!until || now < *until); }
  auto operator<=>(const NetworkRow&) const = default;
};

// The prefixes that a network as an administrator writes it stands for: "192.0.2.0/24", "192.0.2.0 / 255.255.255.0",
// "192.0.2.0-255", "192.0.2.10-192.0.2.77", "192.0.2.1", "2001:db8::/32", "[IPv6:2001:db8::1]".  Host bits are
// cleared and `warnings` says so.
Result<std::vector<Prefix>> parse_network(std::string_view text, std::vector<std::string>* warnings = nullptr);
// Row text as in `postern:networks`: key "192.0.2.0/24", value "allow from=2007-08-15T00:00:00Z note=provider".
// An empty value means allow; note= takes the rest of the line.  One row may stand for several prefixes (a range);
// `warnings` receives what was normalised.
Result<std::vector<NetworkRow>> parse_network_row(std::string_view key, std::string_view value,
                                                  std::vector<std::string>* warnings = nullptr);
// Cuts one line of a networks file into key and value.  Both are empty for a blank line or a comment (`#` at the
// start or after white space; a note may hold one).  Keys may hold blanks, so other tables' cutting does not do.
struct NetworkLine {
  std::string_view key, value;
};
NetworkLine split_network_line(std::string_view line);
std::string to_value(const NetworkRow& row);

struct NetworkAnswer {
  bool enforced = false;    // the table has an allow row in force
  bool pass = true;         // always true when not enforced
  bool outbound = false;    // an outbound row decided
  uint32_t row = kNoEntry;  // the row that decided, for NetworkTable::row(); kNoEntry if none matched

  bool matched() const { return row != kNoEntry; }
};

class NetworkTable {
 public:
  NetworkTable() = default;
  explicit NetworkTable(const std::vector<NetworkRow>& rows);
  // Judges one client address at one time.  Loopback always passes.
  NetworkAnswer judge(const IpAddress& client, UnixTime now) const;
  // Whether the gate is enforced at that time: an allow row is in force.
  bool enforced(UnixTime now) const;
  size_t size() const { return entries_.size(); }
  NetworkRow row(uint32_t index) const;  // index < size(); sorted by prefix, IPv4 first
  std::vector<NetworkRow> rows() const;  // all of them, unpacked: not for the mail path
  // Every row that covers an address, in force or not, the one that counts most first.
  std::vector<NetworkRow> covering(const IpAddress& client) const;
  // The `count` rows nearest to an address (covering ones are at distance 0), nearest first, for the wizard.
  std::vector<NetworkRow> nearest(const IpAddress& client, size_t count) const;
  // Heap memory held, in bytes.
  size_t memory() const;

 private:
  struct Detail {
    std::optional<UnixTime> from, until;
    std::string note;
    auto operator<=>(const Detail&) const = default;
  };
  NetworkUse use(uint32_t index) const { return static_cast<NetworkUse>(entries_[index].use); }
  bool in_force(uint32_t index, UnixTime now) const;
  PrefixMatch first_covering(const IpAddress& client) const;
  void link_parents(uint32_t first, uint32_t end);
  void find_enforced_times(const std::vector<NetworkRow>& rows);

  // Sorted by family, address, length, use: a row's covering rows come before it.
  HugeVector<PrefixEntry> entries_;
  std::vector<uint32_t> detail_ids_;  // in details_; 0 is the empty one
  std::vector<Detail> details_;
  std::vector<std::pair<UnixTime, UnixTime>> enforced_;  // disjoint, ascending: from <= now < until
  uint32_t ipv4_end_ = 0;                                // where IPv6 begins in entries_
  PrefixIndex<uint16_t> ipv4_;
  PrefixIndex<uint32_t> ipv6_;
};

// "enforced, 12 rows", or "not enforced: no allow row is in force (3 rows)", for the log and `postern status`.
std::string gate_words(const NetworkTable& networks, UnixTime now);

// The network under which refused clients are counted: the /24 of an IPv4 address, the /48 of an IPv6 one.
Prefix refusal_source(const IpAddress& client);

}  // namespace postern
