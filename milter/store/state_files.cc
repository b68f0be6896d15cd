// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/state_files.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/log.h"
#include "base/strings.h"
#include "policy/domains.h"
#include "policy/keys.h"
#include "store/table_files.h"

namespace postern {
namespace {

TableRows rows_of(std::string_view text) {
  TableRows rows;
  each_row("keys", text,
           [&rows](unsigned, std::string_view key, std::string_view value) { rows.emplace(key, value); });
  return rows;
}

std::string text_of(const TableRows& rows) {
  std::string text;
  for (const auto& [key, value] : rows) text += key + ' ' + value + '\n';
  return text;
}

}  // namespace

std::string new_key_text(UnixTime now) {
  KeyRow row;
  row.secret.resize(32);
  randombytes_buf(row.secret.data(), row.secret.size());
  row.created = now;
  return to_string(row);
}

std::string unused_key_id(const TableRows& keys) {
  for (unsigned number = 1;; ++number) {
    std::string id = "k" + std::to_string(number);
    if (!keys.contains(id)) return id;
  }
}

void StateFiles::say_once(const std::string& fault) {
  if (!said_) log(LogLevel::kWarning, "state-directory: " + fault + "; keys and dates are kept in memory only");
  said_ = true;
}

std::string StateFiles::signature() const { return files_signature({path("keys"), path("domains")}); }

Status StateFiles::write_keys(const TableRows& keys) {
  if (directory_.empty()) return unavailable("state-directory is not set");
  return replace_file(path("keys"), text_of(keys), 0600);
}

TableRows StateFiles::keys(UnixTime now) {
  const auto text =
      directory_.empty() ? Result<std::string>(not_found("state-directory is not set")) : read_file(path("keys"));
  if (text.ok()) {
    TableRows rows = rows_of(text.value());
    if (!rows.empty()) return rows;
  }
  if (!memory_keys_.empty()) return memory_keys_;
  TableRows first{{"k1", new_key_text(now)}};
  if (!text.ok() && text.error().kind == ErrorKind::kNotFound && !directory_.empty()) {
    // link(2) fails if another process was first, and never shows a half-written file.
    const std::string mine = path("keys.") + std::to_string(::getpid());
    Status written = replace_file(mine, text_of(first), 0600);
    const bool linked = written.ok() && ::link(mine.c_str(), path("keys").c_str()) == 0;
    const int fault = errno;
    ::unlink(mine.c_str());
    if (linked) return first;
    if (written.ok() && fault == EEXIST) {
      const auto theirs = read_file(path("keys"));
      if (theirs.ok()) return rows_of(theirs.value());
    }
    say_once(written.ok() ? path("keys") + ": " + std::strerror(fault) : written.error().text);
  } else {
    say_once(text.ok() ? path("keys") + ": it holds no key" : text.error().text);
  }
  memory_keys_ = first;
  return first;
}

TableRows StateFiles::domains() {
  TableRows rows = memory_domains_;
  const auto text = read_file(path("domains"));
  if (text.ok()) rows.merge(rows_of(text.value()));
  return rows;
}

void StateFiles::add_to(RawTables& raw, UnixTime now) {
  raw.keys = keys(now);
  for (auto& [domain, since] : domains()) {
    const auto [row, added] = raw.domains.emplace(domain, since);
    if (!added && row->second.find("since=") == std::string::npos) row->second += ' ' + since;
  }
}

void StateFiles::add_domain(std::string_view domain, UnixTime now) {
  DomainRow row;
  row.since = now;
  const std::string value = to_string(row);
  const std::string line = std::string(domain) + ' ' + value + '\n';
  const Fd fd(directory_.empty() ? -1
                                 : ::open(path("domains").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (fd.valid()) hand_over(fd.get(), path("domains"));
  if (fd.valid() && ::write(fd.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size())) return;
  say_once(path("domains") + ": " + (directory_.empty() ? "not set" : std::strerror(errno)));
  memory_domains_.emplace(domain, value);
}

}  // namespace postern
