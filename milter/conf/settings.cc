// SPDX-License-Identifier: GPL-2.0-or-later
// The table of settings.  Each row carries how its text is read into Settings and how it is written back.
#include "conf/settings.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "base/strings.h"
#include "conf/rows.h"

namespace postern {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

constexpr Millis kSecond{1000};
constexpr Millis kDay{86'400'000};

std::vector<SettingRow> connection_rows() {
  return {
      text_row("listen", &Settings::listen, "unix:/run/postern/milter.sock", is_listen_address,
               "inet:PORT@ADDRESS, inet6:PORT@ADDRESS or unix:PATH", false,
               "Where the MTA finds the milter, spelt as in libmilter."),
      choice_row("mode", &Settings::mode, {{"enforce", Mode::kEnforce}, {"monitor", Mode::kMonitor}}, true,
                 "monitor: judge and log everything, change nothing. The gate and every action are only logged."),
      choice_row("gate", &Settings::gate,
                 {{"enforce", GateMode::kEnforce}, {"monitor", GateMode::kMonitor}, {"off", GateMode::kOff}}, true,
                 "What happens to a client that is in no listed network. It is only enforced when the networks table "
                 "has an allow row."),
      choice_row("gate-stage", &Settings::gate_stage,
                 {{"mail", GateStage::kMail}, {"connect", GateStage::kConnect}}, false,
                 "When the gate refuses: at MAIL, where it is known whether the client has authenticated, or at "
                 "connect, where authenticated clients cannot get in from unlisted networks."),
      text_row("gate-text", &Settings::gate_text, "{address} is not in a network that may deliver here (postern)",
               is_reply_text, "one line of at most 400 printable ASCII characters", true,
               "Text of the gate's 550 5.7.1 reply. {address} stands for the client's address."),
      text_row("quarantine-address", &Settings::quarantine_address, "", is_quarantine_template,
               "empty, or an address made of {user} and {domain} such as {user}+quarantine@{domain}", true,
               "Where quarantined mail goes instead of its recipient. Empty: the MTA's hold queue."),
      text_row("archive-address", &Settings::archive_address, "", is_archive_template,
               "empty, or an address made of {user} and {domain} such as {user}={domain}@archive.example.net", true,
               "Where the live archive takes the copies of mail for and from mailboxes whose policy says archive=on. "
               "Empty: there is no archive."),
  };
}

std::vector<SettingRow> store_rows() {
  return {
      text_row("redis", &Settings::redis, "", is_redis_url,
               "empty, redis://[user:password@]host:port/db, unix:///path?db=0 or "
               "sentinel://host:port,host:port/master-name",
               false, "The Redis that a cluster shares. Empty: tables from files, records in bounded memory."),
      duration_row("redis-connect-timeout", &Settings::redis_connect_timeout, "1s", kSecond / 100, 60 * kSecond, false,
                   "How long a connection to Redis may take."),
      duration_row("redis-command-timeout", &Settings::redis_command_timeout, "500ms", kSecond / 100, 60 * kSecond,
                   false, "How long one command to Redis may take."),
      text_row("tables-directory", &Settings::tables_directory, POSTERN_SYSCONFDIR "/tables", is_path,
               "an absolute or relative path", false,
               "Embedded store: the files networks, policy, domains and *.rules, one row a line."),
      text_row("state-directory", &Settings::state_directory, POSTERN_STATEDIR, is_path,
               "an absolute or relative path", false,
               "Keys and records of the embedded store, and the last good copy of Redis' tables."),
      flag_row("default-rules", &Settings::default_rules, "true", false,
               "Whether the built-in rule pack lies under the rows of the rules table."),
      text_row("node", &Settings::node, host_name(), is_node_name,
               "1 to 64 letters, digits, dots, dashes or underscores", false,
               "This daemon's name in postern:node:NAME. The default is the host name."),
  };
}

std::vector<SettingRow> judging_rows() {
  return {
      duration_row("bounce-grace", &Settings::bounce_grace, "7d", Millis::zero(), 365 * kDay, true,
                   "How long after its first stamp a domain's bounces are only monitored."),
      duration_row("track-life", &Settings::track_life, "10d", kDay, 60 * kDay, false,
                   "How long a stamp verifies and a record is kept. Must exceed the time that other hosts keep "
                   "undeliverable mail in their queues, usually five days."),
      choice_row("recipient-evidence", &Settings::recipient_evidence,
                 {{"believe", RecipientEvidence::kBelieve}, {"tag", RecipientEvidence::kTag}}, true,
                 "What a delivery report is worth that proves itself by nothing but a failed recipient to whom its "
                 "reader wrote. believe: it is clean. tag: it stays an unverified bounce, but where the policy would "
                 "quarantine, delete or reject it, it is delivered with a tagged Subject."),
      number_row("spam-score", &Settings::spam_score, "5.0", 0.1, 1000, true,
                 "From this score on a message is spam."),
      number_row("surespam-score", &Settings::surespam_score, "10.0", 0.1, 1000, true,
                 "From this score on a message is surespam."),
      bytes_row("body-limit", &Settings::body_limit, "16M", 64 << 10, 1ULL << 30, true,
                "How much of a body is looked at. The rest of a longer message is delivered unseen."),
      duration_row("message-timeout", &Settings::message_timeout, "20s", kSecond, 240 * kSecond, true,
                   "How long judging one message may take in all; then it is judged by what is known."),
      count_row("inspect-workers", &Settings::inspect_workers, "0", 0, 256, false,
                "Jailed inspector processes. 0: one for each core. One more is kept for small messages."),
      duration_row("inspect-timeout", &Settings::inspect_timeout, "2s", kSecond / 20, 60 * kSecond, false,
                   "How long an inspector may look at one message before it is replaced."),
      bytes_row("inspect-memory", &Settings::inspect_memory, "256M", 64 << 20, 4ULL << 30, false,
                "How much memory an inspector may use."),
      text_row(
          "log", &Settings::log, "syslog", is_log_target, "syslog, stderr, journal or journal:/PATH", false,
          "Where log lines go: syslog with facility mail, standard error, or systemd's journal, where each pair of "
          "a line is a field too (POSTERN_VERDICT and so on). A path is the socket of another journal."),
      text_row("metrics-listen", &Settings::metrics_listen, "", is_metrics_address,
               "empty, inet:PORT@127.0.0.1, inet6:PORT@::1 or unix:PATH", false,
               "Where Prometheus reads counts and latencies, over HTTP at /metrics. Empty: nowhere."),
  };
}

// A URL of a Redis, also in quotes, with *** for each password.
std::string without_passwords(std::string_view url) {
  std::string out(url);
  const size_t start = out.find("://");
  if (start == std::string::npos) return out;
  const size_t at = out.rfind('@', out.find('/', start + 3));
  if (at != std::string::npos && at > start) {
    const size_t colon = out.find(':', start + 3);
    const size_t from = colon < at ? colon + 1 : start + 3;
    out.replace(from, at - from, "***");
  }
  constexpr std::string_view kOption = "sentinel-password=";
  const size_t option = out.find(kOption);
  if (option != std::string::npos) {
    const size_t from = option + kOption.size();
    out.replace(from, std::min(out.find_first_of("&\"", from), out.size()) - from, "***");
  }
  return out;
}

}  // namespace

