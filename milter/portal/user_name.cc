// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/user_name.h"

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "policy/recipient_policy.h"

namespace postern {
namespace {

bool may_stand(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '_' || c == '=' || c == '-' ||
         c == '@';
}

}  // namespace

std::optional<UserName> user_of(std::string_view typed, std::string_view domain) {
  const std::string name = lower(typed);
  if (name.empty() || name.size() > 254 || !std::all_of(name.begin(), name.end(), may_stand)) return std::nullopt;
  const size_t at = name.find('@');
  if (at != name.rfind('@') || at == 0 || at + 1 == name.size()) return std::nullopt;
  if (domain.empty()) {
    const bool address = at != std::string::npos && check_policy_key(name).ok();
    return UserName{name, address ? name : ""};
  }
  if (at != std::string::npos && name.substr(at + 1) != lower(domain)) return std::nullopt;
  const std::string local = name.substr(0, at);
  return UserName{local, local + "@" + lower(domain)};
}

std::vector<std::string> user_list(std::string_view text) {
  std::vector<std::string> out;
  std::set<std::string_view> seen;
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view name = line.substr(0, line.find_first_of(": \t\r"));
    if (name.empty() || name.front() == '#' || name.front() == '@' || !seen.insert(name).second) continue;
    out.emplace_back(name);
  }
  return out;
}

}  // namespace postern
