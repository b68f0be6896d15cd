// SPDX-License-Identifier: GPL-2.0-or-later
// What counting a message costs, by one thread and by several at once, and what making the page costs.
#include <cstdio>
#include <ctime>
#include <thread>
#include <vector>

#include "filter/metrics.h"
#include "test/unit/judge/fakes.h"

namespace {

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

// Of processor time, so that a busy machine says the same.
double nanos_since(std::clock_t start) { return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC * 1e9; }

double run(postern::Metrics& metrics, unsigned threads) {
  const std::clock_t start = std::clock();
  std::vector<std::thread> all;
  for (unsigned i = 0; i < threads; ++i) all.emplace_back([&metrics] { count(metrics); });
  for (std::thread& each : all) each.join();
  return nanos_since(start) / kMessages / threads;
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
    std::printf("%u threads: %.0f ns of processor time a message\n", threads, run(metrics, threads));
  const std::clock_t start = std::clock();
  size_t bytes = 0;
  for (int i = 0; i < 100; ++i) bytes = metrics.text().size();
  std::printf("the page: %.0f us, %zu bytes\n", nanos_since(start) / 1000 / 100, bytes);
  return 0;
}
