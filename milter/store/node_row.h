// SPDX-License-Identifier: GPL-2.0-or-later
// A node's own row (postern:node:<name>, or the file `node` of the embedded store) as fields, and back.
#pragma once

#include "store/rows.h"
#include "store/store.h"

namespace postern {

TableRows node_fields(const NodeInfo& node);
// Fields that are not known become NodeInfo::more.
NodeInfo node_of(std::string_view name, const TableRows& fields);
// Says in the log whether the networks are enforced, when that is new.  `before` may be null.
void log_gate(const Tables* before, const Tables& now);
// What every node says about the tables that it applies.
NodeInfo node_info(const StoreOptions& options, const Tables& tables, const StoreHealth& health, UnixTime now);

}  // namespace postern
