// SPDX-License-Identifier: GPL-2.0-or-later
// The side of RedisStore that the watching thread calls.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "store/last_good.h"
#include "store/node_row.h"
#include "store/redis_snapshot.h"
#include "store/redis_store.h"
#include "store/state_files.h"

namespace postern {
namespace {

constexpr int64_t kNodeEvery = 10'000'000;  // microseconds
constexpr int kNodeLife = 30;               // seconds

std::string count_of(std::string_view what, size_t count) {
  return ", " + std::string(what) + "=" + std::to_string(count);
}

}  // namespace

void RedisStore::on_connect(const ServerIdentity& server) {
  // Rows read from here on are covered by notices; rows read before are not.
  pool_.point_at(server);
  policies_.cache().void_all();
  policies_.forget_bad_rows();
  const std::lock_guard lock(mutex_);
  server_ = to_string(server.address) + (server.role == "slave" ? " (replica)" : " (master)");
}

// The first key of a new installation.  HSETNX, so that of several nodes one wins; the notice brings it to all.
bool RedisStore::make_first_key() {
  const RedisCommand command{"HSETNX", redis_key::kKeys, "k1", new_key_text(unix_now())};
  const auto reply = pool_.run(std::span(&command, 1), Deadline::after(options_.command_timeout));
  const bool good = reply.ok() && reply->front()->type == REDIS_REPLY_INTEGER;
  if (good && reply->front()->integer == 1) log(LogLevel::kInfo, "made the first signing key, k1");
  if (good || first_key_tried_) return good;
  first_key_tried_ = true;
  log(LogLevel::kWarning, "there is no signing key and none can be made: " +
                              (reply.ok() ? error_of(*reply->front(), command) : reply.error()).text);
  return false;
}

// Commands, which are no nodes, say nothing; nor is there anything to say before tables were read.
void RedisStore::look_at_gate() {
  const TablesPtr now = tables();
  if (!options_.node.empty() && now->read_at != 0) gate_.look(*now, unix_now());
}

void RedisStore::log_tables(const RawTables& raw, const TablesPtr& before) {
  const std::string words = "generation=" + std::to_string(raw.generation) + ", digest=" + tables()->digest;
  if (!current_) {
    std::string line = health().description;
    line += ever_connected_ ? " is back: " : " connected: ";
    line += words + count_of("networks", raw.networks.size()) + count_of("rules", raw.rules.size()) +
            count_of("domains", raw.domains.size()) + count_of("queued", writer_.queued());
    log(LogLevel::kInfo, line);
  }
  const bool changed = before->digest != tables()->digest;
  if (before->read_at != 0 && raw.generation < before->generation) {
    ++went_back_;
    log(LogLevel::kError, "redis went back from generation " + std::to_string(before->generation) + " to " +
                              std::to_string(raw.generation) +
                              " (a failover lost writes, or a backup was restored): this node follows, " + words);
  } else if (current_ && raw.generation != before->generation) {
    log(LogLevel::kInfo, "tables: " + words);
  } else if (current_ && changed) {
    log(LogLevel::kInfo, "tables changed without postern: " + words);
  }
}

bool RedisStore::on_tables(RawTables raw) {
  const TablesPtr before = tables();
  auto pictures = std::make_shared<const PictureList>(raw.pictures, &raw.unread);
  TablesPtr next = builder_.build(raw, unix_now());
  {
    const std::lock_guard lock(mutex_);
    tables_ = std::move(next);
    pictures_ = std::move(pictures);
  }
  log_tables(raw, before);
  look_at_gate();
  ever_connected_ = true;
  away_said_ = false;
  pool_.close_breaker();
  if (!current_.exchange(true)) writer_.poke();
  keep_copy(before);
  return raw.keys.empty() && make_first_key();
}

// Commands, which are no nodes, leave the copy alone.
void RedisStore::keep_copy(const TablesPtr& before) {
  const TablesPtr now = tables();
  if (path_of_copy().empty() || options_.node.empty()) return;
  if (before->digest == now->digest && before->generation == now->generation && before->read_at != 0) return;
  const Status written = write_last_good(path_of_copy(), {builder_.in_force(), now->digest, now->read_at});
  if (!written.ok()) log(LogLevel::kWarning, "the copy of the tables cannot be written: " + written.error().text);
}

void RedisStore::on_policy_changed(std::string_view who) { policies_.cache().void_key(std::string(who)); }

void RedisStore::on_all_policies_changed() {
  policies_.cache().void_all();
  log(LogLevel::kWarning, "redis was emptied (FLUSHALL or FLUSHDB): reading everything again");
}

// The server answers, so whatever made a call fail is over.
void RedisStore::on_confirmed(int64_t asked) {
  confirmed_ = asked;
  pool_.close_breaker();
}

void RedisStore::on_lost(const std::string& why) {
  current_ = false;
  pool_.open_breaker(why);
  look_at_gate();
  const TablesPtr tables = this->tables();
  if (away_said_ || tables->read_at == 0) return;  // start() says what applies when it was never there
  away_said_ = true;
  log(LogLevel::kWarning, "redis is away: " + why + "; the tables of generation " +
                              std::to_string(tables->generation) + ", read " + iso_time(tables->read_at) +
                              ", stay in force");
}

std::vector<RedisCommand> RedisStore::node_commands() {
  if (options_.node.empty()) return {};
  look_at_gate();
  const TablesPtr tables = this->tables();
  NodeInfo node = node_info(options_, *tables, health(), unix_now());
  node.bad_rows += policies_.bad_rows().size();
  bool again = false;
  {
    const std::lock_guard lock(mutex_);
    node.more.assign(described_.begin(), described_.end());
    node.more.emplace_back("networks", gate_words(tables->networks, node.seen_at));
    again = std::exchange(describe_again_, false);
  }
  if (!tables->bad_rows.empty()) {
    const BadRow& row = tables->bad_rows.front();
    node.more.emplace_back("bad-row", row.table + " " + row.key + ": " + row.reason);
  }
  if (went_back_ > 0) node.more.emplace_back("went-back", std::to_string(went_back_));
  const std::string state = tables->digest + std::to_string(tables->generation);
  if (!again && state == node_digest_ && steady_micros() - node_written_ < kNodeEvery) return {};
  node_digest_ = state;
  node_written_ = steady_micros();
  const std::string key = redis_key::kNode + options_.node;
  RedisCommand command{"HSET", key};
  for (const auto& [field, value] : node_fields(node)) {
    command.push_back(field);
    command.push_back(printable(value));
  }
  return {{"MULTI"}, {"DEL", key}, command, {"EXPIRE", key, std::to_string(kNodeLife)}, {"EXEC"}};
}

}  // namespace postern
