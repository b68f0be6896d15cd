// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as text: files, and fields of the rules hash.
#include <algorithm>
#include <map>

#include "base/strings.h"
#include "policy/rule_syntax.h"
#include "policy/rules.h"

namespace postern {
namespace {

// Where the pieces of a row that goes over several lines came from.
struct Piece {
  size_t offset;  // in the row's text
  size_t line, column;
};

struct FileRow {
  RuleSet::Row row;
  size_t line = 0;
  std::vector<Piece> pieces;

  // "file:line:column" of a byte of the text, counted from 1.
  std::string place(std::string_view path, size_t column) const {
    const size_t offset = column - 1;
    const Piece* piece = &pieces.front();
    for (const Piece& each : pieces) {
      if (each.offset <= offset) piece = &each;
    }
    return std::string(path) + ":" + std::to_string(piece->line) + ":" +
           std::to_string(piece->column + offset - piece->offset);
  }
};

// Joins continued lines; drops comments and blank lines.
std::vector<FileRow> split_rows(std::string_view text) {
  std::vector<FileRow> rows;
  size_t line = 0;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (const std::string_view whole : split(text, '\n')) {
    ++line;
    const std::string_view body = trim(whole);
    if (body.empty() || body.front() == '#') continue;
    const auto indent = static_cast<size_t>(body.data() - whole.data());
    if (indent > 0 && !rows.empty()) {
      FileRow& last = rows.back();
      last.row.text += ' ';
      last.pieces.push_back({last.row.text.size(), line, indent + 1});
      last.row.text += body;
      continue;
    }
    const auto name = static_cast<size_t>(std::find_if(body.begin(), body.end(), is_space) - body.begin());
    const std::string_view rest = trim(body.substr(name));
    FileRow row;
    row.row.name = body.substr(0, name);
    row.row.text = rest;
    row.line = line;
    const size_t column = rest.empty() ? indent + name + 1 : static_cast<size_t>(rest.data() - whole.data()) + 1;
    row.pieces.push_back({0, line, column});
    rows.push_back(std::move(row));
  }
  return rows;
}

// What is wrong with one row by itself, with its place; or nothing.
std::optional<std::string> check(const FileRow& row, std::string_view path) {
  const auto wrong = check_rule_name(row.row.name);
  if (wrong) return std::string(path) + ":" + std::to_string(row.line) + ": " + *wrong;
  const auto parsed = parse_rule(row.row.name, row.row.text);
  const auto* const fault = std::get_if<SyntaxFault>(&parsed);
  if (fault == nullptr) return std::nullopt;
  return row.place(path, fault->column) + ": rule " + row.row.name + ": " + fault->text;
}

}  // namespace

std::vector<RuleSet::Row> read_rules_file(std::string_view path, std::string_view text,
                                          std::vector<std::pair<std::string, std::string>>& faults) {
  std::vector<RuleSet::Row> rows;
  std::map<std::string, size_t, std::less<>> lines;
  for (FileRow& each : split_rows(text)) {
    auto wrong = check(each, path);
    const auto [first, fresh] = lines.emplace(each.row.name, each.line);
    if (!wrong && !fresh) {
      wrong = std::string(path) + ":" + std::to_string(each.line) + ": rule " + each.row.name + " stands in line " +
              std::to_string(first->second) + " already";
    }
    if (wrong) {
      faults.emplace_back(printable(each.row.name, 64), std::move(*wrong));
    } else {
      rows.push_back(std::move(each.row));
    }
  }
  return rows;
}

Result<std::vector<RuleSet::Row>> parse_rules_file(std::string_view path, std::string_view text) {
  std::vector<std::pair<std::string, std::string>> faults;
  std::vector<RuleSet::Row> rows = read_rules_file(path, text, faults);
  if (!faults.empty()) return invalid(faults.front().second);
  return rows;
}

Result<RuleSet::Row> parse_rule_row(std::string_view name, std::string_view text) {
  const auto wrong = check_rule_name(name);
  if (wrong) return invalid(*wrong);
  text = trim(text);
  size_t skipped = 0;
  if (text.starts_with(name) && (text.size() == name.size() || is_space(text[name.size()]))) {
    const std::string_view rest = trim(text.substr(name.size()));
    skipped = text.size() - rest.size();
    text = rest;
  }
  RuleSet::Row row{std::string(name), std::string(text)};
  std::replace_if(
      row.text.begin(), row.text.end(), [](char c) { return is_space(c); }, ' ');
  const auto parsed = parse_rule(row.name, row.text);
  if (const auto* const fault = std::get_if<SyntaxFault>(&parsed)) {
    return invalid("rule " + row.name + ", column " + std::to_string(fault->column + skipped) + ": " + fault->text);
  }
  return row;
}

}  // namespace postern
