// SPDX-License-Identifier: GPL-2.0-or-later
// Bombs go through the real inspector: each gets its facts within the time limit, none disturbs other mail.
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "unit/inspect/bombs.h"
#include "unit/inspect/samples.h"
#include "unit/inspect/support.h"

namespace postern {
namespace {

constexpr Millis kTimeLimit{2000};
constexpr Millis kGrace{8000};  // for a machine that does much else

std::unique_ptr<Inspector> real_pool(Millis timeout) {
  const char* top = std::getenv("top_builddir");
  InspectOptions options;
  options.program = std::string(top != nullptr ? top : ".") + "/postern-inspect";
  options.workers = 2;
  options.timeout = timeout;
  auto started = start_inspector(options);
  if (!started) CPPUNIT_FAIL(started.error().text);
  return std::move(started).value();
}

InspectRequest mail_with(const Bomb& bomb) {
  return multipart("mixed",
                   {{"Content-Type: text/plain\r\n", "See the file."}, attached("application/pdf", "b", bomb.bytes)});
}

class BombTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(BombTest);
  CPPUNIT_TEST(pdf_bombs_end_in_time);
  CPPUNIT_TEST(picture_bombs_end_in_time);
  CPPUNIT_TEST(other_mail_is_not_held_up);
  CPPUNIT_TEST_SUITE_END();

 public:
  void pdf_bombs_end_in_time() { all_end_in_time(pdf_bombs()); }
  void picture_bombs_end_in_time() { all_end_in_time(picture_bombs()); }

  // Plain mail while four connections send nothing but bombs.
  void other_mail_is_not_held_up() {
    const auto inspector = real_pool(Millis(2000));
    std::vector<InspectRequest> bombs;
    for (const Bomb& bomb : pdf_bombs()) bombs.push_back(mail_with(bomb));
    for (const Bomb& bomb : picture_bombs()) bombs.push_back(mail_with(bomb));
    std::atomic<size_t> next{0};
    std::vector<std::thread> senders;
    for (int i = 0; i < 4; ++i) {
      senders.emplace_back([&] {
        for (size_t at = next++; at < bombs.size(); at = next++) inspector->inspect(bombs[at], soon());
      });
    }
    std::vector<int64_t> times;
    size_t answered = 0;
    const InspectRequest plain = message("Content-Type: text/plain\r\n", "Nothing but words.\r\n");
    while (next < bombs.size()) {
      const int64_t start = steady_micros();
      const BodyFacts facts = inspector->inspect(plain, soon());
      times.push_back(steady_micros() - start);
      answered += facts.inspected && !facts.timeout ? 1 : 0;
      std::this_thread::sleep_for(Millis(5));
    }
    for (std::thread& sender : senders) sender.join();
    std::sort(times.begin(), times.end());
    std::cerr << " " << times.size() << " plain messages beside " << bombs.size() << " bombs: median "
              << times[times.size() / 2] << " us, 99% " << times[times.size() * 99 / 100] << " us, longest "
              << times.back() << " us";
    CPPUNIT_ASSERT_EQUAL(times.size(), answered);
  }

 private:
  static void all_end_in_time(const std::vector<Bomb>& bombs) {
    const auto inspector = real_pool(kTimeLimit);
    for (const Bomb& bomb : bombs) {
      const InspectRequest request = mail_with(bomb);
      const int64_t start = steady_micros();
      const BodyFacts facts = inspector->inspect(request, soon());
      const int64_t took = steady_micros() - start;
      if (std::getenv("POSTERN_VERBOSE") != nullptr) {
        const bool slow =
            std::any_of(facts.pdfs.begin(), facts.pdfs.end(), [](const PdfFacts& p) { return p.timeout; });
        std::cerr << "\n  " << bomb.name << ": " << bomb.bytes.size() << " bytes, " << took << " us, "
                  << (facts.timeout ? "timeout " : "") << (slow ? "pdf.timeout " : "") << inspector->restarts()
                  << " restarts";
      }
      CPPUNIT_ASSERT_MESSAGE(bomb.name, took < (kTimeLimit + kGrace).count() * 1000);
      // Either all of it, or what was known when the time was over.
      CPPUNIT_ASSERT_MESSAGE(bomb.name, facts.inspected || facts.timeout);
      if (facts.inspected) CPPUNIT_ASSERT_EQUAL_MESSAGE(bomb.name, std::string("See the file."), facts.text);
      const bool whole = facts.attachments.size() == 1 && facts.pdfs.size() + facts.images.size() == 1;
      CPPUNIT_ASSERT_MESSAGE(bomb.name, whole || facts.timeout);
    }
    const BodyFacts after = inspector->inspect(message("", "still there"), soon());
    CPPUNIT_ASSERT_EQUAL(std::string("still there"), after.text);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(BombTest);

}  // namespace
}  // namespace postern
