// SPDX-License-Identifier: GPL-2.0-or-later
// What code that has been taken over can do inside of a worker: next to nothing.
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "inspect/inspector.h"
#include "unit/inspect/support.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

namespace postern {
namespace {

class JailTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(JailTest);
  CPPUNIT_TEST(forbidden_calls_fail_or_kill);
  CPPUNIT_TEST(memory_is_limited);
  CPPUNIT_TEST(signals_for_the_daemon_do_not_end_workers);
  CPPUNIT_TEST(workers_die_with_their_daemon);
  CPPUNIT_TEST_SUITE_END();

 public:
  // A library that looks around gets an error; who goes further is killed, twice (the message is tried again).
  void forbidden_calls_fail_or_kill() {
    const auto inspector = pool(2);
    for (const char* what : {"open", "create", "proc"}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::string("Permission denied"), told(*inspector, what));
    }
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, inspector->restarts());
    uint64_t deaths = 0;
    for (const char* what : {"unlink", "mkdir", "socket", "pair", "connect", "receive", "fork", "thread", "exec",
                             "kill", "ptrace", "memory-of-others", "code", "unlimit"}) {
      const BodyFacts facts = inspector->inspect(order(what), soon());
      deaths += 2;
      CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::string(), facts.text);
      CPPUNIT_ASSERT_MESSAGE(what, !facts.inspected && facts.timeout);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(what, deaths, inspector->restarts());
    }
    CPPUNIT_ASSERT_EQUAL(std::string("done"), told(*inspector, "nothing"));
  }

  void memory_is_limited() {
#ifndef POSTERN_SANITIZED
    const auto inspector = pool(1);
    const std::string text = told(*inspector, "memory");
    CPPUNIT_ASSERT_MESSAGE(text, text == "stopped after 112 MiB" || text == "stopped after 96 MiB");
    CPPUNIT_ASSERT_EQUAL(std::string("done"), told(*inspector, "nothing"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, inspector->restarts());
#endif
  }

  void signals_for_the_daemon_do_not_end_workers() {
    const auto inspector = pool(1);
    const std::string pid = told(*inspector, "pid");
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::kill(std::atoi(pid.c_str()), signal);
    CPPUNIT_ASSERT_EQUAL(pid, told(*inspector, "pid"));
  }

  // A daemon that is killed outright takes even a hanging worker along.
  void workers_die_with_their_daemon() {
    int fds[2];
    CPPUNIT_ASSERT_EQUAL(0, ::pipe(fds));
    const pid_t daemon = ::fork();
    if (daemon == 0) {
      ::close(fds[0]);
      const auto inspector = pool(1, Millis(60'000));
      const int pid = std::atoi(told(*inspector, "pid").c_str());
      if (::write(fds[1], &pid, sizeof pid) != sizeof pid) ::_exit(1);
      inspector->inspect(order("hang"), soon(60'000));
      ::_exit(0);
    }
    ::close(fds[1]);
    int worker = 0;
    CPPUNIT_ASSERT_EQUAL(static_cast<ssize_t>(sizeof worker), ::read(fds[0], &worker, sizeof worker));
    ::close(fds[0]);
    std::this_thread::sleep_for(Millis(100));
    ::kill(daemon, SIGKILL);
    ::waitpid(daemon, nullptr, 0);
    bool gone = false;
    for (int i = 0; i < 200 && !gone; ++i) {
      std::ifstream file("/proc/" + std::to_string(worker) + "/stat");
      std::string text((std::istreambuf_iterator<char>(file)), {});
      const size_t paren = text.rfind(')');
      gone = paren == std::string::npos || text[paren + 2] == 'Z';  // whoever inherits it may not reap
      std::this_thread::sleep_for(Millis(10));
    }
    CPPUNIT_ASSERT(gone);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(JailTest);

}  // namespace
}  // namespace postern
