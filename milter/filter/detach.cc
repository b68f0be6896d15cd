// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/detach.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace postern {
namespace {

// The parent's part: one byte means ready; end of file means that the child ended, which has said why on stderr.
[[noreturn]] void wait_for_child(int report, pid_t child) {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = ::read(report, &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got == 1) ::_exit(EXIT_SUCCESS);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::_exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_FAILURE);
}

}  // namespace

Result<Detached> Detached::fork_away() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return unavailable(std::string("pipe: ") + std::strerror(errno));
  Fd in(ends[0]);
  Fd out(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return unavailable(std::string("fork: ") + std::strerror(errno));
  if (child > 0) {
    out.reset();
    wait_for_child(in.get(), child);
  }
  ::setsid();
  if (::chdir("/") != 0) return unavailable(std::string("chdir: ") + std::strerror(errno));
  return Detached(std::move(out));
}

void Detached::ready() {
  if (!report_.valid()) return;
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), fd);
  const char byte = 1;
  if (::write(report_.get(), &byte, 1) != 1) return;
  report_.reset();
}

}  // namespace postern
