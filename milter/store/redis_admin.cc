// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_admin.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "policy/recipient_policy.h"
#include "store/redis_pictures.h"
#include "store/redis_reports.h"
#include "store/redis_snapshot.h"
#include "store/redis_sentinel.h"
#include "store/state_files.h"

namespace postern {
namespace {

constexpr Millis kPatience{60'000};  // a person waits: a load of a million rows takes its time

// KEYS: generation, changes, keys.  ARGV: who, time, id of the new key, its row.  0 if the id is taken.
constexpr std::string_view kRotate = R"lua(
if redis.call('HEXISTS', KEYS[3], ARGV[3]) == 1 then return 0 end
local generation = redis.call('INCR', KEYS[1])
local rows = redis.call('HGETALL', KEYS[3])
for i = 1, #rows, 2 do redis.call('HSET', KEYS[3], rows[i], (rows[i + 1]:gsub('state=active', 'state=old'))) end
redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', '100000', '*', 'generation', generation, 'time', ARGV[2], 'who', ARGV[1],
           'table', 'keys', 'key', ARGV[3], 'old', '', 'new', 'active')
return generation
)lua";

}  // namespace

std::string RedisAdmin::key_of(TableName table) {
  if (table == TableName::kPictures) return redis_key::kPictures;
  return table == TableName::kPolicy ? redis_key::kPolicy : "postern:" + std::string(to_string(table));
}

std::string RedisAdmin::policy_text(const TableRows& fields) {
  std::string raw;
  PolicyRow row;
  bool good = true;
  for (const auto& [field, value] : fields) {
    raw += (raw.empty() ? "" : " ") + field + "=" + value;
    good = set_policy_field(row, field, value).ok() && good;
  }
  return good ? to_string(row) : raw;
}

Result<std::unique_ptr<Admin>> RedisAdmin::open(const StoreOptions& options) {
  const auto url = parse_redis_url(options.redis);
  if (!url.ok()) return url.error();
  const StopSignal never;
  const Deadline deadline = Deadline::after(options.connect_timeout + options.command_timeout);
  MasterFinder finder(*url, never);
  const auto master = finder.find(deadline);
  if (!master.ok()) return master.error();
  auto connection = RedisConnection::open(master.value(), *url, nullptr, deadline);
  if (!connection.ok()) return connection.error();
  return std::unique_ptr<Admin>(new RedisAdmin(std::move(connection.value()), kPatience));
}

Result<std::vector<ReplyPtr>> RedisAdmin::run(std::span<const RedisCommand> commands) {
  return connection_->run(commands, soon());
}

Result<TableRows> RedisAdmin::rows(TableName table) {
  if (table != TableName::kPolicy) {
    const auto reply = connection_->run({"HGETALL", key_of(table)}, soon());
    if (!reply.ok()) return reply.error();
    return rows_of(**reply);
  }
  const auto keys =
      scan_keys([this](std::span<const RedisCommand> commands) { return run(commands); }, redis_key::kPolicy + "*");
  if (!keys.ok()) return keys.error();
  TableRows out;
  for (size_t start = 0; start < keys->size(); start += kBatch) {
    const size_t end = std::min(start + kBatch, keys->size());
    std::vector<RedisCommand> commands;
    for (size_t i = start; i < end; ++i) commands.push_back({"HGETALL", (*keys)[i]});
    const auto replies = run(commands);
    if (!replies.ok()) return replies.error();
    for (size_t i = start; i < end; ++i) {
      const redisReply& reply = *(*replies)[i - start];
      if (reply.type == REDIS_REPLY_ERROR) return invalid((*keys)[i] + ": " + error_of(reply).text);
      const TableRows fields = rows_of(reply);
      if (!fields.empty()) out.emplace((*keys)[i].substr(redis_key::kPolicy.size()), policy_text(fields));
    }
  }
  return out;
}

Result<std::optional<std::string>> RedisAdmin::row(TableName table, std::string_view key) {
  const bool policy = table == TableName::kPolicy;
  const RedisCommand command = policy ? RedisCommand{"HGETALL", key_of(table) + std::string(key)}
                                      : RedisCommand{"HGET", key_of(table), std::string(key)};
  const auto reply = connection_->run(command, soon());
  if (!reply.ok()) return reply.error();
  if (policy) {
    const TableRows fields = rows_of(**reply);
    return fields.empty() ? std::optional<std::string>() : std::optional(policy_text(fields));
  }
  if ((*reply)->type == REDIS_REPLY_NIL) return std::optional<std::string>();
  return std::optional<std::string>(text_of(**reply));
}

Result<TableRows> RedisAdmin::keys() {
  const auto reply = connection_->run({"HGETALL", redis_key::kKeys}, soon());
  if (!reply.ok()) return reply.error();
  return rows_of(**reply);
}

