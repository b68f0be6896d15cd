// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/fd.h"

namespace postern {
namespace {

// What a signal handler may touch: lock-free flags, and a descriptor to wake the main loop.
std::atomic<bool> g_stop{false};
std::atomic<bool> g_reload{false};
std::atomic<bool> g_upgrade{false};
std::atomic<int> g_wake{-1};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void wake() {
  const uint64_t one = 1;
  if (::write(g_wake, &one, sizeof one) < 0) return;  // full means that it is awake
}

extern "C" void handle_signal(int number) {
  const int saved = errno;
  (number == SIGHUP ? g_reload : number == SIGUSR2 ? g_upgrade : g_stop) = true;
  wake();
  errno = saved;
}

}  // namespace

// libmilter starts a thread that waits for SIGTERM, SIGINT and SIGHUP, each of which would make it drop every session;
// it cannot be told not to.  The kernel prefers the main thread, but not while that one has a signal to handle already:
// of a hundred SIGHUPs one got through.  So the function that libmilter waits with is replaced by one that never
// returns; nothing else in this program waits for signals that way.
extern "C" int sigwait(const sigset_t* /*set*/, int* /*number*/) {
  for (;;) ::pause();  // the calling thread has blocked every signal
}

Status watch_signals() {
  const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return unavailable(std::string("eventfd: ") + std::strerror(errno));
  g_wake = fd;
  struct sigaction action {};
  action.sa_handler = handle_signal;
  action.sa_flags = SA_RESTART;
  sigset_t blocked;
  sigfillset(&blocked);
  for (const int number : {SIGHUP, SIGUSR2, SIGTERM, SIGINT}) {
    sigaction(number, &action, nullptr);
    sigdelset(&blocked, number);
  }
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) sigdelset(&blocked, fault);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): cannot fail
  pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
  return Nothing{};
}

void block_all_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

Event next_event(Millis limit) {
  if (!g_stop && !g_reload && !g_upgrade) {
    pollfd item{g_wake, POLLIN, 0};
    if (::poll(&item, 1, static_cast<int>(limit.count())) < 0) return Event::kNone;  // EINTR: the flags tell
    uint64_t count = 0;
    if (::read(g_wake, &count, sizeof count) < 0) count = 0;
  }
  if (g_stop) return Event::kStop;
  if (g_reload.exchange(false)) return Event::kReload;
  if (g_upgrade.exchange(false)) return Event::kUpgrade;
  return Event::kNone;
}

void request_stop() {
  g_stop = true;
  wake();
}

}  // namespace postern
