// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/recipient_policy.h"

#include <cppunit/extensions/HelperMacros.h>

#include "base/strings.h"

namespace postern {

class RecipientPolicyTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(RecipientPolicyTest);
  CPPUNIT_TEST(lookup_order);
  CPPUNIT_TEST(row_forms);
  CPPUNIT_TEST(bad_rows_name_field_and_value);
  CPPUNIT_TEST(keys_that_can_be);
  CPPUNIT_TEST(first_row_that_speaks_wins);
  CPPUNIT_TEST(defaults);
  CPPUNIT_TEST_SUITE_END();

  static std::string keys(std::string_view recipient) { return join(policy_keys(recipient), " "); }

  void lookup_order() {
    CPPUNIT_ASSERT_EQUAL(std::string("ann+news@example.com ann@example.com @example.com *"),
                         keys("<Ann+News@Example.COM>"));
    CPPUNIT_ASSERT_EQUAL(std::string("ann@example.com @example.com *"), keys("ann@example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("a+b+c@example.com a@example.com @example.com *"), keys("a+b+c@example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("+b@example.com @example.com *"), keys("+b@example.com"));
    CPPUNIT_ASSERT_EQUAL(std::string("*"), keys("postmaster"));
    CPPUNIT_ASSERT_EQUAL(std::string("*"), keys("<>"));
    CPPUNIT_ASSERT_EQUAL(std::string("*"), keys("a@"));
  }

  void row_forms() {
    const auto row = parse_policy_row(" surespam=delete  Spam=TAG ");
    CPPUNIT_ASSERT(row.ok());
    CPPUNIT_ASSERT_EQUAL(std::string("spam=tag surespam=delete"), to_string(*row));
    CPPUNIT_ASSERT(!row->action(Verdict::kForgedBounce));
    CPPUNIT_ASSERT(!row->action(Verdict::kClean));
    CPPUNIT_ASSERT_EQUAL(std::string("forged-bounce=reject unverified-bounce=reject"),
                         to_string(*parse_policy_row("bounce=reject")));
    CPPUNIT_ASSERT_EQUAL(std::string("forged-bounce=reject unverified-bounce=tag"),
                         to_string(*parse_policy_row("bounce=reject unverified-bounce=tag")));
  }

  void bad_rows_name_field_and_value() {
    PolicyRow row;
    const Status field = set_policy_field(row, "clean", "tag");
    CPPUNIT_ASSERT(!field.ok());
    CPPUNIT_ASSERT_EQUAL(
        std::string("field \"clean\": expected spam, surespam, forged-bounce, unverified-bounce, bounce or archive"),
        field.error().text);
    const Status value = set_policy_field(row, "spam", "drop");
    CPPUNIT_ASSERT(!value.ok());
    CPPUNIT_ASSERT_EQUAL(
        std::string("field spam: \"drop\" is not an action: expected deliver, tag, quarantine, delete or reject"),
        value.error().text);
    for (const char* text : {"", "spam", "spam=", "spam=tag spam=tag", "=tag"}) {
      CPPUNIT_ASSERT_MESSAGE(text, !parse_policy_row(text).ok());
    }
  }

  void keys_that_can_be() {
    for (const char* key : {"*", "@example.com", "ann@example.com", "ann+x@example.com", "@[192.0.2.1]"}) {
      CPPUNIT_ASSERT_MESSAGE(key, check_policy_key(key).ok());
    }
    for (const char* key : {"", "@", "ann", "ann@", "Ann@example.com", "a b@example.com", "**", "<a@example.com>"}) {
      CPPUNIT_ASSERT_MESSAGE(key, !check_policy_key(key).ok());
    }
  }

  void first_row_that_speaks_wins() {
    PolicyChain chain;
    chain.rows.emplace_back("ann@example.com", *parse_policy_row("spam=deliver"));
    chain.rows.emplace_back("@example.com", *parse_policy_row("spam=reject surespam=delete"));
    CPPUNIT_ASSERT(decide_policy(chain, Verdict::kSpam).action == Action::kDeliver);
    CPPUNIT_ASSERT_EQUAL(std::string("ann@example.com"), decide_policy(chain, Verdict::kSpam).key);
    CPPUNIT_ASSERT(decide_policy(chain, Verdict::kSureSpam).action == Action::kDelete);
    CPPUNIT_ASSERT_EQUAL(std::string("@example.com"), decide_policy(chain, Verdict::kSureSpam).key);
    CPPUNIT_ASSERT_EQUAL(std::string("default"), decide_policy(chain, Verdict::kForgedBounce).key);
    CPPUNIT_ASSERT(decide_policy(chain, Verdict::kClean).action == Action::kDeliver);
    chain.sure = 1;  // the row between the two could not be asked for
    CPPUNIT_ASSERT_EQUAL(std::string("ann@example.com"), decide_policy(chain, Verdict::kSpam).key);
    CPPUNIT_ASSERT_EQUAL(std::string("@example.com?"), decide_policy(chain, Verdict::kSureSpam).key);
    CPPUNIT_ASSERT_EQUAL(std::string("default?"), decide_policy(chain, Verdict::kForgedBounce).key);
  }

  void defaults() {
    const PolicyChain none;
    CPPUNIT_ASSERT(decide_policy(none, Verdict::kSpam).action == Action::kTag);
    CPPUNIT_ASSERT(decide_policy(none, Verdict::kSureSpam).action == Action::kQuarantine);
    CPPUNIT_ASSERT(decide_policy(none, Verdict::kForgedBounce).action == Action::kQuarantine);
    CPPUNIT_ASSERT(decide_policy(none, Verdict::kUnverifiedBounce).action == Action::kQuarantine);
    CPPUNIT_ASSERT(decide_policy(none, Verdict::kClean).action == Action::kDeliver);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(RecipientPolicyTest);

}  // namespace postern
