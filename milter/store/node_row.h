// SPDX-License-Identifier: GPL-2.0-or-later
// A node's own row (postern:node:<name>, or the file `node` of the embedded store) as fields, and back.
#pragma once

#include <optional>
#include <string>

#include "store/rows.h"
#include "store/store.h"

namespace postern {

TableRows node_fields(const NodeInfo& node);
// Fields that are not known become NodeInfo::more.
NodeInfo node_of(std::string_view name, const TableRows& fields);
// Says in the log whether the networks are enforced, whenever that is new: because other tables apply, or because a
// row's from= or until= has come.  One for each node; not for several threads at once.
class GateWatch {
 public:
  void look(const Tables& tables, UnixTime now);

 private:
  std::optional<bool> said_;
  std::string digest_;  // of the tables at that time
};
// What every node says about the tables that it applies.
NodeInfo node_info(const StoreOptions& options, const Tables& tables, const StoreHealth& health, UnixTime now);

}  // namespace postern
