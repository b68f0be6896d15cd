// SPDX-License-Identifier: GPL-2.0-or-later
// Table rows as text, before anybody has understood them, and the file form they are kept in.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/tables.h"

namespace postern {

// Key -> value, as in the row form of the files: "192.0.2.0/24" -> "allow note=provider".
using TableRows = std::map<std::string, std::string, std::less<>>;

// All tables of one moment, as text.
struct RawTables {
  TableRows networks, rules, domains, keys;
  TableRows pictures;  // fingerprint -> "allow" or "block", with words after it
  uint64_t generation = 0;
  std::map<std::string, std::string> places;  // place_key() -> "file:line", where rows come from files
  std::vector<BadRow> unread;                 // rows that could not even be split
};
std::string place_key(std::string_view table, std::string_view key);

// 16 hex digits: BLAKE2b-64 over "table NUL key NUL value NUL" of each row of networks, rules, domains and keys, in
// this order and sorted by key.
std::string digest_of(const RawTables& raw);

// Calls `row` for each line that is no comment and not empty: number, key, value (blanks around it trimmed).  Lines
// of the table `networks` are cut by split_network_line(), others at the first white space.
void each_row(std::string_view table, std::string_view text,
              const std::function<void(unsigned line, std::string_view key, std::string_view value)>& row);

// Any bytes as one word of text ('%', blanks and control characters become %XX); percent_decoded() reads it back.
std::string escape_word(std::string_view text);

// Whether a domain can be a row's key: 1 to 255 printable bytes without blanks, not starting with '#'.
bool is_domain_key(std::string_view domain);

// Whole file; kNotFound if there is none, kUnavailable if it cannot be read.
Result<std::string> read_file(const std::string& path);
// Makes a directory if it is not there.  What root makes belongs to the owner of the directory around it, so that a
// command run by root leaves nothing behind that the daemon cannot use.
bool make_directory(const std::string& path, unsigned mode);
void hand_over(int fd, const std::string& path);
// Replaces a file in one step (temporary file, rename), so that a reader sees the old text or the new.
Status replace_file(const std::string& path, std::string_view text, unsigned mode);

}  // namespace postern
