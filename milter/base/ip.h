// SPDX-License-Identifier: GPL-2.0-or-later
// IP addresses and prefixes as plain values.  IPv4 is held as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so one
// comparison serves both families and a mapped address is its IPv4 address.
#pragma once

#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace postern {

struct IpAddress {
  uint64_t high = 0;  // the first eight bytes, as a number
  uint64_t low = 0;

  bool is_ipv4() const { return high == 0 && (low >> 32) == 0xffff; }
  bool is_loopback() const;  // 127.0.0.1, ::1: what a host talks to itself from; the rest of 127/8 is ordinary
  auto operator<=>(const IpAddress&) const = default;
};

// Reads dotted IPv4 (four numbers, no leading zeros) or IPv6 in any RFC 4291 spelling.
Result<IpAddress> parse_ip(std::string_view text);
// The address of an AF_INET or AF_INET6 socket address; nothing for other families and null.
std::optional<IpAddress> ip_of(const sockaddr* address);
// RFC 5952 text; IPv4 dotted.
std::string to_string(const IpAddress& address);

// A network: the first `length` bits of `address`; the others are zero.  Length counts in the 128-bit form, so
// an IPv4 /24 has length 120.
struct Prefix {
  IpAddress address;
  uint8_t length = 0;

  bool contains(const IpAddress& other) const;
  auto operator<=>(const Prefix&) const = default;
};

// The address with all bits after `length` (0..128) cleared.
IpAddress masked(const IpAddress& address, unsigned length);
// "192.0.2.0/24", "2001:db8::/32".
std::string to_string(const Prefix& prefix);

}  // namespace postern
