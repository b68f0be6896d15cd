// SPDX-License-Identifier: GPL-2.0-or-later
// `postern networks load`: makes the table what a file says, whatever shape the file has, and says what changes.
#include <iostream>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "cli/networks_json.h"
#include "cli/progress.h"
#include "policy/networks_list.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

Result<NetworkList> read_list(const std::string& path, const std::string& text, const std::string& service) {
  if (looks_like_json(text)) return read_network_json(path, text, service);
  if (!service.empty()) return invalid(path + ": --service needs a published list in JSON");
  return looks_like_spf(text) ? read_spf(path, text) : read_network_lines(path, text);
}

std::string counts_words(const NetworkPlan& plan) {
  return std::to_string(plan.added) + " added, " + std::to_string(plan.removed) + " removed, " +
         std::to_string(plan.changed) + " changed, " + std::to_string(plan.kept) + " kept";
}

std::vector<RowChange> row_changes(const NetworkPlan& plan) {
  std::vector<RowChange> changes;
  for (const NetworkChange& change : plan.changes) changes.push_back({change.key, change.before, change.after});
  return changes;
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

// Writes the plan, and tells what was done.
int apply_plan(const CommandContext& context, const TableOptions& options, Admin& admin, const NetworkPlan& plan) {
  Json result = plan_json(plan);
  result["applied"] = false;
  const bool refused = plan.drastic() && !options.force && !options.dry_run;
  if (!context.json && (options.dry_run || refused)) print_changes(context, row_changes(plan));
  if (!options.dry_run && !refused && !plan.changes.empty()) {
    Progress progress;
    progress.step("writing " + std::to_string(plan.changes.size()) + " rows");
    const auto generation = admin.apply(TableName::kNetworks, row_changes(plan), who_am_i());
    progress.clear();
    if (!generation) return complain(generation.error());
    result["applied"] = true;
    result["generation"] = *generation;
  }
  if (context.json) {
    std::cout << dump_json(result) << "\n";
  } else {
    std::cout << counts_words(plan) << (options.dry_run ? " (nothing was changed)" : "") << "\n";
  }
  if (plan.drastic() && options.dry_run) std::cerr << "postern: load will want --force: more than half would go\n";
  if (refused) {
    return complain(
        conflict("more than half of the list would go; nothing was changed; --force does it all the same"));
  }
  return 0;
}

}  // namespace

int run_networks_load(const CommandContext& context, const TableOptions& options) {
  const auto text = read_input(options.file);
  if (!text) return complain(text.error());
  const auto list = read_list(options.file, *text, options.service);
  if (!list) return complain(list.error());
  for (const std::string& warning : list->warnings) std::cerr << "postern: warning: " << warning << "\n";
  const auto admin = set_up_admin(context);
  if (!admin) return complain(admin.error());
  const auto present = (*admin)->rows(TableName::kNetworks);
  if (!present) return complain(present.error());
  if (!options.keep && !has_allow(list->rows, unix_now())) {
    std::cerr << "postern: warning: the new list has no allow row in force, so the gate will not be enforced\n";
  }
  return apply_plan(context, options, **admin, plan_networks(*present, list->rows, options.keep));
}

}  // namespace postern
