// SPDX-License-Identifier: GPL-2.0-or-later
// postern changes: the audit trail, newest first.
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"

namespace postern {

int run_changes(const CommandContext& context, unsigned count) {
  const auto admin = set_up_admin(context);
  if (!admin.ok()) return complain(admin.error());
  const auto changes = admin.value()->changes(count);
  if (!changes.ok()) return complain(changes.error());
  for (const ChangeEntry& each : *changes) {
    if (context.json) {
      std::cout << dump_json({{"time", iso_time(each.when)},
                              {"generation", each.generation},
                              {"who", each.who},
                              {"table", each.table},
                              {"key", each.key},
                              {"before", each.before},
                              {"after", each.after}})
                << "\n";
      continue;
    }
    std::cout << iso_time(each.when) << "  ";
    if (each.generation > 0) std::cout << "generation " << each.generation << "  ";
    std::cout << printable(each.who) << "  " << printable(each.table) << " " << printable(each.key) << ": "
              << (each.before.empty() ? "(no row)" : printable(each.before, 1000)) << " -> "
              << (each.after.empty() ? "(no row)" : printable(each.after, 1000)) << "\n";
  }
  return 0;
}

}  // namespace postern
