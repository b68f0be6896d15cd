// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_policies.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "store/redis_snapshot.h"

namespace postern {
namespace {

constexpr size_t kMaxBad = 100;

}  // namespace

void RedisPolicies::note_bad(const std::string& key, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  if (reason.empty()) {
    bad_.erase(key);
    return;
  }
  if (bad_.size() >= kMaxBad && !bad_.contains(key)) return;
  std::string& known = bad_[key];
  if (known != reason) {
    log(LogLevel::kWarning,
        redis_key::kPolicy + printable(key) + ": " + reason + "; what it said before stays in force");
  }
  known = reason;
}

std::vector<BadRow> RedisPolicies::bad_rows() const {
  const std::lock_guard lock(mutex_);
  std::vector<BadRow> out;
  for (const auto& [key, reason] : bad_) out.push_back({"policy", key, reason});
  return out;
}

void RedisPolicies::forget_bad_rows() {
  const std::lock_guard lock(mutex_);
  bad_.clear();
}

// A field that is not understood says what it said when it last was.
CachedPolicy RedisPolicies::row_of(const std::string& key, const redisReply& reply) {
  const auto last = cache_.last_known(key);
  if (reply.type == REDIS_REPLY_ERROR) {
    note_bad(key, error_of(reply).text);
    return last.value_or(std::nullopt);
  }
  const TableRows fields = rows_of(reply);
  std::string reasons;
  PolicyRow row;
  for (const auto& [field, value] : fields) {
    const Status status = set_policy_field(row, field, value);
    if (status.ok()) continue;
    reasons += (reasons.empty() ? "" : "; ") + status.error().text;
    const auto verdict = parse_verdict(field);
    for (size_t i = 0; i < kPolicyVerdicts.size(); ++i) {
      if (verdict && kPolicyVerdicts.at(i) == *verdict && last && *last) row.actions.at(i) = (*last)->actions.at(i);
    }
  }
  note_bad(key, reasons);
  return fields.empty() ? CachedPolicy() : CachedPolicy(row);
}

// The ticket is drawn before the row is read.
void RedisPolicies::ask(const std::string& key, Ahead& asked, std::vector<RedisCommand>& commands) {
  asked.keys.push_back(key);
  asked.tickets.push_back(cache_.ticket(key));
  commands.push_back({"HGETALL", redis_key::kPolicy + key});
}

RedisPolicies::Ahead RedisPolicies::read_ahead(std::span<const std::string> recipients, bool current,
                                               std::vector<RedisCommand>& commands) {
  Ahead ahead;
  if (!current) return ahead;
  std::set<std::string> seen;
  for (const std::string& recipient : recipients) {
    for (const std::string& key : policy_keys(recipient)) {
      if (seen.insert(key).second && !cache_.find(key)) ask(key, ahead, commands);
    }
  }
  return ahead;
}

void RedisPolicies::take_ahead(const Ahead& ahead, std::span<const ReplyPtr> replies) {
  for (size_t i = 0; i < ahead.keys.size() && i < replies.size(); ++i) {
    if (is_passing(fault_of(*replies[i]))) continue;
    cache_.insert(ahead.keys[i], row_of(ahead.keys[i], *replies[i]), ahead.tickets[i]);
  }
}

Result<uint64_t> RedisPolicies::read(const std::vector<std::string>& keys, Found& found, Deadline deadline) {
  std::vector<RedisCommand> commands;
  Ahead asked;
  for (const std::string& key : keys) ask(key, asked, commands);
  const auto reading = pool_.read(commands, deadline);
  if (!reading.ok()) return reading.error();
  for (size_t i = 0; i < keys.size(); ++i) {
    const redisReply& reply = *reading->rows[i];
    if (is_passing(fault_of(reply))) return error_of(reply, commands[i]);
    found[keys[i]] = row_of(keys[i], reply);
    cache_.insert(keys[i], found[keys[i]], asked.tickets[i]);
  }
  return reading->era;
}

// The order counts: whoever is trusted at a moment at which the watcher followed that server vouches for it.
Result<bool> RedisPolicies::read_surely(const std::vector<std::string>& keys, Found& found, const Trust& trust,
                                        Deadline deadline) {
  for (int tries = 0; tries < 2; ++tries) {
    const auto era = read(keys, found, deadline);
    if (!era.ok()) return era.error();
    const bool trusted = trust();
    if (pool_.follows(era.value())) return trusted;
  }
  return false;
}

// The rows of one recipient's keys, the most special first.
PolicyChain RedisPolicies::chain_of(const std::vector<std::string>& keys, const Found& found,
                                    const std::set<std::string>& last_known, const std::set<std::string>& unknown) {
  PolicyChain chain;
  for (const std::string& key : keys) {
    if (unknown.contains(key)) chain.sure = std::min(chain.sure, chain.rows.size());
    chain.last_known = chain.last_known || last_known.contains(key) || unknown.contains(key);
    const CachedPolicy& row = found.at(key);
    if (row) chain.rows.emplace_back(key, *row);
  }
  return chain;
}

Result<std::vector<PolicyChain>> RedisPolicies::look_up(std::span<const std::string> recipients,
                                                        const Trust& trust, Deadline deadline) {
  const bool current = trust();
  Found found;
  std::vector<std::string> missing;
  std::vector<std::vector<std::string>> keys;
  for (const std::string& recipient : recipients) {
    keys.push_back(policy_keys(recipient));
    for (const std::string& key : keys.back()) {
      if (found.contains(key)) continue;
      const auto cached = current ? cache_.find(key) : std::nullopt;
      if (!cached) missing.push_back(key);
      found[key] = cached.value_or(std::nullopt);
    }
  }
  std::set<std::string> last_known, unknown;
  const auto sure = missing.empty() ? Result<bool>(true) : read_surely(missing, found, trust, deadline);
  if (sure.ok() && !sure.value()) last_known.insert(missing.begin(), missing.end());
  if (!sure.ok()) {
    for (const std::string& key : missing) {
      const auto known = cache_.last_known(key);
      (known ? last_known : unknown).insert(key);
      found[key] = known.value_or(std::nullopt);
    }
    if (unknown.size() == found.size()) return sure.error();
  }
  std::vector<PolicyChain> out;
  out.reserve(recipients.size());
  for (const std::vector<std::string>& each : keys) out.push_back(chain_of(each, found, last_known, unknown));
  return out;
}

}  // namespace postern
