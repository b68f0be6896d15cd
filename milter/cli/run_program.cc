// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/arguments.h"
#include "base/fd.h"

namespace postern {
namespace {

Result<pid_t> spawn(std::vector<std::string> arguments, int input, int out) {
  const std::vector<char*> argv = pointers(arguments);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (input < 0) posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (input >= 0) posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t pid = -1;
  const int fault = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (fault == 0) return pid;
  const std::string text = arguments[0] + ": " + std::strerror(fault);
  return fault == ENOENT ? not_found(text) : unavailable(text);
}

}  // namespace

Result<int> run_program(const std::vector<std::string>& arguments,
                        const std::function<void(std::string_view)>& line, int input) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return unavailable(arguments[0] + ": " + std::strerror(errno));
  Fd in(ends[0]);
  Fd out(ends[1]);
  const auto pid = spawn(arguments, input, out.get());
  if (!pid) return pid.error();
  out.reset();
  std::string rest;
  std::array<char, 65536> piece{};
  for (ssize_t size = 0; (size = ::read(in.get(), piece.data(), piece.size())) != 0;) {
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) break;
    rest.append(piece.data(), static_cast<size_t>(size));
    size_t start = 0;
    for (size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n', start)) {
      line(std::string_view(rest).substr(start, end - start));
      start = end + 1;
    }
    rest.erase(0, start);
  }
  if (!rest.empty()) line(rest);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!WIFEXITED(status)) return unavailable(arguments[0] + " was killed");
  // posix_spawnp() of old systems: the child itself finds out that there is no such program.
  if (WEXITSTATUS(status) == 127) return not_found(arguments[0] + ": cannot be run");
  return WEXITSTATUS(status);
}

}  // namespace postern
