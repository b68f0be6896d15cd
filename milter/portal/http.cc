// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/http.h"

#include <algorithm>
#include <cstdint>

#include "base/ip.h"
#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxNames = 64;
const std::string kNone;

// Escapes undone; nothing for a broken one, for NUL, and for what is no UTF-8 afterwards.
std::optional<std::string> unescaped(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const auto byte = unhex(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) return std::nullopt;
      c = byte->front();
      i += 2;
    } else if (c == '+' && plus_is_blank) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

bool is_plain_path(std::string_view path) {
  if (!path.starts_with('/') || path.find("//") != std::string_view::npos) return false;
  for (const std::string_view part : split(path, '/')) {
    if (part == "." || part == "..") return false;
  }
  return std::none_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\';
  });
}

const std::string& look_up(const Parameters& all, std::string_view name) {
  const auto found = all.find(name);
  return found == all.end() ? kNone : found->second;
}

// How many bytes follow this first byte of a character, and its least value; -1 where none can begin.
int following(unsigned char c) {
  if (c < 0x80) return 0;
  if (c >= 0xc2 && c < 0xe0) return 1;
  if (c >= 0xe0 && c < 0xf0) return 2;
  if (c >= 0xf0 && c < 0xf5) return 3;
  return -1;
}

}  // namespace

const std::string& HttpRequest::get(std::string_view name) const { return look_up(query, name); }
const std::string& HttpRequest::field(std::string_view name) const { return look_up(form, name); }

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    const int more = following(first);
    if (more < 0 || text.size() - i <= static_cast<size_t>(more)) return false;
    uint32_t point = more == 0 ? first : first & (0x3fU >> more);
    for (int k = 0; k < more; ++k) {
      const auto next = static_cast<unsigned char>(text[++i]);
      if ((next & 0xc0U) != 0x80) return false;
      point = point << 6U | (next & 0x3fU);
    }
    const bool overlong = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
  }
  return true;
}

std::optional<Parameters> parse_form(std::string_view text) {
  Parameters out;
  for (const std::string_view pair : split(text, '&')) {
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    auto name = unescaped(pair.substr(0, equals), true);
    auto value = unescaped(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || out.size() == kMaxNames) return std::nullopt;
    if (!out.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
  }
  return out;
}

std::optional<Target> parse_target(std::string_view target) {
  const size_t mark = std::min(target.find('?'), target.size());
  auto path = unescaped(target.substr(0, mark), false);
  auto query = parse_form(target.substr(std::min(mark + 1, target.size())));
  if (!path || !query || !is_plain_path(*path)) return std::nullopt;
  return Target{std::move(*path), std::move(*query)};
}

std::optional<std::string> find_cookie(std::string_view cookies, std::string_view name) {
  std::optional<std::string> found;
  for (const std::string_view pair : split(cookies, ';')) {
    const std::string_view text = trim(pair);
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || text.substr(0, equals) != name) continue;
    if (found) return std::nullopt;
    found = text.substr(equals + 1);
  }
  return found;
}

std::string forwarded_client(std::string_view field) {
  const size_t comma = field.rfind(',');
  const auto address = parse_ip_literal(trim(comma == std::string_view::npos ? field : field.substr(comma + 1)));
  return address.ok() ? to_string(*address) : "";
}

std::string url_escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += kDigits[static_cast<unsigned char>(c) >> 4U];
      out += kDigits[static_cast<unsigned char>(c) & 15U];
    }
  }
  return out;
}

}  // namespace postern
