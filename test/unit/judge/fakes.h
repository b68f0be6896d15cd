// SPDX-License-Identifier: GPL-2.0-or-later
// Test doubles for the two things that judging asks for answers: a store in memory and an inspector with set facts.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "judge/judge.h"

namespace postern {

class FakeStore : public Store {
 public:
  std::shared_ptr<Tables> state = std::make_shared<Tables>();
  std::map<std::string, PolicyRow> rows;
  std::vector<TrackRecord> tracked;
  std::vector<IpAddress> refusals;
  std::vector<std::string> bounces;
  size_t policy_calls = 0;
  size_t find_calls = 0;
  bool away = false;
  std::optional<uint64_t> stale;

  std::optional<uint64_t> stale_seconds() const override { return stale; }
  TablesPtr tables() override { return state; }
  Result<std::vector<PolicyChain>> policies(std::span<const std::string> recipients, Deadline) override {
    ++policy_calls;
    if (away) return unavailable("the store is away");
    std::vector<PolicyChain> chains;
    for (const std::string& recipient : recipients) {
      PolicyChain chain;
      for (const std::string& key : policy_keys(recipient)) {
        if (const auto row = rows.find(key); row != rows.end()) chain.rows.emplace_back(key, row->second);
      }
      chains.push_back(std::move(chain));
    }
    return chains;
  }
  void track(TrackRecord record) override { tracked.push_back(std::move(record)); }
  Result<std::vector<std::optional<UnixTime>>> find(std::span<const TrackQuery> queries, std::span<const std::string>,
                                                    Deadline) override {
    ++find_calls;
    if (away) return unavailable("the store is away");
    std::vector<std::optional<UnixTime>> answers;
    for (const TrackQuery& query : queries) {
      std::optional<UnixTime> when;
      for (const TrackRecord& record : tracked) {
        for (const TrackHash& fact : record.facts) {
          if (fact == query.fact && record.day >= query.first && record.day <= query.last) when = record.day * 86400LL;
        }
      }
      answers.push_back(when);
    }
    return answers;
  }
  bool blocks = true;
  bool blocks_pictures() const override { return blocks; }
  std::vector<ImageSighting> sightings;
  Result<std::vector<ImageCount>> count_images(std::span<const ImageSighting> images, UnixTime, Deadline) override {
    sightings.insert(sightings.end(), images.begin(), images.end());
    return std::vector<ImageCount>(images.size(), ImageCount{3, 2, 5, false, false});
  }
  void count_refusal(const IpAddress& client, UnixTime) override { refusals.push_back(client); }
  void count_bounce(std::string_view domain, std::string_view outcome) override {
    bounces.push_back(std::string(domain) + " " + std::string(outcome));
  }
  StoreHealth health() const override { return {}; }
  Status reload() override { return Nothing{}; }
  bool flush(Deadline) override { return true; }
  Result<std::vector<RefusedSource>> refused(size_t, Deadline) override { return std::vector<RefusedSource>{}; }
  Result<std::vector<NodeInfo>> nodes(Deadline) override { return std::vector<NodeInfo>{}; }
  void describe(std::string_view, std::string_view) override {}
};

class FakeInspector : public Inspector {
 public:
  BodyFacts facts;
  std::vector<InspectRequest> requests;
  std::vector<std::vector<bool>> choices;  // of pictures, where the request leaves a choice

  BodyFacts inspect(const InspectRequest& request, Deadline) override {
    requests.push_back(request);
    if (request.choose) choices.push_back(request.choose(facts));
    BodyFacts answer = facts;
    answer.inspected = true;
    return answer;
  }
  uint64_t restarts() const override { return 0; }
};

}  // namespace postern
