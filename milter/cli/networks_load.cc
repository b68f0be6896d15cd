// SPDX-License-Identifier: GPL-2.0-or-later
// `postern networks load`: makes the table what a file says, whatever shape the file has, and says what changes.
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "base/strings.h"
#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/facts_json.h"
#include "cli/networks_json.h"
#include "policy/networks_list.h"
#include "store/admin.h"
#include "store/store_options.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

Result<std::string> read_all(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  if (path != "-" && !file) return unavailable(path + ": cannot be read");
  std::istream& in = path == "-" ? std::cin : file;
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) return unavailable(path + ": cannot be read");
  return text;
}

Result<NetworkList> read_list(const std::string& path, const std::string& text, const std::string& service) {
  if (looks_like_json(text)) return read_network_json(path, text, service);
  if (!service.empty()) return invalid(path + ": --service needs a published list in JSON");
  return looks_like_spf(text) ? read_spf(path, text) : read_network_lines(path, text);
}

std::string counts_words(const NetworkPlan& plan) {
  return std::to_string(plan.added) + " added, " + std::to_string(plan.removed) + " removed, " +
         std::to_string(plan.changed) + " changed, " + std::to_string(plan.kept) + " kept";
}

void print_plan(const NetworkPlan& plan, bool color) {
  for (const NetworkChange& change : plan.changes) {
    const std::string key = printable(change.key);
    if (change.before) std::cout << in_red("- " + key + " " + printable(*change.before), color) << "\n";
    if (change.after) std::cout << in_green("+ " + key + " " + printable(*change.after), color) << "\n";
  }
}

Json plan_json(const NetworkPlan& plan) {
  Json changes = Json::array();
  for (const NetworkChange& change : plan.changes) {
    Json one{{"key", change.key}};
    one["before"] = change.before ? Json(*change.before) : Json(nullptr);
    one["after"] = change.after ? Json(*change.after) : Json(nullptr);
    changes.push_back(std::move(one));
  }
  return {{"added", plan.added},
          {"removed", plan.removed},
          {"changed", plan.changed},
          {"kept", plan.kept},
          {"changes", std::move(changes)}};
}

bool has_allow(const std::vector<NetworkRow>& rows, UnixTime now) {
  for (const NetworkRow& row : rows) {
    if (row.use == NetworkUse::kAllow && row.in_force(now)) return true;
  }
  return false;
}

std::string who_asks() {
  if (const char* name = std::getenv("SUDO_USER"); name != nullptr && *name != '\0') return name;
  const passwd* entry = getpwuid(getuid());
  return entry != nullptr ? entry->pw_name : std::to_string(getuid());
}

int fail(const std::string& text) {
  std::cerr << "postern: " << text << "\n";
  return 2;
}

// Writes the plan, and tells what was done.
int apply_plan(const CommandContext& context, const TableOptions& options, Admin& admin, const NetworkPlan& plan) {
  Json result = plan_json(plan);
  result["applied"] = false;
  const bool refused = plan.drastic() && !options.force && !options.dry_run;
  if (!context.json && (options.dry_run || refused)) print_plan(plan, context.color);
  if (!options.dry_run && !refused && !plan.changes.empty()) {
    std::vector<RowChange> changes;
    for (const NetworkChange& change : plan.changes) changes.push_back({change.key, change.before, change.after});
    const auto generation = admin.apply(TableName::kNetworks, changes, who_asks());
    if (!generation) return fail(generation.error().text);
    result["applied"] = true;
    result["generation"] = *generation;
  }
  if (context.json) {
    std::cout << dump_json(result) << "\n";
  } else {
    std::cout << counts_words(plan) << (options.dry_run ? " (nothing was changed)" : "") << "\n";
  }
  if (plan.drastic() && options.dry_run) std::cerr << "postern: load will want --force: more than half would go\n";
  if (refused) return fail("more than half of the list would go; nothing was changed; --force does it all the same");
  return 0;
}

}  // namespace

int run_networks_load(const CommandContext& context, const TableOptions& options) {
  const auto text = read_all(options.file);
  if (!text) return fail(text.error().text);
  const auto list = read_list(options.file, *text, options.service);
  if (!list) return fail(list.error().text);
  for (const std::string& warning : list->warnings) std::cerr << "postern: warning: " << warning << "\n";
  StoreOptions store_settings = store_options(context.settings);
  store_settings.node.clear();  // a command is no node
  const auto admin = open_admin(store_settings);
  if (!admin) return fail(admin.error().text);
  const auto present = (*admin)->rows(TableName::kNetworks);
  if (!present) return fail(present.error().text);
  if (!options.keep && !has_allow(list->rows, unix_now())) {
    std::cerr << "postern: warning: the new list has no allow row in force, so the gate will not be enforced\n";
  }
  return apply_plan(context, options, **admin, plan_networks(*present, list->rows, options.keep));
}

}  // namespace postern
