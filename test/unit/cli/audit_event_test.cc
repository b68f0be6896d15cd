// SPDX-License-Identifier: GPL-2.0-or-later
// Lines as Dovecot 2.3.19 writes them, with example addresses.
#include "cli/audit_event.h"

#include <cppunit/extensions/HelperMacros.h>

namespace postern {
namespace {

// A line of the exporter: the event's name and the fields that matter.
std::string line(const std::string& event, const std::string& fields) {
  return "2026-11-26T16:34:06 stats: Info: {\"event\":\"" + event +
         "\",\"hostname\":\"mx\",\"start_time\":\"2026-11-26T16:34:05.774512Z\",\"end_time\":"
         "\"2026-11-26T16:34:06.775282Z\",\"categories\":[\"imap\"],\"fields\":{" +
         fields + "}}";
}

const std::string kWho =
    R"("user":"alice=example.com","remote_ip":"192.0.2.7","remote_port":39800,"session":"b16xg")";

std::string told(const std::string& text) {
  const auto event = audit_event(text);
  if (!event) return "nothing";
  return event->action + " " + event->user + " " + event->client + " " + event->service + " " + event->mailbox + " " +
         event->what;
}

}  // namespace

class AuditEventTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(AuditEventTest);
  CPPUNIT_TEST(logins);
  CPPUNIT_TEST(what_was_read);
  CPPUNIT_TEST(what_was_done);
  CPPUNIT_TEST(lines_that_tell_of_no_access);
  CPPUNIT_TEST(addresses);
  CPPUNIT_TEST_SUITE_END();

  void logins() {
    const std::string login = kWho + R"(,"original_user":"Alice@example.com","service":"imap","mechanism":"PLAIN")";
    CPPUNIT_ASSERT_EQUAL(std::string("login alice@example.com 192.0.2.7 imap  PLAIN"),
                         told(line("auth_request_finished", login + R"(,"success":"yes")")));
    CPPUNIT_ASSERT_EQUAL(std::string("refused alice@example.com 192.0.2.7 imap  PLAIN"),
                         told(line("auth_request_finished", login)));
    CPPUNIT_ASSERT_EQUAL(UnixTime{1795710846}, audit_event(line("auth_request_finished", login))->when);
  }

  void what_was_read() {
    const auto opened = [](const std::string& reasons) {
      return told(line("mail_opened", kWho + R"(,"cmd_name":"FETCH","reason_code":[)" + reasons +
                                          R"(],"mailbox":"INBOX","seq":1,"uid":12)"));
    };
    CPPUNIT_ASSERT_EQUAL(std::string("read alice@example.com 192.0.2.7 imap INBOX 12"),
                         opened(R"("imap:cmd_fetch","imap:fetch_body")"));
    CPPUNIT_ASSERT_EQUAL(std::string("list alice@example.com 192.0.2.7 imap INBOX 12"),
                         opened(R"("imap:cmd_fetch","imap:fetch_header_fields","mail:header_fields")"));
    CPPUNIT_ASSERT_EQUAL(std::string("search alice@example.com 192.0.2.7 imap INBOX 12"),
                         opened(R"("imap:cmd_search")"));
  }

  void what_was_done() {
    const auto command = [](const std::string& name, const std::string& words, const std::string& state = "OK") {
      return told(line("imap_command_finished", kWho + ",\"cmd_name\":\"" + name + "\",\"cmd_human_args\":\"" + words +
                                                    "\",\"tagged_reply_state\":\"" + state +
                                                    "\",\"mailbox\":\"INBOX\""));
    };
    CPPUNIT_ASSERT_EQUAL(std::string("open alice@example.com 192.0.2.7 imap INBOX "), command("SELECT", "INBOX"));
    CPPUNIT_ASSERT_EQUAL(std::string("open alice@example.com 192.0.2.7 imap INBOX "), command("EXAMINE", "INBOX"));
    CPPUNIT_ASSERT_EQUAL(std::string("copy alice@example.com 192.0.2.7 imap INBOX 3 Kept"),
                         command("UID COPY", "3 Kept"));
    CPPUNIT_ASSERT_EQUAL(std::string("delete alice@example.com 192.0.2.7 imap INBOX "), command("EXPUNGE", ""));
    CPPUNIT_ASSERT_EQUAL(std::string("nothing"), command("SELECT", "Nowhere", "NO"));
    CPPUNIT_ASSERT_EQUAL(std::string("nothing"), command("NOOP", ""));
  }

  void lines_that_tell_of_no_access() {
    for (const std::string& text :
         {std::string(), std::string("2026-11-26T16:34:05 imap-login: Info: Login: user=<alice>"),
          std::string("T stats: Info: {"), std::string("T stats: Info: {}"), std::string("T stats: Info: []"),
          std::string(R"(T stats: Info: {"event":"mail_opened","fields":7})"),
          "T lmtp: Info: " + line("auth_request_finished", kWho),
          line("mail_opened",
               R"("protocol":"lmtp","reason_code":["lmtp:cmd_data"],"user":"alice=example.com","uid":0)"),
          line("mail_expunged", kWho),
          std::string(R"(T stats: Info: {"event":"auth_request_finished","end_time":7,"fields":{}})")}) {
      CPPUNIT_ASSERT_EQUAL_MESSAGE(text, std::string("nothing"), told(text));
    }
  }

  void addresses() {
    CPPUNIT_ASSERT_EQUAL(std::string("alice@example.com"), mailbox_address("Alice=Example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("a=b@example.com"), mailbox_address("a=b=example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("a=b@example.com"), mailbox_address("a=b@example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("alice"), mailbox_address("alice"));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(AuditEventTest);

}  // namespace postern
