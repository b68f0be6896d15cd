// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <charconv>
#include <cstring>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxIpText = INET6_ADDRSTRLEN - 1;  // the longest spelling has 45 characters

IpAddress from_bytes(const unsigned char* bytes) {
  IpAddress out;
  for (int i = 0; i < 8; ++i) {
    out.high = out.high << 8 | bytes[i];
    out.low = out.low << 8 | bytes[i + 8];
  }
  return out;
}

IpAddress from_ipv4(const in_addr& address) { return {0, 0xffffULL << 32 | ntohl(address.s_addr)}; }

// What is wrong with something that was meant as dotted IPv4; `text` holds only digits and dots.
std::string fault_of_dotted(std::string_view text) {
  const auto parts = split(text, '.');
  for (const std::string_view part : parts) {
    if (part.empty()) return "a number is missing";
    if (part.size() > 1 && part[0] == '0') return "leading zeros are not allowed";
    if (!to_uint(part, 255)) return "a number is above 255";
  }
  return "expected four numbers, not " + std::to_string(parts.size());
}

std::string fault_of_ip(std::string_view text) {
  if (text.empty()) return "nothing is there";
  if (text.size() > kMaxIpText) return "it is too long";
  if (text.find('%') != std::string_view::npos) return "a zone (after %) has no meaning here";
  if (text.find(':') != std::string_view::npos) return "expected IPv6 as in 2001:db8::1";
  if (text.find_first_not_of("0123456789.") == std::string_view::npos) return fault_of_dotted(text);
  return "expected an address like 192.0.2.1 or 2001:db8::1";
}

}  // namespace

Result<IpAddress> parse_ip(std::string_view text) {
  if (text.size() <= kMaxIpText && text.find('\0') == std::string_view::npos) {
    const std::string copy(text);
    in_addr v4{};
    if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return from_ipv4(v4);
    std::array<unsigned char, 16> v6{};
    if (inet_pton(AF_INET6, copy.c_str(), v6.data()) == 1) return from_bytes(v6.data());
  }
  return invalid("\"" + printable(text, 64) + "\" is not an IP address: " + fault_of_ip(text));
}

Result<IpAddress> parse_ip_literal(std::string_view text) {
  std::string_view inner = trim(text);
  if (inner.size() >= 2 && inner.front() == '[' && inner.back() == ']') inner = inner.substr(1, inner.size() - 2);
  constexpr std::string_view kTag = "IPv6:";
  if (starts_nocase(inner, kTag) && inner.find(':', kTag.size()) != std::string_view::npos) {
    inner.remove_prefix(kTag.size());
  }
  return parse_ip(inner);
}

std::optional<IpAddress> ip_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return from_ipv4(in.sin_addr);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, address, sizeof in);
    return from_bytes(in.sin6_addr.s6_addr);
  }
  return std::nullopt;
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.is_ipv4()) {
    char* at = text.data();
    for (unsigned shift = 32; shift > 0; shift -= 8) {
      if (shift < 32) *at++ = '.';
      at = std::to_chars(at, text.data() + text.size(), address.low >> (shift - 8) & 0xff).ptr;
    }
    return {text.data(), at};
  }
  std::array<unsigned char, 16> bytes{};
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(address.high >> (56 - 8 * i));
    bytes[i + 8] = static_cast<unsigned char>(address.low >> (56 - 8 * i));
  }
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

IpAddress masked(const IpAddress& address, unsigned length) {
  if (length == 0) return {};
  if (length <= 64) return {address.high & ~0ULL << (64 - length), 0};
  if (length >= 128) return address;
  return {address.high, address.low & ~0ULL << (128 - length)};
}

bool Prefix::contains(const IpAddress& other) const {
  return masked(other, length) == address && (length >= 96 || !other.is_ipv4());
}

IpAddress Prefix::last() const {
  const IpAddress mask = masked({~0ULL, ~0ULL}, length);
  return {address.high | ~mask.high, address.low | ~mask.low};
}

std::string to_string(const Prefix& prefix) {
  return to_string(prefix.address) + "/" + std::to_string(prefix.is_ipv4() ? prefix.length - 96 : prefix.length);
}

}  // namespace postern
