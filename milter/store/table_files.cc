// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/table_files.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "base/strings.h"

namespace postern {
namespace {

// The text of a file that may be missing; other failures become a row of `raw.unread`.
std::string text_of(const std::string& table, const std::string& path, RawTables& raw) {
  auto text = read_file(path);
  if (text.ok()) return std::move(text.value());
  if (text.error().kind != ErrorKind::kNotFound) raw.unread.push_back({table, path, text.error().text});
  return {};
}

std::string place(const std::string& path, unsigned line) { return path + ":" + std::to_string(line); }

}  // namespace

std::string files_signature(const std::vector<std::string>& paths) {
  std::string out;
  for (const std::string& path : paths) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) continue;
    out += path + ' ' + std::to_string(status.st_ino) + ' ' + std::to_string(status.st_size) + ' ' +
           std::to_string(status.st_mtim.tv_sec) + '.' + std::to_string(status.st_mtim.tv_nsec) + '\n';
  }
  return out;
}

std::vector<std::string> TableFiles::rule_paths() const {
  std::vector<std::string> out;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(directory_.c_str()), ::closedir);
  if (!directory) return out;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name.size() > 6 && name.front() != '.' && name.ends_with(".rules")) out.push_back(path(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string TableFiles::signature() const {
  std::vector<std::string> paths = rule_paths();
  for (const std::string_view name : {"networks", "policy", "domains", "pictures"}) paths.push_back(path(name));
  return files_signature(paths);
}

void TableFiles::read_plain(const std::string& table, TableRows& rows, RawTables& raw) const {
  const std::string file = path(table);
  each_row(table, text_of(table, file, raw), [&](unsigned line, std::string_view key, std::string_view value) {
    const std::string name = table == "networks" ? std::string(key) : lower(key);
    const std::string id = place_key(table, name);
    if (!rows.emplace(name, value).second) {
      raw.unread.push_back({table, name, place(file, line) + ": this key stands at " + raw.places[id] + " already"});
      return;
    }
    raw.places[id] = place(file, line);
  });
}

void TableFiles::read_rules(RawTables& raw) {
  std::map<std::string, RulesFile> before;
  before.swap(rules_files_);
  for (const std::string& file : rule_paths()) {
    RulesFile& read = rules_files_[file] = std::move(before[file]);
    if (std::string text = text_of("rules", file, raw); text != read.text) {
      read.faults.clear();
      read.rows = read_rules_file(file, text, read.faults);
      read.text = std::move(text);
    }
    for (const auto& [name, reason] : read.faults) raw.unread.push_back({"rules", name, reason});
    for (const RuleSet::Row& row : read.rows) {
      const std::string id = place_key("rules", row.name);
      if (!raw.rules.emplace(row.name, row.text).second) {
        raw.unread.push_back({"rules", row.name, file + ": this rule stands in " + raw.places[id] + " already"});
        continue;
      }
      raw.places[id] = file;
    }
  }
}

void TableFiles::read_policy(const PolicyMap& last, RawTables& raw, PolicyMap& policy) const {
  const std::string file = path("policy");
  each_row("policy", text_of("policy", file, raw), [&](unsigned line, std::string_view key, std::string_view value) {
    const std::string name = lower(key);
    const Status named = check_policy_key(name);
    auto row = named.ok() ? parse_policy_row(value) : Result<PolicyRow>(named.error());
    if (row.ok() && policy.contains(name)) row = invalid("this key stands in the file already");
    if (row.ok()) {
      policy.emplace(name, row.value());
      return;
    }
    raw.unread.push_back({"policy", name, place(file, line) + ": " + row.error().text});
    const auto good = last.find(name);
    if (good != last.end()) policy.insert(*good);
  });
}

void TableFiles::read(const PolicyMap& last, RawTables& raw, PolicyMap& policy) {
  read_plain("networks", raw.networks, raw);
  read_plain("domains", raw.domains, raw);
  read_plain("pictures", raw.pictures, raw);
  read_rules(raw);
  read_policy(last, raw, policy);
}

}  // namespace postern
