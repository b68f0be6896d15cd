// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_connection.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/strings.h"

namespace postern {

StopSignal::StopSignal() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void StopSignal::stop() {
  stopped_ = true;
  eventfd_write(fd_.get(), 1);  // never read again: whoever polls it wakes
}

int RedisConnection::wait(short events, Deadline deadline) const {
  for (;;) {
    std::array<pollfd, 2> fds{{{context_->fd, events, 0}, {stop_ == nullptr ? -1 : stop_->fd(), POLLIN, 0}}};
    const auto left = std::min<int64_t>(deadline.left().count(), 60'000);
    const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (fds[1].revents != 0) return -1;
    if (fds[0].revents != 0) return 1;
    if (deadline.passed()) return 0;
  }
}

Error RedisConnection::lost(std::string_view why) {
  broken_ = true;
  return unavailable("redis " + to_string(address_) + ": " + printable(why));
}

Result<std::unique_ptr<RedisConnection>> RedisConnection::connect(const RedisAddress& address, const StopSignal* stop,
                                                                  Deadline deadline) {
  std::unique_ptr<RedisConnection> out(new RedisConnection(address, stop));
  out->context_.reset(address.path.empty() ? redisConnectNonBlock(address.host.c_str(), address.port)
                                           : redisConnectUnixNonBlock(address.path.c_str()));
  if (!out->context_) return out->lost("out of memory");
  if (out->context_->err != 0) return out->lost(out->context_->errstr);
  const int ready = out->wait(POLLOUT, deadline);
  if (ready < 0) return out->lost("stopping");
  if (ready == 0) return timed_out("redis " + to_string(address) + ": no connection within the time limit");
  int fault = 0;
  socklen_t size = sizeof fault;
  if (::getsockopt(out->fd(), SOL_SOCKET, SO_ERROR, &fault, &size) != 0) fault = errno;
  if (fault != 0) return out->lost(std::strerror(fault));
  return out;
}

Status RedisConnection::log_in(const std::string& user, const std::string& password, unsigned db, Deadline deadline) {
  if (!password.empty()) {
    RedisCommand auth{"AUTH"};
    if (!user.empty()) auth.push_back(user);
    auth.push_back(password);
    const auto reply = run(auth, deadline);
    if (!reply.ok()) return reply.error();
  }
  if (db == 0) return Nothing{};
  const auto reply = run({"SELECT", std::to_string(db)}, deadline);
  return reply.ok() ? Status(Nothing{}) : Status(reply.error());
}

Result<std::unique_ptr<RedisConnection>> RedisConnection::open(const RedisAddress& address, const RedisUrl& url,
                                                               const StopSignal* stop, Deadline deadline) {
  auto connection = connect(address, stop, deadline);
  if (!connection.ok()) return connection;
  const Status status = connection.value()->log_in(url.user, url.password, url.db, deadline);
  if (!status.ok()) return status.error();
  return connection;
}

Result<std::unique_ptr<RedisConnection>> RedisConnection::open_sentinel(const RedisAddress& address,
                                                                        const RedisUrl& url, const StopSignal* stop,
                                                                        Deadline deadline) {
  auto connection = connect(address, stop, deadline);
  if (!connection.ok()) return connection;
  const Status status = connection.value()->log_in(url.sentinel_user, url.sentinel_password, 0, deadline);
  if (!status.ok()) return status.error();
  return connection;
}

// Takes what the socket takes now.  Not hiredis' own writing: that raises SIGPIPE.
Status RedisConnection::write_some(std::string_view& bytes, bool& done) {
  const ssize_t sent = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return lost(std::strerror(errno));
  if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
  done = bytes.empty();
  return Nothing{};
}

Status RedisConnection::send(std::span<const RedisCommand> commands, Deadline deadline) {
  if (broken_) return lost("connection lost");
  std::string text;
  for (const RedisCommand& command : commands) {
    text += '*' + std::to_string(command.size()) + "\r\n";
    for (const std::string& word : command) text += '$' + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  std::string_view bytes = text;
  for (bool done = bytes.empty(); !done;) {
    const Status written = write_some(bytes, done);
    if (!written.ok() || done) return written;
    const int ready = wait(POLLOUT, deadline);
    if (ready > 0) continue;
    const Error fault = lost(ready < 0 ? "stopping" : "no answer within the time limit");
    return ready < 0 ? fault : timed_out(fault.text);
  }
  return Nothing{};
}

Result<ReplyPtr> RedisConnection::next(Deadline deadline) {
  if (broken_) return lost("connection lost");
  for (;;) {
    void* raw = nullptr;
    if (redisGetReplyFromReader(context_.get(), &raw) != REDIS_OK) return lost(context_->errstr);
    if (raw != nullptr) return ReplyPtr(static_cast<redisReply*>(raw));
    const int ready = wait(POLLIN, deadline);
    if (ready < 0) return lost("stopping");
    if (ready == 0) return ReplyPtr();
    if (redisBufferRead(context_.get()) != REDIS_OK) return lost(context_->errstr);
  }
}

Result<std::string> RedisConnection::run_id(Deadline deadline) {
  const RedisCommand info{"INFO", "server"};
  const auto replies = run(std::span(&info, 1), deadline);
  if (!replies.ok()) return replies.error();
  const redisReply& reply = *replies->front();
  const RedisFault fault = fault_of(reply);
  if (fault == RedisFault::kNoPermission) return std::string();
  if (fault != RedisFault::kNone) return error_of(reply);
  constexpr std::string_view kField = "\nrun_id:";
  const std::string_view text = text_of(reply);
  const size_t at = text.find(kField);
  if (at == std::string_view::npos) return std::string();
  const std::string_view rest = text.substr(at + kField.size());
  return std::string(rest.substr(0, rest.find_first_of("\r\n")));
}

Result<std::vector<ReplyPtr>> RedisConnection::run(std::span<const RedisCommand> commands, Deadline deadline) {
  const Status sent = send(commands, deadline);
  if (!sent.ok()) return sent.error();
  std::vector<ReplyPtr> replies;
  replies.reserve(commands.size());
  while (replies.size() < commands.size()) {
    auto reply = next(deadline);
    if (!reply.ok()) return reply.error();
    if (!reply.value()) return timed_out(lost("no answer within the time limit").text);
    replies.push_back(std::move(reply.value()));
  }
  return replies;
}

Result<ReplyPtr> RedisConnection::run(const RedisCommand& command, Deadline deadline) {
  auto replies = run(std::span(&command, 1), deadline);
  if (!replies.ok()) return replies.error();
  ReplyPtr reply = std::move(replies.value().front());
  if (reply->type == REDIS_REPLY_ERROR) return error_of(*reply, command);
  return reply;
}

}  // namespace postern
