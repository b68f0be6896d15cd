// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/body_filter.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "base/strings.h"
#include "mail/content_type.h"
#include "mail/decode.h"
#include "mail/lines.h"

namespace postern {
namespace {

using namespace std::string_view_literals;

// The first bytes by which the inspector knows a file (inspect/sniff), and what its uuencoded form begins with.
constexpr std::array kFirstBytes{"%PDF-"sv,        "\xff\xd8\xff"sv,       "PK\3\4"sv,          "Rar!\x1a\x07"sv,
                                 "\x1f\x8b\x08"sv, "7z\xbc\xaf\x27\x1c"sv, "\x78\x9f\x3e\x22"sv};
constexpr std::string_view kBegin = "begin ";  // "begin 644 name", POSIX uuencode
constexpr std::string_view kQuoted = "quoted-printable";
constexpr std::array kPlain{"7bit"sv, "8bit"sv, "binary"sv};  // encodings that change nothing

bool is_line_end(char c) { return c == '\r' || c == '\n'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_text_type(std::string_view type) { return type == "text/plain" || type == "text/html"; }

bool is_plain_encoding(std::string_view encoding) {
  return std::any_of(kPlain.begin(), kPlain.end(), [&](std::string_view e) { return equal_nocase(encoding, e); });
}

// Anywhere in a line, since what a decoded line starts with cannot be told without decoding part by part.
bool holds_uuencode(std::string_view text) {
  for (size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at + 1)) {
    const std::string_view mode = text.substr(at + kBegin.size(), 3);
    if (mode.size() == 3 && mode.find_first_not_of("01234567") == std::string_view::npos) return true;
  }
  return false;
}

bool holds_file(std::string_view bytes) {
  return std::any_of(kFirstBytes.begin(), kFirstBytes.end(),
                     [&](std::string_view first) { return bytes.find(first) != std::string_view::npos; }) ||
         holds_uuencode(bytes);
}

// Whether what is left of a line after a value ends the value, in this line or with a parameter; no folded line may
// follow, since it might go on with the value.
bool value_ends(std::string_view rest) {
  if (rest.empty() || rest[0] == ';') return true;
  if (!is_line_end(rest[0])) return false;
  rest.remove_prefix(rest.starts_with("\r\n") ? 2 : 1);
  return rest.empty() || !is_blank(rest[0]);
}

// Whether the text after a field's name is ": " and one of `values`.
template <size_t N>
bool has_value(std::string_view rest, const std::array<std::string_view, N>& values) {
  if (rest.empty() || rest[0] != ':') return false;
  rest.remove_prefix(1);
  while (!rest.empty() && is_blank(rest[0])) rest.remove_prefix(1);
  return std::any_of(values.begin(), values.end(), [&](std::string_view value) {
    return starts_nocase(rest, value) && value_ends(rest.substr(value.size()));
  });
}

enum class Line { kHarmless, kEncoded, kOther };

// What a line that starts with "Content-" would make of a part if it were a field of its header.  `rest` is the body
// from there on.
Line content_line(std::string_view rest) {
  constexpr std::array kTypes{"text/plain"sv, "text/html"sv};
  constexpr std::array kInline{"inline"sv};
  constexpr std::string_view kType = "type", kEncoding = "transfer-encoding", kDisposition = "disposition";
  if (starts_nocase(rest, kType))
    return has_value(rest.substr(kType.size()), kTypes) ? Line::kHarmless : Line::kOther;
  if (starts_nocase(rest, kEncoding)) {
    rest.remove_prefix(kEncoding.size());
    if (has_value(rest, std::array{kQuoted})) return Line::kEncoded;
    return has_value(rest, kPlain) ? Line::kHarmless : Line::kOther;
  }
  if (starts_nocase(rest, kDisposition)) {
    return has_value(rest.substr(kDisposition.size()), kInline) ? Line::kHarmless : Line::kOther;
  }
  return Line::kHarmless;
}

// The worst line of all, wherever the parts begin.
Line worst_line(std::string_view body) {
  constexpr std::string_view kContent = "content-";
  Line worst = Line::kHarmless;
  LineReader lines(body);
  for (std::string_view line; lines.next(line) && worst != Line::kOther;) {
    size_t name = lines.start();
    while (name < lines.offset() && is_space(body[name])) ++name;
    if (const std::string_view rest = body.substr(name); starts_nocase(rest, kContent)) {
      worst = std::max(worst, content_line(rest.substr(kContent.size())));
    }
  }
  return worst;
}

bool holds_delivery_status(std::string_view body) {
  constexpr std::string_view kBefore = "delivery", kAfter = "-status";
  for (size_t at = body.find('-', kBefore.size()); at != std::string_view::npos; at = body.find('-', at + 1)) {
    if (starts_nocase(body.substr(at), kAfter) &&
        equal_nocase(body.substr(at - kBefore.size(), kBefore.size()), kBefore)) {
      return true;
    }
  }
  return false;
}

bool quoted_holds_file(std::string_view text) {
  return text.find('=') != std::string_view::npos && holds_file(decode_quoted_printable(text, text.size()).bytes);
}

}  // namespace

BodyShape body_shape(const std::vector<HeaderField>& headers, std::string_view content_type) {
  std::string_view encoding, disposition, type;
  for (const HeaderField& field : headers) {
    if (!starts_nocase(field.name, "Content-")) continue;
    if (std::any_of(field.name.begin(), field.name.end(), is_space)) return BodyShape::kOther;
    for (const auto& [name, value] :
         {std::pair("Content-Transfer-Encoding", &encoding), std::pair("Content-Disposition", &disposition),
          std::pair("Content-Type", &type)}) {
      if (equal_nocase(field.name, name) && value->empty()) *value = trim(field.value);
    }
  }
  if (!disposition.empty() && !equal_nocase(disposition.substr(0, disposition.find(';')), "inline")) {
    return BodyShape::kOther;
  }
  const bool plain = encoding.empty() || is_plain_encoding(encoding);
  if (is_text_type(content_type)) {
    return plain || equal_nocase(encoding, kQuoted) ? BodyShape::kText : BodyShape::kOther;
  }
  const bool parts = content_type == "multipart/alternative" || content_type == "multipart/mixed" ||
                     content_type == "multipart/related";
  // Some software writes reports under another type (report-type stays).
  if (!parts || !plain || find_nocase(type, "report-type") != std::string_view::npos) return BodyShape::kOther;
  return BodyShape::kTextParts;
}

bool may_hold_file(std::string_view text) { return holds_file(text) || quoted_holds_file(text); }

bool may_hold_more_than_text(std::string_view body) {
  const Line worst = worst_line(body);
  // Where no part can be found, the inspector reads the whole as a text, and as a report if it says so.
  if (worst == Line::kOther || holds_delivery_status(body)) return true;
  return holds_file(body) || (worst == Line::kEncoded && quoted_holds_file(body));
}

}  // namespace postern
