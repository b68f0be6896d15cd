// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/worker_spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

#include <cstdlib>
#include <vector>

#include "base/arguments.h"

namespace postern {
namespace {

// What posix_spawn() needs; freed in every case.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // The worker keeps standard error (until its jail is closed), the channel and the window; it starts with all signals
  // at their defaults and none blocked, whatever the calling thread has set.
  int prepare(int channel, int window) {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    int fault = posix_spawnattr_setsigmask(&attributes_, &none);
    if (fault == 0) fault = posix_spawnattr_setsigdefault(&attributes_, &all);
    if (fault == 0) fault = posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (fault == 0) fault = posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDWR, 0);
    if (fault == 0) fault = posix_spawn_file_actions_addopen(&actions_, 1, "/dev/null", O_RDWR, 0);
    if (fault == 0) fault = posix_spawn_file_actions_adddup2(&actions_, channel, kWorkerChannel);
    if (fault == 0) fault = posix_spawn_file_actions_adddup2(&actions_, window, kWorkerWindow);
    return fault;
  }
  int spawn(pid_t* pid, const char* program, char* const* arguments, char* const* environment) const {
    return ::posix_spawn(pid, program, &actions_, &attributes_, arguments, environment);
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

// Nothing of the daemon's environment but what the run-time linker and the sanitizers need.
std::vector<std::string> environment() {
  std::vector<std::string> out{"LC_ALL=C", "TZ=UTC0"};
  for (const char* name : {"LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  }
  return out;
}

}  // namespace

int spawn_worker(pid_t* pid, int program, const std::string& path, uint64_t memory, int channel, int window) {
  SpawnPlan plan;
  if (const int fault = plan.prepare(channel, window); fault != 0) return fault;
  std::vector<std::string> arguments{path, std::to_string(memory)};
  std::vector<std::string> variables = environment();
  const std::vector<char*> argument_list = pointers(arguments);
  const std::vector<char*> variable_list = pointers(variables);
  const std::string opened = "/proc/self/fd/" + std::to_string(program);
  const int fault = plan.spawn(pid, opened.c_str(), argument_list.data(), variable_list.data());
  // A script cannot be run from a descriptor that closes on exec, and /proc may be missing.
  return fault == 0 ? 0 : plan.spawn(pid, path.c_str(), argument_list.data(), variable_list.data());
}

}  // namespace postern
