// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/embedded_admin.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <utility>

#include "base/fd.h"
#include "base/log.h"
#include "base/strings.h"
#include "policy/keys.h"
#include "store/counters.h"
#include "store/node_row.h"
#include "store/refusals.h"
#include "store/table_builder.h"

namespace postern {
namespace {

// Holds other commands off while a directory's files are being changed.
Result<Fd> lock_directory(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX) != 0) return unavailable(path + ": " + std::strerror(errno));
  return fd;
}

// The normal form of a key, where the row is understood.
std::string key_of(TableName table, std::string_view key, std::string_view value) {
  const auto row = check_row(table, key, value);
  return row.ok() ? row->first : std::string(key);
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0644;
}

bool continues(TableName table, std::string_view line) {
  return table == TableName::kRules && !line.empty() && is_space(line.front()) && !trim(line).empty() &&
         trim(line).front() != '#';
}

}  // namespace

std::string edit_table_text(TableName table, std::string_view text, std::vector<RowChange>& changes, bool append) {
  std::string out;
  std::map<std::string_view, size_t> pending;  // key -> place in changes
  for (size_t i = 0; i < changes.size(); ++i) pending.emplace(changes[i].key, i);
  const auto lines = split(text.ends_with('\n') ? text.substr(0, text.size() - 1) : text, '\n');
  for (size_t i = 0; i < lines.size() && !text.empty(); ++i) {
    size_t end = i + 1;
    std::string key;
    each_row(to_string(table), lines[i],
             [&](unsigned, std::string_view name, std::string_view value) { key = key_of(table, name, value); });
    if (!key.empty()) {
      while (end < lines.size() && continues(table, lines[end])) ++end;
    }
    const auto change = pending.find(key);
    if (key.empty() || change == pending.end()) {
      for (size_t at = i; at < end; ++at) out.append(lines[at]) += '\n';
    } else {
      const auto& after = changes[change->second].after;
      if (after) out += key + ' ' + *after + '\n';
      pending.erase(change);
    }
    i = end - 1;
  }
  std::vector<RowChange> left;
  for (RowChange& change : changes) {
    if (pending.contains(change.key)) left.push_back(change);
  }
  changes = std::move(left);
  if (!append) return out;
  for (const RowChange& change : changes) {
    if (change.after) out += change.key + ' ' + *change.after + '\n';
  }
  changes.clear();
  return out;
}

EmbeddedAdmin::EmbeddedAdmin(const StoreOptions& options)
    : options_(options), tables_(options.tables_directory), state_(options.state_directory) {}

Result<TableRows> EmbeddedAdmin::rows(TableName table) {
  TableRows out;
  if (table == TableName::kPolicy) {
    const auto text = read_file(tables_.path("policy"));
    if (!text.ok() && text.error().kind != ErrorKind::kNotFound) return text.error();
    if (!text.ok()) return out;
    each_row("policy", *text, [&out](unsigned, std::string_view key, std::string_view value) {
      out.emplace(key_of(TableName::kPolicy, key, value), value);
    });
    return out;
  }
  RawTables raw;
  PolicyMap policy;
  tables_.read({}, raw, policy);
  for (const BadRow& row : raw.unread) {
    if (row.table == to_string(table)) return invalid(row.table + " " + row.key + ": " + row.reason);
  }
  if (table == TableName::kRules) return raw.rules;
  if (table == TableName::kDomains) {
    out = state_.domains();
    for (auto& [key, value] : raw.domains) {
      const auto since = out.find(key);
      if (since != out.end() && value.find("since=") == std::string::npos) value += ' ' + since->second;
      out[key] = value;
    }
    return out;
  }
  const TableRows& plain = table == TableName::kPictures ? raw.pictures : raw.networks;
  for (const auto& [key, value] : plain) out.emplace(key_of(table, key, value), value);
  return out;
}

