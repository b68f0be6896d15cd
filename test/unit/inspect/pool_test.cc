// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "inspect/inspector.h"
#include "inspect/window.h"
#include "unit/inspect/support.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

namespace postern {
namespace {

size_t open_files() {
  size_t count = 0;
  DIR* folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

// Children of this process, zombies included.
std::set<pid_t> children() {
  std::set<pid_t> out;
  DIR* folder = ::opendir("/proc");
  while (const dirent* entry = ::readdir(folder)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::ifstream file("/proc/" + std::string(entry->d_name) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const size_t paren = text.rfind(')');
    if (paren == std::string::npos) continue;
    if (std::atoi(text.c_str() + paren + 4) == ::getpid()) out.insert(pid);
  }
  ::closedir(folder);
  return out;
}

class PoolTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PoolTest);
  CPPUNIT_TEST(answers);
  CPPUNIT_TEST(long_bodies_arrive_whole);
  CPPUNIT_TEST(window_is_written_by_the_daemon_only);
  CPPUNIT_TEST(dead_worker_is_replaced);
  CPPUNIT_TEST(hanging_worker_is_ended_at_the_deadline);
  CPPUNIT_TEST(facts_before_a_crash_are_kept);
  CPPUNIT_TEST(worker_killed_mid_message_costs_nothing);
  CPPUNIT_TEST(worker_killed_while_idle_costs_nothing);
  CPPUNIT_TEST(nonsense_is_refused);
  CPPUNIT_TEST(picture_is_taken_where_one_was_asked_for);
  CPPUNIT_TEST(nothing_leaks);
  CPPUNIT_TEST(many_threads_share_few_workers);
  CPPUNIT_TEST(slow_messages_leave_room);
  CPPUNIT_TEST(waiting_ends_at_the_deadline);
  CPPUNIT_TEST(bad_programs_are_refused);
  CPPUNIT_TEST_SUITE_END();

 public:
  void answers() {
    const auto inspector = pool(1);
    InspectRequest request = order("nothing");
    request.body = "12345";
    request.truncated = true;
    const BodyFacts facts = inspector->inspect(request, soon(1000));
    CPPUNIT_ASSERT(facts.inspected && facts.truncated && !facts.timeout);
    CPPUNIT_ASSERT_EQUAL(std::string("done"), facts.text);
    CPPUNIT_ASSERT_EQUAL(uint64_t{5}, facts.visible_chars);
    CPPUNIT_ASSERT(facts.parts > 0 && facts.parts < 1000);  // its time limit: below the deadline
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, inspector->restarts());
  }

  void long_bodies_arrive_whole() {
    const auto inspector = pool(1);
    InspectRequest request = order("nothing");
    const size_t fits = RequestWindow::kSize - request.header.size();
    for (const size_t size : {size_t{0}, size_t{1}, size_t{70'000}, fits, fits + 1, size_t{30'000'000}, size_t{5}}) {
      request.body.resize(size);
      for (size_t i = 0; i < size; ++i) request.body[i] = static_cast<char>(i * i + size);
      const BodyFacts facts = inspector->inspect(request, soon());
      CPPUNIT_ASSERT_EQUAL(static_cast<uint64_t>(size), facts.visible_chars);
      CPPUNIT_ASSERT_EQUAL(static_cast<uint64_t>(std::hash<std::string_view>()(request.body)), facts.pdf_count);
    }
  }

  void window_is_written_by_the_daemon_only() {
    const auto file = RequestWindow::make_file();
    CPPUNIT_ASSERT(file.ok());
    auto ours = RequestWindow::map(file->get(), true);
    const auto theirs = RequestWindow::map(file->get(), false);
    CPPUNIT_ASSERT(ours.ok() && theirs.ok());
    ours->put("A: b", "body");
    CPPUNIT_ASSERT_EQUAL(std::string("A: b"), std::string(theirs->part(0, 4)));
    CPPUNIT_ASSERT_EQUAL(std::string("body"), std::string(theirs->part(4, 4)));
    CPPUNIT_ASSERT(!RequestWindow::map(file->get(), true).ok());
    CPPUNIT_ASSERT(::ftruncate(file->get(), 0) != 0);
    CPPUNIT_ASSERT(RequestWindow::holds(0, RequestWindow::kSize) && !RequestWindow::holds(1, RequestWindow::kSize));
    CPPUNIT_ASSERT(!RequestWindow::holds(RequestWindow::kSize + 1, SIZE_MAX));
  }

  void dead_worker_is_replaced() {
    const auto inspector = pool(1);
    for (const char* what : {"trap", "abort"}) {
      const BodyFacts facts = inspector->inspect(order(what), soon());
      CPPUNIT_ASSERT(!facts.inspected && facts.timeout);
      CPPUNIT_ASSERT_EQUAL(std::string("done"), told(*inspector, "nothing"));
    }
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, inspector->restarts());
  }

  void hanging_worker_is_ended_at_the_deadline() {
    const auto inspector = pool(1, Millis(300));
    const BodyFacts facts = inspector->inspect(order("hang"), soon());
    CPPUNIT_ASSERT(!facts.inspected && facts.timeout);
    CPPUNIT_ASSERT_EQUAL(std::string("done"), told(*inspector, "nothing"));
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, inspector->restarts());  // no second try: its time is over
  }

  void facts_before_a_crash_are_kept() {
    const auto inspector = pool(1, Millis(300));
    for (const char* what : {"interim hang", "interim trap", "interim garbage"}) {
      const BodyFacts facts = inspector->inspect(order(what), soon());
      CPPUNIT_ASSERT_MESSAGE(what, facts.inspected && facts.timeout);
      CPPUNIT_ASSERT_EQUAL_MESSAGE(what, std::string("interim"), facts.text);
    }
    const BodyFacts facts = inspector->inspect(order("interim nothing"), soon());
    CPPUNIT_ASSERT(facts.inspected && !facts.timeout && facts.text == "done");
  }

