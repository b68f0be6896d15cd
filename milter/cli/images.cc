// SPDX-License-Identifier: GPL-2.0-or-later
// postern images list|allow|block|forget: the administrator's own list of pictures.
#include <iostream>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "store/picture_index.h"

namespace postern {
namespace {

// The picture of the list that is meant: this one, or else the one most like it, if it is near.
Result<std::optional<std::string>> find_listed(Admin& admin, const std::string& fingerprint) {
  const auto rows = admin.rows(TableName::kPictures);
  if (!rows.ok()) return rows.error();
  const auto wanted = fingerprint_bytes(fingerprint);
  std::optional<std::string> best;
  unsigned best_distance = 0;
  for (const auto& [key, text] : *rows) {
    const auto bytes = fingerprint_bytes(key);
    if (!wanted || !bytes || !is_near(*wanted, *bytes)) continue;
    const unsigned distance = hamming_distance(*wanted, *bytes);
    if (!best || distance < best_distance) best = key, best_distance = distance;
  }
  return best;
}

// Off the list, and out of the counts.  Exit status 1 if it was in neither.
int forget(const CommandContext& context, TableOptions options) {
  if (!fingerprint_bytes(options.key)) {
    return complain(invalid("pictures \"" + printable(options.key, 100) + "\": expected a fingerprint"));
  }
  const auto admin = set_up_admin(context);
  if (!admin.ok()) return complain(admin.error());
  const auto counted = (*admin)->forget_picture(options.key);
  if (!counted.ok()) return complain(counted.error());
  const auto listed = find_listed(**admin, lower(options.key));
  if (!listed.ok()) return complain(listed.error());
  if (*listed) options.key = **listed;
  if (*counted && !*listed) {
    if (!context.json) std::cout << "forgot how often it was seen; it was not on the list\n";
    return 0;
  }
  options.verb = "delete";
  return run_table(context, options);
}

}  // namespace

int run_images(const CommandContext& context, const TableOptions& options) {
  TableOptions row = options;
  row.table = to_string(TableName::kPictures);
  if (options.verb == "forget") return forget(context, row);
  if (options.verb == "allow" || options.verb == "block") {
    row.verb = "set";
    row.values.insert(row.values.begin(), options.verb);
  }
  return run_table(context, row);
}

}  // namespace postern
