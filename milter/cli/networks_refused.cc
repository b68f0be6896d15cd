// SPDX-License-Identifier: GPL-2.0-or-later
// `postern networks refused`: the networks from which clients were refused most often, so that a provider's new range
// shows up before the complaints do.
#include <iomanip>
#include <iostream>

#include "cli/admin_setup.h"
#include "cli/check_report.h"
#include "cli/facts_json.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShown = 50;

// Whether the list, as it is now, lets a whole network in.  Rows inside of it may say otherwise.
bool passes_now(const NetworkTable& networks, const Prefix& source, UnixTime now) {
  return networks.judge(source.address, now).pass && networks.judge(source.last(), now).pass;
}

NetworkTable table_of(const TableRows& rows) {
  std::vector<NetworkRow> all;
  for (const auto& [key, value] : rows) {
    const auto parsed = parse_network_row(key, value);
    if (parsed) all.insert(all.end(), parsed->begin(), parsed->end());
  }
  return NetworkTable(all);
}

Json source_json(const RefusedSource& source, bool passes) {
  return {{"network", to_string(source.source)},
          {"count", source.count},
          {"first", iso_time(source.first)},
          {"last", iso_time(source.last)},
          {"passes_now", passes}};
}

void print_source(const RefusedSource& source, bool passes, UnixTime now, bool color) {
  const std::string network = to_string(source.source);
  std::cout << std::setw(8) << source.count << "  " << network
            << std::string(network.size() < 24 ? 24 - network.size() : 1, ' ') << iso_time(source.first) << " to "
            << iso_time(source.last) << " (" << when_words(source.last, now) << ")"
            << (passes ? in_green("  passes now", color) : "") << "\n";
}

}  // namespace

int run_networks_refused(const CommandContext& context) {
  const auto admin = set_up_admin(context);
  if (!admin) return complain(admin.error());
  const auto sources = (*admin)->refused(kShown);
  if (!sources) return complain(sources.error());
  const auto rows = (*admin)->rows(TableName::kNetworks);
  if (!rows) return complain(rows.error());
  const NetworkTable networks = table_of(*rows);
  const UnixTime now = unix_now();
  Json list = Json::array();
  for (const RefusedSource& source : *sources) {
    const bool passes = passes_now(networks, source.source, now);
    if (context.json) {
      list.push_back(source_json(source, passes));
    } else {
      print_source(source, passes, now, context.color);
    }
  }
  if (context.json) {
    std::cout << dump_json(list) << "\n";
  } else if (sources->empty()) {
    std::cout << "No client was refused lately.\n";
  }
  return 0;
}

}  // namespace postern
