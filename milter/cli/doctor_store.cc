// SPDX-License-Identifier: GPL-2.0-or-later
// postern doctor: Redis, its clock, and the tables.
#include <cstdlib>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/doctor.h"
#include "store/store.h"
#include "store/store_options.h"

namespace postern {
namespace {

constexpr const char* kRedis = "Redis";
constexpr const char* kTables = "tables";
constexpr int64_t kClockSlack = 2;   // seconds: the round trip, and that both are cut to whole seconds
constexpr int64_t kClockFault = 60;  // from here on from=, until= and the age of stamps go wrong

std::string config_name(const CommandContext& context) {
  return context.config_path.empty() ? POSTERN_SYSCONFDIR "/postern.toml" : context.config_path;
}

void look_at_server(const CommandContext& context, const ServerInfo& server, Findings& findings) {
  if (server.role == "replica") {
    findings.fault(kRedis, server.description + " is a replica: nothing can be written there",
                   {config_name(context) + ": redis = \"sentinel://HOST:26379,HOST:26379/MASTER-NAME\""});
  }
  if (const auto major = to_uint(server.version.substr(0, server.version.find('.'))); major && *major < 6) {
    findings.fault(kRedis, server.description + " is version " + server.version + "; changes are told since 6.0",
                   {"apt-get install redis-server"});
  }
  if (server.memory_limit > 0 && !server.eviction.empty() && server.eviction != "noeviction") {
    const std::string text =
        "with maxmemory-policy " + server.eviction + " a full Redis throws away " +
        (server.eviction.starts_with("allkeys") ? "tables and signing keys" : "tracking records");
    const std::vector<std::string> mend{"redis-cli CONFIG SET maxmemory-policy noeviction",
                                        "redis-cli CONFIG REWRITE"};
    server.eviction.starts_with("allkeys") ? findings.fault(kRedis, text, mend)
                                           : findings.warning(kRedis, text, mend);
  }
  if (!server.last_write_fault.empty()) {
    findings.fault(kRedis, "Redis cannot write to its disk (" + server.last_write_fault + ")",
                   {"redis-cli CONFIG GET dir", "df -h"});
  }
  if (!server.appends && !server.version.empty()) {
    findings.warning(kRedis, "no append-only file is kept: what changed since the last snapshot is lost by a crash",
                     {"redis-cli CONFIG SET appendonly yes", "redis-cli CONFIG REWRITE"});
  }
}

void look_at_clock(const ServerInfo& server, Findings& findings) {
  if (!server.clock) return;
  const int64_t ahead = unix_now() - *server.clock;
  const std::string text = "this host's clock is " + std::to_string(std::abs(ahead)) + " s " +
                           (ahead < 0 ? "behind" : "ahead of") + " Redis'";
  const std::vector<std::string> mend{"timedatectl set-ntp true", "timedatectl timesync-status"};
  if (std::abs(ahead) > kClockFault) {
    findings.fault("clock", text, mend);
  } else if (std::abs(ahead) > kClockSlack) {
    findings.warning("clock", text, mend);
  } else {
    findings.good("clock", "this host and Redis agree on the time");
  }
}

// The line that takes a row out which is not understood.  A reason begins with "FILE:LINE: " where rows are in files.
std::string row_mend(const BadRow& row) {
  const std::string place = row.reason.substr(0, row.reason.find(": "));
  const size_t colon = place.rfind(':');
  if (place.starts_with('/') && colon != std::string::npos) {
    return "sed -i '" + place.substr(colon + 1) + "s/^/#/' " + place.substr(0, colon);
  }
  return "postern " + row.table + " delete '" + printable(row.key) + "'";
}

void look_at_gate(const Tables& tables, const CommandContext& context, Findings& findings) {
  const bool off = context.settings.gate == GateMode::kOff;
  if (off || tables.networks.size() > 0) return;
  findings.warning(kTables, "no network is listed, so the gate lets everybody in",
                   {"postern networks set 192.0.2.0/24 allow note=..."});
}

}  // namespace

void look_at_store(const CommandContext& context, Findings& findings) {
  if (context.settings.redis.empty()) return;
  const auto admin = set_up_admin(context);
  const auto server = admin ? (*admin)->server() : Result<ServerInfo>(admin.error());
  if (!server) {
    findings.fault(kRedis, "Redis cannot be asked: " + server.error().text,
                   {"systemctl start redis-server", "or in " + config_name(context) + ": redis = \"...\""});
    return;
  }
  const size_t before = findings.all().size();
  look_at_server(context, *server, findings);
  if (findings.all().size() == before) findings.good(kRedis, server->description + ", version " + server->version);
  look_at_clock(*server, findings);
}

void look_at_tables(const CommandContext& context, Findings& findings) {
  StoreOptions options = store_options(context.settings);
  options.node.clear();  // a command is no node
  const auto store = open_store(options);
  if (!store) {
    findings.fault(kTables, store.error().text, {"postern config check"});
    return;
  }
  if (!(*store)->health().connected) return;  // said before
  const TablesPtr tables = (*store)->tables();
  for (const BadRow& row : tables->bad_rows) {
    findings.fault(kTables, "a row is not understood: " + row.table + " " + printable(row.key) + ": " + row.reason,
                   {row_mend(row)});
  }
  look_at_gate(*tables, context, findings);
  if (tables->bad_rows.empty()) {
    findings.good(kTables, std::to_string(tables->networks.size()) + " networks, " +
                               std::to_string(tables->rules.rows().size()) + " rules, " +
                               std::to_string(tables->domains.size()) + " domains, all understood");
  }
}

}  // namespace postern
