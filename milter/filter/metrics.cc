// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/metrics.h"

#include <prometheus/text_serializer.h>

#include <mutex>

namespace postern {
namespace {

constexpr std::array kVerdicts{
    Verdict::kClean,  Verdict::kSpam, Verdict::kSureSpam, Verdict::kForgedBounce, Verdict::kUnverifiedBounce,
    Verdict::kBlocked};
constexpr std::array kActions{Action::kDeliver, Action::kTag, Action::kQuarantine, Action::kDelete, Action::kReject};
constexpr size_t kMonitored = kActions.size();
constexpr size_t kMixed = kActions.size() + 1;
constexpr std::array kKinds{BounceKind::kNone,      BounceKind::kFailure,  BounceKind::kDelay,
                            BounceKind::kSuccess,   BounceKind::kMdn,      BounceKind::kAutoreply,
                            BounceKind::kChallenge, BounceKind::kFeedback, BounceKind::kOther};
constexpr std::array kEvidence{Evidence::kNone, Evidence::kRecipient, Evidence::kMessageId, Evidence::kStamp,
                               Evidence::kTag};

template <class Enum>
constexpr size_t place(Enum value) {
  return static_cast<size_t>(value);
}

template <class Array>
constexpr bool in_order(const Array& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (place(values[i]) != i) return false;
  }
  return true;
}
static_assert(in_order(kVerdicts) && in_order(kActions) && in_order(kKinds) && in_order(kEvidence));

// From a tenth of a millisecond, which is what a short message takes, to the longest that a message may take.
const prometheus::Histogram::BucketBoundaries kBuckets{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20};

std::string action_name(size_t action) {
  if (action == kMonitored) return "monitor";
  return action == kMixed ? "mixed" : std::string(to_string(kActions.at(action)));
}

// Where common_action() of the plan counts.
size_t action_place(const MessageMeasure& message) {
  if (message.monitor) return kMonitored;
  const auto& recipients = message.plan->recipients;
  if (recipients.empty()) return place(Action::kDeliver);
  for (const RecipientAction& each : recipients) {
    if (each.action != recipients.front().action) return kMixed;
  }
  return place(recipients.front().action);
}

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, const char* name,
                                                  const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

Metrics::Metrics(const Judge& judge) : judge_(judge) {
  auto& messages =
      counters(registry_, "postern_messages_total", "Messages judged, by verdict and what became of them");
  for (const Verdict verdict : kVerdicts) {
    if (verdict == Verdict::kBlocked) continue;  // such a client never gets to a message
    for (size_t action = 0; action <= kMixed; ++action) {
      inbound_.at(place(verdict)).at(action) = &messages.Add(
          {{"direction", "inbound"}, {"verdict", std::string(to_string(verdict))}, {"action", action_name(action)}});
    }
  }
  outbound_ = &messages.Add({{"direction", "outbound"}, {"verdict", "clean"}, {"action", "deliver"}});
  auto& bounces = counters(registry_, "postern_bounces_total", "Delivery reports judged, by kind and best evidence");
  for (const BounceKind kind : kKinds) {
    if (!is_judged(kind)) continue;
    for (const Evidence evidence : kEvidence) {
      bounces_.at(place(kind)).at(place(evidence)) =
          &bounces.Add({{"kind", std::string(to_string(kind))}, {"evidence", std::string(to_string(evidence))}});
    }
  }
  auto& gate =
      counters(registry_, "postern_gate_refusals_total", "Times that the gate refused a client, or would have");
  refused_ = &gate.Add({{"action", "reject"}});
  watched_ = &gate.Add({{"action", "monitor"}});
  failed_ = &counters(registry_, "postern_messages_failed_total", "Messages refused for now because of a fault here")
                 .Add({});
  auto& seconds = prometheus::BuildHistogram()
                      .Name("postern_stage_duration_seconds")
                      .Help("Time that judging a message took, by stage")
                      .Register(registry_);
  for (size_t i = 0; i < kStages; ++i) {
    seconds_.at(i) = &seconds.Add({{"stage", std::string(kStageNames.at(i))}}, kBuckets);
  }
  rules_ = &counters(registry_, "postern_rule_hits_total", "Messages that a rule hit");
}

void Metrics::judged(const MessageMeasure& message) {
  const Judgement& judgement = *message.judgement;
  if (message.outbound) {
    outbound_->Increment();
  } else if (auto* counter = inbound_.at(place(judgement.verdict)).at(action_place(message))) {
    counter->Increment();
  }
  if (is_judged(judgement.bounce.kind)) {
    bounces_.at(place(judgement.bounce.kind)).at(place(judgement.bounce.evidence))->Increment();
  }
  for (size_t i = 0; i < kStages; ++i) {
    if (const auto& micros = message.micros.at(i)) seconds_.at(i)->Observe(static_cast<double>(*micros) / 1e6);
  }
  for (const RuleHit& hit : judgement.rules.hits) count_rule(hit.name);
}

void Metrics::count_rule(const std::string& name) {
  {
    const std::shared_lock lock(rules_mutex_);
    if (const auto known = by_rule_.find(name); known != by_rule_.end()) {
      known->second->Increment();
      return;
    }
  }
  const std::unique_lock lock(rules_mutex_);
  const std::string label = by_rule_.size() < kMaxRules || by_rule_.contains(name) ? name : "other";
  auto& counter = by_rule_[label];
  if (counter == nullptr) counter = &rules_->Add({{"rule", label}});
  counter->Increment();
}

void Metrics::refused(bool enforced) { (enforced ? refused_ : watched_)->Increment(); }

void Metrics::failed() { failed_->Increment(); }

std::string Metrics::text() const {
  auto families = registry_.Collect();
  for (auto& family : state_families(judge_)) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace postern
