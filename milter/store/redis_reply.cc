// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/strings.h"
#include "store/redis_connection.h"

namespace postern {
namespace {

struct FaultRow {
  std::string_view prefix;  // the first word of the error
  RedisFault fault;
  bool passing;
  std::string_view words;
};

constexpr std::array<FaultRow, 13> kFaults{{
    {"READONLY", RedisFault::kReadOnly, true, "this server is a replica: the master is asked for again"},
    {"LOADING", RedisFault::kLoading, true, "the server is loading its data after a start"},
    {"MASTERDOWN", RedisFault::kMasterDown, true, "this replica has lost its master and may not serve old data"},
    {"OOM", RedisFault::kNoMemory, true,
     "the server is at maxmemory: raise it, or let tracking records expire sooner"},
    {"MISCONF", RedisFault::kNoMemory, true, "the server cannot save to its disk and refuses writes"},
    {"NOREPLICAS", RedisFault::kMasterDown, true, "the master has too few replicas and refuses writes"},
    {"BUSY", RedisFault::kLoading, true, "the server is busy with a script"},
    {"NOSCRIPT", RedisFault::kNoScript, false, "the server has forgotten a script"},
    {"WRONGTYPE", RedisFault::kWrongType, false, "a key of postern: holds another type: DEL it or restore it"},
    {"NOPERM", RedisFault::kNoPermission, false, "the user lacks a right: see postern-redis(5) for the ACL"},
    {"NOAUTH", RedisFault::kLogin, false, "the server wants a password: put it in the URL"},
    {"WRONGPASS", RedisFault::kLogin, false, "user or password is wrong"},
    {"EXECABORT", RedisFault::kOther, false, "a transaction was refused"},
}};

const FaultRow* row_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ERROR) return nullptr;
  const std::string_view text(reply.str, reply.len);
  const std::string_view word = text.substr(0, text.find(' '));
  for (const FaultRow& row : kFaults) {
    if (row.prefix == word) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view text_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_STRING && reply.type != REDIS_REPLY_STATUS) return {};
  return {reply.str, static_cast<size_t>(reply.len)};
}

std::span<redisReply* const> elements_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY) return {};
  return {reply.element, reply.elements};
}

TableRows rows_of(const redisReply& reply) {
  TableRows rows;
  const auto elements = elements_of(reply);
  for (size_t i = 0; i + 1 < elements.size(); i += 2) rows.emplace(text_of(*elements[i]), text_of(*elements[i + 1]));
  return rows;
}

std::string role_of(const redisReply& reply) {
  const auto words = elements_of(reply);
  return words.empty() ? std::string() : std::string(text_of(*words[0]));
}

RedisFault fault_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ERROR) return RedisFault::kNone;
  const FaultRow* row = row_of(reply);
  return row == nullptr ? RedisFault::kOther : row->fault;
}

Error error_of(const redisReply& reply) { return error_of(reply, {}); }

Error error_of(const redisReply& reply, const RedisCommand& command) {
  if (reply.type != REDIS_REPLY_ERROR) return unavailable("redis gave an answer of an unexpected type");
  std::string text = "redis: ";
  if (!command.empty()) {
    text += command.front();
    const auto key = std::find_if(command.begin(), command.end(),
                                  [](const std::string& word) { return word.starts_with("postern:"); });
    if (key != command.end()) text += " " + printable(*key);
    text += ": ";
  }
  text += printable(std::string_view(reply.str, reply.len));
  const FaultRow* row = row_of(reply);
  if (row != nullptr) text += " (" + std::string(row->words) + ")";
  return unavailable(text);
}

bool is_passing(RedisFault fault) {
  for (const FaultRow& row : kFaults) {
    if (row.fault == fault) return row.passing;
  }
  return false;
}

}  // namespace postern
