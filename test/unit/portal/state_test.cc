// SPDX-License-Identifier: GPL-2.0-or-later
// Sessions, form tokens, counts over time, and pages that escape whatever they are given.
#include <cppunit/extensions/HelperMacros.h>

#include "portal/history.h"
#include "portal/page.h"
#include "portal/sessions.h"

using namespace postern;

class PortalStateTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PortalStateTest);
  CPPUNIT_TEST(sessions);
  CPPUNIT_TEST(sessions_end);
  CPPUNIT_TEST(sessions_are_bounded);
  CPPUNIT_TEST(tokens);
  CPPUNIT_TEST(totals);
  CPPUNIT_TEST(history);
  CPPUNIT_TEST(chart);
  CPPUNIT_TEST(escaped);
  CPPUNIT_TEST_SUITE_END();

  static void same(const std::string& expected, const std::string& actual) { CPPUNIT_ASSERT_EQUAL(expected, actual); }
  static SessionUser alice() { return {"alice@example.com", "alice@example.com", true, "secret"}; }

  void sessions() {
    Sessions all;
    const std::string name = all.open(alice(), 1000);
    CPPUNIT_ASSERT_EQUAL(size_t{64}, name.size());
    const auto user = all.find(name, 1001);
    CPPUNIT_ASSERT(user.has_value());
    same("secret", user->password);
    CPPUNIT_ASSERT(user->admin);
    CPPUNIT_ASSERT(!all.find(std::string(64, '0'), 1001));
    CPPUNIT_ASSERT(all.open(alice(), 1000) != name);
    all.close(name);
    CPPUNIT_ASSERT(!all.find(name, 1001));
  }

  void sessions_end() {
    SessionLimits limits;
    limits.idle = 100;
    limits.life = 250;
    Sessions all(limits);
    const std::string idle = all.open(alice(), 0);
    CPPUNIT_ASSERT(!all.find(idle, 101));
    const std::string busy = all.open(alice(), 0);
    CPPUNIT_ASSERT(all.find(busy, 90) && all.find(busy, 180) && all.find(busy, 250));
    CPPUNIT_ASSERT(!all.find(busy, 251));
    CPPUNIT_ASSERT_EQUAL(size_t{0}, all.size());
  }

  void sessions_are_bounded() {
    SessionLimits limits;
    limits.sessions = 5;
    limits.of_one = 2;
    Sessions all(limits);
    const std::string first = all.open(alice(), 0);
    (void)all.open(alice(), 0);
    (void)all.open(alice(), 0);
    CPPUNIT_ASSERT_EQUAL(size_t{2}, all.size());
    CPPUNIT_ASSERT(!all.find(first, 0));
    for (int i = 0; i < 50; ++i) (void)all.open({std::to_string(i), "", false, "x"}, 0);
    CPPUNIT_ASSERT_EQUAL(size_t{5}, all.size());
  }

  void tokens() {
    const Sessions all;
    const std::string token = all.form_token("a");
    CPPUNIT_ASSERT(all.is_form_token("a", token));
    CPPUNIT_ASSERT(!all.is_form_token("b", token));
    CPPUNIT_ASSERT(!all.is_form_token("a", ""));
    CPPUNIT_ASSERT(!all.is_form_token("", all.form_token("")));
    const Sessions other;
    CPPUNIT_ASSERT(!other.is_form_token("a", token));
  }

  void totals() {
    const VerdictCounts counts = parse_verdict_totals(
        "# HELP postern_messages_total x\npostern_messages_total{verdict=\"clean\",action=\"deliver\"} 5\n"
        "postern_messages_total{action=\"tag\",verdict=\"spam\"} "
        "2\npostern_messages_total{action=\"delete\",verdict=\"spam\"} 3\n"
        "postern_messages_total{verdict=\"new-word\"} 9\npostern_messages_total{verdict=\"clean\"} nan\nother 1\n");
    CPPUNIT_ASSERT_EQUAL(uint64_t{5}, counts[0]);
    CPPUNIT_ASSERT_EQUAL(uint64_t{5}, counts[1]);
    CPPUNIT_ASSERT_EQUAL(uint64_t{0}, counts[2]);
  }

  void history() {
    History all;
    constexpr UnixTime kStart = 1'000'000'200;
    CPPUNIT_ASSERT(all.empty());
    all.add({100, 0, 0, 0, 0, 0}, kStart);  // what was before nobody knows when
    all.add({110, 1, 0, 0, 0, 0}, kStart + 10);
    all.add({4, 0, 0, 0, 0, 0}, kStart + 400);  // the daemon began anew
    CPPUNIT_ASSERT_EQUAL(uint64_t{14}, all.sum(kStart + 400, 3600)[0]);
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, all.sum(kStart + 700, 300)[0]);
    const auto buckets = all.buckets(kStart + 400, 300, 3);
    CPPUNIT_ASSERT_EQUAL(uint64_t{4}, buckets[2][0]);
    CPPUNIT_ASSERT_EQUAL(uint64_t{10}, buckets[1][0]);
    all.add({5, 0, 0, 0, 0, 0}, kStart + 2 * 86400);
    CPPUNIT_ASSERT_EQUAL(uint64_t{1}, all.sum(kStart + 2 * 86400, 86400)[0]);
  }

  void chart() {
    const std::string svg = chart_svg({{0, 0, 0, 0, 0, 0}, {7, 3, 0, 0, 0, 0}}, 1'000'000'200, 1800);
    CPPUNIT_ASSERT(svg.find("Bar chart: 10 messages") != std::string::npos);
    CPPUNIT_ASSERT(svg.find("<rect class=\"spam\"") != std::string::npos);
    CPPUNIT_ASSERT(svg.find("<rect class=\"surespam\"") == std::string::npos);
    CPPUNIT_ASSERT(svg.ends_with("</svg>"));
    constexpr UnixTime kNoon = 11574 * 86400 + 12 * 3600;
    const std::vector<VerdictCounts> day(48);
    CPPUNIT_ASSERT(chart_svg(day, kNoon, 1800).find(" text-anchor=\"end\">12:00</text>") != std::string::npos);
    CPPUNIT_ASSERT(chart_svg(day, kNoon + 3600, 1800).find("\">12:00</text>") != std::string::npos);
    CPPUNIT_ASSERT(chart_svg(day, kNoon + 3600, 1800).find(" text-anchor=\"end\">12:00") == std::string::npos);
  }

  void escaped() {
    load_templates();
    Values values("login");
    set(values, "USER", "\"><script>alert(1)</script>");
    Frame frame;
    frame.title = "</title><script>";
    frame.notice = "<img src=x>";
    const HttpResponse response = page(frame, "login.tpl", values);
    CPPUNIT_ASSERT(response.body.find("<script") == std::string::npos);
    CPPUNIT_ASSERT(response.body.find("<img") == std::string::npos);
    CPPUNIT_ASSERT(response.body.find("&quot;&gt;&lt;script&gt;") != std::string::npos);
    const HttpResponse fault = fault_page(frame, 503, "<b>&</b>");
    CPPUNIT_ASSERT_EQUAL(503, fault.status);
    CPPUNIT_ASSERT(fault.body.find("&lt;b&gt;&amp;&lt;/b&gt;") != std::string::npos);
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(PortalStateTest);