Result<std::optional<std::string>> EmbeddedAdmin::row(TableName table, std::string_view key) {
  const auto all = rows(table);
  if (!all.ok()) return all.error();
  const auto found = all->find(key);
  return found == all->end() ? std::optional<std::string>() : std::optional(found->second);
}

Status EmbeddedAdmin::edit_file(TableName table, const std::string& path, std::vector<RowChange>& changes,
                                bool last) {
  const auto text = read_file(path);
  if (!text.ok() && text.error().kind != ErrorKind::kNotFound) return text.error();
  const std::string before = text.ok() ? *text : "";
  const std::string after = edit_table_text(table, before, changes, last);
  return after == before ? Status(Nothing{}) : replace_file(path, after, mode_of(path));
}

Result<uint64_t> EmbeddedAdmin::apply(TableName table, const std::vector<RowChange>& changes, std::string_view who) {
  if (!make_directory(options_.tables_directory, 0755)) {
    return unavailable(options_.tables_directory + ": " + std::strerror(errno));
  }
  const auto lock = lock_directory(options_.tables_directory);
  if (!lock.ok()) return lock.error();
  const auto present = rows(table);
  if (!present.ok()) return present.error();
  for (const RowChange& change : changes) {
    const auto found = present->find(change.key);
    const auto now = found == present->end() ? std::optional<std::string>() : std::optional(found->second);
    if (now != change.before) return changed_meanwhile(table, change, now);
  }
  std::vector<RowChange> open = changes;
  if (table == TableName::kRules) {
    for (const std::string& path : tables_.rule_paths()) {
      const Status done = edit_file(table, path, open, false);
      if (!done.ok()) return done.error();
    }
  }
  const std::string_view name = table == TableName::kRules ? "local.rules" : to_string(table);
  const Status done = edit_file(table, tables_.path(name), open, true);
  if (!done.ok()) return done.error();
  remember(to_string(table), changes, who);
  return uint64_t{0};
}

// One line a change: time, who, table, key, before, after.
void EmbeddedAdmin::remember(std::string_view table, const std::vector<RowChange>& changes, std::string_view who) {
  std::string lines;
  for (const RowChange& change : changes) {
    lines += iso_time(unix_now()) + ' ' + escape_word(who) + ' ' + std::string(table) + ' ' +
             escape_word(change.key) + " -" + escape_word(change.before.value_or("")) + " +" +
             escape_word(change.after.value_or("")) + '\n';
  }
  make_directory(options_.state_directory, 0700);
  const std::string path = state_.path("changes");
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (fd.valid() && ::write(fd.get(), lines.data(), lines.size()) == static_cast<ssize_t>(lines.size())) return;
  log(LogLevel::kWarning, path + ": the change was made but cannot be recorded: " + std::strerror(errno));
}

Result<TableRows> EmbeddedAdmin::keys() {
  const auto text = read_file(state_.path("keys"));
  if (!text.ok() && text.error().kind == ErrorKind::kNotFound) return TableRows();  // the first daemon makes one
  if (!text.ok()) return text.error();
  return state_.keys(unix_now());
}

Result<TableRows> EmbeddedAdmin::feeds() const {
  const auto text = read_file(state_.path("feeds"));
  if (!text.ok() && text.error().kind != ErrorKind::kNotFound) return text.error();
  TableRows out;
  if (!text.ok()) return out;
  each_row("feeds", *text, [&out](unsigned, std::string_view key, std::string_view value) { out.emplace(key, value); });
  return out;
}

Result<std::optional<std::string>> EmbeddedAdmin::feed(std::string_view id) {
  const auto all = feeds();
  if (!all.ok()) return all.error();
  const auto found = all->find(id);
  return found == all->end() ? std::optional<std::string>() : std::optional(found->second);
}

Status EmbeddedAdmin::set_feed(std::string_view id, const std::optional<std::string>& row) {
  make_directory(options_.state_directory, 0700);
  const auto lock = lock_directory(options_.state_directory);
  if (!lock.ok()) return lock.error();
  auto all = feeds();
  if (!all.ok()) return all.error();
  all.value().erase(std::string(id));
  if (row) all.value().emplace(id, *row);
  std::string text;
  for (const auto& [key, value] : *all) text += key + ' ' + value + '\n';
  return replace_file(state_.path("feeds"), text, 0600);
}

