// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_snapshot.h"

#include <array>
#include <utility>
#include <vector>

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

std::vector<RedisCommand> reading() {
  std::vector<RedisCommand> commands;
  for (const Part& part : parts()) commands.push_back({"HGETALL", part.key});
  commands.push_back({"GET", redis_key::kGeneration});
  return commands;
}

// Replies to reading(), and what owns them.
struct Read {
  std::vector<ReplyPtr> owned;
  std::vector<const redisReply*> results;
  bool empty() const { return results.empty(); }
};

// Empty: the server is out of memory, and then refuses to queue even commands that read.
Result<Read> read_in_transaction(RedisConnection& connection, Deadline deadline) {
  std::vector<RedisCommand> commands = reading();
  commands.insert(commands.begin(), {"MULTI"});
  commands.push_back({"EXEC"});
  auto replies = connection.run(commands, deadline);
  if (!replies.ok()) return replies.error();
  Read out{std::move(replies.value()), {}};
  for (size_t i = 0; i < commands.size(); ++i) {
    if (fault_of(*out.owned[i]) == RedisFault::kNoMemory) return out;
    if (out.owned[i]->type == REDIS_REPLY_ERROR) return error_of(*out.owned[i], commands[i]);
  }
  const auto results = elements_of(*out.owned.back());
  if (results.size() != parts().size() + 1) return unavailable("redis gave an unexpected answer to EXEC");
  out.results.assign(results.begin(), results.end());
  return out;
}

// One state all the same: an EXEC after WATCH fails if any of the keys was changed meanwhile.
Result<Read> read_watched(RedisConnection& connection, Deadline deadline) {
  RedisCommand watch{"WATCH"};
  for (const Part& part : parts()) watch.push_back(part.key);
  watch.push_back(redis_key::kGeneration);
  std::vector<RedisCommand> commands = reading();
  commands.insert(commands.begin(), watch);
  commands.insert(commands.end(), {{"MULTI"}, {"EXEC"}});
  while (!deadline.passed()) {
    auto replies = connection.run(commands, deadline);
    if (!replies.ok()) return replies.error();
    Read out{std::move(replies.value()), {}};
    for (const size_t i : {size_t{0}, commands.size() - 2, commands.size() - 1}) {
      if (out.owned[i]->type == REDIS_REPLY_ERROR) return error_of(*out.owned[i], commands[i]);
    }
    if (out.owned.back()->type == REDIS_REPLY_NIL) continue;
    for (size_t i = 1; i + 2 < commands.size(); ++i) out.results.push_back(out.owned[i].get());
    return out;
  }
  return timed_out("redis " + to_string(connection.address()) + ": the tables change faster than they can be read");
}

}  // namespace

Result<RawTables> read_snapshot(RedisConnection& connection, const RawTables& last, Deadline deadline) {
  auto read = read_in_transaction(connection, deadline);
  if (read.ok() && read->empty()) read = read_watched(connection, deadline);
  if (!read.ok()) return read.error();
  const auto& results = read.value().results;
  RawTables raw;
  for (size_t i = 0; i < parts().size(); ++i) {
    const Part& part = parts().at(i);
    if (results[i]->type != REDIS_REPLY_ERROR) {
      raw.*part.rows = rows_of(*results[i]);
      continue;
    }
    if (is_passing(fault_of(*results[i]))) return error_of(*results[i], {"HGETALL", part.key});
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
