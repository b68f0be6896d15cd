// SPDX-License-Identifier: GPL-2.0-or-later
// Changes of rows in the shared store: made only where the rows still are what the change was decided on.
#include <algorithm>

#include "base/strings.h"
#include "store/redis_admin.h"
#include "store/redis_snapshot.h"

namespace postern {
namespace {

constexpr unsigned kTries = 100;  // of a change while others change other rows of the table

// KEYS: generation, changes, the table (for `policy` the prefix).  ARGV: table, who, time, rows "+key TAB value LF"
// or "-key LF", whether each row gets its own entry in the audit trail (1) or all one (0), number of rows.
// Everything that can fail is done or checked before the first row is written.
constexpr std::string_view kApply = R"lua(
local name, who, now, blob, each, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5] == '1', ARGV[6]
local function must_be(key, kind)
  local is = redis.call('TYPE', key).ok
  if is ~= kind and is ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. is .. ' and not a ' .. kind)
  end
end
local wrong = must_be(KEYS[2], 'stream') or (name ~= 'policy' and must_be(KEYS[3], 'hash'))
if wrong then return wrong end
local generation = redis.call('INCR', KEYS[1])
local function note(key, old, new)
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', '100000', '*', 'generation', generation, 'time', now, 'who', who,
             'table', name, 'key', key, 'old', old, 'new', new)
end
for op, key, value in blob:gmatch('([+-])([^\t\n]*)\t?([^\n]*)\n') do
  local old = ''
  if name == 'policy' then
    local row = KEYS[3] .. key
    local kind = redis.call('TYPE', row).ok
    if kind == 'hash' then
      local fields = redis.call('HGETALL', row)
      local words = {}
      for i = 1, #fields, 2 do words[#words + 1] = fields[i] .. '=' .. fields[i + 1] end
      table.sort(words)
      old = table.concat(words, ' ')
    elseif kind ~= 'none' then
      old = '(a ' .. kind .. ')'
    end
    redis.call('DEL', row)
    for field, action in value:gmatch('(%S+)=(%S+)') do redis.call('HSET', row, field, action) end
  else
    old = redis.call('HGET', KEYS[3], key) or ''
    if op == '+' then redis.call('HSET', KEYS[3], key, value) else redis.call('HDEL', KEYS[3], key) end
  end
  if each then note(key, old, value) end
end
if not each then note('*', '', count .. ' rows') end
return generation
)lua";

std::string bare(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\t', ' ');
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

}  // namespace

// What the changes' rows are now, in their order.
Result<std::vector<std::optional<std::string>>> RedisAdmin::rows_now(TableName table,
                                                                     const std::vector<RowChange>& changes) {
  const bool policy = table == TableName::kPolicy;
  std::vector<std::optional<std::string>> out;
  for (size_t start = 0; start < changes.size(); start += kBatch) {
    const size_t end = std::min(start + kBatch, changes.size());
    std::vector<RedisCommand> commands;
    for (size_t i = start; i < end; ++i) {
      commands.push_back(policy ? RedisCommand{"HGETALL", key_of(table) + bare(changes[i].key)}
                                : RedisCommand{"HGET", key_of(table), bare(changes[i].key)});
    }
    const auto replies = run(commands);
    if (!replies.ok()) return replies.error();
    for (size_t i = 0; i < replies->size(); ++i) {
      const redisReply& reply = *(*replies)[i];
      if (reply.type == REDIS_REPLY_ERROR) return error_of(reply, commands[i]);
      const TableRows fields = policy ? rows_of(reply) : TableRows();
      const bool none = policy ? fields.empty() : reply.type == REDIS_REPLY_NIL;
      out.push_back(none ? std::nullopt : std::optional(policy ? policy_text(fields) : std::string(text_of(reply))));
    }
  }
  return out;
}

// Redis itself says whether a row changed between the look and the script.  Nothing where one did: look again.
Result<std::optional<uint64_t>> RedisAdmin::try_apply(TableName table, const std::vector<RowChange>& changes,
                                                      const RedisCommand& script) {
  RedisCommand watch{"WATCH"};
  if (table != TableName::kPolicy) watch.push_back(key_of(table));
  for (const RowChange& change : changes) {
    if (table == TableName::kPolicy) watch.push_back(key_of(table) + bare(change.key));
  }
  const auto watched = connection_->run(watch, soon());
  if (!watched.ok()) return watched.error();
  const auto now = rows_now(table, changes);
  if (!now.ok()) return now.error();
  for (size_t i = 0; i < changes.size(); ++i) {
    if ((*now)[i] != changes[i].before) return changed_meanwhile(table, changes[i], (*now)[i]);
  }
  const auto replies = run(std::vector<RedisCommand>{{"MULTI"}, script, {"EXEC"}});
  if (!replies.ok()) return replies.error();
  for (const ReplyPtr& each : *replies) {
    if (each->type == REDIS_REPLY_ERROR) return error_of(*each, script);
  }
  const redisReply& done = *replies->back();
  if (done.type == REDIS_REPLY_NIL) return std::optional<uint64_t>();
  const auto parts = elements_of(done);
  if (parts.size() != 1) return unavailable("redis answers EXEC with something else than one reply");
  if (parts[0]->type == REDIS_REPLY_ERROR) return error_of(*parts[0], script);
  return std::optional(static_cast<uint64_t>(parts[0]->integer));
}

Result<uint64_t> RedisAdmin::apply(TableName table, const std::vector<RowChange>& changes, std::string_view who) {
  std::string blob;
  for (const RowChange& change : changes) {
    blob += change.after ? "+" + bare(change.key) + "\t" + bare(*change.after) + "\n" : "-" + bare(change.key) + "\n";
  }
  const RedisCommand script{"EVAL",
                            std::string(kApply),
                            "3",
                            redis_key::kGeneration,
                            redis_key::kChanges,
                            key_of(table),
                            std::string(to_string(table)),
                            std::string(who),
                            iso_time(unix_now()),
                            blob,
                            changes.size() <= 1000 ? "1" : "0",
                            std::to_string(changes.size())};
  for (unsigned tries = 0; tries < kTries; ++tries) {
    const auto done = try_apply(table, changes, script);
    if (!done.ok()) return done.error();
    if (*done) return **done;
  }
  return conflict(std::string(to_string(table)) + ": others change the table all the time; nothing was written");
}

}  // namespace postern
