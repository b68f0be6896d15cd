// SPDX-License-Identifier: GPL-2.0-or-later
// IP addresses and prefixes as plain values.  IPv4 is held as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), so one
// comparison serves both families and a mapped address is its IPv4 address.  The families stay apart all the same:
// ::/0 contains no IPv4 address.  Nothing in here resolves names.
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

  bool is_ipv4() const { return (high == 0) & ((low >> 32) == 0xffff); }
  // 127.0.0.1, ::1: what a host talks to itself from; the rest of 127/8 is ordinary.
  bool is_loopback() const { return (high == 0) & ((low == 1) | (low == 0xffff7f000001)); }
  auto operator<=>(const IpAddress&) const = default;
};

// Reads dotted IPv4 (four numbers, no leading zeros) or IPv6 in any RFC 4291 spelling.  The error says what is wrong.
Result<IpAddress> parse_ip(std::string_view text);
// Also takes what logs and mail headers show: "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321 section 4.1.3),
// "IPv6:2001:db8::1" (XCLIENT), and white space around it.
Result<IpAddress> parse_ip_literal(std::string_view text);
// The address of an AF_INET or AF_INET6 socket address; nothing for other families and null.
std::optional<IpAddress> ip_of(const sockaddr* address);
// RFC 5952 text; IPv4 dotted.
std::string to_string(const IpAddress& address);

// A network: the first `length` bits of `address`; the others are zero.  Length counts in the 128-bit form, so
// an IPv4 /24 has length 120.
struct Prefix {
  IpAddress address;
  uint8_t length = 0;

  bool is_ipv4() const { return length >= 96 && address.is_ipv4(); }
  bool contains(const IpAddress& other) const;  // false when the families differ
  IpAddress last() const;                       // the greatest address in it
  auto operator<=>(const Prefix&) const = default;
};

// The address with all bits after `length` (0..128) cleared.
IpAddress masked(const IpAddress& address, unsigned length);
// "192.0.2.0/24", "2001:db8::/32".
std::string to_string(const Prefix& prefix);

}  // namespace postern
