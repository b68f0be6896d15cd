// SPDX-License-Identifier: GPL-2.0-or-later
// Throws anything at the readers of networks.  They answer with rows or an error; whatever they accept is a normal
// prefix, reads back from what is written of it, covers itself in a table, and passes through a second load
// unchanged.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "policy/networks_list.h"
#include "test/fuzz/demand.h"

namespace {

using namespace postern;

void check_list(const NetworkList& list) {
  std::map<std::string, std::string, std::less<>> stored;
  for (const NetworkRow& row : list.rows) {
    demand(row.prefix.length <= 128 && masked(row.prefix.address, row.prefix.length) == row.prefix.address);
    demand(row.prefix.is_ipv4() == row.prefix.address.is_ipv4());
    const auto again = parse_network_row(to_string(row.prefix), to_value(row));
    demand(again.ok() && again->size() == 1 && again->front() == row);
    const std::string written = to_string(row.prefix) + " " + to_value(row);
    const NetworkLine line = split_network_line(written);
    demand(line.key == to_string(row.prefix) && line.value == to_value(row));
    stored[to_string(row.prefix)] = to_value(row);
  }
  const NetworkTable table(list.rows);
  for (const NetworkRow& row : list.rows) {
    for (const IpAddress& client : {row.prefix.address, row.prefix.last()}) {
      if (client.is_ipv4() != row.prefix.is_ipv4()) continue;  // ::/80 ends with an address that is an IPv4 one
      demand(!table.covering(client).empty());
      const UnixTime now = row.from.value_or(row.until.value_or(1) - 1);
      const NetworkAnswer answer = table.judge(client, now);
      demand(answer.matched() && table.row(answer.row).prefix.length >= row.prefix.length);
    }
  }
  const NetworkPlan plan = plan_networks(stored, list.rows);
  demand(plan.changes.empty() && plan.kept == stored.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto list = read_network_lines("lines", text)) check_list(*list);
  if (const auto list = read_spf("spf", text)) check_list(*list);
  if (const auto address = parse_ip_literal(text)) demand(parse_ip(to_string(*address)).value() == *address);
  return 0;
}
