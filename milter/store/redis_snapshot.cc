// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_snapshot.h"

#include <array>

#include "base/strings.h"

namespace postern {
namespace {

struct Part {
  std::string_view table;
  const std::string& key;
  TableRows RawTables::*rows;
};

const std::array<Part, 5>& parts() {
  static const std::array<Part, 5> all{{{"networks", redis_key::kNetworks, &RawTables::networks},
                                        {"rules", redis_key::kRules, &RawTables::rules},
                                        {"domains", redis_key::kDomains, &RawTables::domains},
                                        {"keys", redis_key::kKeys, &RawTables::keys},
                                        {"pictures", redis_key::kPictures, &RawTables::pictures}}};
  return all;
}

}  // namespace

Result<RawTables> read_snapshot(RedisConnection& connection, const RawTables& last, Deadline deadline) {
  std::vector<RedisCommand> commands{{"MULTI"}};
  for (const Part& part : parts()) commands.push_back({"HGETALL", part.key});
  commands.push_back({"GET", redis_key::kGeneration});
  commands.push_back({"EXEC"});
  const auto replies = connection.run(commands, deadline);
  if (!replies.ok()) return replies.error();
  for (const ReplyPtr& reply : replies.value()) {
    if (reply->type == REDIS_REPLY_ERROR) return error_of(*reply);
  }
  const auto results = elements_of(*replies->back());
  if (results.size() != parts().size() + 1) return unavailable("redis gave an unexpected answer to EXEC");
  RawTables raw;
  for (size_t i = 0; i < parts().size(); ++i) {
    const Part& part = parts().at(i);
    if (results[i]->type != REDIS_REPLY_ERROR) {
      raw.*part.rows = rows_of(*results[i]);
      continue;
    }
    if (is_passing(fault_of(*results[i]))) return error_of(*results[i]);
    raw.*part.rows = last.*part.rows;
    raw.unread.push_back({std::string(part.table), part.key, error_of(*results[i]).text});
  }
  const redisReply& generation = *results.back();
  const auto number = to_uint(text_of(generation));
  raw.generation = number.value_or(0);
  if (!number && generation.type != REDIS_REPLY_NIL) {
    raw.unread.push_back({"generation", redis_key::kGeneration, "expected a whole number"});
  }
  return raw;
}

}  // namespace postern
