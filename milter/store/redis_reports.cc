// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_reports.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/strings.h"
#include "policy/networks.h"
#include "store/node_row.h"
#include "store/redis_snapshot.h"

namespace postern {
namespace {

constexpr Day kRefusedDays = 8;

Result<std::vector<ReplyPtr>> run_all(const RedisRun& run, std::span<const RedisCommand> commands) {
  auto replies = run(commands);
  if (!replies.ok()) return replies;
  for (const ReplyPtr& reply : replies.value()) {
    if (reply->type == REDIS_REPLY_ERROR) return error_of(*reply);
  }
  return replies;
}

}  // namespace

Result<std::vector<std::string>> scan_keys(const RedisRun& run, const std::string& pattern) {
  std::set<std::string> keys;
  std::string cursor = "0";
  do {
    const RedisCommand command{"SCAN", cursor, "MATCH", pattern, "COUNT", "1000"};
    const auto replies = run_all(run, std::span(&command, 1));
    if (!replies.ok()) return replies.error();
    const auto parts = elements_of(*replies->front());
    if (parts.size() != 2) return unavailable("redis gave an unexpected answer to SCAN");
    cursor = text_of(*parts[0]);
    for (const redisReply* key : elements_of(*parts[1])) keys.emplace(text_of(*key));
  } while (cursor != "0");
  return std::vector<std::string>(keys.begin(), keys.end());
}

Result<std::vector<NodeInfo>> read_nodes(const RedisRun& run) {
  const auto keys = scan_keys(run, redis_key::kNode + "*");
  if (!keys.ok()) return keys.error();
  std::vector<RedisCommand> commands;
  for (const std::string& key : *keys) commands.push_back({"HGETALL", key});
  std::vector<NodeInfo> out;
  if (commands.empty()) return out;
  const auto replies = run_all(run, commands);
  if (!replies.ok()) return replies.error();
  for (size_t i = 0; i < keys->size(); ++i) {
    const TableRows fields = rows_of(*(*replies)[i]);
    if (!fields.empty()) out.push_back(node_of((*keys)[i].substr(redis_key::kNode.size()), fields));
  }
  return out;
}

namespace {

// Calls take(network, score) for each element of a sorted set.
template <class Take>
void each_score(const redisReply& reply, Take take) {
  const auto elements = elements_of(reply);
  for (size_t at = 0; at + 1 < elements.size(); at += 2) {
    const auto score = to_double(text_of(*elements[at + 1]));
    if (score && *score >= 0) take(std::string(text_of(*elements[at])), static_cast<UnixTime>(*score));
  }
}

}  // namespace

Result<DomainReports> read_domain_reports(const RedisRun& run) {
  const auto keys = scan_keys(run, redis_key::kBounces + "*");
  if (!keys.ok()) return keys.error();
  DomainReports out;
  std::vector<RedisCommand> commands;
  for (const std::string& key : *keys) commands.push_back({"HGETALL", key});
  if (commands.empty()) return out;
  const auto replies = run_all(run, commands);
  if (!replies.ok()) return replies.error();
  for (size_t i = 0; i < keys->size(); ++i) {
    const std::string& key = (*keys)[i];
    for (const auto& [field, value] : rows_of(*(*replies)[i])) {
      if (key == redis_key::kSince) {
        const auto since = parse_iso_time(value);
        if (since.ok()) out[field].since = *since;
      } else if (const auto count = to_uint(value)) {
        out[key.substr(redis_key::kBounces.size())].bounces[field] = *count;
      }
    }
  }
  return out;
}

Result<std::vector<RefusedSource>> read_refused(const RedisRun& run, size_t limit) {
  const Day today = day_of(unix_now());
  std::vector<RedisCommand> commands;
  const auto ask = [&commands](const std::string& key) {
    commands.push_back({"ZREVRANGE", redis_key::kRefused + key, "0", "9999", "WITHSCORES"});
  };
  ask("last");
  for (Day day = today - kRefusedDays + 1; day <= today; ++day) {  // the oldest comes first
    ask(std::to_string(day));
    ask("first:" + std::to_string(day));
  }
  const auto replies = run_all(run, commands);
  if (!replies.ok()) return replies.error();
  std::map<std::string, RefusedSource> all;
  for (size_t i = 1; i + 1 < replies->size(); i += 2) {
    std::map<std::string, UnixTime> first;
    each_score(*(*replies)[i + 1], [&](std::string name, UnixTime time) { first.emplace(std::move(name), time); });
    const UnixTime day = static_cast<UnixTime>(today - kRefusedDays + static_cast<Day>(i + 1) / 2) * 86400;
    each_score(*(*replies)[i], [&](const std::string& name, UnixTime count) {
      RefusedSource& source = all[name];
      source.count += static_cast<uint64_t>(count);
      if (source.first != 0) return;
      const auto known = first.find(name);  // else its time was pushed out, and the day's start has to do
      source.first = known == first.end() ? day : known->second;
    });
  }
  each_score(*replies->front(), [&all](const std::string& name, UnixTime time) {
    const auto source = all.find(name);
    if (source != all.end()) source->second.last = time;
  });
  std::vector<RefusedSource> out;
  for (auto& [name, source] : all) {
    const auto prefixes = parse_network(name);
    if (!prefixes.ok() || prefixes->size() != 1) continue;
    source.source = prefixes->front();
    out.push_back(source);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  if (out.size() > limit) out.resize(limit);
  return out;
}

}  // namespace postern
