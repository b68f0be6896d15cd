// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/mail_story.h"

#include <cppunit/extensions/HelperMacros.h>

#include <initializer_list>
#include <string>

namespace postern {
namespace {

MailStory story(std::string_view id, std::initializer_list<std::string_view> lines) {
  MailStory out;
  out.id = id;
  for (const std::string_view line : lines) add_line(out, line);
  return out;
}

constexpr std::string_view kOurs =
    "Nov 24 05:21:42 mx postern-milter[77]: D8F02A722EC: client=[203.0.113.9], from=<bulk@example.org>, "
    "to=<a@example.com>, nrcpt=2, size=273, verdict=surespam, score=11.0, rules=A,B, action=mixed, generation=42, "
    "digest=42b2371c40319862, delay=0.067, to=<a@example.com> action=quarantine policy=@example.com, "
    "to=<b@example.com> action=tag policy=b@example.com (score 11.0: a rule (of two))";
constexpr std::string_view kSent =
    "Nov 24 05:21:43 mx postfix/smtp[9290]: D8F02A722EC: to=<b@example.com>, relay=127.0.0.1[127.0.0.1]:2525, "
    "delay=0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4Xn0Yk)";

bool has(const std::string& text, std::string_view piece) { return text.find(piece) != std::string::npos; }

}  // namespace

class MailStoryTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MailStoryTest);
  CPPUNIT_TEST(queue_ids);
  CPPUNIT_TEST(takes_whole_words_only);
  CPPUNIT_TEST(reads_our_line);
  CPPUNIT_TEST(reads_deliveries);
  CPPUNIT_TEST(last_try_counts);
  CPPUNIT_TEST(reads_sendmail);
  CPPUNIT_TEST(tells_it_in_words);
  CPPUNIT_TEST(a_host_called_postern_is_not_ours);
  CPPUNIT_TEST(cut_lines_do_no_harm);
  CPPUNIT_TEST_SUITE_END();

 public:
  void queue_ids() {
    for (const char* id : {"D8F02A722EC", "4XyZ1k3bQ5z9Jf2", "4AO5fGxx012345"}) CPPUNIT_ASSERT(is_queue_id(id));
    for (const char* id : {"", "A1", "D8F02;reboot", "D8F0 2A7", "$(id)12345"}) CPPUNIT_ASSERT(!is_queue_id(id));
  }

  void takes_whole_words_only() {
    MailStory it;
    it.id = "D8F02A722EC";
    CPPUNIT_ASSERT(!add_line(it, "mx postfix/qmgr[1]: 1D8F02A722EC: removed"));
    CPPUNIT_ASSERT(!add_line(it, "mx postfix/qmgr[1]: D8F02A722EC5: removed"));
    CPPUNIT_ASSERT(add_line(it, "mx postfix/qmgr[1]: D8F02A722EC: removed"));
    CPPUNIT_ASSERT(it.removed);
  }

  void reads_our_line() {
    const MailStory it = story("D8F02A722EC", {kOurs});
    CPPUNIT_ASSERT_EQUAL(std::string("surespam"), it.verdict);
    CPPUNIT_ASSERT_EQUAL(std::string("<bulk@example.org>"), it.sender);
    CPPUNIT_ASSERT_EQUAL(std::string("A,B"), it.rules);
    CPPUNIT_ASSERT_EQUAL(std::string("mixed"), it.action);
    CPPUNIT_ASSERT_EQUAL(std::string("score 11.0: a rule (of two)"), it.reason);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, it.judged.size());
    CPPUNIT_ASSERT_EQUAL(std::string("<b@example.com>"), it.judged[1].address);
    CPPUNIT_ASSERT_EQUAL(std::string("tag"), it.judged[1].action);
    CPPUNIT_ASSERT_EQUAL(std::string("@example.com"), it.judged[0].policy);
  }

  void reads_deliveries() {
    const MailStory it = story("D8F02A722EC", {kOurs, kSent});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, it.deliveries.size());
    CPPUNIT_ASSERT_EQUAL(std::string("sent"), it.deliveries[0].status);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, it.next_ids.size());
    CPPUNIT_ASSERT_EQUAL(std::string("4Xn0Yk"), it.next_ids[0]);
  }

  void last_try_counts() {
    const MailStory it = story("D8F02A722EC", {"mx postfix/smtp[1]: D8F02A722EC: to=<b@example.com>, relay=none, "
                                               "dsn=4.4.1, status=deferred (connect refused)",
                                               kSent});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, it.deliveries.size());
    CPPUNIT_ASSERT_EQUAL(std::string("sent"), it.deliveries[0].status);
  }

  void reads_sendmail() {
    const MailStory it = story("4AO5fGxx012345", {"mx sm-mta[5]: 4AO5fGxx012345: to=<b@example.com>, delay=00:00:01, "
                                                  "mailer=esmtp, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent "
                                                  "(ok)"});
    CPPUNIT_ASSERT_EQUAL(size_t{1}, it.deliveries.size());
    CPPUNIT_ASSERT_EQUAL(std::string("sent"), it.deliveries[0].status);
  }

  void tells_it_in_words() {
    const std::string text = story_text(
        story("D8F02A722EC", {kOurs, kSent, "mx postfix/cleanup[3]: D8F02A722EC: milter-hold: END-OF-MESSAGE from x"}),
        false);
    CPPUNIT_ASSERT(has(text, "Postern: surespam, score 11.0, rules A,B, tables of generation 42\n"));
    CPPUNIT_ASSERT(has(text, "why: score 11.0: a rule (of two)\n"));
    CPPUNIT_ASSERT(has(text, "<a@example.com>: sent to quarantine, by the policy of @example.com\n"));
    CPPUNIT_ASSERT(has(text, "<b@example.com>: delivered with a tagged Subject, by the policy of b@example.com\n"
                             "    the MTA: sent by 127.0.0.1[127.0.0.1]:2525: 250 2.0.0 Ok: queued as 4Xn0Yk\n"));
    CPPUNIT_ASSERT(has(text, "milter-hold"));
    CPPUNIT_ASSERT(has(text, "goes on as 4Xn0Yk\n"));
    CPPUNIT_ASSERT(has(text, "not said that it is done"));
  }

  void a_host_called_postern_is_not_ours() {
    const MailStory it = story("D8F02A722EC", {"Nov 24 05:21:43 postern postfix/smtp[9]: D8F02A722EC: "
                                               "to=<b@example.com>, relay=x, status=bounced (verdict=clean)"});
    CPPUNIT_ASSERT_EQUAL(std::string(), it.verdict);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, it.deliveries.size());
  }

  void cut_lines_do_no_harm() {
    for (size_t size = 0; size <= kOurs.size(); ++size) {
      MailStory it;
      it.id = "D8F02A722EC";
      add_line(it, kOurs.substr(0, size));
      story_text(it, true);
    }
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MailStoryTest);

}  // namespace postern
