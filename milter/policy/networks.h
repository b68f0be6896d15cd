// SPDX-License-Identifier: GPL-2.0-or-later
// The connection gate's table: which networks may deliver (`allow`), must not (`deny`), or send our outbound mail
// (`outbound`, which also may deliver).  Longest prefix wins; deny wins a tie; a row counts only between its from=
// and until=.  The gate is enforced only when the table has an allow row, so an empty list locks nobody out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"

namespace postern {

enum class NetworkUse : uint8_t { kAllow, kDeny, kOutbound };
std::string_view to_string(NetworkUse use);

struct NetworkRow {
  Prefix prefix;
  NetworkUse use = NetworkUse::kAllow;
  std::optional<UnixTime> from, until;  // in force from <= now < until
  std::string note;

  bool in_force(UnixTime now) const { return (!from || now >= *from) && (!until || now < *until); }
};

// Row text as in `postern:networks`: key "192.0.2.0/24", value "allow from=2007-08-15T00:00:00Z note=provider".
// One row may stand for several prefixes (a range); `warnings` receives what was normalised.
Result<std::vector<NetworkRow>> parse_network_row(std::string_view key, std::string_view value,
                                                  std::vector<std::string>* warnings = nullptr);
std::string to_value(const NetworkRow& row);

struct NetworkAnswer {
  bool enforced = false;                    // the table has an allow row in force
  bool pass = true;
  bool outbound = false;
  const NetworkRow* row = nullptr;          // the row that decided; null if none matched.  Lives as long as the table
};

class NetworkTable {
 public:
  NetworkTable() = default;
  explicit NetworkTable(std::vector<NetworkRow> rows);
  // Judges one client address at one time.  Loopback always passes.
  NetworkAnswer judge(const IpAddress& client, UnixTime now) const;
  const std::vector<NetworkRow>& rows() const { return rows_; }
  // The `count` listed prefixes nearest to an address, for the wizard.
  std::vector<const NetworkRow*> nearest(const IpAddress& client, size_t count) const;

 private:
  std::vector<NetworkRow> rows_;
};

}  // namespace postern
