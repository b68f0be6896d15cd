// SPDX-License-Identifier: GPL-2.0-or-later
// The daemon's counts for Prometheus: the one home of its client library.  Messages are counted as they are judged;
// what the store, the inspector and libmilter's threads know of themselves is asked for when somebody reads the page.
// Names follow https://prometheus.io/docs/practices/naming/; postern-milter(8) lists them.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "judge/judge.h"
#include "judge/meter.h"

namespace postern {

class Metrics final : public Meter {
 public:
  // `judge` outlives this; its store and inspector are asked in text().
  explicit Metrics(const Judge& judge);

  void judged(const MessageMeasure& message) override;
  void refused(bool enforced) override;
  void failed() override;

  // Everything in Prometheus' text format, version 0.0.4.
  std::string text() const;

  // Rules have names of the administrator's making: those beyond this many count as rule="other".
  static constexpr size_t kMaxRules = 500;

 private:
  using Counters = prometheus::Family<prometheus::Counter>;

  void count_rule(const std::string& name);

  const Judge& judge_;
  prometheus::Registry registry_;
  // By verdict and action; the last action is "mixed", the one before it "monitor".
  std::array<std::array<prometheus::Counter*, 7>, 6> inbound_{};
  prometheus::Counter* outbound_ = nullptr;
  std::array<std::array<prometheus::Counter*, 5>, 9> bounces_{};  // by kind and evidence
  prometheus::Counter* refused_ = nullptr;
  prometheus::Counter* watched_ = nullptr;  // would have been refused
  prometheus::Counter* failed_ = nullptr;
  std::array<prometheus::Histogram*, kStages> seconds_{};
  Counters* rules_ = nullptr;
  std::shared_mutex rules_mutex_;
  std::map<std::string, prometheus::Counter*, std::less<>> by_rule_;
};

// What is known only at the moment: connections, Redis, tables, queued records, inspectors.
std::vector<prometheus::MetricFamily> state_families(const Judge& judge);

}  // namespace postern
