// SPDX-License-Identifier: GPL-2.0-or-later
// `postern check`: would these addresses pass the gate, and why.
#include <fstream>
#include <iostream>

#include "base/strings.h"
#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/facts_json.h"
#include "store/store_options.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

constexpr Millis kPatience{3000};

struct Asked {
  std::string text;
  std::string place;  // "list:3", or empty for the command line
};

// Addresses of a list: the first word of each line; `#` comments.
Result<std::vector<Asked>> read_addresses(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path);
  if (path != "-" && !file) return unavailable(path + ": cannot be read");
  std::istream& in = path == "-" ? std::cin : file;
  std::vector<Asked> out;
  std::string line;
  for (size_t number = 1; std::getline(in, line); ++number) {
    const auto parts = words(line);
    if (parts.empty() || parts.front().starts_with('#')) continue;
    out.push_back({std::string(parts.front()), path + ":" + std::to_string(number)});
  }
  if (in.bad()) return unavailable(path + ": cannot be read");
  return out;
}

// Nodes that do not apply the tables this answer was made from.
std::vector<NodeInfo> lagging_nodes(const std::vector<NodeInfo>& nodes, const Tables& tables) {
  std::vector<NodeInfo> out;
  for (const NodeInfo& node : nodes) {
    if (node.digest != tables.digest) out.push_back(node);
  }
  return out;
}

void print_nodes(const std::vector<NodeInfo>& nodes, const Tables& tables, UnixTime now, bool color) {
  std::cout << "\nNot every node applies these tables (generation " << tables.generation << "):\n";
  for (const NodeInfo& node : nodes) {
    const bool same = node.digest == tables.digest;
    std::cout << (same ? in_green("SAME ", color) : in_red("OTHER", color)) << " " << printable(node.name)
              << "  generation " << node.generation << ", read " << when_words(node.read_at, now);
    if (!same) std::cout << "; may answer otherwise until it catches up";
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
                  const std::vector<NodeInfo>& lagging) {
  Counts counts;
  Json list = Json::array();
  Json others = Json::array();
  for (const NodeInfo& node : lagging) others.push_back(node.name);
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
    list.back()["nodes_behind"] = others;
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
    if (!more) {
      std::cerr << "postern: " << more.error().text << "\n";
      return 2;
    }
    asked.insert(asked.end(), more->begin(), more->end());
  }
  StoreOptions store_settings = store_options(context.settings);
  store_settings.node.clear();  // a command is no node
  const auto store = open_store(store_settings);
  if (!store) {
    std::cerr << "postern: " << store.error().text << "\n";
    return 2;
  }
  const TablesPtr tables = (*store)->tables();
  const UnixTime now = unix_now();
  print_remarks(context.settings, (*store)->health(), *tables, now);
  const auto nodes = (*store)->nodes(Deadline::after(kPatience));
  const std::vector<NodeInfo> lagging = nodes ? lagging_nodes(*nodes, *tables) : std::vector<NodeInfo>{};
  const Counts counts = answer_all(context, asked, *tables, now, lagging);
  if (!lagging.empty() && !context.json) print_nodes(*nodes, *tables, now, context.color);
  if (counts.invalid) return 2;
  return counts.failed ? 1 : 0;
}

}  // namespace postern