Result<bool> EmbeddedAdmin::forget_picture(std::string_view) { return false; }

Result<std::string> EmbeddedAdmin::rotate_key(std::string_view who, UnixTime now) {
  make_directory(options_.state_directory, 0700);
  const auto lock = lock_directory(options_.state_directory);
  if (!lock.ok()) return lock.error();
  TableRows rows = state_.keys(now);
  for (auto& [id, text] : rows) {
    auto row = parse_key_row(text);
    if (!row.ok()) continue;
    row.value().active = false;
    text = to_string(row.value());
  }
  std::string id = unused_key_id(rows);
  rows[id] = new_key_text(now);
  const Status written = state_.write_keys(rows);
  if (!written.ok()) return written.error();
  remember("keys", {{id, std::nullopt, "active"}}, who);
  return id;
}

Result<std::vector<ChangeEntry>> EmbeddedAdmin::changes(size_t count) {
  const auto text = read_file(state_.path("changes"));
  if (!text.ok() && text.error().kind != ErrorKind::kNotFound) return text.error();
  std::vector<ChangeEntry> out;
  for (const std::string_view line : split(text.ok() ? std::string_view(*text) : std::string_view(), '\n')) {
    const auto word = words(line);
    if (word.size() != 6) continue;
    const auto when = parse_iso_time(word[0]);
    out.push_back({when.ok() ? when.value() : 0, percent_decoded(word[1]), std::string(word[2]),
                   percent_decoded(word[3]), percent_decoded(word[4].substr(1)), percent_decoded(word[5].substr(1)),
                   0});
  }
  std::reverse(out.begin(), out.end());
  if (out.size() > count) out.resize(count);
  return out;
}

Result<std::vector<NodeInfo>> EmbeddedAdmin::nodes() {
  const auto text = read_file(state_.path("node"));
  if (!text.ok() && text.error().kind != ErrorKind::kNotFound) return text.error();
  std::vector<NodeInfo> out;
  if (!text.ok()) return out;
  TableRows fields;
  each_row("node", *text,
           [&fields](unsigned, std::string_view key, std::string_view value) { fields.emplace(key, value); });
  const std::string name = fields["name"];
  fields.erase("name");
  out.push_back(node_of(name, fields));
  return out;
}

Result<std::vector<RefusedSource>> EmbeddedAdmin::refused(size_t limit) {
  const auto text = read_file(state_.path("refused"));
  if (!text.ok() && text.error().kind != ErrorKind::kNotFound) return text.error();
  std::vector<RefusedSource> out;
  for (const std::string_view line : split(text.ok() ? std::string_view(*text) : std::string_view(), '\n')) {
    if (const auto source = parse_refusal(line); source && out.size() < limit) out.push_back(*source);
  }
  return out;
}

// Since when a domain stamps is in its row: rows() puts it there.
Result<DomainReports> EmbeddedAdmin::domain_reports() {
  const auto text = read_file(state_.path("bounces"));
  if (!text.ok() && text.error().kind != ErrorKind::kNotFound) return text.error();
  DomainReports out;
  if (!text.ok()) return out;
  for (const auto& [what, count] : parse_bounce_lines(*text)) out[what.first].bounces[what.second] = count;
  return out;
}

Result<ServerInfo> EmbeddedAdmin::server() {
  ServerInfo out;
  out.description = "embedded, " + options_.tables_directory;
  RawTables raw;
  PolicyMap policy;
  tables_.read({}, raw, policy);
  // The digest covers the keys; who may not read them cannot tell it.
  if (!read_file(state_.path("keys")).ok()) return out;
  state_.add_to(raw, unix_now());
  TableBuilder builder(options_.default_rules);
  out.digest = builder.build(raw, unix_now())->digest;
  return out;
}

}  // namespace postern
