// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps a node in step with Redis.  One thread owns a pair of connections to the master: the reader, from which all
// tables are read in one MULTI/EXEC, and the listener, to which Redis sends the names of changed keys
// (server-assisted invalidation, CLIENT TRACKING with REDIRECT and BCAST, RESP2).  Redis tells nobody when the reader
// is lost, and the reader is not told when the listener is lost, so both are pinged; when either is gone, both are
// made anew and everything is read again before the node calls itself current.  With Sentinel the master is asked for
// every second.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/redis_connection.h"
#include "store/redis_sentinel.h"
#include "store/redis_watch_pair.h"
#include "store/rows.h"

namespace postern {

// Called from the watching thread only, in the order of events.
class RedisListener {
 public:
  virtual ~RedisListener() = default;
  // Tracking is on for this server: cached policies are void from here on.
  virtual void on_connect(const ServerIdentity& server) = 0;
  // A state that Redis had, newer than every one before (unless Redis itself went back).
  // Whether this node has just written something that it wants to see at once.
  virtual bool on_tables(RawTables raw) = 0;
  virtual void on_policy_changed(std::string_view who) = 0;
  virtual void on_all_policies_changed() = 0;
  // Everything that Redis held at `asked` (steady microseconds) has been applied or forgotten, and with Sentinel this
  // server was the master then.
  virtual void on_confirmed(int64_t asked) = 0;
  virtual void on_lost(const std::string& why) = 0;
  // The node's own row, to be written with the next ping.
  virtual std::vector<RedisCommand> node_commands() = 0;
};

class RedisWatch {
 public:
  static constexpr Millis kPingEvery{500};  // with command_timeout this bounds how long a loss goes unnoticed
  RedisWatch(RedisUrl url, Millis connect_timeout, Millis command_timeout, const StopSignal& stop,
             RedisListener& listener);
  ~RedisWatch();  // the stop signal has been given before

  void start();
  // Waits until the first attempt to connect and read has ended; whether it succeeded.
  bool wait_first(Deadline deadline);
  // Looks at both connections at once, or tries to connect at once.
  void poke();
  // The address leads to another server than the connections do: makes them anew.
  void reconnect();
  // Reads everything again and waits for it.
  Status reread(Deadline deadline);

 private:
  void run();
  Status establish();
  Status read_tables();
  Status watch_once();
  Status look_after();
  void wait_before_retry(Millis pause);
  void finished_attempt(bool good);

  const RedisUrl url_;
  const Millis connect_timeout_, command_timeout_;
  const StopSignal& stop_;
  RedisListener& listener_;
  Fd poke_;

  MasterFinder masters_;
  std::unique_ptr<WatchPair> pair_;
  RawTables last_;
  std::chrono::steady_clock::time_point next_ping_{};

  std::mutex mutex_;
  std::condition_variable attempted_;
  unsigned attempts_ = 0;  // ended attempts to connect and read
  bool current_ = false;
  uint64_t rereads_wanted_ = 0, rereads_done_ = 0;
  std::atomic<bool> reconnect_{false};
  std::thread thread_;
};

}  // namespace postern
