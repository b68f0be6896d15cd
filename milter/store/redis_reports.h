// SPDX-License-Identifier: GPL-2.0-or-later
// Reads what nodes report (their rows, refused clients, bounces), for the store and for the administrator's side
// alike.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "store/admin.h"
#include "store/redis_connection.h"
#include "store/store.h"

namespace postern {

// One round trip.
using RedisRun = std::function<Result<std::vector<ReplyPtr>>(std::span<const RedisCommand>)>;

Result<std::vector<NodeInfo>> read_nodes(const RedisRun& run);
Result<DomainReports> read_domain_reports(const RedisRun& run);
Result<std::vector<RefusedSource>> read_refused(const RedisRun& run, size_t limit);
// All keys that match a pattern (SCAN), sorted, each once.
Result<std::vector<std::string>> scan_keys(const RedisRun& run, const std::string& pattern);

}  // namespace postern
