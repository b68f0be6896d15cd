// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/postfix_config.h"

#include <cppunit/extensions/HelperMacros.h>

namespace postern {

class PostfixConfigTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PostfixConfigTest);
  CPPUNIT_TEST(reads_lists_of_milters);
  CPPUNIT_TEST(reads_times);
  CPPUNIT_TEST(finds_the_file_of_a_socket);
  CPPUNIT_TEST(a_service_has_values_of_its_own);
  CPPUNIT_TEST_SUITE_END();

 public:
  void reads_lists_of_milters() {
    const auto milters = parse_milters(
        "{ unix:/run/a.sock, connect_timeout=10s, default_action = accept }, inet:127.0.0.1:8891 "
        "local:b,,{inet:[::1]:1}");
    CPPUNIT_ASSERT_EQUAL(size_t{4}, milters.size());
    CPPUNIT_ASSERT_EQUAL(std::string("unix:/run/a.sock"), milters[0].address);
    CPPUNIT_ASSERT_EQUAL(std::string("10s"), milters[0].options.at("connect_timeout"));
    CPPUNIT_ASSERT_EQUAL(std::string("accept"), milters[0].options.at("default_action"));
    CPPUNIT_ASSERT_EQUAL(std::string("inet:127.0.0.1:8891"), milters[1].address);
    CPPUNIT_ASSERT_EQUAL(std::string("local:b"), milters[2].address);
    CPPUNIT_ASSERT_EQUAL(std::string("inet:[::1]:1"), milters[3].address);
    for (const char* text : {"", " , ", "{", "{}", "{ , }"}) CPPUNIT_ASSERT(parse_milters(text).empty());
    const auto inner = parse_milters("{ unix:a, { default_action = accept }, { content_timeout=5s } }, unix:b");
    CPPUNIT_ASSERT_EQUAL(size_t{2}, inner.size());
    CPPUNIT_ASSERT_EQUAL(std::string("accept"), inner[0].options.at("default_action"));
    CPPUNIT_ASSERT_EQUAL(std::string("5s"), inner[0].options.at("content_timeout"));
    CPPUNIT_ASSERT_EQUAL(std::string("{ unix:a, { default_action = accept }, { content_timeout=5s } }"),
                         inner[0].text);
    CPPUNIT_ASSERT_EQUAL(std::string("unix:x"), parse_milters("{ unix:x").at(0).address);
  }

  void reads_times() {
    CPPUNIT_ASSERT_EQUAL(int64_t{30}, postfix_seconds("30"));
    CPPUNIT_ASSERT_EQUAL(int64_t{30}, postfix_seconds("30s"));
    CPPUNIT_ASSERT_EQUAL(int64_t{300}, postfix_seconds(" 5m "));
    CPPUNIT_ASSERT_EQUAL(int64_t{86400}, postfix_seconds("1d"));
    for (const char* text : {"", "s", "x5", "5y", "-1"}) CPPUNIT_ASSERT_EQUAL(int64_t{-1}, postfix_seconds(text));
  }

  void finds_the_file_of_a_socket() {
    CPPUNIT_ASSERT_EQUAL(std::string("/run/x"), socket_file("unix:/run/x", false, "/q"));
    CPPUNIT_ASSERT_EQUAL(std::string("/q/run/x"), socket_file("unix:/run/x", true, "/q"));
    CPPUNIT_ASSERT_EQUAL(std::string("/q/x"), socket_file("local:x", false, "/q"));
    CPPUNIT_ASSERT_EQUAL(std::string(), socket_file("inet:127.0.0.1:1", false, "/q"));
  }

  void a_service_has_values_of_its_own() {
    PostfixConfig config;
    config.values["smtpd_milters"] = "unix:a";
    const PostfixService empty{"submission/inet", false, {{"smtpd_milters", ""}}};
    const PostfixService same{"smtps/inet", false, {{"smtpd_milters", "${smtpd_milters}"}}};
    CPPUNIT_ASSERT_EQUAL(std::string("unix:a"), config.value("smtpd_milters", {}));
    CPPUNIT_ASSERT_EQUAL(std::string(), config.value("smtpd_milters", empty));
    CPPUNIT_ASSERT_EQUAL(std::string("unix:a"), config.value("smtpd_milters", same));
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PostfixConfigTest);

}  // namespace postern