Result<std::optional<std::string>> RedisAdmin::feed(std::string_view id) {
  const auto reply = connection_->run({"HGET", redis_key::kFeeds, std::string(id)}, soon());
  if (!reply.ok()) return reply.error();
  if ((*reply)->type == REDIS_REPLY_NIL) return std::optional<std::string>();
  return std::optional<std::string>(text_of(**reply));
}

Status RedisAdmin::set_feed(std::string_view id, const std::optional<std::string>& row) {
  const auto reply = row ? connection_->run({"HSET", redis_key::kFeeds, std::string(id), *row}, soon())
                         : connection_->run({"HDEL", redis_key::kFeeds, std::string(id)}, soon());
  return reply.ok() ? Status(Nothing{}) : Status(reply.error());
}

Result<bool> RedisAdmin::forget_picture(std::string_view fingerprint) {
  const auto command = forget_command(fingerprint, unix_now());
  if (!command.ok()) return command.error();
  const auto reply = connection_->run(*command, soon());
  if (!reply.ok()) return reply.error();
  return (*reply)->integer > 0;
}

Result<std::string> RedisAdmin::rotate_key(std::string_view who, UnixTime now) {
  for (;;) {
    const auto rows = keys();
    if (!rows.ok()) return rows.error();
    const std::string id = unused_key_id(*rows);
    const auto reply =
        connection_->run({"EVAL", std::string(kRotate), "3", redis_key::kGeneration, redis_key::kChanges,
                          redis_key::kKeys, std::string(who), iso_time(now), id, new_key_text(now)},
                         soon());
    if (!reply.ok()) return reply.error();
    if ((*reply)->integer > 0) return id;  // else somebody else took the id: try the next
  }
}

Result<std::vector<ChangeEntry>> RedisAdmin::changes(size_t count) {
  const auto reply =
      connection_->run({"XREVRANGE", redis_key::kChanges, "+", "-", "COUNT", std::to_string(count)}, soon());
  if (!reply.ok()) return reply.error();
  std::vector<ChangeEntry> out;
  for (const redisReply* each : elements_of(**reply)) {
    const auto parts = elements_of(*each);
    if (parts.size() != 2) continue;
    TableRows field = rows_of(*parts[1]);
    const auto when = parse_iso_time(field["time"]);
    out.push_back({when.ok() ? when.value() : 0, field["who"], field["table"], field["key"], field["old"],
                   field["new"], to_uint(field["generation"]).value_or(0)});
  }
  return out;
}

Result<std::vector<NodeInfo>> RedisAdmin::nodes() {
  return read_nodes([this](std::span<const RedisCommand> commands) { return run(commands); });
}

Result<std::vector<RefusedSource>> RedisAdmin::refused(size_t limit) {
  return read_refused([this](std::span<const RedisCommand> commands) { return run(commands); }, limit);
}

Result<DomainReports> RedisAdmin::domain_reports() {
  return read_domain_reports([this](std::span<const RedisCommand> commands) { return run(commands); });
}

Result<ServerInfo> RedisAdmin::server() {
  ServerInfo out;
  out.description = "redis " + to_string(connection_->address());
  const auto raw = read_snapshot(*connection_, RawTables(), soon());
  if (!raw.ok()) return raw.error();
  out.generation = raw->generation;
  out.digest = digest_of(raw.value());
  const auto info = connection_->run({"INFO"}, soon());
  if (!info.ok()) return connection_->broken() ? Result<ServerInfo>(info.error()) : Result<ServerInfo>(out);
  for (const std::string_view line : split(text_of(**info), '\n')) {
    const size_t colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const std::string_view value =
        colon == std::string_view::npos ? std::string_view() : trim(line.substr(colon + 1));
    if (name == "redis_version") out.version = value;
    if (name == "role") out.role = value == "slave" ? "replica" : std::string(value);
    if (name == "used_memory") out.memory = to_uint(value).value_or(0);
    if (name == "connected_slaves") out.replicas = to_uint(value).value_or(0);
    if (name == "maxmemory") out.memory_limit = to_uint(value).value_or(0);
    if (name == "maxmemory_policy") out.eviction = value;
    if (name == "aof_enabled") out.appends = value == "1";
    if ((name == "aof_last_write_status" || name == "rdb_last_bgsave_status") && value != "ok") {
      out.last_write_fault = std::string(name) + ":" + std::string(value);
    }
  }
  if (const auto time = connection_->run({"TIME"}, soon()); time.ok()) {
    const auto parts = elements_of(**time);
    if (const auto seconds = parts.empty() ? std::nullopt : to_uint(text_of(*parts[0]))) {
      out.clock = static_cast<UnixTime>(*seconds);
    }
  }
  return out;
}

}  // namespace postern
