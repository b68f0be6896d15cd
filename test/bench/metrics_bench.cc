// SPDX-License-Identifier: GPL-2.0-or-later
// What counting a message costs, by one thread and by several at once, and what making the page costs.
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "filter/metrics.h"
#include "test/unit/judge/fakes.h"

namespace {

using Clock = std::chrono::steady_clock;
constexpr int kMessages = 300'000;

// A message that is spam by six rules, with every stage but two.
void count(postern::Metrics& metrics) {
  postern::Judgement judgement;
  judgement.verdict = postern::Verdict::kSpam;
  for (int i = 0; i < 6; ++i) judgement.rules.hits.push_back({"SOME_RULE_" + std::to_string(i), 1.0, ""});
  postern::ActionPlan plan;
  plan.recipients = {{"alice@example.com", postern::Action::kTag, "*"}};
  postern::MessageMeasure measure{&judgement, &plan, false, false, {}};
  measure.micros = {900, std::nullopt, 40, std::nullopt, 3, 950};
  for (int i = 0; i < kMessages; ++i) metrics.judged(measure);
}

double run(postern::Metrics& metrics, unsigned threads) {
  const auto start = Clock::now();
  std::vector<std::thread> all;
  for (unsigned i = 0; i < threads; ++i) all.emplace_back([&metrics] { count(metrics); });
  for (std::thread& each : all) each.join();
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / kMessages / threads;
}

}  // namespace

int main() {
  postern::FakeStore store;
  postern::FakeInspector inspector;
  postern::Judge judge;
  judge.settings = std::make_shared<const postern::Settings>(postern::default_settings());
  judge.store = &store;
  judge.inspector = &inspector;
  postern::Metrics metrics(judge);
  run(metrics, 1);
  for (const unsigned threads : {1U, 2U, 8U})
    std::printf("%u threads: %.0f ns a message\n", threads, run(metrics, threads));
  const auto start = Clock::now();
  size_t bytes = 0;
  for (int i = 0; i < 100; ++i) bytes = metrics.text().size();
  std::printf("the page: %.0f us, %zu bytes\n",
              std::chrono::duration<double, std::micro>(Clock::now() - start).count() / 100, bytes);
  return 0;
}
