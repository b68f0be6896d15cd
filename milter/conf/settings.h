// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of postern.toml.  Each is one row of the table in settings.cc (name, type, default, range,
// reloadable, help); postern.toml(5) and `postern config show` are made from the same table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace postern {

enum class Mode { kEnforce, kMonitor };
enum class GateMode { kEnforce, kMonitor, kOff };
enum class GateStage { kMail, kConnect };
enum class RecipientEvidence { kBelieve, kTag };

struct Settings {
  std::string listen;
  Mode mode = Mode::kEnforce;
  GateMode gate = GateMode::kEnforce;
  GateStage gate_stage = GateStage::kMail;
  std::string gate_text;
  std::string redis;
  Millis redis_connect_timeout{};
  Millis redis_command_timeout{};
  std::string tables_directory;
  std::string state_directory;
  bool default_rules = true;
  Millis bounce_grace{};
  Millis track_life{};
  RecipientEvidence recipient_evidence = RecipientEvidence::kBelieve;
  double spam_score = 0;
  double surespam_score = 0;
  std::string quarantine_address;
  std::string archive_address;
  uint64_t inspect_workers = 0;  // 0: one per core
  Millis inspect_timeout{};
  uint64_t inspect_memory = 0;
  uint64_t body_limit = 0;
  Millis message_timeout{};
  std::string log;
  std::string metrics_listen;
  std::string node;
  std::string portal_listen, portal_certificate, portal_key, portal_imap, portal_domain, portal_admins;
  std::string portal_quarantine;
  uint64_t portal_rate = 0;  // requests a second; 0: any number
  std::string portal_imap_master, portal_url;
  Millis portal_quarantine_life{};
  std::string digest_users, digest_from, digest_sender, digest_sendmail;
};

enum class SettingType { kText, kChoice, kFlag, kCount, kNumber, kBytes, kDuration };

// One row of the table, for documentation and `postern config show`.
struct SettingInfo {
  std::string_view name;
  SettingType type;
  std::string_view default_text;  // as it would stand in postern.toml, without quotes
  std::string_view expected;      // "enforce or monitor", "a duration of at least 0s"
  bool reloadable;
  std::string_view help;
};
const std::vector<SettingInfo>& setting_table();

Settings default_settings();
// Reads a file; the error names file:line and what was expected.  Unknown and repeated names are errors.
Result<Settings> load_settings(const std::string& path);
Result<Settings> parse_settings(std::string_view path, std::string_view text);
// The value in force, as it would stand in postern.toml.
std::string setting_text(const Settings& settings, std::string_view name);
// The same for eyes and logs: without the passwords of `redis`.
std::string shown_text(const Settings& settings, std::string_view name);
// Names of settings that differ and cannot be changed by a reload.
std::vector<std::string> fixed_changes(const Settings& running, const Settings& wanted);
// `wanted`, except that those keep the running value: what a reload puts in force.
Settings keep_fixed(const Settings& running, Settings wanted);

}  // namespace postern
