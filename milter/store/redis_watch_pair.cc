// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_watch_pair.h"

#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "store/redis_snapshot.h"
#include "store/redis_watch.h"

namespace postern {

Result<std::unique_ptr<WatchPair>> WatchPair::open(const RedisAddress& address, const RedisUrl& url,
                                                   const StopSignal* stop, Deadline deadline) {
  auto pair = std::make_unique<WatchPair>();
  for (auto* connection : {&pair->reader_, &pair->messages_}) {
    auto fresh = RedisConnection::open(address, url, stop, deadline);
    if (!fresh.ok()) return fresh.error();
    *connection = std::move(fresh.value());
  }
  Status status = pair->identify(url.sentinel(), deadline);
  if (status.ok()) status = pair->switch_on(deadline);
  if (!status.ok()) return status.error();
  return pair;
}

// An address may lead to another process at any moment (a restart, a floating address, a proxy).  Notices that one
// process sends are worth nothing for rows that another one holds.
Status WatchPair::identify(bool sentinel, Deadline deadline) {
  const auto reader = reader_->run_id(deadline);
  if (!reader.ok()) return reader.error();
  const auto messages = messages_->run_id(deadline);
  if (!messages.ok()) return messages.error();
  if (reader.value() != messages.value()) {
    return unavailable("redis " + to_string(address()) + ": two connections reached two servers");
  }
  const auto role = reader_->run({"ROLE"}, deadline);
  if (!role.ok() && (sentinel || reader_->broken())) return role.error();
  // Without Sentinel ROLE may be forbidden; then a replica shows when something is written.
  if (role.ok()) role_ = role_of(**role);
  server_ = {address(), reader.value(), role_};
  return Nothing{};
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
  return Nothing{};
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

void WatchPair::complain(const redisReply& reply, const RedisCommand& command) {
  if (!complained_) log(LogLevel::kWarning, "this node's row cannot be written: " + error_of(reply, command).text);
  complained_ = true;
}

Status WatchPair::ping(std::span<const RedisCommand> more, RedisListener& listener, bool& dirty, Deadline deadline) {
  const RedisCommand ping{"PING"};
  const Status sent = messages_->send(std::span(&ping, 1), deadline);
  if (!sent.ok()) return sent;
  std::vector<RedisCommand> commands{ping, server_.role.empty() ? ping : RedisCommand{"ROLE"}};
  commands.insert(commands.end(), more.begin(), more.end());
  const auto replies = reader_->run(commands, deadline);
  if (!replies.ok()) return replies.error();
  if ((*replies)[0]->type == REDIS_REPLY_ERROR) return error_of(*(*replies)[0], ping);
  if (!server_.role.empty()) role_ = role_of(*(*replies)[1]);
  for (size_t i = 2; i < replies->size(); ++i) {
    const redisReply& reply = *(*replies)[i];
    if (reply.type != REDIS_REPLY_ERROR || (replica() && fault_of(reply) == RedisFault::kReadOnly)) continue;
    complain(reply, commands[i]);
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
