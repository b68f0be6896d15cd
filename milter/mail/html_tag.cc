// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/html_tag.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxAttributes = 32;
constexpr size_t kMaxValue = 2000;
constexpr size_t kMaxEntity = 12;

struct Entity {
  std::string_view name;
  uint32_t point;
};
// The ones that mail uses; any other stays as it is written.
constexpr std::array<Entity, 29> kEntities{{
    {"amp", '&'},      {"lt", '<'},       {"gt", '>'},       {"quot", '"'},     {"apos", '\''},     {"nbsp", ' '},
    {"copy", 0xa9},    {"reg", 0xae},     {"trade", 0x2122}, {"euro", 0x20ac},  {"pound", 0xa3},    {"sect", 0xa7},
    {"laquo", 0xab},   {"raquo", 0xbb},   {"middot", 0xb7},  {"bull", 0x2022},  {"hellip", 0x2026}, {"ndash", 0x2013},
    {"mdash", 0x2014}, {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201c}, {"rdquo", 0x201d},  {"auml", 0xe4},
    {"ouml", 0xf6},    {"uuml", 0xfc},    {"szlig", 0xdf},   {"eacute", 0xe9},  {"egrave", 0xe8},
}};

bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

std::string read_value(std::string_view html, size_t& at) {
  std::string_view value;
  if (at < html.size() && (html[at] == '"' || html[at] == '\'')) {
    const size_t end = html.find(html[at], at + 1);
    if (end == std::string_view::npos) {  // never closed: up to the end of the tag
      const size_t stop = std::min(html.find('>', at), html.size());
      value = html.substr(at + 1, stop - at - 1);
      at = stop;
    } else {
      value = html.substr(at + 1, end - at - 1);
      at = end + 1;
    }
  } else {
    const size_t start = at;
    while (at < html.size() && !is_space(html[at]) && html[at] != '>') ++at;
    value = html.substr(start, at - start);
  }
  return std::string(value.substr(0, kMaxValue));
}

// One attribute at html[at], which is no blank and no '>'.
void read_attribute(std::string_view html, size_t& at, HtmlTag& tag) {
  const size_t start = at;
  while (at < html.size() && !is_space(html[at]) && html[at] != '=' && html[at] != '>' &&
         (html[at] != '/' || at == start)) {
    ++at;
  }
  std::string name = lower(html.substr(start, std::min<size_t>(at - start, 40)));
  std::string value;
  size_t after = at;
  while (after < html.size() && is_space(html[after])) ++after;
  if (after < html.size() && html[after] == '=') {
    at = after + 1;
    while (at < html.size() && is_space(html[at])) ++at;
    value = read_value(html, at);
  }
  tag.self_closed = name == "/";
  if (name != "/" && tag.attributes.size() < kMaxAttributes)
    tag.attributes.emplace_back(std::move(name), std::move(value));
}

std::optional<uint32_t> numeric(std::string_view digits) {
  const bool is_hex = !digits.empty() && lower(digits[0]) == 'x';
  if (is_hex) digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;
  uint32_t value = 0;
  for (const char c : digits) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : is_hex && is_letter(c) ? lower(c) - 'a' + 10 : 99;
    if (digit >= (is_hex ? 16 : 10)) return std::nullopt;
    value = std::min<uint32_t>(value * (is_hex ? 16 : 10) + static_cast<uint32_t>(digit), 0x200000);
  }
  return value;
}

bool is_white(std::string_view colour) {
  return colour == "#fff" || colour == "#ffffff" || colour == "white" || colour == "ffffff" ||
         colour == "rgb(255,255,255)" || colour == "#fefefe";
}

// The value of a property in a style without blanks, or empty.
std::string_view property(std::string_view style, std::string_view name) {
  for (size_t at = style.find(name); at != std::string_view::npos; at = style.find(name, at + 1)) {
    const size_t value = at + name.size();
    if ((at > 0 && style[at - 1] != ';') || value >= style.size() || style[value] != ':') continue;
    return style.substr(value + 1, std::min(style.find_first_of(";!", value + 1), style.size()) - value - 1);
  }
  return {};
}

bool is_zero(std::string_view size) {
  const size_t digits = size.find_first_not_of("0.");
  return !size.empty() && size[0] == '0' &&
         (digits == std::string_view::npos || is_letter(size[digits]) || size[digits] == '%');
}

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (!is_space(c)) out += lower(c);
  }
  return out;
}

}  // namespace

std::string_view HtmlTag::attribute(std::string_view wanted) const {
  for (const auto& [key, value] : attributes) {
    if (key == wanted) return value;
  }
  return {};
}

size_t read_tag(std::string_view html, size_t at, HtmlTag& tag) {
  size_t i = at + 1;
  if (i >= html.size()) return 0;
  tag.closing = html[i] == '/';
  const bool no_name = tag.closing && (i + 1 >= html.size() || !is_letter(html[i + 1]));
  if (html[i] == '!' || html[i] == '?' || no_name) {
    const size_t end = html.find('>', i);
    return end == std::string_view::npos ? html.size() : end + 1;
  }
  if (tag.closing) ++i;
  if (i >= html.size() || !is_letter(html[i])) return 0;
  const size_t start = i;
  while (i < html.size() && !is_space(html[i]) && html[i] != '>' && html[i] != '/') ++i;
  tag.name = lower(html.substr(start, std::min<size_t>(i - start, 40)));
  while (i < html.size() && html[i] != '>') {
    if (is_space(html[i])) {
      ++i;
    } else {
      read_attribute(html, i, tag);
    }
  }
  return i < html.size() ? i + 1 : i;
}

size_t read_entity(std::string_view text, std::string& out) {
  out = "&";
  size_t end = 1;
  while (end < text.size() && end < kMaxEntity &&
         (is_letter(text[end]) || text[end] == '#' || (text[end] >= '0' && text[end] <= '9'))) {
    ++end;
  }
  const std::string_view name = text.substr(1, end - 1);
  std::optional<uint32_t> point;
  if (name.starts_with('#')) {
    point = numeric(name.substr(1));
  } else {
    for (const Entity& entity : kEntities) {
      if (entity.name == name) point = entity.point;
    }
  }
  if (!point) return 1;
  out.clear();
  append_utf8(out, *point == 0xa0 ? ' ' : *point);
  return end < text.size() && text[end] == ';' ? end + 1 : end;
}

Look look_of(const HtmlTag& tag, Look look) {
  const std::string style = squeezed(tag.attribute("style"));
  look.hidden = look.hidden || property(style, "display") == "none" || property(style, "visibility") == "hidden" ||
                is_zero(property(style, "font-size"));
  std::string colour(property(style, "color"));
  if (colour.empty()) colour = squeezed(tag.attribute("color"));
  if (colour.empty() && tag.name == "body") colour = squeezed(tag.attribute("text"));
  if (!colour.empty()) look.white_text = is_white(colour);
  std::string ground(property(style, "background-color"));
  if (ground.empty()) ground = property(style, "background");
  if (ground.empty()) ground = squeezed(tag.attribute("bgcolor"));
  if (ground.empty()) ground = tag.attribute("background");
  if (!ground.empty() && ground != "transparent") look.coloured_ground = !is_white(ground);
  return look;
}

}  // namespace postern
