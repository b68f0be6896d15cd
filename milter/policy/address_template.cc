// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/address_template.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"

namespace postern {
namespace {

constexpr std::string_view kUser = "{user}";
constexpr std::string_view kDomain = "{domain}";

// The places in `text` that one or more characters lead to from the places in `from`.
std::vector<bool> after_some(const std::vector<bool>& from, std::string_view text) {
  std::vector<bool> to(from.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '@' && (from[i] || to[i])) to[i + 1] = true;
  }
  return to;
}

std::vector<bool> after_one(const std::vector<bool>& from, std::string_view text, char wanted) {
  std::vector<bool> to(from.size());
  for (size_t i = 0; i < text.size(); ++i) to[i + 1] = from[i] && text[i] == wanted;
  return to;
}

}  // namespace

std::string_view without_brackets(std::string_view address) {
  address = trim(address);
  if (address.size() < 2 || address.front() != '<' || address.back() != '>') return address;
  return address.substr(1, address.size() - 2);
}

std::string expand_address_template(std::string_view address_template, std::string_view address) {
  address = without_brackets(address);
  const size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) return "";
  const std::string_view local = address.substr(0, at);
  const size_t plus = local.find('+');
  const std::string_view user = plus == std::string_view::npos || plus == 0 ? local : local.substr(0, plus);
  std::string out(address_template);
  // Values with braces would be expanded again; no sane address has them, and nothing is made of such a one.
  if (address.find_first_of("{}") != std::string_view::npos) return "";
  replace_all(out, kUser, user);
  replace_all(out, kDomain, address.substr(at + 1));
  const bool plain = std::all_of(out.begin(), out.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '<' && c != '>' && c != '"' && c != '\\' &&
           c != ',';
  });
  const size_t sign = out.find('@');
  const bool whole = sign != std::string::npos && sign > 0 && sign + 1 < out.size() && sign == out.rfind('@');
  return plain && whole ? out : "";
}

bool is_from_template(std::string_view address_template, std::string_view address) {
  const std::string pattern = lower(address_template);
  const std::string text = lower(without_brackets(address));
  std::vector<bool> places(text.size() + 1);
  places[0] = true;
  for (size_t i = 0; i < pattern.size();) {
    const std::string_view rest = std::string_view(pattern).substr(i);
    const size_t name = rest.starts_with(kUser) ? kUser.size() : rest.starts_with(kDomain) ? kDomain.size() : 0;
    places = name > 0 ? after_some(places, text) : after_one(places, text, rest.front());
    i += std::max<size_t>(name, 1);
  }
  return !pattern.empty() && places.back();
}

}  // namespace postern
