// SPDX-License-Identifier: GPL-2.0-or-later
// postern images list|allow|block|forget: the administrator's own list of pictures.
#include <iostream>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "store/picture_index.h"

namespace postern {
namespace {

// Off the list, and out of the counts.  Exit status 1 if it was in neither.
int forget(const CommandContext& context, TableOptions options) {
  if (!fingerprint_bytes(options.key)) {
    return complain(invalid("pictures \"" + printable(options.key, 100) + "\": expected a fingerprint"));
  }
  const auto admin = set_up_admin(context);
  if (!admin.ok()) return complain(admin.error());
  const auto counted = (*admin)->forget_picture(options.key);
  if (!counted.ok()) return complain(counted.error());
  const auto row = (*admin)->row(TableName::kPictures, lower(options.key));
  if (!row.ok()) return complain(row.error());
  if (*counted && !*row) {
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
