// SPDX-License-Identifier: GPL-2.0-or-later
// Delivery reports in the shapes that mail systems give them; all made up for this test.
#include <cppunit/extensions/HelperMacros.h>

#include "mail/quoted.h"
#include "mail/report.h"

using namespace postern;

namespace {

const std::string kOriginal =
    "Received: from pc.example.com (pc.example.com [192.0.2.7])\n"
    "\tby mx.example.com with ESMTP id 1;\n\tMon, 2 Nov 2026 10:00:00 +0000\n"
    "X-Postern-ID: 1.k1.506aAAAA.MAC\n"
    "From: Alice <alice@example.com>\n"
    "To: bob@example.org\n"
    "Subject: hello\n"
    "Date: Mon, 2 Nov 2026 10:00:00 +0000\n"
    "Message-ID: <orig-1@example.com>\n";

const std::string kStatus =
    "Reporting-MTA: dns; mx.example.org\n\n"
    "Final-Recipient: rfc822; b.new@example.org\nOriginal-Recipient: rfc822;bob@example.org\n"
    "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1\n no such user\n";

const std::string kReportHeader =
    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\nSubject: Undelivered\n";

std::string report_body(const std::string& status, const std::string& last_type, const std::string& last) {
  return "--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n" + status +
         "\n--b\nContent-Type: " + last_type + "\n\n" + last + "\n--b--\n";
}

std::string prefixed(const std::string& text, const std::string& prefix) {
  std::string out = prefix;
  for (size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out += prefix;
  }
  return out;
}

std::string list(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += item + "|";
  return out;
}

}  // namespace

class ReportTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(ReportTest);
  CPPUNIT_TEST(standard_report);
  CPPUNIT_TEST(header_carriers);
  CPPUNIT_TEST(shapes);
  CPPUNIT_TEST(inlined);
  CPPUNIT_TEST(inlined_encoded);
  CPPUNIT_TEST(html_copy);
  CPPUNIT_TEST(broken_mime);
  CPPUNIT_TEST(message_id_spellings);
  CPPUNIT_TEST(prose_recipients);
  CPPUNIT_TEST(summaries_are_no_originals);
  CPPUNIT_TEST(forwarded_report);
  CPPUNIT_TEST(ordinary_mail);
  CPPUNIT_TEST(bounded);
  CPPUNIT_TEST_SUITE_END();

  static void same(const std::string& expected, const std::string& actual) { CPPUNIT_ASSERT_EQUAL(expected, actual); }
  static void has_original(const DeliveryReport& report, bool fully) {
    CPPUNIT_ASSERT(report.quotes_original);
    CPPUNIT_ASSERT_EQUAL(fully, report.quotes_headers_fully);
    same("1.k1.506aAAAA.MAC|", list(report.stamps));
    same("<orig-1@example.com>|", list(report.message_ids));
  }

  void standard_report() {
    const auto report = read_report(kReportHeader, report_body(kStatus, "message/rfc822", kOriginal + "\ntext\n"));
    same("failure", report.shape);
    has_original(report, true);
    same("bob@example.org|b.new@example.org|", list(report.failed_recipients));
    same("550 5.1.1 no such user", report.diagnostic);
    same("alice@example.com", report.quoted_sender);
  }

  void header_carriers() {
    for (const char* type :
         {"text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers", "text/rfc822",
          "application/octet-stream; name=original.eml"}) {
      has_original(read_report(kReportHeader, report_body(kStatus, type, kOriginal)), true);
    }
    has_original(read_report(kReportHeader, report_body(kStatus, "message/rfc822", "\n\n" + kOriginal)), true);
  }

  void shapes() {
    const auto shape = [](const std::string& header, const std::string& body) {
      return read_report(header, body).shape;
    };
    same("delay", shape(kReportHeader, report_body("Action: delayed\n", "text/plain", "")));
    same("success", shape(kReportHeader, report_body("Action: relayed\n", "text/plain", "")));
    same("failure", shape(kReportHeader, report_body("Action: delivered\n\nAction: failed\n", "text/plain", "")));
    same("failure", shape("Content-Type: multipart/mixed; boundary=b\n", report_body(kStatus, "text/plain", "")));
    same("failure", shape(kReportHeader, "--b\n\nno status part\n--b--\n"));
    same("delay", shape("Content-Type: multipart/report; boundary=b\nSubject: Delayed mail\n", "--b\n\nx\n--b--\n"));
    same("mdn", shape("Content-Type: multipart/report; boundary=b\n",
                      "--b\n\nx\n--b\nContent-Type: message/disposition-notification\n\n"
                      "Original-Message-ID: <m@example.com>\n--b--\n"));
    same("feedback", shape("Content-Type: multipart/report; boundary=b\n",
                           "--b\n\nx\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n"));
  }

  void inlined() {
    const std::string lead = "Hi. This is the program.\n<bob@example.org>:\nno such user\n\n--- Below is a copy.\n\n";
    const auto plain = read_report("", lead + kOriginal + "\nbody of mine@example.net\n");
    same("", plain.shape);
    has_original(plain, true);
    same("bob@example.org|", list(plain.failed_recipients));
    for (const char* prefix : {"> ", ">", "| ", "    ", "\t"}) {
      has_original(read_report("", lead + prefixed(kOriginal, prefix) + "\n"), true);
    }
    // The block ends the message without an empty line: perhaps cut off.
    has_original(read_report("", lead + kOriginal), false);
  }

  void inlined_encoded() {
    const std::string quoted =
        "X-Postern-ID: 1.k1.506a=\nAAAA.MAC\nFrom: alice@example.com\nMessage-ID: <orig-1@exam=\nple.com>\nSubject: "
        "x=3D\n\n";
    has_original(read_report("Content-Transfer-Encoding: quoted-printable\n", "Sorry.\n\n" + quoted), false);
    // "Sorry.\n\nX-Postern-ID: ...\nFrom: ...\nMessage-ID: ...\n\n"
    has_original(read_report("Content-Transfer-Encoding: base64\n",
                             "U29ycnkuCgpYLVBvc3Rlcm4tSUQ6IDEuazEuNTA2YUFBQUEuTUFDCkZyb206IGFsaWNl\n"
                             "QGV4YW1wbGUuY29tCk1lc3NhZ2UtSUQ6IDxvcmlnLTFAZXhhbXBsZS5jb20+Cgo=\n"),
                 false);
  }

  void html_copy() {
    const auto report =
        read_report("Content-Type: text/html\n",
                    "<p>Sorry</p>" + std::string(100000, ' ') +
                        "<br>Received: from x<br>X-Postern-ID:&nbsp;1.k1.506aAAAA.MAC<br>"
                        "From: &lt;alice@example.com&gt;<br>Message-ID: &lt;orig-1@example.com&gt;<br><br>");
    has_original(report, false);
  }

  void broken_mime() {
    const std::string header = "Content-Type: multipart/report; report-type=delivery-status; boundary=wrong\n";
    has_original(read_report(header, report_body(kStatus, "message/rfc822", kOriginal)), true);
    const auto none = read_report("Content-Type: multipart/mixed; boundary=none\n", "Sorry.\n\n" + kOriginal + "\n");
    has_original(none, true);
    // A type that nobody knows, so that only the last look at the raw body finds it.
    same("1.k1.506aAAAA.MAC|", list(read_report("Content-Type: application/x-odd\n", kOriginal).stamps));
  }

  void message_id_spellings() {
    const auto id = [](const std::string& line) {
      return list(read_report(kReportHeader, report_body(kStatus, "text/rfc822-headers",
                                                         "From: a@example.com\nReceived: x\n" + line + "\n"))
                      .message_ids);
    };
    same("<m@x>|", id("Message-ID:<m@x>"));
    same("<m@x>|", id("MESSAGE-ID:\n <m@x>"));
    same("<m@x>|", id("Message-Id: m@x"));
    LooseFields loose;
    find_loose_fields("xOriginal-Message-ID:\r\n> <a@x> message-id : b@y\nX-POSTERN-ID:\n\t1.a.b.c, Message-ID", 5,
                      loose);
    same("<a@x>|<b@y>|", list(loose.message_ids));
    same("1.a.b.c|", list(loose.stamps));
  }

  void prose_recipients() {
    const auto found = [](const std::string& body) { return list(read_report("", body).failed_recipients); };
    same("bob@example.org|", found("Your mail to bob@example.org failed.\nAsk postmaster@example.org.\n"));
    same("bob@example.org|", found("mailbox full:\n  bob@example.org\n\n" + kOriginal));
    same("bob@example.org|", list(read_report("X-Failed-Recipients: bob@example.org\n", "gone").failed_recipients));
  }

  void summaries_are_no_originals() {
    CPPUNIT_ASSERT(!read_report("", "Your message\n\n  To:      bob@example.org\n  Subject: hi\n  Sent:  today\n\n")
                        .quotes_original);
    CPPUNIT_ASSERT(!read_report(kReportHeader, report_body(kStatus, "text/plain", "nothing")).quotes_original);
    CPPUNIT_ASSERT(!read_report("", "See http://example.com\nTime: 10:30\nStatus: 5.1.1\n").quotes_original);
  }

  void forwarded_report() {
    // Somebody forwards a report as an attachment: that is no report.
    const auto report = read_report("Content-Type: multipart/mixed; boundary=f\n",
                                    "--f\n\nwhat is this?\n--f\nContent-Type: message/rfc822\n\n" + kReportHeader +
                                        "From: mailer-daemon@example.org\n\n" +
                                        report_body(kStatus, "message/rfc822", kOriginal) + "\n--f--\n");
    same("", report.shape);
    CPPUNIT_ASSERT(report.quotes_original);
  }

  void ordinary_mail() {
    const auto report = read_report("", "Hello,\nsee you at 10:30.\nRegards: Bob\n");
    same("", report.shape);
    CPPUNIT_ASSERT(!report.quotes_original && report.stamps.empty() && report.message_ids.empty());
  }

  void bounded() {
    std::string body;
    for (int i = 0; i < 1000; ++i) {
      body += "X-Postern-ID: 1.k1.x" + std::to_string(i) + ".y\nMessage-ID: <m" + std::to_string(i) + "@x>\nu" +
              std::to_string(i) + "@example.com\n\n";
    }
    const auto report = read_report("", body);
    CPPUNIT_ASSERT_EQUAL(size_t{8}, report.stamps.size());
    CPPUNIT_ASSERT_EQUAL(size_t{8}, report.message_ids.size());
    CPPUNIT_ASSERT_EQUAL(size_t{8}, report.failed_recipients.size());
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(ReportTest);
