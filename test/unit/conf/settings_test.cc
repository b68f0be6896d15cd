// SPDX-License-Identifier: GPL-2.0-or-later
#include "conf/settings.h"

#include <cppunit/extensions/HelperMacros.h>

#include <set>

using namespace postern;

class SettingsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SettingsTest);
  CPPUNIT_TEST(defaults_are_those_of_the_manual);
  CPPUNIT_TEST(every_row_reads_its_own_default);
  CPPUNIT_TEST(file_values_are_taken);
  CPPUNIT_TEST(faults_name_line_and_expectation);
  CPPUNIT_TEST(repeated_and_unknown_names_are_faults);
  CPPUNIT_TEST(fixed_changes_are_named);
  CPPUNIT_TEST(passwords_are_not_shown);
  CPPUNIT_TEST(the_log_goes_where_it_can);
  CPPUNIT_TEST_SUITE_END();

  static std::string fault(std::string_view text) {
    const auto result = parse_settings("postern.toml", text);
    return result.ok() ? "" : result.error().text;
  }
  static void holds(const std::string& text, std::string_view part) {
    CPPUNIT_ASSERT_MESSAGE(text, text.find(part) != std::string::npos);
  }

  void defaults_are_those_of_the_manual() {
    const Settings s = default_settings();
    CPPUNIT_ASSERT_EQUAL(std::string("unix:/run/postern/milter.sock"), s.listen);
    CPPUNIT_ASSERT(s.mode == Mode::kEnforce && s.gate == GateMode::kEnforce && s.gate_stage == GateStage::kMail);
    CPPUNIT_ASSERT(s.bounce_grace == Millis(7 * 86'400'000LL) && s.track_life == Millis(10 * 86'400'000LL));
    CPPUNIT_ASSERT_EQUAL(5.0, s.spam_score);
    CPPUNIT_ASSERT_EQUAL(uint64_t(256) << 20, s.inspect_memory);
  }

  void every_row_reads_its_own_default() {
    std::set<std::string_view> names;
    for (const SettingInfo& row : setting_table()) {
      CPPUNIT_ASSERT_MESSAGE(std::string(row.name), names.insert(row.name).second);
      const std::string text = setting_text(default_settings(), row.name);
      const auto again = parse_settings("x", std::string(row.name) + " = " + text);
      CPPUNIT_ASSERT_MESSAGE(std::string(row.name) + " = " + text, again.ok());
      CPPUNIT_ASSERT_EQUAL(text, setting_text(again.value(), row.name));
    }
  }

  void file_values_are_taken() {
    const auto s = parse_settings("x",
                                  "mode = \"monitor\"\nspam-score = 4\ninspect-memory = \"128M\"\n"
                                  "bounce-grace = \"0s\"\nlisten = \"inet:8891@127.0.0.1\"\ndefault-rules = false\n");
    CPPUNIT_ASSERT(s.ok());
    CPPUNIT_ASSERT(s->mode == Mode::kMonitor && !s->default_rules);
    CPPUNIT_ASSERT_EQUAL(4.0, s->spam_score);
    CPPUNIT_ASSERT_EQUAL(uint64_t(128) << 20, s->inspect_memory);
    CPPUNIT_ASSERT(s->bounce_grace == Millis::zero());
  }

  void faults_name_line_and_expectation() {
    holds(fault("\n\nmode = \"on\"\n"), "postern.toml:3: mode: expected enforce or monitor, not \"on\"");
    holds(fault("spam-score = \"many\""), "postern.toml:1: spam-score: expected a number from 0.1 to 1000.0");
    holds(fault("inspect-timeout = \"2 seconds\""), "expected a duration from \"50ms\" to \"1m\"");
    holds(fault("listen = [1]"), "postern.toml:1: listen: expected inet:PORT@ADDRESS");
    holds(fault("metrics-listen = \"inet:9917@192.0.2.1\""), "expected empty, inet:PORT@127.0.0.1");
    holds(fault("metrics-listen = \"inet:9917\""), "expected empty, inet:PORT@127.0.0.1");
    holds(fault("redis = \"localhost\""), "expected empty, redis://");
    for (const char* text : {"archive-address = \"archive\"", "archive-address = \"{user}@{domain}\""})
      holds(fault(text), "expected empty, or an address made of {user} and {domain} such as {user}={domain}@archive");
    for (const char* each : {"imap://mail.example.com", "imap://192.0.2.1", "mail.example.com", "imaps://",
                             "imaps://a b", "imaps://a/b", "imaps://a:x", "imaps://u@a"}) {
      holds(fault("portal-imap = \"" + std::string(each) + "\""), "expected empty, imaps://HOST");
    }
    holds(fault("portal-domain = \"a b\""), "portal-domain: expected empty or a domain");
    holds(fault("portal-quarantine = \"a*\""), "portal-quarantine: expected the name of a mailbox");
    CPPUNIT_ASSERT(parse_settings("postern.toml", "portal-imap = \"imap://[::1]:143\"").ok());
    CPPUNIT_ASSERT(parse_settings("postern.toml", "portal-imap = \"imaps://mail.example.com:993\"").ok());
    for (const char* each :
         {"http://portal.example.com", "https://portal.example.com/", "https://a b", "portal.example.com"}) {
      holds(fault("portal-url = \"" + std::string(each) + "\""), "expected empty, https://HOST");
    }
    CPPUNIT_ASSERT(parse_settings("portal.toml", "portal-url = \"https://portal.example.com:8443\"").ok());
    for (const char* each : {"a b@example.com", "example.com", "@example.com", "a@b@example.com", "-oQ/tmp@example.com",
                             "a@example.com\\nX: y"}) {
      holds(fault("digest-sender = \"" + std::string(each) + "\""), "expected empty or a mail address");
    }
    holds(fault("mode = \n"), "postern.toml:1:");
    holds(fault("spam-score = 12.0"), "surespam-score (10.0) must not be below spam-score (12.0)");
    holds(load_settings("/nonexistent/postern.toml").error().text, "/nonexistent/postern.toml");
  }

  void repeated_and_unknown_names_are_faults() {
    holds(fault("mode = \"monitor\"\nmode = \"monitor\"\n"), "postern.toml:2");
    holds(fault("[store]\nredis = \"\"\n"), "\"store\" is not a setting; expected one of listen");
  }

  void passwords_are_not_shown() {
    Settings s = default_settings();
    const auto shown = [&s](const std::string& url) {
      s.redis = url;
      return shown_text(s, "redis");
    };
    CPPUNIT_ASSERT_EQUAL(std::string("\"redis://postern:***@127.0.0.1:6379/0\""),
                         shown("redis://postern:se:cr@et@127.0.0.1:6379/0"));
    CPPUNIT_ASSERT_EQUAL(std::string("\"redis://127.0.0.1:6379/0\""), shown("redis://127.0.0.1:6379/0"));
    CPPUNIT_ASSERT_EQUAL(
        std::string("\"sentinel://p:***@192.0.2.1:26379/m?sentinel-password=***&sentinel-user=u\""),
        shown("sentinel://p:secret@192.0.2.1:26379/m?sentinel-password=hidden&sentinel-user=u"));
    CPPUNIT_ASSERT_EQUAL(std::string("\"unix:///run/redis.sock?db=1\""), shown("unix:///run/redis.sock?db=1"));
    CPPUNIT_ASSERT_EQUAL(std::string("\"redis://***@host:6379\""), shown("redis://secret@host:6379"));
    CPPUNIT_ASSERT_EQUAL(std::string("\"unix://u:***@/run/redis.sock?db=4\""),
                         shown("unix://u:secret@/run/redis.sock?db=4"));
    CPPUNIT_ASSERT_EQUAL(std::string("\"sentinel://u:***@[2001:db8::1]:26379,two/main\""),
                         shown("sentinel://u:secret@[2001:db8::1]:26379,two/main"));
    CPPUNIT_ASSERT_EQUAL(setting_text(s, "listen"), shown_text(s, "listen"));
  }

  void the_log_goes_where_it_can() {
    for (const std::string good : {"syslog", "stderr", "journal", "journal:/run/systemd/journal.mail/socket"}) {
      CPPUNIT_ASSERT_EQUAL(std::string(), fault("log = \"" + good + "\""));
    }
    for (const std::string bad : {"", "journal:", "journal:relative", "file"}) {
      holds(fault("log = \"" + bad + "\""), "log: expected syslog, stderr, journal or journal:/PATH");
    }
    CPPUNIT_ASSERT(!fault("log = \"journal:/" + std::string(200, 'x') + "\"").empty());
  }

  void fixed_changes_are_named() {
    const Settings running = default_settings();
    Settings wanted = running;
    wanted.listen = "unix:/tmp/other";
    wanted.spam_score = 3;
    CPPUNIT_ASSERT(fixed_changes(running, wanted) == std::vector<std::string>{"listen"});
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SettingsTest);
