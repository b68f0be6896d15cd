// SPDX-License-Identifier: GPL-2.0-or-later
// postern keys list|rotate.  Secrets never leave this file's memory.
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "policy/keys.h"

namespace postern {

int run_keys_list(const CommandContext& context) {
  const auto admin = set_up_admin(context);
  if (!admin.ok()) return complain(admin.error());
  const auto rows = admin.value()->keys();
  if (!rows.ok()) return complain(rows.error());
  KeyTable keys;
  std::vector<std::vector<std::string>> cells{{"KEY", "CREATED", "STATE"}};
  int status = 0;
  for (const auto& [id, text] : *rows) {
    const auto row = parse_key_row(text);
    if (row.ok()) {
      keys[id] = *row;
    } else {
      std::cerr << "postern: keys " << id << ": " << row.error().text << "\n";
      status = 1;
    }
  }
  const auto signing = signing_key(keys);
  for (auto key = keys.begin(); key != keys.end(); ++key) {
    const std::string created = iso_time(key->second.created);
    const std::string state = key == signing ? "signs" : "verifies";
    if (context.json) {
      std::cout << dump_json({{"key", key->first}, {"created", created}, {"state", state}}) << "\n";
    } else {
      cells.push_back({key->first, created, state});
    }
  }
  if (!context.json) std::cout << columns(cells);
  return status;
}

int run_keys_rotate(const CommandContext& context) {
  const auto admin = set_up_admin(context);
  if (!admin.ok()) return complain(admin.error());
  const auto id = admin.value()->rotate_key(who_am_i(), unix_now());
  if (!id.ok()) return complain(id.error());
  if (context.json) {
    std::cout << dump_json({{"key", *id}, {"state", "signs"}}) << "\n";
  } else {
    std::cout << *id << " signs from now on; older keys go on verifying until their rows are deleted\n";
  }
  return 0;
}

}  // namespace postern
