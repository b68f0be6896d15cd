// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/last_good.h"

#include <array>
#include <string_view>

#include "base/strings.h"

namespace postern {
namespace {

constexpr std::string_view kFirstLine = "postern tables, version 1";

struct Part {
  std::string_view table;
  TableRows RawTables::*rows;
};
constexpr std::array<Part, 5> kParts{{{"networks", &RawTables::networks},
                                      {"rules", &RawTables::rules},
                                      {"domains", &RawTables::domains},
                                      {"keys", &RawTables::keys},
                                      {"pictures", &RawTables::pictures}}};

}  // namespace

Status write_last_good(const std::string& path, const LastGood& copy) {
  std::string text = std::string(kFirstLine) + "\ngeneration " + std::to_string(copy.raw.generation) + "\ndigest " +
                     copy.digest + "\nread " + iso_time(copy.read_at) + "\n";
  for (const Part& part : kParts) {
    for (const auto& [key, value] : copy.raw.*part.rows) {
      text += "row " + std::string(part.table) + ' ' + escape_word(key) + ' ' + escape_word(value) + '\n';
    }
  }
  return replace_file(path, text + "end " + digest_of(copy.raw) + '\n', 0600);
}

Result<LastGood> read_last_good(const std::string& path) {
  const auto text = read_file(path);
  if (!text.ok()) return text.error();
  LastGood out;
  bool complete = false;
  if (!text->starts_with(kFirstLine)) return invalid(path + ": this is no copy of tables");
  for (const std::string_view line : split(*text, '\n')) {
    const auto field = split(line, ' ');
    if (field[0] == "generation" && field.size() == 2) out.raw.generation = to_uint(field[1]).value_or(0);
    if (field[0] == "digest" && field.size() == 2) out.digest = field[1];
    if (field[0] == "read" && field.size() == 2) {
      const auto time = parse_iso_time(field[1]);
      out.read_at = time.ok() ? time.value() : 0;
    }
    for (const Part& part : kParts) {
      if (field[0] == "row" && field.size() == 4 && field[1] == part.table) {
        (out.raw.*part.rows)[percent_decoded(field[2])] = percent_decoded(field[3]);
      }
    }
    if (field[0] == "end" && field.size() == 2) complete = field[1] == digest_of(out.raw);
  }
  if (!complete) return invalid(path + ": the copy of the tables is damaged");
  return out;
}

}  // namespace postern
