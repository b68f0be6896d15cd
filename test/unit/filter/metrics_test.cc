// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/metrics.h"

#include <cppunit/extensions/HelperMacros.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/fd.h"
#include "filter/metrics_server.h"
#include "test/unit/judge/fakes.h"

namespace postern {
namespace {

struct World {
  FakeStore store;
  FakeInspector inspector;
  Judge judge;
  World() {
    judge.settings = std::make_shared<const Settings>(default_settings());
    judge.store = &store;
    judge.inspector = &inspector;
  }
};

bool has(const std::string& text, const std::string& line) { return text.find(line + "\n") != std::string::npos; }

// What a reader gets for this request; empty when the server hangs up.
std::string ask(const std::string& path, const std::string& request) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  for (int tries = 0; tries < 500; ++tries) {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) {
      ::usleep(10'000);
      continue;
    }
    static_cast<void>(::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL));
    std::string text(65536, '\0');
    size_t size = 0;
    for (ssize_t got = 0; (got = ::recv(fd.get(), text.data() + size, text.size() - size, 0)) > 0;) {
      size += static_cast<size_t>(got);
    }
    text.resize(size);
    return text;
  }
  return "nobody listens";
}

}  // namespace

class MetricsTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(MetricsTest);
  CPPUNIT_TEST(counts_messages_by_verdict_and_action);
  CPPUNIT_TEST(counts_bounces_and_refusals);
  CPPUNIT_TEST(bounds_the_rules);
  CPPUNIT_TEST(observes_only_stages_that_happened);
  CPPUNIT_TEST(tells_the_state);
  CPPUNIT_TEST(serves_one_page);
  CPPUNIT_TEST(does_not_remove_a_file_in_the_way);
  CPPUNIT_TEST_SUITE_END();

 public:
  void counts_messages_by_verdict_and_action() {
    World world;
    Metrics metrics(world.judge);
    Judgement judgement;
    ActionPlan plan;
    judgement.verdict = Verdict::kSpam;
    plan.recipients = {{"a@example.com", Action::kTag, "*"}, {"b@example.com", Action::kTag, "*"}};
    metrics.judged({&judgement, &plan, false, false, {}});
    plan.recipients[1].action = Action::kDelete;
    metrics.judged({&judgement, &plan, false, false, {}});
    metrics.judged({&judgement, &plan, false, true, {}});
    metrics.judged({&judgement, &plan, true, false, {}});
    const std::string text = metrics.text();
    for (const std::string action : {"tag", "mixed", "monitor"}) {
      CPPUNIT_ASSERT_EQUAL(std::string("1"), value(text, "postern_messages_total", action, "spam"));
    }
    CPPUNIT_ASSERT_EQUAL(std::string("0"), value(text, "postern_messages_total", "reject", "surespam"));
    CPPUNIT_ASSERT(text.find("outbound\"") != std::string::npos);
  }

  void counts_bounces_and_refusals() {
    World world;
    Metrics metrics(world.judge);
    Judgement judgement;
    const ActionPlan plan;
    judgement.bounce.kind = BounceKind::kFailure;
    judgement.bounce.evidence = Evidence::kStamp;
    metrics.judged({&judgement, &plan, false, false, {}});
    judgement.bounce.kind = BounceKind::kAutoreply;  // is not judged
    metrics.judged({&judgement, &plan, false, false, {}});
    metrics.refused(true);
    metrics.refused(false);
    metrics.refused(false);
    metrics.failed();
    const std::string text = metrics.text();
    CPPUNIT_ASSERT_EQUAL(std::string("1"), value(text, "postern_bounces_total", "failure", "stamp"));
    CPPUNIT_ASSERT(text.find("autoreply") == std::string::npos);
    CPPUNIT_ASSERT(has(text, "postern_gate_refusals_total{action=\"reject\"} 1"));
    CPPUNIT_ASSERT(has(text, "postern_gate_refusals_total{action=\"monitor\"} 2"));
    CPPUNIT_ASSERT(has(text, "postern_messages_failed_total 1"));
  }

  void bounds_the_rules() {
    World world;
    Metrics metrics(world.judge);
    const ActionPlan plan;
    for (size_t i = 0; i < Metrics::kMaxRules + 10; ++i) {
      Judgement judgement;
      judgement.rules.hits.resize(1);
      judgement.rules.hits[0].name = "RULE_" + std::to_string(i);
      metrics.judged({&judgement, &plan, false, false, {}});
    }
    const std::string text = metrics.text();
    CPPUNIT_ASSERT(has(text, "postern_rule_hits_total{rule=\"RULE_0\"} 1"));
    CPPUNIT_ASSERT(has(text, "postern_rule_hits_total{rule=\"other\"} 10"));
    CPPUNIT_ASSERT(text.find("RULE_509") == std::string::npos);
  }

  void observes_only_stages_that_happened() {
    World world;
    Metrics metrics(world.judge);
    const Judgement judgement;
    const ActionPlan plan;
    MessageMeasure measure{&judgement, &plan, false, false, {}};
    measure.micros.at(static_cast<size_t>(Stage::kRules)) = 300;
    metrics.judged(measure);
    const std::string text = metrics.text();
    CPPUNIT_ASSERT(has(text, "postern_stage_duration_seconds_count{stage=\"rules\"} 1"));
    CPPUNIT_ASSERT(has(text, "postern_stage_duration_seconds_bucket{stage=\"rules\",le=\"0.00025\"} 0"));
    CPPUNIT_ASSERT(has(text, "postern_stage_duration_seconds_bucket{stage=\"rules\",le=\"0.0005\"} 1"));
    CPPUNIT_ASSERT(has(text, "postern_stage_duration_seconds_count{stage=\"policy\"} 0"));
  }

  void tells_the_state() {
    World world;
    Metrics metrics(world.judge);
    world.store.state->generation = 42;
    world.store.stale = 7;
    CPPUNIT_ASSERT(has(metrics.text(), "postern_tables_generation 42"));
    CPPUNIT_ASSERT(has(metrics.text(), "postern_tables_stale_seconds 7"));
    CPPUNIT_ASSERT(metrics.text().find("postern_redis_up") == std::string::npos);
    Settings settings = default_settings();
    settings.redis = "redis://127.0.0.1:6379/0";
    world.judge.settings = std::make_shared<const Settings>(settings);
    CPPUNIT_ASSERT(has(metrics.text(), "postern_redis_up 1"));
  }

  void serves_one_page() {
    const Place place;
    {
      const MetricsServer server("unix:" + place.path, [] { return std::string("a 1\n"); });
      const std::string page = ask(place.path, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
      CPPUNIT_ASSERT(page.starts_with("HTTP/1.0 200 OK\r\n") && page.ends_with("\r\n\r\na 1\n"));
      CPPUNIT_ASSERT(ask(place.path, "HEAD /metrics HTTP/1.0\r\n\r\n").ends_with("\r\n\r\n"));
      CPPUNIT_ASSERT(ask(place.path, "GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 404 "));
      CPPUNIT_ASSERT(ask(place.path, "POST /metrics HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 405 "));
      CPPUNIT_ASSERT(ask(place.path, "nonsense\n\n").starts_with("HTTP/1.0 400 "));
      CPPUNIT_ASSERT_EQUAL(std::string(), ask(place.path, std::string(5000, 'x')));
    }
    CPPUNIT_ASSERT(::access(place.path.c_str(), F_OK) != 0);
  }

  void does_not_remove_a_file_in_the_way() {
    const Place place;
    CPPUNIT_ASSERT_EQUAL(0, ::mkdir(place.path.c_str(), 0700));
    {
      const MetricsServer server("unix:" + place.path, [] { return std::string(); });
    }
    CPPUNIT_ASSERT_EQUAL(0, ::rmdir(place.path.c_str()));
  }

 private:
  struct Place {
    std::string directory = "/tmp/postern-metrics-XXXXXX";
    std::string path;
    Place() {
      CPPUNIT_ASSERT(::mkdtemp(directory.data()) != nullptr);
      path = directory + "/socket";
    }
    ~Place() { ::rmdir(directory.c_str()); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
  };

  // The value of the first line of a family that holds both words as label values.
  static std::string value(const std::string& text, const std::string& name, const std::string& one,
                           const std::string& two) {
    for (size_t at = text.find(name + "{"); at != std::string::npos; at = text.find(name + "{", at + 1)) {
      const std::string line = text.substr(at, text.find('\n', at) - at);
      const bool inbound = line.find("direction") == std::string::npos || line.find("inbound") != std::string::npos;
      if (inbound && line.find("\"" + one + "\"") != std::string::npos &&
          line.find("\"" + two + "\"") != std::string::npos)
        return line.substr(line.rfind(' ') + 1);
    }
    return "no such line";
  }
};
CPPUNIT_TEST_SUITE_REGISTRATION(MetricsTest);

}  // namespace postern
