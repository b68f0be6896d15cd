// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/sendmail_config.h"

#include <cppunit/extensions/HelperMacros.h>

namespace postern {

class SendmailConfigTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(SendmailConfigTest);
  CPPUNIT_TEST(reads_filters_and_daemons);
  CPPUNIT_TEST(endures_what_is_broken);
  CPPUNIT_TEST(reads_times);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_filters_and_daemons() {
    SendmailConfig config;
    parse_sendmail(
        "# Xcomment, S=unix:/none\n"
        "V10/Berkeley\r\n"
        "O InputMailFilters=postern, other\n"
        "O DaemonPortOptions=Name=MTA, Addr=127.0.0.1\n"
        "O DaemonPortOptions=Name=MSA, Port=587,\n\tInputMailFilters=other;third\n"
        "O RunAsUser=mail:mail\n"
        "O Milter.macros.envfrom=i, {auth_type}, {auth_authen}\n"
        "Xpostern, S=unix:/run/postern/milter.sock, F=T,\n  T=C:60s;S:30s;R:1m;E:5m\n"
        "Xother, S=inet:11332@localhost",
        config);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, config.filters.size());
    const SendmailFilter* ours = config.find("postern");
    CPPUNIT_ASSERT(ours != nullptr && config.find("comment") == nullptr);
    CPPUNIT_ASSERT_EQUAL(std::string("unix:/run/postern/milter.sock"), ours->address);
    CPPUNIT_ASSERT_EQUAL(std::string("T"), ours->flags);
    CPPUNIT_ASSERT(ours->seconds == (std::map<char, int64_t>{{'C', 60}, {'S', 30}, {'R', 60}, {'E', 300}}));
    CPPUNIT_ASSERT(config.find("other")->flags.empty() && config.find("other")->seconds.empty());
    CPPUNIT_ASSERT(config.asked == (std::vector<std::string>{"postern", "other"}));
    CPPUNIT_ASSERT_EQUAL(size_t{2}, config.daemons.size());
    CPPUNIT_ASSERT(config.daemons[0].name == "MTA" && !config.daemons[0].filters);
    CPPUNIT_ASSERT(config.daemons[1].filters == (std::vector<std::string>{"other", "third"}));
    CPPUNIT_ASSERT_EQUAL(std::string("mail"), config.run_as);
    CPPUNIT_ASSERT(config.envfrom_macros.find("{auth_authen}") != std::string::npos);
  }

  void endures_what_is_broken() {
    for (const char* text :
         {"", "X", "X\n", "X,\n", "X, =\n", "X, S\n", "X,S=\n", "O \n", "O =\n", "O DaemonPortOptions=\n",
          "O DaemonPortOptions=,=,N\n", " \n", "\t", "Xa, T=\n", "Xa, T=;:;R:\n"}) {
      SendmailConfig config;
      parse_sendmail(text, config);
      CPPUNIT_ASSERT(config.filters.size() <= 1 && config.asked.empty());
    }
  }

  void reads_times() {
    CPPUNIT_ASSERT_EQUAL(int64_t{30}, sendmail_seconds("30"));
    CPPUNIT_ASSERT_EQUAL(int64_t{30}, sendmail_seconds(" 30s "));
    CPPUNIT_ASSERT_EQUAL(int64_t{300}, sendmail_seconds("5m"));
    CPPUNIT_ASSERT_EQUAL(int64_t{5400}, sendmail_seconds("1h30m"));
    CPPUNIT_ASSERT_EQUAL(int64_t{120}, sendmail_seconds("2", 'm'));
    for (const char* text : {"", "s", "-1", "5x", "m5"}) CPPUNIT_ASSERT_EQUAL(int64_t{-1}, sendmail_seconds(text));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(SendmailConfigTest);

}  // namespace postern
