// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_watch.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "store/redis_snapshot.h"

namespace postern {
namespace {

using std::chrono::steady_clock;
constexpr Millis kFirstPause{20};  // between attempts to connect, doubled
constexpr Millis kLongestPause{500};
constexpr Millis kSentinelLimit{200};  // for asking a Sentinel while the master is fine

}  // namespace

RedisWatch::RedisWatch(RedisUrl url, Millis connect_timeout, Millis command_timeout, const StopSignal& stop,
                       RedisListener& listener)
    : url_(std::move(url)),
      connect_timeout_(connect_timeout),
      command_timeout_(command_timeout),
      stop_(stop),
      listener_(listener),
      poke_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      masters_(url_, stop_) {}

RedisWatch::~RedisWatch() {
  if (thread_.joinable()) thread_.join();
}

void RedisWatch::start() {
  thread_ = std::thread([this] { run(); });
}

void RedisWatch::poke() { eventfd_write(poke_.get(), 1); }

void RedisWatch::reconnect() {
  reconnect_ = true;
  poke();
}

bool RedisWatch::wait_first(Deadline deadline) {
  std::unique_lock lock(mutex_);
  attempted_.wait_for(lock, deadline.left(), [this] { return attempts_ > 0; });
  return current_;
}

Status RedisWatch::reread(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const uint64_t wanted = ++rereads_wanted_;
  poke();
  if (attempted_.wait_for(lock, deadline.left(), [&] { return rereads_done_ >= wanted; })) return Nothing{};
  return unavailable("redis cannot be read now; the tables that were read last stay in force");
}

void RedisWatch::finished_attempt(bool good) {
  const std::lock_guard lock(mutex_);
  ++attempts_;
  current_ = good;
  attempted_.notify_all();
}

void RedisWatch::run() {
  Millis pause = kFirstPause;
  while (!stop_.stopped()) {
    Status status = establish();
    if (status.ok()) {
      pause = kFirstPause;
      finished_attempt(true);
      while (status.ok() && !stop_.stopped()) status = watch_once();
    }
    pair_.reset();
    if (stop_.stopped()) break;
    listener_.on_lost(status.ok() ? "stopped" : status.error().text);
    finished_attempt(false);
    wait_before_retry(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

// Sleeps, unless somebody wants an attempt at once.
void RedisWatch::wait_before_retry(Millis pause) {
  std::array<pollfd, 2> fds{{{poke_.get(), POLLIN, 0}, {stop_.fd(), POLLIN, 0}}};
  ::poll(fds.data(), fds.size(), static_cast<int>(pause.count()));
  eventfd_t pokes = 0;
  eventfd_read(poke_.get(), &pokes);
}

// Connects both, switches tracking on, and only then reads everything.
Status RedisWatch::establish() {
  const Deadline deadline = Deadline::after(connect_timeout_ + 2 * command_timeout_);
  auto master = masters_.find(deadline);
  if (!master.ok()) return master.error();
  auto pair = WatchPair::open(master.value(), url_, &stop_, deadline);
  if (!pair.ok()) return pair.error();
  if (url_.sentinel() && pair.value()->replica()) {
    masters_.try_next();
    return unavailable("redis " + to_string(master.value()) +
                       " is named master by Sentinel but says that it is none");
  }
  // Asked once more: before it was connected to, the server may have been deposed and have become the master again,
  // and then a Sentinel that knows of the first change only would lead this node back.
  const int64_t asked = steady_micros();
  master = masters_.find(deadline);
  if (!master.ok()) return master.error();
  if (master.value() != pair.value()->address()) return unavailable("Sentinel is naming a new master");
  pair_ = std::move(pair.value());
  reconnect_ = false;
  listener_.on_connect(pair_->server());
  const Status read = read_tables();
  if (read.ok()) listener_.on_confirmed(asked);
  return read;
}

Status RedisWatch::read_tables() {
  uint64_t wanted = 0;
  {
    const std::lock_guard lock(mutex_);
    wanted = rereads_wanted_;
  }
  bool again = true;
  for (int reads = 0; again && reads < 2; ++reads) {
    auto raw = read_snapshot(pair_->reader(), last_, Deadline::after(command_timeout_ + connect_timeout_));
    if (!raw.ok()) return raw.error();
    last_ = raw.value();
    again = listener_.on_tables(std::move(raw.value()));
  }
  next_ping_ = steady_clock::now();  // the node's row changes too
  const std::lock_guard lock(mutex_);
  rereads_done_ = wanted;
  attempted_.notify_all();
  return Nothing{};
}

// Waits for a notice, a poke or the next ping, and does what it asks for.
Status RedisWatch::watch_once() {
  const auto until_ping = std::chrono::duration_cast<Millis>(next_ping_ - steady_clock::now()) + Millis(1);
  std::array<pollfd, 4> fds{{{pair_->reader().fd(), POLLIN, 0},
                             {pair_->messages().fd(), POLLIN, 0},
                             {poke_.get(), POLLIN, 0},
                             {stop_.fd(), POLLIN, 0}}};
  const int ready =
      ::poll(fds.data(), fds.size(), static_cast<int>(std::clamp<int64_t>(until_ping.count(), 0, 1000)));
  if (ready < 0 && errno != EINTR) return unavailable("poll failed");
  if (stop_.stopped()) return Nothing{};
  eventfd_t pokes = 0;
  if (fds[2].revents != 0 && eventfd_read(poke_.get(), &pokes) == 0) next_ping_ = steady_clock::now();
  if (reconnect_) return unavailable("redis " + to_string(pair_->address()) + " is another server now");
  bool dirty = false;
  if (fds[0].revents != 0) {
    // Nothing is asked for on the reader now: this is its end.
    const auto reply = pair_->reader().next(Deadline::after(Millis(0)));
    if (!reply.ok()) return reply.error();
  }
  if (fds[1].revents != 0) {
    const Status taken = pair_->take_messages(listener_, dirty);
    if (!taken.ok()) return taken;
  }
  if (!dirty) {
    const std::lock_guard lock(mutex_);
    dirty = rereads_done_ < rereads_wanted_;
  }
  if (dirty) {
    const Status read = read_tables();
    if (!read.ok()) return read;
  }
  return steady_clock::now() >= next_ping_ ? look_after() : Status(Nothing{});
}

// With Sentinel asks whether the master is still the same; then pings both connections and writes the node's row.  In
// this order: an answer that comes after the ping could name a master that was deposed and has come back meanwhile.
Status RedisWatch::look_after() {
  next_ping_ = steady_clock::now() + kPingEvery;
  const int64_t asked = steady_micros();
  bool named = true;
  if (url_.sentinel()) {
    const auto master = masters_.find(Deadline::after(kSentinelLimit));
    // Without a Sentinel's word the tables stay in force, but nobody knows whether they are the newest.
    named = master.ok();
    if (named && master.value() != pair_->address()) {
      return unavailable("Sentinel names a new master, " + to_string(master.value()));
    }
  }
  bool dirty = false;
  const auto commands = listener_.node_commands();
  const Status alive = pair_->ping(commands, listener_, dirty, Deadline::after(command_timeout_));
  if (!alive.ok()) return alive;
  if (dirty) {
    const Status read = read_tables();
    if (!read.ok()) return read;
  }
  if (pair_->role_changed()) {
    return unavailable("redis " + to_string(pair_->address()) +
                       (pair_->replica() ? " is no master any more" : " is a master now"));
  }
  if (named) listener_.on_confirmed(asked);
  return Nothing{};
}

}  // namespace postern