  void worker_killed_mid_message_costs_nothing() {
    const auto inspector = pool(1);
    const std::string first = told(*inspector, "pid");
    std::string text;
    std::thread asking([&] { text = told(*inspector, "spin 500"); });
    std::this_thread::sleep_for(Millis(150));
    ::kill(std::atoi(first.c_str()), SIGKILL);
    asking.join();
    CPPUNIT_ASSERT(!text.empty() && text != first);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, inspector->restarts());
  }

  void worker_killed_while_idle_costs_nothing() {
    const auto inspector = pool(2);
    for (int i = 0; i < 5; ++i) {
      ::kill(std::atoi(told(*inspector, "pid").c_str()), SIGKILL);
      CPPUNIT_ASSERT_EQUAL(std::string("done"), told(*inspector, "nothing"));
    }
  }

  void nonsense_is_refused() {
    const auto inspector = pool(1);
    for (const char* what : {"garbage", "flood"}) {
      const BodyFacts facts = inspector->inspect(order(what), soon());
      CPPUNIT_ASSERT_MESSAGE(what, !facts.inspected && facts.timeout);
    }
    CPPUNIT_ASSERT_EQUAL(std::string("done"), told(*inspector, "nothing"));
  }

  void picture_is_taken_where_one_was_asked_for() {
    const auto inspector = pool(1);
    GreyPicture picture;
    InspectRequest asking = order("picture");
    asking.thumbnail = &picture;
    CPPUNIT_ASSERT_EQUAL(std::string("ok"), inspector->inspect(asking, soon()).text);
    CPPUNIT_ASSERT(picture.width == 2 && picture.height == 1 && picture.pixels == "\x01\xfe");
    picture = {};
    asking.header = order("lying-picture").header;
    CPPUNIT_ASSERT(!inspector->inspect(asking, soon()).inspected && picture.empty());
    asking.header = order("two-pictures").header;
    CPPUNIT_ASSERT(!inspector->inspect(asking, soon()).inspected);
    CPPUNIT_ASSERT(!inspector->inspect(order("picture"), soon()).inspected);  // nobody asked
    CPPUNIT_ASSERT_EQUAL(std::string("done"), told(*inspector, "nothing"));
  }

  void nothing_leaks() {
    const size_t files = open_files();
    CPPUNIT_ASSERT_EQUAL(size_t{0}, children().size());
    {
      const auto inspector = pool(2, Millis(100));
      const size_t files_running = open_files();
      for (int i = 0; i < 10; ++i) {
        inspector->inspect(order("trap"), soon());
        inspector->inspect(order("hang"), soon());
      }
      told(*inspector, "nothing");
      std::this_thread::sleep_for(Millis(500));            // all workers are up again
      CPPUNIT_ASSERT_EQUAL(size_t{3}, children().size());  // one more for small messages
      CPPUNIT_ASSERT_EQUAL(files_running, open_files());
    }
    CPPUNIT_ASSERT_EQUAL(size_t{0}, children().size());
    CPPUNIT_ASSERT_EQUAL(files, open_files());
  }

  void many_threads_share_few_workers() {
    const auto inspector = pool(2);
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&, i] {
        for (int j = 0; j < 50; ++j) {
          InspectRequest request = order("nothing");
          request.body.assign(static_cast<size_t>(i * 1000 + j), 'x');
          const BodyFacts facts = inspector->inspect(request, soon());
          if (facts.text == "done" && facts.visible_chars == request.body.size()) ++good;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CPPUNIT_ASSERT_EQUAL(800, good.load());
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, inspector->restarts());
  }

  // Six messages that would hold both workers for two seconds each; others are still answered at once.
  void slow_messages_leave_room() {
    const auto inspector = pool(2, Millis(2000));
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
      threads.emplace_back([&] { inspector->inspect(order("interim hang"), soon()); });
    }
    std::this_thread::sleep_for(Millis(50));
    std::vector<std::string> answers;
    for (int i = 0; i < 3; ++i) answers.push_back(inspector->inspect(order("nothing"), soon(60'000)).text);
    for (std::thread& thread : threads) thread.join();
    CPPUNIT_ASSERT(answers == std::vector<std::string>(3, "done"));
  }

  void waiting_ends_at_the_deadline() {
    const auto inspector = pool(1, Millis(3000));
    std::thread busy([&] { told(*inspector, "spin 300"); });
    std::thread busy_too([&] { told(*inspector, "spin 300"); });
    std::this_thread::sleep_for(Millis(50));
    const BodyFacts facts = inspector->inspect(order("nothing"), soon(20));
    CPPUNIT_ASSERT(!facts.inspected && facts.timeout);
    busy.join();
    busy_too.join();
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, inspector->restarts());
  }

  void bad_programs_are_refused() {
    InspectOptions options;
    options.program = "/nonexistent/postern-inspect";
    const auto missing = start_inspector(options);
    CPPUNIT_ASSERT(!missing.ok());
    CPPUNIT_ASSERT_EQUAL(std::string("cannot run /nonexistent/postern-inspect: No such file or directory"),
                         missing.error().text);
    options.program = "/bin/true";
    const auto silent = start_inspector(options);
    CPPUNIT_ASSERT(!silent.ok());
    CPPUNIT_ASSERT_EQUAL(std::string("the inspector ended at its start: exit status 0"), silent.error().text);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PoolTest);

}  // namespace
}  // namespace postern
