// SPDX-License-Identifier: GPL-2.0-or-later
// The only file that includes CLI11.  Each subcommand stores a call to be made once the settings are loaded.
#include "cli/options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>

#include "base/core_dumps.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/pdf.h"
#include "config.h"

namespace postern {
namespace {

constexpr const char* kDefaultConfig = POSTERN_SYSCONFDIR "/postern.toml";

struct CommandLine {
  CommandContext context;
  std::function<int(const CommandContext&)> call;
  bool call_without_settings = false;   // `config check` reports a bad file itself
};

void add_scan(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ScanOptions>();
  CLI::App* sub = app.add_subcommand("scan", "Judge saved messages offline, just as the daemon would");
  sub->add_option("--client", options->client, "Address that the message came from");
  sub->add_option("--auth", options->auth, "Name that the client authenticated as");
  sub->add_option("--from", options->from, "Envelope sender (\"\" or <> is the null sender)");
  sub->add_option("--rcpt", options->recipients, "Envelope recipient (may be repeated)")->allow_extra_args(false);
  sub->add_option("files", options->files, "Messages, mboxes, Maildirs or folders; - is standard input");
  sub->callback([options, &line, sub] {
    if (sub->count("--from") > 0 && options->from.empty()) options->from = "<>";
    line.call = [options](const CommandContext& context) { return run_scan(context, *options); };
  });
}

void add_pdf(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<PdfOptions>();
  CLI::App* sub = app.add_subcommand("pdf", "Explain a PDF, or those of a message: its facts and the rules that hit");
  sub->add_option("--thumbnail", options->thumbnail, "Write page 1 to this new file, as a small grey PNG");
  sub->add_option("file", options->file, "A PDF or a message; - is standard input")->required();
  sub->callback([options, &line] {
    line.call = [options](const CommandContext& context) { return run_pdf(context, *options); };
  });
}

void add_stamp(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<StampOptions>();
  CLI::App* sub = app.add_subcommand("stamp", "Print a message with its tracking ID and record it");
  sub->add_option("--from", options->from, "Envelope sender; default: the From field");
  sub->add_option("--rcpt", options->recipients, "Envelope recipient (may be repeated); default: To and Cc")
      ->allow_extra_args(false);
  sub->add_option("file", options->file, "The message; - is standard input")->required();
  sub->callback([options, &line] {
    line.call = [options](const CommandContext& context) { return run_stamp(context, *options); };
  });
}

void add_track(CLI::App& app, CommandLine& line) {
  auto what = std::make_shared<std::string>();
  auto from = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand("track", "Tell what is known of a tracking ID or Message-ID");
  sub->add_option("what", *what, "X-Postern-ID value or <Message-ID>")->required();
  sub->add_option("--from", *from, "Its envelope sender: checks an ID, and finds a Message-ID");
  sub->callback([what, from, &line] {
    line.call = [what, from](const CommandContext& context) { return run_track(context, *what, *from); };
  });
}

void add_check(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* sub = app.add_subcommand("check", "Would these addresses pass the gate, and why");
  sub->add_option("addresses", options->addresses, "IP addresses");
  sub->add_option("--file", options->file, "A list of addresses, one a line");
  sub->callback([options, &line] {
    if (options->addresses.empty() && options->file.empty()) {
      throw CLI::RequiredError("check: an address or --file");
    }
    line.call = [options](const CommandContext& context) { return run_check(context, *options); };
  });
}

using TableCall = std::function<int(const CommandContext&, const TableOptions&)>;

CLI::App* add_verb(CLI::App* table, CommandLine& line, const std::shared_ptr<TableOptions>& options,
                   const std::string& verb, const std::string& help, TableCall call) {
  CLI::App* sub = table->add_subcommand(verb, help)->fallthrough();
  sub->callback([options, &line, verb, table, call = std::move(call)] {
    options->table = table->get_name();
    options->verb = verb;
    line.call = [options, call](const CommandContext& context) { return call(context, *options); };
  });
  return sub;
}

CLI::App* add_table(CLI::App& app, CommandLine& line, const std::string& name, const std::string& help,
                    const TableCall& load) {
  auto options = std::make_shared<TableOptions>();
  CLI::App* table = app.add_subcommand(name, help)->require_subcommand(1)->fallthrough();
  add_verb(table, line, options, "list", "Show every row", run_table);
  add_verb(table, line, options, "dump", "Print every row as text that load takes", run_table);
  add_verb(table, line, options, "get", "Show one row", run_table)->add_option("key", options->key)->required();
  add_verb(table, line, options, "delete", "Remove one row", run_table)->add_option("key", options->key)->required();
  CLI::App* set = add_verb(table, line, options, "set", "Write one row", run_table);
  set->add_option("key", options->key)->required();
  set->add_option("value", options->values, "the row's text")->required();
  add_verb(table, line, options, "diff", "Show what load would change", run_table)
      ->add_option("file", options->file, "rows as text; - is standard input")
      ->required();
  CLI::App* from = add_verb(table, line, options, "load", "Make the table what a file says", load);
  from->add_option("file", options->file, "rows as text; - is standard input")->required();
  from->add_flag("--dry-run", options->dry_run, "Show the change, make none");
  from->add_flag("--force", options->force, "Make it even if more than half of the rows would go");
  if (name == "networks") {
    from->add_option("--service", options->service, "Only this service of a published list");
    from->add_flag("--keep", options->keep, "Add to the table: rows that the file does not name stay");
  }
  return table;
}

void add_images(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<TableOptions>();
  CLI::App* images = app.add_subcommand("images", "Pictures that are always or never spam")
                         ->require_subcommand(1)
                         ->fallthrough();
  const auto add = [&](const std::string& verb, const std::string& help, bool note) {
    CLI::App* sub = add_verb(images, line, options, verb, help, run_images);
    sub->add_option("fingerprint", options->key, "as `postern scan --json` shows it")->required();
    if (note) sub->add_option("note", options->values, "Why");
  };
  add_verb(images, line, options, "list", "Show every picture that was allowed or blocked", run_images);
  add("allow", "Never count pictures like this one", true);
  add("block", "Take mail with pictures like this one for spam", true);
  add("forget", "Take it off the list, and forget how often it was seen", false);
}

void add_tables(CLI::App& app, CommandLine& line) {
  CLI::App* networks = add_table(app, line, "networks", "The connection gate's networks", run_networks_load);
  networks->add_subcommand("refused", "The busiest refused networks")->fallthrough()->callback([&line] {
    line.call = run_networks_refused;
  });
  CLI::App* rules = add_table(app, line, "rules", "The scoring rules", run_table);
  auto file = std::make_shared<std::string>();
  CLI::App* test = rules->add_subcommand("test", "Check a rules file without loading it")->fallthrough();
  test->add_option("file", *file)->required();
  test->callback([file, &line] {
    line.call = [file](const CommandContext& context) { return run_rules_test(context, *file); };
  });
  add_table(app, line, "policy", "Recipients' policies", run_table);
  add_table(app, line, "domains", "Domains whose bounces are judged", run_table);
  add_images(app, line);
}

void add_plain(CLI::App* parent, CommandLine& line, const std::string& name, const std::string& help,
               int (*call)(const CommandContext&)) {
  parent->add_subcommand(name, help)->fallthrough()->callback([&line, call] { line.call = call; });
}

void add_doctor(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* sub = app.add_subcommand("doctor", "Say what is wrong with MTA, socket, Redis, tables, and what mends it");
  CLI::Option* postfix =
      sub->add_option("--postfix", options->postfix_directory, "Postfix' configuration directory, if not the default");
  sub->add_option("--sendmail", options->sendmail_file, "sendmail.cf: look at Sendmail, even if there is a Postfix")
      ->excludes(postfix);
  sub->callback([options, &line] {
    line.call = [options](const CommandContext& context) { return run_doctor(context, *options); };
  });
}

void add_init(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* sub = app.add_subcommand("init", "Write a first settings file and tables, from flags or answers");
  sub->add_option("--listen", options->listen, "Where the MTA finds the milter");
  sub->add_option("--redis", options->redis, "URL of the Redis that a cluster shares");
  sub->add_option("--allow", options->allow, "Network that may deliver (may be repeated)")->allow_extra_args(false);
  sub->add_option("--outbound", options->outbound, "Host that sends through here without AUTH (may be repeated)")
      ->allow_extra_args(false);
  sub->add_option("--domain", options->domains, "Domain whose bounces are judged at once (may be repeated)")
      ->allow_extra_args(false);
  sub->add_option("--quarantine-address", options->quarantine_address, "Where quarantined mail goes");
  sub->add_option("--metrics-listen", options->metrics_listen, "Where Prometheus reads counts");
  sub->add_option("--tables-directory", options->tables_directory, "Where the tables go");
  sub->add_option("--state-directory", options->state_directory, "Where keys and records go");
  sub->add_flag("--enforce", options->enforce, "Act at once; else it only watches");
  sub->add_flag("--force", options->force, "Replace files that are there");
  sub->add_flag("--yes", options->yes, "Ask nothing");
  sub->callback([options, &line] {
    line.call = [options](const CommandContext& context) { return run_init(context, *options); };
    line.call_without_settings = true;
  });
}

void add_report(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* sub = app.add_subcommand("report", "Sum up the log: what was done, and what monitor mode would have done");
  sub->add_option("--file", options->files, "A log file (may be repeated); - is standard input; default: the mail log")
      ->allow_extra_args(false);
  sub->add_option("--since", options->since, "From this time on: 7d, 2026-11-01 or 2026-11-01T08:00:00Z");
  sub->add_option("--until", options->until, "Up to this time");
  sub->callback([options, &line] {
    line.call = [options](const CommandContext& context) { return run_report(context, *options); };
  });
}

void add_audit(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<AuditOptions>();
  CLI::App* sub = app.add_subcommand("audit", "Who logged in to the live archive, and what they read")->fallthrough();
  sub->add_option("--file", options->files, "A log of the archive (may be repeated); - is standard input")
      ->allow_extra_args(false);
  sub->add_option("--user", options->user, "Only this mailbox");
  sub->add_option("--since", options->since, "From this date or time on, or this long ago: 7d");
  sub->add_option("--until", options->until, "Up to this date or time");
  sub->callback([options, &line] {
    line.call = [options](const CommandContext& context) { return run_audit(context, *options); };
  });
}

void add_digest(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<DigestCommand>();
  CLI::App* sub = app.add_subcommand("digest", "Tell users by mail what is new in their quarantine");
  sub->add_option("user", options->users, "Only these");
  sub->add_option("--users", options->users_file, "Who they are, a user a line; - is standard input");
  sub->add_flag("--dry-run", options->dry_run, "Say who would be told, and of how much");
  sub->callback([options, &line] {
    line.call = [options](const CommandContext& context) { return run_digest(context, *options); };
    line.call_without_settings = true;
  });
}

void add_first_contact(CLI::App& app, CommandLine& line) {
  add_doctor(app, line);
  add_init(app, line);
  add_report(app, line);
}

void add_operations(CLI::App& app, CommandLine& line) {
  CLI::App* keys = app.add_subcommand("keys", "Signing keys")->require_subcommand(1)->fallthrough();
  add_plain(keys, line, "list", "Show key ids, ages and states (never the secrets)", run_keys_list);
  add_plain(keys, line, "rotate", "Add a new signing key; old ones go on verifying", run_keys_rotate);
  add_plain(&app, line, "status", "Every node: generation, lag, health", run_status);
  auto count = std::make_shared<unsigned>(20);
  CLI::App* changes = app.add_subcommand("changes", "Who changed what, when")->fallthrough();
  changes->add_option("--count", *count, "How many")->capture_default_str();
  changes->callback([count, &line] {
    line.call = [count](const CommandContext& context) { return run_changes(context, *count); };
  });
  auto log = std::make_shared<LogOptions>();
  CLI::App* story = app.add_subcommand("log", "One message's story from the mail log")->fallthrough();
  story->add_option("queue-id", log->id, "The MTA's queue ID")->required();
  story->add_option("--file", log->files, "A log file (may be repeated); - is standard input; default: the mail log")
      ->allow_extra_args(false);
  story->add_flag("--brief", log->brief, "Only what it means, not the lines");
  story->callback([log, &line] {
    line.call = [log](const CommandContext& context) { return run_log(context, *log); };
  });
  add_first_contact(app, line);
  CLI::App* config = app.add_subcommand("config", "The settings")->require_subcommand(1)->fallthrough();
  config->add_subcommand("check", "Check the settings file and every table")->fallthrough()->callback([&line] {
    line.call = run_config_check;
    line.call_without_settings = true;
  });
  add_plain(config, line, "show", "Show every setting in force", run_config_show);
}

// 0 when settings are in place; else the exit status.
int load_context(CommandLine& line) {
  CommandContext& context = line.context;
  context.color = isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nullptr;
  context.config_given = !context.config_path.empty();
  if (context.config_path.empty() && access(kDefaultConfig, R_OK) == 0) context.config_path = kDefaultConfig;
  context.settings = default_settings();
  if (context.config_path.empty() || line.call_without_settings) return 0;
  auto settings = load_settings(context.config_path);
  if (!settings) {
    std::cerr << "postern: " << settings.error().text << "\n";
    return 2;
  }
  context.settings = std::move(settings).value();
  return 0;
}

}  // namespace

int run_postern(int argc, char** argv) {
  CommandLine line;
  CLI::App app("The administrator's command of Postern, a milter that gates connections, verifies bounces and stops "
               "PDF image spam",
               "postern");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("postern ") + PACKAGE_VERSION);
  app.add_option("--config", line.context.config_path, std::string("Settings file; default ") + kDefaultConfig);
  app.add_flag("--json", line.context.json, "Print JSON");
  app.fallthrough();
  add_scan(app, line);
  add_pdf(app, line);
  add_stamp(app, line);
  add_track(app, line);
  add_check(app, line);
  add_tables(app, line);
  add_operations(app, line);
  add_audit(app, line);
  add_digest(app, line);
  for (CLI::App* sub : app.get_subcommands({})) sub->fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    return app.exit(fault) == 0 ? 0 : 2;
  }
  open_log(LogTarget::kStderr, "postern", LogLevel::kWarning);
  forbid_core_dumps();
  if (const int status = load_context(line); status != 0) return status;
  try {
    return line.call(line.context);
  } catch (const std::exception& fault) {
    std::cerr << "postern: " << fault.what() << "\n";
    return 2;
  }
}

}  // namespace postern
