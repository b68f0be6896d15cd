// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/imap_reply.h"

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxDepth = 8;
constexpr size_t kMaxItems = 100'000;

// The size that a line ending in "{123}" announces, if it is such a line.
std::optional<uint64_t> literal_size(std::string_view line) {
  const size_t open = line.rfind('{');
  if (!line.ends_with('}') || open == std::string_view::npos) return std::nullopt;
  return to_uint(line.substr(open + 1, line.size() - open - 2), UINT32_MAX);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    return rest_.empty() || rest_ == "\r\n";
  }

  bool read(ImapValue& value, size_t depth) {
    if (at_end() || ++items_ > kMaxItems) return false;
    if (rest_.front() == '(') return read_list(value, depth);
    if (rest_.front() == '"') return read_quoted(value);
    if (rest_.front() == '{') return read_literal(value);
    return read_atom(value);
  }

  std::string line() const { return std::string(trim(rest_)); }

 private:
  bool read_list(ImapValue& value, size_t depth) {
    if (depth >= kMaxDepth) return false;
    value.kind = ImapValue::Kind::kList;
    rest_.remove_prefix(1);
    for (;;) {
      if (at_end()) return false;
      if (rest_.front() == ')') {
        rest_.remove_prefix(1);
        return true;
      }
      if (!read(value.items.emplace_back(), depth + 1)) return false;
    }
  }

  bool read_quoted(ImapValue& value) {
    value.kind = ImapValue::Kind::kString;
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (rest_[i] == '\r' || rest_[i] == '\n') return false;
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      value.text += rest_[i];
    }
    return false;
  }

  bool read_literal(ImapValue& value) {
    const size_t end = rest_.find("}\r\n");
    if (end == std::string_view::npos) return false;
    const auto size = to_uint(rest_.substr(1, end - 1), UINT32_MAX);
    if (!size || rest_.size() - end - 3 < *size) return false;
    value.kind = ImapValue::Kind::kString;
    value.text = rest_.substr(end + 3, static_cast<size_t>(*size));
    rest_.remove_prefix(end + 3 + static_cast<size_t>(*size));
    return true;
  }

  // Up to a blank or parenthesis, but for those in brackets: BODY[HEADER.FIELDS (FROM)].
  bool read_atom(ImapValue& value) {
    bool inside = false;
    size_t i = 0;
    for (; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '\r' || c == '\n') break;
      if (c == '[') inside = true;
      if (c == ']') inside = false;
      if (!inside && (c == ' ' || c == '(' || c == ')' || c == '"')) break;
    }
    if (i == 0 || inside) return false;
    value.text = rest_.substr(0, i);
    value.kind = equal_nocase(value.text, "NIL") ? ImapValue::Kind::kNil : ImapValue::Kind::kAtom;
    rest_.remove_prefix(i);
    return true;
  }

  std::string_view rest_;
  size_t items_ = 0;
};

bool is_state(const std::string& word) {
  for (const std::string_view each : {"OK", "NO", "BAD", "BYE", "PREAUTH"}) {
    if (equal_nocase(word, each)) return true;
  }
  return false;
}

}  // namespace

std::optional<size_t> response_end(std::string_view buffer, size_t max_bytes) {
  for (size_t from = 0;;) {
    const size_t end = buffer.find("\r\n", from);
    if (end == std::string_view::npos) {
      if (buffer.size() > max_bytes) return std::nullopt;
      return 0;
    }
    if (end > max_bytes) return std::nullopt;
    const auto literal = literal_size(buffer.substr(from, end - from));
    if (!literal) return end + 2;
    if (*literal > max_bytes || end + 2 + *literal > max_bytes) return std::nullopt;
    from = end + 2 + static_cast<size_t>(*literal);
    if (from > buffer.size()) return 0;
  }
}

std::optional<std::vector<ImapValue>> parse_response(std::string_view response) {
  Reader reader(response);
  std::vector<ImapValue> out;
  if (response.starts_with('+')) return std::vector<ImapValue>{{ImapValue::Kind::kAtom, "+", {}}};
  while (!reader.at_end()) {
    if (!reader.read(out.emplace_back(), 0)) return std::nullopt;
    if (out.size() != 2 || !is_state(out.back().text)) continue;
    out.push_back({ImapValue::Kind::kAtom, reader.line(), {}});
    return out;
  }
  if (out.empty()) return std::nullopt;
  return out;
}

const ImapValue* fetch_item(const ImapValue& list, std::string_view name) {
  for (size_t i = 0; i + 1 < list.items.size(); i += 2) {
    const std::string_view text = list.items[i].text;
    if (equal_nocase(text.substr(0, text.find('[')), name)) return &list.items[i + 1];
  }
  return nullptr;
}

std::optional<std::string> imap_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) return std::nullopt;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace postern
