// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_watch_pair.h"

#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "store/redis_snapshot.h"
#include "store/redis_watch.h"

namespace postern {

void MasterFinder::try_next() {
  sentinel_.reset();
  ++turn_;
}

Result<RedisAddress> MasterFinder::ask(Deadline deadline) {
  if (!sentinel_) {
    const RedisAddress& address = url_.addresses[turn_ % url_.addresses.size()];
    auto fresh = RedisConnection::open_sentinel(address, url_, &stop_, deadline);
    if (!fresh.ok()) return fresh.error();
    sentinel_ = std::move(fresh.value());
  }
  const auto reply = sentinel_->run({"SENTINEL", "get-master-addr-by-name", url_.master}, deadline);
  if (!reply.ok()) return reply.error();
  const auto words = elements_of(**reply);
  const auto port = words.size() == 2 ? to_uint(text_of(*words[1]), 65535) : std::nullopt;
  if (!port) return unavailable("Sentinel " + to_string(sentinel_->address()) + " knows no master " + url_.master);
  return RedisAddress{std::string(text_of(*words[0])), static_cast<int>(*port), ""};
}

Result<RedisAddress> MasterFinder::find(Deadline deadline) {
  if (!url_.sentinel()) return url_.addresses.front();
  Error last;
  for (size_t tries = 0; tries < url_.addresses.size(); ++tries) {
    // Each Sentinel gets its share of the time, so that one that hangs does not use it up.
    const auto share = deadline.left() / static_cast<int64_t>(url_.addresses.size() - tries);
    auto master = ask(deadline.within(share));
    if (master.ok()) return master;
    last = master.error();
    try_next();
  }
  return last;
}

Result<std::unique_ptr<WatchPair>> WatchPair::open(const RedisAddress& address, const RedisUrl& url,
                                                   const StopSignal* stop, Deadline deadline) {
  auto pair = std::make_unique<WatchPair>();
  for (auto* connection : {&pair->reader_, &pair->messages_}) {
    auto fresh = RedisConnection::open(address, url, stop, deadline);
    if (!fresh.ok()) return fresh.error();
    *connection = std::move(fresh.value());
  }
  const Status on = pair->switch_on(deadline);
  if (!on.ok()) return on.error();
  return pair;
}

Status WatchPair::switch_on(Deadline deadline) {
  const auto id = messages_->run({"CLIENT", "ID"}, deadline);
  if (!id.ok()) return id.error();
  const auto subscribed = messages_->run({"SUBSCRIBE", "__redis__:invalidate"}, deadline);
  if (!subscribed.ok()) return subscribed.error();
  RedisCommand command{"CLIENT", "TRACKING", "ON", "REDIRECT", std::to_string(id.value()->integer), "BCAST"};
  for (const std::string* prefix :
       {&redis_key::kNetworks, &redis_key::kRules, &redis_key::kDomains, &redis_key::kKeys, &redis_key::kPictures,
        &redis_key::kPolicy, &redis_key::kGeneration}) {
    command.emplace_back("PREFIX");
    command.push_back(*prefix);
  }
  const auto tracking = reader_->run(command, deadline);
  if (!tracking.ok()) return tracking.error();
  const auto role = reader_->run({"ROLE"}, deadline);
  if (role.ok()) note_role(**role);
  return reader_->broken() ? Status(role.error()) : Status(Nothing{});
}

// ROLE may be forbidden; then a replica shows when something is written.
void WatchPair::note_role(const redisReply& role) {
  const auto words = elements_of(role);
  if (!words.empty()) replica_ = text_of(*words[0]) != "master";
}

// ["message", "__redis__:invalidate", [key...]]; nil instead of keys: everything was flushed.
bool WatchPair::take(const redisReply& message, RedisListener& listener, bool& dirty) {
  const auto words = elements_of(message);
  if (!words.empty() && text_of(*words[0]) == "pong") return true;
  if (words.size() != 3 || text_of(*words[0]) != "message") return false;
  if (words[2]->type != REDIS_REPLY_ARRAY) {
    dirty = true;
    listener.on_all_policies_changed();
    return false;
  }
  for (const redisReply* key : elements_of(*words[2])) {
    const std::string_view name = text_of(*key);
    if (name.starts_with(redis_key::kPolicy)) {
      listener.on_policy_changed(name.substr(redis_key::kPolicy.size()));
    } else {
      dirty = true;
    }
  }
  return false;
}

Status WatchPair::take_messages(RedisListener& listener, bool& dirty) {
  for (;;) {
    const auto message = messages_->next(Deadline::after(Millis(0)));
    if (!message.ok()) return message.error();
    if (!message.value()) return Nothing{};
    take(*message.value(), listener, dirty);
  }
}

void WatchPair::complain(const redisReply& reply) {
  if (!complained_) log(LogLevel::kWarning, "this node's row cannot be written: " + error_of(reply).text);
  complained_ = true;
}

Status WatchPair::ping(std::span<const RedisCommand> more, RedisListener& listener, bool& dirty, Deadline deadline) {
  const RedisCommand ping{"PING"};
  const Status sent = messages_->send(std::span(&ping, 1), deadline);
  if (!sent.ok()) return sent;
  std::vector<RedisCommand> commands{ping, {"ROLE"}};
  commands.insert(commands.end(), more.begin(), more.end());
  const auto replies = reader_->run(commands, deadline);
  if (!replies.ok()) return replies.error();
  if ((*replies)[0]->type == REDIS_REPLY_ERROR) return error_of(*(*replies)[0]);
  note_role(*(*replies)[1]);
  for (size_t i = 2; i < replies->size(); ++i) {
    const redisReply& reply = *(*replies)[i];
    if (reply.type != REDIS_REPLY_ERROR || (replica_ && fault_of(reply) == RedisFault::kReadOnly)) continue;
    complain(reply);
  }
  for (;;) {
    const auto message = messages_->next(deadline);
    if (!message.ok()) return message.error();
    if (!message.value()) return timed_out("redis " + to_string(address()) + ": no answer to a ping");
    // What came behind the answer is in memory already, and no poll() would tell of it.
    if (take(*message.value(), listener, dirty)) return take_messages(listener, dirty);
  }
}

}  // namespace postern
