// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/content_type.h"

#include <algorithm>
#include <map>

#include "base/strings.h"
#include "mail/charset.h"

namespace postern {
namespace {

constexpr size_t kMaxParams = 64;

struct RawParam {
  std::string name;
  std::string value;
};

// A quoted-string or a token at text[at..]; `at` moves behind it.
std::string read_value(std::string_view text, size_t& at) {
  std::string out;
  if (at < text.size() && text[at] == '"') {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      if (text[at] != '\r' && text[at] != '\n') out += text[at];
    }
    if (at < text.size()) ++at;
    return out;
  }
  const size_t start = at;
  while (at < text.size() && text[at] != ';') ++at;
  return std::string(trim(text.substr(start, at - start)));
}

std::vector<RawParam> raw_params(std::string_view text, size_t at) {
  std::vector<RawParam> out;
  while (at < text.size() && out.size() < kMaxParams) {
    while (at < text.size() && (text[at] == ';' || is_space(text[at]))) ++at;
    const size_t start = at;
    while (at < text.size() && text[at] != '=' && text[at] != ';') ++at;
    if (at >= text.size() || text[at] == ';') continue;
    RawParam param{lower(trim(text.substr(start, at - start))), {}};
    ++at;
    while (at < text.size() && is_space(text[at])) ++at;
    param.value = read_value(text, at);
    out.push_back(std::move(param));
    while (at < text.size() && text[at] != ';') ++at;
  }
  return out;
}

// One piece of an RFC 2231 parameter: name, name*, name*N or name*N*.
struct Piece {
  std::string value;
  bool encoded = false;
};
using Pieces = std::map<uint64_t, Piece>;

std::string joined(const Pieces& pieces) {
  std::string bytes, charset;
  uint64_t expected = 0;
  for (const auto& [number, piece] : pieces) {
    if (number != expected++) break;  // a gap: the rest cannot be placed
    std::string_view text = piece.value;
    if (number == 0 && piece.encoded) {  // charset'language'text
      const size_t first = text.find('\'');
      const size_t second = first == std::string_view::npos ? first : text.find('\'', first + 1);
      if (second != std::string_view::npos) {
        charset = lower(text.substr(0, first));
        text.remove_prefix(second + 1);
      }
    }
    bytes += piece.encoded ? percent_decoded(text) : std::string(text);
  }
  return to_utf8(bytes, charset);
}

}  // namespace

std::string_view ContentField::param(std::string_view name) const {
  for (const auto& [key, text] : params) {
    if (key == name) return text;
  }
  return {};
}

std::string content_value(std::string_view raw) {
  std::string out;
  for (const char c : raw.substr(0, raw.find(';'))) {
    if (!is_space(c)) out += lower(c);
  }
  return out;
}

ContentField parse_content_field(std::string_view raw) {
  ContentField out;
  const std::string text = unfold(raw);
  const size_t end = std::min(text.find(';'), text.size());
  out.value = content_value(text);
  std::map<std::string, Pieces> extended;
  for (RawParam& param : raw_params(text, end)) {
    const size_t star = param.name.find('*');
    if (star == std::string::npos) {
      if (out.param(param.name).empty()) out.params.emplace_back(param.name, decode_words(param.value));
      continue;
    }
    std::string_view rest = std::string_view(param.name).substr(star + 1);
    const bool encoded = rest.empty() || rest.ends_with('*');
    if (rest.ends_with('*')) rest.remove_suffix(1);
    const auto number = rest.empty() ? std::optional<uint64_t>(0) : to_uint(rest, kMaxParams);
    if (number) extended[param.name.substr(0, star)].try_emplace(*number, Piece{param.value, encoded});
  }
  for (const auto& [name, pieces] : extended) {  // RFC 2231 forms are preferred, RFC 6266 section 4.3
    std::erase_if(out.params, [&name = name](const auto& param) { return param.first == name; });
    out.params.emplace_back(name, joined(pieces));
  }
  return out;
}

std::string file_name(const ContentField& type, const ContentField& disposition) {
  std::string_view name = disposition.param("filename");
  if (name.empty()) name = type.param("name");
  const size_t slash = name.find_last_of("/\\");
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  return std::string(trim(name));
}

}  // namespace postern
