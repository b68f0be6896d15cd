// SPDX-License-Identifier: GPL-2.0-or-later
// Rows of the networks table as text.
#include "base/strings.h"
#include "policy/networks.h"

namespace postern {
namespace {

constexpr size_t kMaxNote = 200;

struct Value {
  NetworkUse use = NetworkUse::kAllow;
  std::optional<UnixTime> from, until;
  std::string note;
};

std::optional<NetworkUse> parse_use(std::string_view word) {
  for (const NetworkUse use : {NetworkUse::kAllow, NetworkUse::kOutbound, NetworkUse::kDeny}) {
    if (equal_nocase(word, to_string(use))) return use;
  }
  return std::nullopt;
}

// Whether a word can be a part of a network's spelling; the first one that cannot starts the value.
bool is_of_network(std::string_view word) {
  if (starts_nocase(word, "IPv6:") || starts_nocase(word, "[IPv6:")) return true;
  for (const char c : word) {
    const bool ascii = static_cast<unsigned char>(c) < 0x80;
    if (ascii && std::string_view("0123456789abcdefABCDEF:.%/[]-").find(c) == std::string_view::npos) return false;
  }
  return true;
}

// Reads "from=TIME" or "until=TIME" into `value`.
Status read_time(std::string_view word, Value& value) {
  const bool is_from = starts_nocase(word, "from=");
  std::optional<UnixTime>& place = is_from ? value.from : value.until;
  const std::string name = is_from ? "from" : "until";
  if (place) return invalid(name + "= is there twice");
  const auto time = parse_iso_time(word.substr(name.size() + 1));
  if (!time) return invalid(name + "=: " + time.error().text);
  place = *time;
  return Nothing{};
}

Status read_note(std::string_view rest, Value& value) {
  value.note = trim(rest);
  if (value.note.size() > kMaxNote) return invalid("its note is longer than " + std::to_string(kMaxNote) + " bytes");
  for (const char c : value.note) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return invalid("its note holds a control character");
  }
  return Nothing{};
}

Result<Value> parse_value(std::string_view text) {
  Value value;
  std::string_view rest = trim(text);
  bool first = true;
  while (!rest.empty()) {
    const std::string_view word = words(rest).front();
    if (starts_nocase(word, "note=")) {
      const Status status = read_note(rest.substr(5), value);
      if (!status) return status.error();
      break;
    }
    if (starts_nocase(word, "from=") || starts_nocase(word, "until=")) {
      const Status status = read_time(word, value);
      if (!status) return status.error();
    } else if (const auto use = parse_use(word); use && first) {
      value.use = *use;
    } else {
      return invalid("\"" + printable(word, 40) + "\" was not understood; expected allow, deny or outbound, then " +
                     "from=TIME, until=TIME, note=WORDS");
    }
    first = false;
    rest = trim(rest.substr(word.size()));
  }
  if (value.from && value.until && *value.from >= *value.until) return invalid("its until= is not after its from=");
  return value;
}

// Where a comment begins, or the end; a note runs to the end of the line whatever it holds.
size_t end_of_content(std::string_view line) {
  for (size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    if (at == 0 || is_space(line[at - 1])) return at;
  }
  return line.size();
}

}  // namespace

Result<std::vector<NetworkRow>> parse_network_row(std::string_view key, std::string_view value,
                                                  std::vector<std::string>* warnings) {
  const auto prefixes = parse_network(key, warnings);
  if (!prefixes) return prefixes.error();
  const auto parsed = parse_value(value);
  if (!parsed) return invalid(printable(trim(key), 64) + ": " + parsed.error().text);
  std::vector<NetworkRow> rows;
  rows.reserve(prefixes->size());
  for (const Prefix& prefix : *prefixes) {
    rows.push_back({prefix, parsed->use, parsed->from, parsed->until, parsed->note});
  }
  return rows;
}

NetworkLine split_network_line(std::string_view line) {
  const std::string_view content = line.substr(0, end_of_content(line));
  size_t value_at = content.size();
  bool has_note = false;
  for (const std::string_view word : words(content)) {
    const auto at = static_cast<size_t>(word.data() - line.data());
    if (value_at == content.size() && !is_of_network(word)) value_at = at;
    has_note = has_note || starts_nocase(word, "note=");
  }
  return {trim(content.substr(0, value_at)), trim((has_note ? line : content).substr(value_at))};
}

std::string to_value(const NetworkRow& row) {
  std::string text(to_string(row.use));
  if (row.from) text += " from=" + iso_time(*row.from);
  if (row.until) text += " until=" + iso_time(*row.until);
  if (!row.note.empty()) text += " note=" + row.note;
  return text;
}

}  // namespace postern
