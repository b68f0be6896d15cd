// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/address.h"

#include <algorithm>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxLocal = 256;   // RFC 5321 says 64; VERP and BATV make longer ones
constexpr size_t kMaxDomain = 255;  // RFC 1035 section 2.3.4

bool is_alnum(char c) { return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z'); }

// atext and '.' of RFC 5322 section 3.2.3, and UTF-8 (RFC 6531).
bool is_local_char(char c) {
  return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view(".!#$%&'*+/=?^_`{|}~-").find(c) != std::string_view::npos;
}

bool is_domain_char(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// Where the local part before text[at] (an '@') starts; `at` if there is none.
size_t local_start(std::string_view text, size_t at) {
  const size_t limit = at > kMaxLocal ? at - kMaxLocal : 0;
  if (at > limit && text[at - 1] == '"') {  // "john doe"@example.com
    for (size_t i = at - 1; i > limit; --i) {
      if (text[i - 1] == '"' && (i < 2 || text[i - 2] != '\\')) return at - i > 1 ? i - 1 : at;
      if (text[i - 1] == '\n' || text[i - 1] == '\r') break;
    }
    return at;
  }
  size_t start = at;
  while (start > limit && is_local_char(text[start - 1])) --start;
  while (start < at && (text[start] == '\'' || text[start] == '`' || text[start] == '.' || text[start] == '*'))
    ++start;
  return start;
}

// Where the domain after text[at] ends; at + 1 if there is none.
size_t domain_end(std::string_view text, size_t at) {
  const size_t limit = std::min(text.size(), at + 1 + kMaxDomain);
  size_t end = at + 1;
  if (end < limit && text[end] == '[') {  // address literal, RFC 5321 section 4.1.3
    const size_t close = text.find(']', end);
    return close < limit ? close + 1 : end;
  }
  while (end < limit && is_domain_char(text[end])) ++end;
  while (end > at + 1 && (text[end - 1] == '.' || text[end - 1] == '-' || text[end - 1] == '_')) --end;
  return end;
}

}  // namespace

std::string clean_address(std::string_view envelope) {
  std::string_view text = trim(envelope);
  if (!text.empty() && text.front() == '<') {
    text.remove_prefix(1);
    const size_t close = text.rfind('>');
    if (close != std::string_view::npos) text = text.substr(0, close);
    text = trim(text);
  }
  if (!text.empty() && text.front() == '@') {  // source route: @relay,@relay:user@domain
    const size_t colon = text.find(':');
    if (colon != std::string_view::npos) text.remove_prefix(colon + 1);
  }
  std::string out(text);
  const size_t at = out.rfind('@');
  if (at == std::string::npos) return out;
  for (size_t i = at; i < out.size(); ++i) out[i] = lower(out[i]);
  if (out.size() > at + 2 && out.back() == '.') out.pop_back();
  return out;
}

std::string address_key(std::string_view envelope) { return lower(clean_address(envelope)); }

std::string_view domain_of(std::string_view address) {
  const size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

std::string_view local_of(std::string_view address) { return address.substr(0, address.rfind('@')); }

AddressParts split_address(std::string_view address, char delimiter) {
  AddressParts parts;
  const std::string_view local = local_of(address);
  parts.domain = domain_of(address);
  const size_t cut = local.find(delimiter);
  const bool inside = cut != std::string_view::npos && cut > 0 && cut + 1 < local.size();
  parts.user = local.substr(0, inside ? cut : local.size());
  if (inside) parts.detail = local.substr(cut + 1);
  return parts;
}

std::vector<std::string> find_addresses(std::string_view text, size_t max) {
  std::vector<std::string> found;
  for (size_t at = text.find('@'); at != std::string_view::npos && found.size() < max; at = text.find('@', at + 1)) {
    const size_t start = local_start(text, at);
    const size_t end = domain_end(text, at);
    if (start == at || end == at + 1) continue;
    std::string address(text.substr(start, end - start));
    if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(std::move(address));
  }
  return found;
}

std::string field_address(std::string_view value) {
  const size_t open = value.rfind('<');
  if (open != std::string_view::npos) {
    const auto inside = find_addresses(value.substr(open), 1);
    if (!inside.empty()) return inside.front();
  }
  const auto all = find_addresses(value, 1);
  return all.empty() ? std::string() : all.front();
}

}  // namespace postern
