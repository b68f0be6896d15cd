// SPDX-License-Identifier: GPL-2.0-or-later
// What IMAP servers answer, and messages as words.
#include <cppunit/extensions/HelperMacros.h>

#include "portal/imap_reply.h"
#include "portal/message_view.h"

using namespace postern;

class PortalMailTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PortalMailTest);
  CPPUNIT_TEST(ends);
  CPPUNIT_TEST(fetch);
  CPPUNIT_TEST(states);
  CPPUNIT_TEST(broken);
  CPPUNIT_TEST(quoted);
  CPPUNIT_TEST(verdicts);
  CPPUNIT_TEST(hostile_fields);
  CPPUNIT_TEST(plain_before_html);
  CPPUNIT_TEST(html_alone);
  CPPUNIT_TEST(cut);
  CPPUNIT_TEST_SUITE_END();

  static void same(const std::string& expected, const std::string& actual) { CPPUNIT_ASSERT_EQUAL(expected, actual); }

  void ends() {
    CPPUNIT_ASSERT_EQUAL(size_t{0}, response_end("* OK", 100).value());
    CPPUNIT_ASSERT_EQUAL(size_t{6}, response_end("* OK\r\n* x", 100).value());
    // A literal may hold what looks like the end of a command.
    const std::string text = "* 1 FETCH (BODY[] {12}\r\nP1 OK Done\r\n)\r\n";
    CPPUNIT_ASSERT_EQUAL(text.size(), response_end(text + "P1 OK\r\n", 100).value());
    CPPUNIT_ASSERT_EQUAL(size_t{0}, response_end(text.substr(0, 30), 100).value());
    CPPUNIT_ASSERT(!response_end("* {4000000000}\r\n", 100));
    CPPUNIT_ASSERT(!response_end(std::string(200, 'x'), 100));
  }

  void fetch() {
    const auto response = parse_response(
        "* 12 FETCH (UID 7 INTERNALDATE \"01-Nov-2026 10:00:00 +0000\" RFC822.SIZE 345 "
        "BODY[HEADER.FIELDS (FROM TO)] {9}\r\nFrom: a\"\n)\r\n");
    CPPUNIT_ASSERT(response.has_value());
    CPPUNIT_ASSERT_EQUAL(size_t{4}, response->size());
    const ImapValue& list = response->at(3);
    same("7", fetch_item(list, "uid")->text);
    same("From: a\"\n", fetch_item(list, "BODY")->text);
    CPPUNIT_ASSERT(fetch_item(list, "FLAGS") == nullptr);
  }

  void states() {
    const auto response = parse_response("P1 NO [AUTHENTICATIONFAILED] (no\r\n");
    CPPUNIT_ASSERT(response.has_value());
    same("NO", response->at(1).text);
    same("[AUTHENTICATIONFAILED] (no", response->at(2).text);
  }

  void broken() {
    for (const std::string& each : {std::string("* ("), std::string("* \"x"), std::string("* BODY[x"),
                                    std::string("* )\r\n"), std::string("* {9}\r\nx"), "* " + std::string(50, '(')}) {
      CPPUNIT_ASSERT_MESSAGE(each, !parse_response(each));
    }
  }

  void quoted() {
    same("\"a\\\"b\\\\\"", imap_quoted("a\"b\\").value());
    CPPUNIT_ASSERT(!imap_quoted("a\r\nP2 DELETE x"));
  }

  void verdicts() {
    const VerdictWords words =
        verdict_words("surespam; score=12.5; rules=PDF_ONLY, NO_TEXT; bounce=failure/none (nothing but a picture)");
    same("Surely spam, with 12.5 points: nothing but a picture", words.why);
    same("PDF_ONLY, NO_TEXT", words.rules);
    CPPUNIT_ASSERT(verdict_words("<b>").why.starts_with("Not known"));
    CPPUNIT_ASSERT(verdict_words("").why.starts_with("Not known"));
  }

  void hostile_fields() {
    const MessageSummary summary = summarize(
        "From: =?utf-8?q?a=00b=1b[31m?= <a@example.org>\nSubject: =?utf-8?b?4oCu?= x\xff\n y\r\n\n");
    same("a\xef\xbf\xbd" "b\xef\xbf\xbd[31m <a@example.org>", summary.from);
    CPPUNIT_ASSERT(summary.subject.find("\xe2\x80\xae") == std::string::npos);
    CPPUNIT_ASSERT(summary.subject.find("x\xef\xbf\xbd y") != std::string::npos);
    same("(no date)", summary.date);
    CPPUNIT_ASSERT(summarize("Subject: " + std::string(5000, 'x') + "\n\n").subject.size() < 1100);
  }

  void plain_before_html() {
    const MessageView view = view_message(
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain words\n--b\n"
        "Content-Type: text/html\n\n<b>html words</b>\n--b\nContent-Type: application/pdf; "
        "name=\"a<b>.pdf\"\n\nx\n--b--\n",
        10'000);
    same("plain words", view.text);
    CPPUNIT_ASSERT_EQUAL(size_t{1}, view.attachments.size());
    same("a<b>.pdf", view.attachments[0].name);  // escaped by the page
  }

  void html_alone() {
    const MessageView view = view_message(
        "Content-Type: text/html\n\n<p>seen</p><script>alert(1)</script><img src=x onerror=alert(2)>", 10'000);
    CPPUNIT_ASSERT(view.text.find("seen") != std::string::npos);
    CPPUNIT_ASSERT(view.text.find("alert") == std::string::npos);
    CPPUNIT_ASSERT(view.text.find('<') == std::string::npos);
  }

  void cut() {
    const MessageView view = view_message("Subject: x\n\n" + std::string(5000, 'y'), 1000);
    CPPUNIT_ASSERT(view.cut);
    CPPUNIT_ASSERT_EQUAL(size_t{1000}, view.text.size());
    same("(no text)", view_message("Subject: x\n\n", 1000).text);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PortalMailTest);
