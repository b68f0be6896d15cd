// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of the small tables: domains, keys, and the words of verdicts.
#include <cppunit/extensions/HelperMacros.h>

#include "policy/domains.h"
#include "policy/keys.h"
#include "policy/verdict.h"

namespace postern {

class RowsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RowsTest);
  CPPUNIT_TEST(words_survive_a_round_trip);
  CPPUNIT_TEST(domain_rows);
  CPPUNIT_TEST(bad_domain_rows_say_what_was_expected);
  CPPUNIT_TEST(grace_decides_unless_the_administrator_does);
  CPPUNIT_TEST(key_rows);
  CPPUNIT_TEST(bad_key_rows_never_show_the_secret);
  CPPUNIT_TEST(newest_active_key_signs);
  CPPUNIT_TEST_SUITE_END();

  void words_survive_a_round_trip() {
    for (int i = 0; i <= static_cast<int>(Verdict::kBlocked); ++i) {
      CPPUNIT_ASSERT(parse_verdict(to_string(static_cast<Verdict>(i))) == static_cast<Verdict>(i));
    }
    for (int i = 0; i <= static_cast<int>(Action::kReject); ++i) {
      CPPUNIT_ASSERT(parse_action(to_string(static_cast<Action>(i))) == static_cast<Action>(i));
    }
    for (int i = 0; i <= static_cast<int>(BounceKind::kOther); ++i) {
      CPPUNIT_ASSERT(parse_bounce_kind(to_string(static_cast<BounceKind>(i))) == static_cast<BounceKind>(i));
    }
    CPPUNIT_ASSERT_EQUAL(std::string("message-id"), std::string(to_string(Evidence::kMessageId)));
    CPPUNIT_ASSERT_EQUAL(std::string("tag"), std::string(to_string(Evidence::kTag)));
    CPPUNIT_ASSERT(parse_bounce_state("Enforce") == BounceState::kEnforce);
    CPPUNIT_ASSERT(!parse_verdict("spammy") && !parse_action("") && !parse_bounce_state("on"));
  }

  void domain_rows() {
    const auto row = parse_domain_row(" enforce  since=2026-11-01T00:00:00Z ");
    CPPUNIT_ASSERT(row.ok());
    CPPUNIT_ASSERT(row->wanted == BounceState::kEnforce);
    CPPUNIT_ASSERT_EQUAL(std::string("enforce since=2026-11-01T00:00:00Z"), to_string(*row));
    CPPUNIT_ASSERT_EQUAL(std::string("off"), to_string(*parse_domain_row("off")));
    CPPUNIT_ASSERT_EQUAL(std::string("since=2026-11-01T00:00:00Z"), to_string(*parse_domain_row("since=2026-11-01")));
    CPPUNIT_ASSERT_EQUAL(std::string("enforce tag=on"), to_string(*parse_domain_row("TAG=On enforce")));
    CPPUNIT_ASSERT_EQUAL(std::string("off"), to_string(*parse_domain_row("off tag=off")));
    DomainTable table;
    table["example.com"] = *parse_domain_row("since=2026-11-01 tag=on");
    table["example.net"] = *parse_domain_row("enforce");
    CPPUNIT_ASSERT(tags_senders(table) && tags_senders(table, "Example.COM"));
    CPPUNIT_ASSERT(!tags_senders(table, "example.net") && !tags_senders(table, "example.org"));
    table.erase("example.com");
    CPPUNIT_ASSERT(!tags_senders(table));
  }

  void bad_domain_rows_say_what_was_expected() {
    for (const char* text : {"", "yes", "enforce off", "since=soon", "since=2026-01-01 since=2026-01-02", "tag=on",
                             "tag=off", "enforce tag=yes", "enforce tag=on tag=on"}) {
      CPPUNIT_ASSERT_MESSAGE(text, !parse_domain_row(text).ok());
    }
    CPPUNIT_ASSERT(parse_domain_row("yes").error().text.find("expected enforce, monitor, off") != std::string::npos);
  }

  void grace_decides_unless_the_administrator_does() {
    DomainTable table;
    table["new.example.com"].since = 1'000'000;
    table["wanted.example.com"].wanted = BounceState::kOff;
    table["wanted.example.com"].since = 0;
    const Millis grace{7 * 86'400'000LL};
    const UnixTime edge = 1'000'000 + 7 * 86400;
    CPPUNIT_ASSERT(bounce_state(table, "New.Example.com", edge - 1, grace) == BounceState::kMonitor);
    CPPUNIT_ASSERT(bounce_state(table, "New.Example.com", edge, grace) == BounceState::kEnforce);
    CPPUNIT_ASSERT(bounce_state(table, "new.example.com", 0, Millis{0}) == BounceState::kMonitor);
    CPPUNIT_ASSERT(bounce_state(table, "wanted.example.com", edge, grace) == BounceState::kOff);
    CPPUNIT_ASSERT(bounce_state(table, "example.org", edge, grace) == BounceState::kMonitor);
  }

  void key_rows() {
    const std::string text = "secret=" + std::string(64, 'a') + " created=2026-11-01T00:00:00Z state=old";
    const auto row = parse_key_row(text);
    CPPUNIT_ASSERT(row.ok());
    CPPUNIT_ASSERT_EQUAL(size_t{32}, row->secret.size());
    CPPUNIT_ASSERT(!row->active);
    CPPUNIT_ASSERT_EQUAL(text, to_string(*row));
  }

  void bad_key_rows_never_show_the_secret() {
    const std::string secret(63, 'b');
    for (const std::string& text : {std::string("secret=") + secret + " created=2026-11-01", secret,
                                    "secret=" + secret + "bb created=2026-11-01", "state=" + secret,
                                    "secret=" + secret + "b", std::string("created=2026-11-01"), std::string()}) {
      const auto row = parse_key_row(text);
      CPPUNIT_ASSERT_MESSAGE(text, !row.ok());
      CPPUNIT_ASSERT(row.error().text.find("bbb") == std::string::npos);
    }
  }

  void newest_active_key_signs() {
    KeyTable keys;
    CPPUNIT_ASSERT(signing_key(keys) == keys.end());
    keys["a"] = {std::string(32, 'x'), 100, true};
    keys["b"] = {std::string(32, 'x'), 200, false};
    CPPUNIT_ASSERT_EQUAL(std::string("a"), signing_key(keys)->first);
    keys["c"] = {std::string(32, 'x'), 100, true};
    CPPUNIT_ASSERT_EQUAL(std::string("c"), signing_key(keys)->first);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RowsTest);

}  // namespace postern
