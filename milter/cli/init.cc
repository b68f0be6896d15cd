// SPDX-License-Identifier: GPL-2.0-or-later
// postern init: a first postern.toml, and the tables of one host, from flags or from answers on a terminal.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <map>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/commands.h"
#include "cli/postfix_config.h"
#include "conf/sample.h"
#include "store/admin.h"
#include "store/redis_url.h"

namespace postern {
namespace {

namespace fs = std::filesystem;

// Where a chroot of Postfix cannot keep it from us.
std::string suggested_listen() {
  const auto postfix = read_postfix("");
  if (postfix) {
    for (const PostfixService& inlet : postfix->inlets) {
      if (inlet.chroot) return "inet:8891@127.0.0.1";
    }
  }
  return default_settings().listen;
}

// An answer, or the suggestion when the line is empty or there is none.
std::string ask(const std::string& question, const std::string& suggestion) {
  std::cout << question << (suggestion.empty() ? "" : " [" + suggestion + "]") << ": " << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) std::cout << "\n";
  const std::string_view answer = trim(line);
  return answer.empty() ? suggestion : std::string(answer);
}

void ask_words(const std::string& question, std::vector<std::string>& out) {
  if (!out.empty()) return;
  const std::string answer = ask(question, "");  // the words are views of it
  for (const std::string_view word : words(answer)) out.emplace_back(word);
}

// Asks for what no flag has said.
void interview(InitOptions& options) {
  std::cout << "An empty answer takes what stands in brackets, or nothing.\n";
  if (options.listen.empty()) options.listen = ask("Where does the MTA find Postern", suggested_listen());
  if (options.redis.empty()) options.redis = ask("Redis shared with other nodes, as redis://host:6379/0", "");
  ask_words("Networks that may deliver here (192.0.2.0/24 ...); none: everybody may", options.allow);
  ask_words("Hosts of yours that send to the world through here without a password", options.outbound);
  ask_words("Domains whose bounces are judged at once, without the first week of watching", options.domains);
  if (options.quarantine_address.empty()) {
    options.quarantine_address =
        ask("Quarantine address, such as {user}+quarantine@{domain}; none: the MTA's hold queue", "");
  }
  if (!options.enforce)
    options.enforce = lower(ask("Only watch and log at first, yes or no", "yes")).starts_with('n');
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string(1, c);
  return out + "\"";
}

std::string settings_text(const InitOptions& options) {
  std::map<std::string, std::string> chosen;
  const auto choose = [&](const char* name, const std::string& value) {
    if (!value.empty()) chosen[name] = quoted(value);
  };
  choose("listen", options.listen);
  choose("redis", options.redis);
  choose("quarantine-address", options.quarantine_address);
  choose("metrics-listen", options.metrics_listen);
  choose("tables-directory", options.tables_directory);
  choose("state-directory", options.state_directory);
  choose("mode", options.enforce ? "enforce" : "monitor");
  return sample_settings(chosen);
}

// The rows, checked, in file form under a comment.
Result<std::string> table_text(TableName table, const std::string& comment,
                               const std::vector<std::pair<std::string, std::string>>& rows) {
  TableRows checked;
  for (const auto& [key, value] : rows) {
    auto row = check_row(table, key, value);
    if (!row) return row.error();
    checked.insert(std::move(*row));
  }
  return comment + format_table(table, checked);
}

struct NewFile {
  std::string path, text;
  unsigned mode;
};

Result<std::vector<NewFile>> tables_of(const InitOptions& options, const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> networks, domains;
  for (const std::string& each : options.allow) networks.emplace_back(each, "allow");
  for (const std::string& each : options.outbound) networks.emplace_back(each, "outbound");
  for (const std::string& each : options.domains) domains.emplace_back(each, "enforce");
  auto network_text = table_text(
      TableName::kNetworks,
      "# Networks, one a line: prefix, then allow, deny or outbound, from=, until=, note=; see postern.toml(5).\n"
      "# Without an allow row everybody may deliver.\n",
      networks);
  if (!network_text) return network_text.error();
  auto domain_text = table_text(
      TableName::kDomains,
      "# Domains whose bounces are judged: domain, then enforce, monitor or off. Others are judged a week\n"
      "# after their first mail went out through here.\n",
      domains);
  if (!domain_text) return domain_text.error();
  const std::string policy =
      "# Recipients' wishes: user@domain, @domain or *, then VERDICT=ACTION for spam, surespam, forged-bounce,\n"
      "# unverified-bounce; actions are deliver, tag, quarantine, delete, reject. Built in:\n"
      "#* spam=tag surespam=quarantine forged-bounce=quarantine unverified-bounce=quarantine\n";
  return std::vector<NewFile>{{settings.tables_directory + "/networks", *network_text, 0644},
                              {settings.tables_directory + "/domains", *domain_text, 0644},
                              {settings.tables_directory + "/policy", policy, 0644}};
}

// With Redis the tables are not ours to write: other nodes may use them.
void say_commands(const InitOptions& options, const std::string& config) {
  const auto line = [&](const std::string& rest) {
    std::cout << "  postern --config " << config << " " << rest << "\n";
  };
  std::cout << "Rows for the tables in Redis:\n";
  for (const std::string& each : options.allow) line("networks set " + each + " allow");
  for (const std::string& each : options.outbound) line("networks set " + each + " outbound");
  for (const std::string& each : options.domains) line("domains set " + each + " enforce");
}

Status write_all(const std::vector<NewFile>& files, bool force) {
  std::error_code fault;
  for (const NewFile& file : files) {
    if (!force && fs::exists(file.path, fault)) {
      return conflict(file.path + " is there already; --force replaces it");
    }
  }
  for (const NewFile& file : files) {
    fs::create_directories(fs::path(file.path).parent_path(), fault);
    if (const Status written = replace_file(file.path, file.text, file.mode); !written) return written.error();
    std::cout << "wrote " << file.path << "\n";
  }
  return Nothing{};
}

bool shows_password(const std::string& redis) {
  const auto url = parse_redis_url(redis);
  return url && !(url->password.empty() && url->sentinel_password.empty());
}

}  // namespace

int run_init(const CommandContext& context, const InitOptions& given) {
  if (shows_password(given.redis)) {
    return complain(invalid(
        "--redis holds a password, which everybody on this host can see in the list of processes; expected a URL "
        "without it: write it into the settings file afterwards, or leave --redis out and be asked"));
  }
  InitOptions options = given;
  if (!options.yes && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) interview(options);
  const std::string config =
      context.config_path.empty() ? std::string(POSTERN_SYSCONFDIR "/postern.toml") : context.config_path;
  const std::string text = settings_text(options);
  const auto settings = parse_settings(config, text);
  if (!settings) return complain(settings.error());
  const auto tables = tables_of(options, *settings);
  if (!tables) return complain(tables.error());
  // A Redis URL may hold a password.
  std::vector<NewFile> files{{config, text, options.redis.empty() ? 0644U : 0640U}};
  if (options.redis.empty()) files.insert(files.end(), tables->begin(), tables->end());
  if (const Status written = write_all(files, options.force); !written) return complain(written.error());
  if (!options.redis.empty() && !(options.allow.empty() && options.outbound.empty() && options.domains.empty())) {
    say_commands(options, config);
  }
  std::cout << (options.enforce ? "" : "It only watches; mode = \"enforce\" makes it act.\n")
            << "When postern-milter runs, this tells what is left to do:\n  postern --config " << config
            << " doctor\n";
  return 0;
}

}  // namespace postern
