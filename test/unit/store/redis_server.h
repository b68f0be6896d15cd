// SPDX-License-Identifier: GPL-2.0-or-later
// A redis-server of the test's own: loopback port and unix socket, temporary directory, no persistence unless asked
// for.  Ended by process id when it goes out of scope.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace postern::test {

// A directory under TMPDIR or /tmp that goes away with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

class RedisServer {
 public:
  // Whether a redis-server is installed.
  static bool installed();

  // `more`: words for its command line.
  explicit RedisServer(std::vector<std::string> more = {});
  // A Sentinel that watches a master named "main" alone.
  static std::unique_ptr<RedisServer> sentinel(int master_port);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  void start();
  void stop();          // SIGKILL, as a crash
  void pause(bool on);  // SIGSTOP and SIGCONT
  // Runs one command with words separated by single blanks; gives the answer as lines.
  std::string run(const std::string& command);
  std::string run(const std::vector<std::string>& words);
  std::string socket_url() const { return "unix://" + socket(); }
  std::string socket() const { return directory_.path("s"); }
  int port() const { return port_; }

 private:
  struct AsSentinel {
    int master_port;
  };
  explicit RedisServer(AsSentinel of);
  TemporaryDirectory directory_;
  std::vector<std::string> more_;
  std::string config_;  // a Sentinel's
  int port_ = 0;
  pid_t pid_ = -1;
};

// Tries `condition` every few milliseconds until it holds or `milliseconds` have passed.
template <class Condition>
bool eventually(Condition condition, int milliseconds = 20000);

}  // namespace postern::test

#include <chrono>
#include <thread>

template <class Condition>
bool postern::test::eventually(Condition condition, int milliseconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}
