// SPDX-License-Identifier: GPL-2.0-or-later
// `postern check`: would these addresses pass the gate, and why.
#include <iostream>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/check_report.h"
#include "cli/cluster_picture.h"
#include "cli/commands.h"
#include "cli/facts_json.h"
#include "store/store_options.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

struct Asked {
  std::string text;
  std::string place;  // "list:3", or empty for the command line
};

// Addresses of a list: the first word of each line; `#` comments.
Result<std::vector<Asked>> read_addresses(const std::string& path) {
  const auto text = read_input(path);
  if (!text) return text.error();
  std::vector<Asked> out;
  size_t number = 0;
  for (const std::string_view line : split(*text, '\n')) {
    ++number;
    const auto parts = words(line);
    if (parts.empty() || parts.front().starts_with('#')) continue;
    out.push_back({std::string(parts.front()), path + ":" + std::to_string(number)});
  }
  return out;
}

// The live nodes, and the digest that they should apply.
struct Cluster {
  std::string digest;  // empty: not known, so nobody is said to lag
  std::vector<NodeInfo> nodes;

  bool lags(const NodeInfo& node) const { return !digest.empty() && node.digest != digest; }
  std::vector<std::string> behind() const {
    std::vector<std::string> names;
    for (const NodeInfo& node : nodes) {
      if (lags(node)) names.push_back(node.name);
    }
    return names;
  }
};

Cluster look_at_cluster(const CommandContext& context, UnixTime now) {
  Cluster out;
  const auto admin = set_up_admin(context);
  if (!admin) return out;
  const auto server = (*admin)->server();
  const auto nodes = (*admin)->nodes();
  if (!server || !nodes) return out;
  out.digest = server->digest;
  for (const NodeInfo& node : *nodes) {
    if (now - node.seen_at <= kNodeFresh) out.nodes.push_back(node);
  }
  return out;
}

void print_nodes(const Cluster& cluster, UnixTime now, bool color) {
  std::cout << "\nNot every node applies the newest tables:\n";
  for (const NodeInfo& node : cluster.nodes) {
    const bool lags = cluster.lags(node);
    std::cout << (lags ? in_red("OLD    ", color) : in_green("CURRENT", color)) << " " << printable(node.name)
              << "  generation " << node.generation << ", read " << when_words(node.read_at, now);
    if (lags) std::cout << "; may answer otherwise until it has caught up";
    if (!node.last_error.empty()) std::cout << "; " << printable(node.last_error);
    std::cout << "\n";
  }
}

// What weakens the answers, for standard error.
void print_remarks(const Settings& settings, const StoreHealth& health, const Tables& tables, UnixTime now) {
  if (settings.gate == GateMode::kOff) std::cerr << "postern: gate = \"off\": the daemon asks nobody\n";
  if (settings.gate == GateMode::kMonitor) {
    std::cerr << "postern: gate = \"monitor\": the daemon only logs what fails\n";
  }
  if (!health.connected) {
    std::cerr << "postern: " << health.description << " is away; answers come from a copy read "
              << when_words(tables.read_at, now) << "\n";
  }
  for (const BadRow& row : tables.bad_rows) {
    if (row.table == "networks") {
      std::cerr << "postern: networks, " << printable(row.key) << ": " << row.reason << "\n";
    }
  }
}

struct Counts {
  bool failed = false;   // some address does not pass
  bool invalid = false;  // something was no address
};

Counts answer_all(const CommandContext& context, const std::vector<Asked>& asked, const Tables& tables, UnixTime now,
                  const Cluster& cluster) {
  Counts counts;
  Json list = Json::array();
  for (const Asked& one : asked) {
    const auto address = parse_ip_literal(one.text);
    if (!address) {
      counts.invalid = true;
      const std::string fault = (one.place.empty() ? "" : one.place + ": ") + address.error().text;
      std::cerr << "postern: " << fault << "\n";
      if (context.json) list.push_back(Json{{"address", one.text}, {"error", fault}});
      continue;
    }
    const AddressReport report = report_address(tables.networks, *address, now);
    counts.failed = counts.failed || !report.answer.pass;
    if (!context.json) {
      std::cout << report_text(report, now, context.color);
      continue;
    }
    list.push_back(report_json(report));
    list.back()["nodes_behind"] = cluster.behind();
  }
  if (context.json) std::cout << dump_json(list) << "\n";
  return counts;
}

}  // namespace

int run_check(const CommandContext& context, const CheckOptions& options) {
  std::vector<Asked> asked;
  for (const std::string& text : options.addresses) asked.push_back({text, ""});
  if (!options.file.empty()) {
    auto more = read_addresses(options.file);
    if (!more) return complain(more.error());
    asked.insert(asked.end(), more->begin(), more->end());
  }
  StoreOptions store_settings = store_options(context.settings);
  store_settings.node.clear();  // a command is no node
  const auto store = open_store(store_settings);
  if (!store) return complain(store.error());
  const TablesPtr tables = (*store)->tables();
  const UnixTime now = unix_now();
  print_remarks(context.settings, (*store)->health(), *tables, now);
  const Cluster cluster = look_at_cluster(context, now);
  const Counts counts = answer_all(context, asked, *tables, now, cluster);
  if (!cluster.behind().empty() && !context.json) print_nodes(cluster, now, context.color);
  if (counts.invalid) return 2;
  return counts.failed ? 1 : 0;
}

}  // namespace postern
