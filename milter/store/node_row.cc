// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/node_row.h"

#include "base/log.h"
#include "base/strings.h"
#include "config.h"

namespace postern {

TableRows node_fields(const NodeInfo& node) {
  TableRows fields{{"version", node.version},
                   {"digest", node.digest},
                   {"generation", std::to_string(node.generation)},
                   {"read", iso_time(node.read_at)},
                   {"seen", iso_time(node.seen_at)},
                   {"bad-rows", std::to_string(node.bad_rows)},
                   {"queued", std::to_string(node.queued_records)},
                   {"dropped", std::to_string(node.dropped_records)},
                   {"error", node.last_error}};
  for (const auto& [field, value] : node.more) fields.emplace(field, value);
  return fields;
}

NodeInfo node_of(std::string_view name, const TableRows& fields) {
  NodeInfo node;
  node.name = name;
  const auto number = [](const std::string& text) { return to_uint(text).value_or(0); };
  const auto time = [](const std::string& text) {
    const auto parsed = parse_iso_time(text);
    return parsed.ok() ? parsed.value() : 0;
  };
  for (const auto& [field, value] : fields) {
    if (field == "version")
      node.version = value;
    else if (field == "digest")
      node.digest = value;
    else if (field == "generation")
      node.generation = number(value);
    else if (field == "read")
      node.read_at = time(value);
    else if (field == "seen")
      node.seen_at = time(value);
    else if (field == "bad-rows")
      node.bad_rows = number(value);
    else if (field == "queued")
      node.queued_records = number(value);
    else if (field == "dropped")
      node.dropped_records = number(value);
    else if (field == "error")
      node.last_error = value;
    else
      node.more.emplace_back(field, value);
  }
  return node;
}

void GateWatch::look(const Tables& tables, UnixTime now) {
  const bool enforced = tables.networks.enforced(now);
  const bool by_time = said_ && digest_ == tables.digest;
  digest_ = tables.digest;
  if (said_ == enforced) return;
  said_ = enforced;
  std::string words = "networks: " + gate_words(tables.networks, now);
  if (by_time) words += enforced ? "; from= of an allow row has come" : "; until= of the last allow row has come";
  log(enforced ? LogLevel::kInfo : LogLevel::kWarning, words);
}

NodeInfo node_info(const StoreOptions& options, const Tables& tables, const StoreHealth& health, UnixTime now) {
  NodeInfo node;
  node.name = options.node;
  node.version = PACKAGE_VERSION;
  node.digest = tables.digest;
  node.generation = tables.generation;
  node.read_at = tables.read_at;
  node.seen_at = now;
  node.bad_rows = tables.bad_rows.size();
  node.queued_records = health.queued_records;
  node.dropped_records = health.dropped_records;
  node.last_error = health.last_error;
  return node;
}

}  // namespace postern
