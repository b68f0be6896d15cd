// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of `postern`.  cli/options.cc (the only file that knows CLI11) fills these structures and calls the
// function; each returns the exit status: 0 good, 1 a "no" (FAIL, not clean, lagging), 2 an error.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conf/settings.h"

namespace postern {

struct CommandContext {
  std::string config_path;   // as given or found; empty: defaults
  bool config_given = false; // not just found
  Settings settings;
  bool json = false;
  bool color = false;        // standard output is a terminal
};

struct ScanOptions {
  std::string client, auth, from;
  std::vector<std::string> recipients;
  std::vector<std::string> files;   // "-" is standard input
};
int run_scan(const CommandContext& context, const ScanOptions& options);

struct StampOptions {
  std::string from;
  std::vector<std::string> recipients;
  std::string file;
};
int run_stamp(const CommandContext& context, const StampOptions& options);

// `from` may be empty; a Message-ID is only found together with its sender.
int run_track(const CommandContext& context, const std::string& what, const std::string& from);

struct CheckOptions {
  std::vector<std::string> addresses;
  std::string file;                 // a list, one address a line
};
int run_check(const CommandContext& context, const CheckOptions& options);

// networks | rules | policy | domains: list get set delete load dump diff (and more for some)
struct TableOptions {
  std::string table;                // "networks"
  std::string verb;                 // "list"
  std::string key;
  std::vector<std::string> values;  // words after the key
  std::string file;                 // load, diff, test
  std::string service;              // networks load: only this service of a published list
  bool dry_run = false;
  bool force = false;
  bool keep = false;                // networks load: rows that the file does not name stay
};
int run_table(const CommandContext& context, const TableOptions& options);      // list get set delete load dump diff
int run_networks_load(const CommandContext& context, const TableOptions& options);
int run_images(const CommandContext& context, const TableOptions& options);     // list allow block forget
int run_networks_refused(const CommandContext& context);
int run_rules_test(const CommandContext& context, const std::string& file);
int run_keys_list(const CommandContext& context);
int run_keys_rotate(const CommandContext& context);
int run_status(const CommandContext& context);
int run_changes(const CommandContext& context, unsigned count);

struct LogOptions {
  std::string id;
  std::vector<std::string> files;   // empty: the usual log file, or the journal
  bool brief = false;               // the story without the lines
};
int run_log(const CommandContext& context, const LogOptions& options);

struct DoctorOptions {
  std::string postfix_directory;    // of main.cf; empty: the default
  std::string sendmail_file;        // sendmail.cf; empty: the default, and only where there is no Postfix
};
int run_doctor(const CommandContext& context, const DoctorOptions& options);

struct InitOptions {
  std::string listen, redis, quarantine_address, metrics_listen, tables_directory, state_directory;
  std::vector<std::string> allow, outbound, domains;
  bool enforce = false;             // not monitor mode
  bool force = false;               // overwrite
  bool yes = false;                 // ask nothing
};
int run_init(const CommandContext& context, const InitOptions& options);

struct ReportOptions {
  std::vector<std::string> files;   // as in LogOptions
  std::string since, until;         // a date, a time, or an age such as 7d; empty: no limit
};
int run_report(const CommandContext& context, const ReportOptions& options);

struct AuditOptions {
  std::vector<std::string> files;   // empty: where contrib/livearchive has it
  std::string user, since, until;   // empty: everybody, no limit
};
int run_audit(const CommandContext& context, const AuditOptions& options);

// Runs postern-portal(8), with portal.toml unless `context` names another file.
struct DigestCommand {
  std::string users_file;           // "-" is standard input
  std::vector<std::string> users;   // empty: those of the file
  bool dry_run = false;
};
int run_digest(const CommandContext& context, const DigestCommand& options);

int run_config_check(const CommandContext& context);
int run_config_show(const CommandContext& context);

}  // namespace postern
