// SPDX-License-Identifier: GPL-2.0-or-later
// `postern config check|show`.
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "store/exposed.h"
#include "store/store_options.h"

namespace postern {
namespace {

int say(const CommandContext& context, bool good, const std::vector<std::string>& faults) {
  if (context.json) {
    std::cout << nlohmann::json{{"ok", good}, {"faults", faults}}.dump() << "\n";
  } else {
    for (const std::string& fault : faults) std::cout << fault << "\n";
    const std::string name = context.config_path.empty() ? "built-in defaults" : context.config_path;
    std::cout << name << ": " << (good ? "good" : "not good") << "\n";
  }
  return good ? 0 : 1;
}

}  // namespace

int run_config_check(const CommandContext& context) {
  Settings settings = context.settings;
  if (!context.config_path.empty()) {
    auto loaded = load_settings(context.config_path);
    if (!loaded) return say(context, false, {loaded.error().text});
    settings = std::move(loaded).value();
  }
  StoreOptions options = store_options(settings);
  options.node.clear();   // a command is no node
  auto store = open_store(options);
  if (!store) return say(context, false, {store.error().text});
  std::vector<std::string> faults;
  if (const StoreHealth health = store.value()->health(); !health.connected) {
    faults.push_back(health.description + ": " + health.last_error);
  }
  for (const BadRow& row : store.value()->tables()->bad_rows) {
    faults.push_back(row.table + ": " + row.key + ": " + row.reason);
  }
  for (std::string& each : exposed_secrets(context.config_path, settings)) faults.push_back(std::move(each));
  return say(context, faults.empty(), faults);
}

int run_config_show(const CommandContext& context) {
  nlohmann::json all = nlohmann::json::object();
  for (const SettingInfo& row : setting_table()) {
    const std::string text = shown_text(context.settings, row.name);
    if (context.json) {
      all[std::string(row.name)] = text.size() > 1 && text[0] == '"' ? text.substr(1, text.size() - 2) : text;
    } else {
      std::cout << row.name << " = " << text << "\n";
    }
  }
  if (context.json) std::cout << all.dump() << "\n";
  return 0;
}

}  // namespace postern
