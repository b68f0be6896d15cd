// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/successor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/arguments.h"
#include "base/fd.h"
#include "filter/inherited.h"

namespace postern {
namespace {

constexpr int kListen = 3;
constexpr int kReady = 4;
constexpr int kAbove = 10;  // where the descriptors to hand over are out of the way of those two
constexpr Millis kSlice{250};

// Our environment, without what was meant for this process alone.
std::vector<std::string> environment_for_child() {
  std::vector<std::string> out;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view variable(*each);
    if (!variable.starts_with("WATCHDOG_PID=") && !variable.starts_with("POSTERN_")) out.emplace_back(variable);
  }
  out.push_back(std::string(kListenVariable) + '=' + std::to_string(kListen));
  out.push_back(std::string(kReadyVariable) + '=' + std::to_string(kReady));
  return out;
}

// Starts it with all signals at their defaults and none blocked; gives errno's value or 0.
int spawn(pid_t* pid, const std::string& program, const std::vector<std::string>& given, int listening, int ready) {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawn_file_actions_adddup2(&actions, listening, kListen);
  posix_spawn_file_actions_adddup2(&actions, ready, kReady);
  std::vector<std::string> arguments{program};
  arguments.insert(arguments.end(), given.begin(), given.end());
  std::vector<std::string> variables = environment_for_child();
  const int fault = ::posix_spawn(pid, program.c_str(), &actions, &attributes, pointers(arguments).data(),
                                  pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return fault;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "it was ended by signal " + std::to_string(WTERMSIG(status));
  return "it ended with status " + std::to_string(WEXITSTATUS(status));
}

Status wait_until_ready(pid_t pid, int report, Millis limit, const std::function<void()>& meanwhile) {
  for (const Deadline end = Deadline::after(limit); !end.passed(); meanwhile()) {
    pollfd item{report, POLLIN, 0};
    if (::poll(&item, 1, static_cast<int>(kSlice.count())) <= 0) continue;
    char byte = 0;
    if (::read(report, &byte, 1) == 1) return Nothing{};
    int status = 0;
    ::kill(pid, SIGKILL);  // it closed its end, so it is gone or as good as gone
    ::waitpid(pid, &status, 0);
    return unavailable(how_it_ended(status));
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  return timed_out("it was not ready after " + std::to_string(limit.count() / 1000) + " s");
}

}  // namespace

std::string own_program() {
  std::string path(PATH_MAX, '\0');
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  path.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return path;
}

Result<pid_t> start_successor(const std::string& program, const std::vector<std::string>& arguments, int listening,
                              Millis limit, const std::function<void()>& meanwhile) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return unavailable(std::string("pipe: ") + std::strerror(errno));
  const Fd report(ends[0]);
  Fd low(ends[1]);
  Fd ready(::fcntl(low.get(), F_DUPFD_CLOEXEC, kAbove));
  low.reset();
  const Fd socket(::fcntl(listening, F_DUPFD_CLOEXEC, kAbove));
  pid_t pid = -1;
  const int fault = spawn(&pid, program, arguments, socket.get(), ready.get());
  ready.reset();
  if (fault != 0) return unavailable(program + ": " + std::strerror(fault));
  const Status started = wait_until_ready(pid, report.get(), limit, meanwhile);
  if (!started) return unavailable(program + ": " + started.error().text);
  return pid;
}

}  // namespace postern
