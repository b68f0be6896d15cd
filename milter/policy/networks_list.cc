// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/networks_list.h"

#include <algorithm>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxFaults = 20;
constexpr size_t kMaxJoinedNote = 120;

std::string place_of(std::string_view path, size_t line) { return std::string(path) + ":" + std::to_string(line); }

// Collects faults of a file and makes one error of them.
class Faults {
 public:
  void add(std::string_view place, std::string_view text) {
    if (++count_ <= kMaxFaults) texts_.push_back(std::string(place) + ": " + std::string(text));
  }
  bool any() const { return count_ > 0; }
  Error error() const {
    std::string text = join(texts_, "\n");
    if (count_ > kMaxFaults) text += "\nand " + std::to_string(count_ - kMaxFaults) + " more";
    return invalid(text);
  }

 private:
  size_t count_ = 0;
  std::vector<std::string> texts_;
};

// One mechanism of an SPF record (RFC 7208 section 5).
Status read_mechanism(std::string_view term, std::string_view place, NetworkListMaker& maker) {
  constexpr std::string_view kQualifiers = "+-~?";
  const char qualifier = kQualifiers.find(term.front()) != std::string_view::npos ? term.front() : '+';
  const std::string_view mechanism = kQualifiers.find(term.front()) != std::string_view::npos ? term.substr(1) : term;
  const bool ip4 = starts_nocase(mechanism, "ip4:");
  if (ip4 || starts_nocase(mechanism, "ip6:")) {
    if (qualifier == '~' || qualifier == '?') {
      maker.warn(place, "\"" + printable(term, 64) + "\" says neither yes nor no and is left out");
      return Nothing{};
    }
    std::vector<std::string> warnings;
    const auto prefixes = parse_network(mechanism.substr(4), &warnings);
    if (!prefixes) return prefixes.error();
    for (const std::string& text : warnings) maker.warn(place, text);
    for (const Prefix& prefix : *prefixes) {
      if (prefix.is_ipv4() != ip4) return invalid("\"" + printable(term, 64) + "\" names the other family");
      maker.merge({prefix, qualifier == '-' ? NetworkUse::kDeny : NetworkUse::kAllow, {}, {}, "spf"});
    }
    return Nothing{};
  }
  if (equal_nocase(mechanism, "all")) {
    if (qualifier == '+') maker.warn(place, "\"+all\" would let everybody in and is left out");
    return Nothing{};
  }
  for (const std::string_view name : {"include:", "redirect=", "a", "mx", "ptr", "exists:", "exp="}) {
    const bool with_rest =
        mechanism.size() > name.size() &&
        (name.back() == ':' || name.back() == '=' || mechanism[name.size()] == ':' || mechanism[name.size()] == '/');
    if (starts_nocase(mechanism, name) && (mechanism.size() == name.size() || with_rest)) {
      if (name != "exp=") maker.warn(place, "\"" + printable(term, 64) + "\" needs DNS and is left out");
      return Nothing{};
    }
  }
  return invalid("\"" + printable(term, 64) + "\" is not an SPF mechanism; expected ip4:, ip6:, include:, all ...");
}

// A line without quotes and parentheses; pieces of one string ("..." "...") are joined without a blank (RFC 7208
// section 3.3).
std::string without_quotes(std::string_view line) {
  std::string out;
  bool quoted = false;
  bool between = false;  // behind a closing quote
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      between = !quoted;
    } else if (!quoted && (c == '(' || c == ')')) {
      out += ' ';
    } else if (quoted || !between || !is_space(c)) {
      out += c;
    }
  }
  return out;
}

}  // namespace

Status NetworkListMaker::add(const NetworkRow& row, std::string_view place) {
  const auto [at, is_new] = known_.try_emplace(row.prefix, Known{row, std::string(place)});
  if (is_new || at->second.row == row) return Nothing{};
  return invalid(to_string(row.prefix) + " is " + to_value(at->second.row) + " at " + at->second.place + " already");
}

void NetworkListMaker::merge(const NetworkRow& row) {
  const auto [at, is_new] = known_.try_emplace(row.prefix, Known{row, ""});
  NetworkRow& kept = at->second.row;
  if (is_new) return;
  kept.use = std::max(kept.use, row.use);
  const bool said = (", " + kept.note + ", ").find(", " + row.note + ", ") != std::string::npos;
  if (!said && kept.note.size() + row.note.size() < kMaxJoinedNote) kept.note += ", " + row.note;
}

void NetworkListMaker::warn(std::string_view place, std::string_view text) {
  warnings_.push_back(std::string(place) + ": " + std::string(text));
}

NetworkList NetworkListMaker::finish() {
  NetworkList list;
  list.rows.reserve(known_.size());
  for (auto& [prefix, known] : known_) list.rows.push_back(std::move(known.row));
  list.warnings = std::move(warnings_);
  known_.clear();
  return list;
}

Result<NetworkList> read_network_lines(std::string_view path, std::string_view text) {
  NetworkListMaker maker;
  Faults faults;
  size_t number = 0;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // byte order mark
  for (const std::string_view line : split(text, '\n')) {
    const std::string place = place_of(path, ++number);
    const NetworkLine parts = split_network_line(line);
    if (parts.key.empty() && parts.value.empty()) continue;
    std::vector<std::string> warnings;
    const auto rows = parse_network_row(parts.key, parts.value, &warnings);
    if (!rows) {
      faults.add(place, rows.error().text);
      continue;
    }
    for (const std::string& warning : warnings) maker.warn(place, warning);
    for (const NetworkRow& row : *rows) {
      const Status added = maker.add(row, place);
      if (!added) faults.add(place, added.error().text);
    }
  }
  if (faults.any()) return faults.error();
  return maker.finish();
}

bool looks_like_spf(std::string_view text) { return find_nocase(text, "v=spf1") != std::string_view::npos; }

Result<NetworkList> read_spf(std::string_view path, std::string_view text) {
  NetworkListMaker maker;
  Faults faults;
  size_t number = 0;
  bool inside = false;
  for (const std::string_view line : split(text, '\n')) {
    const std::string place = place_of(path, ++number);
    if (trim(line).starts_with('#') || trim(line).starts_with(';')) continue;
    const std::string plain = without_quotes(line);
    // What stands before the record on its line is the zone's: name, time to live, TXT.
    size_t start = find_nocase(plain, "v=spf1");
    inside = inside || start != std::string::npos;
    if (!inside) continue;
    if (start == std::string::npos) start = 0;
    for (const std::string_view term : words(std::string_view(plain).substr(start))) {
      if (equal_nocase(term, "v=spf1")) continue;
      const Status read = read_mechanism(term, place, maker);
      if (!read) faults.add(place, read.error().text);
    }
  }
  if (faults.any()) return faults.error();
  return maker.finish();
}

}  // namespace postern