const std::vector<SettingRow>& setting_rows() {
  static const std::vector<SettingRow> rows = [] {
    std::vector<SettingRow> all = connection_rows();
    for (auto group : {store_rows(), judging_rows(), portal_rows()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return rows;
}

const std::vector<SettingInfo>& setting_table() {
  static const std::vector<SettingInfo> table = [] {
    std::vector<SettingInfo> infos;
    for (const SettingRow& row : setting_rows()) {
      infos.push_back({row.name, row.type, row.default_text, row.expected, row.reloadable, row.help});
    }
    return infos;
  }();
  return table;
}

Settings default_settings() {
  Settings settings;
  for (const SettingRow& row : setting_rows()) {
    if (!row.read(settings, row.default_text)) std::abort();  // a default outside its own range is a bug
  }
  return settings;
}

std::string setting_text(const Settings& settings, std::string_view name) {
  for (const SettingRow& row : setting_rows()) {
    if (row.name != name) continue;
    const std::string text = row.write(settings);
    const bool bare = row.type == SettingType::kFlag || row.type == SettingType::kCount ||
                      row.type == SettingType::kNumber;
    return bare ? text : "\"" + printable(text, 1000) + "\"";
  }
  return "";
}

std::string shown_text(const Settings& settings, std::string_view name) {
  return name == "redis" ? without_passwords(setting_text(settings, name)) : setting_text(settings, name);
}

std::vector<std::string> fixed_changes(const Settings& running, const Settings& wanted) {
  std::vector<std::string> names;
  for (const SettingRow& row : setting_rows()) {
    if (!row.reloadable && row.write(running) != row.write(wanted)) names.push_back(row.name);
  }
  return names;
}

Settings keep_fixed(const Settings& running, Settings wanted) {
  for (const SettingRow& row : setting_rows()) {
    if (row.reloadable) continue;
    const std::string text = row.write(running);
    if (row.write(wanted) != text) row.read(wanted, text);
  }
  return wanted;
}

}  // namespace postern
