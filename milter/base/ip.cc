// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

#include "base/strings.h"

namespace postern {
namespace {

IpAddress from_bytes(const unsigned char* bytes) {
  IpAddress out;
  for (int i = 0; i < 8; ++i) {
    out.high = out.high << 8 | bytes[i];
    out.low = out.low << 8 | bytes[i + 8];
  }
  return out;
}

IpAddress from_ipv4(const in_addr& address) { return {0, 0xffffULL << 32 | ntohl(address.s_addr)}; }

}  // namespace

bool IpAddress::is_loopback() const {
  return high == 0 && (low == 1 || low == 0xffff7f000001);
}

Result<IpAddress> parse_ip(std::string_view text) {
  const std::string copy(text.substr(0, 64));  // the longest spelling has 45 characters
  in_addr v4{};
  if (inet_pton(AF_INET, copy.c_str(), &v4) == 1) return from_ipv4(v4);
  std::array<unsigned char, 16> v6{};
  if (copy.size() == text.size() && inet_pton(AF_INET6, copy.c_str(), v6.data()) == 1) return from_bytes(v6.data());
  return invalid("\"" + printable(text, 64) + "\" is not an IP address");
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
    const in_addr v4{htonl(static_cast<uint32_t>(address.low))};
    inet_ntop(AF_INET, &v4, text.data(), text.size());
    return text.data();
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

bool Prefix::contains(const IpAddress& other) const { return masked(other, length) == address; }

std::string to_string(const Prefix& prefix) {
  const bool v4 = prefix.address.is_ipv4() && prefix.length >= 96;
  return to_string(prefix.address) + "/" + std::to_string(v4 ? prefix.length - 96 : prefix.length);
}

}  // namespace postern
