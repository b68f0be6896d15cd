// SPDX-License-Identifier: GPL-2.0-or-later
// Networks as people write them -> prefixes.
#include <algorithm>
#include <array>
#include <bit>

#include "base/strings.h"
#include "policy/networks.h"

namespace postern {
namespace {

constexpr size_t kMaxText = 128;  // two IPv6 addresses, brackets and blanks

Error fault(std::string_view text, std::string_view reason) {
  return invalid("\"" + printable(text, 64) + "\" is not a network: " + std::string(reason));
}

// Blanks and dashes as text processors write them become plain ones.
std::string plain(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kSpellings{{{"\xc2\xa0", ' '},
                                                                         {"\xe2\x80\x90", '-'},
                                                                         {"\xe2\x80\x91", '-'},
                                                                         {"\xe2\x80\x93", '-'},
                                                                         {"\xe2\x88\x92", '-'}}};
  std::string out(trim(text));
  for (const auto& [from, to] : kSpellings) {
    for (size_t at = out.find(from); at != std::string::npos; at = out.find(from, at)) {
      out.replace(at, from.size(), 1, to);
    }
  }
  return std::string(trim(out));
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The length that a mask stands for, in its own family's count; an error if its ones are not all in front.
Result<unsigned> length_of_mask(std::string_view text, const IpAddress& mask) {
  const uint32_t bits = static_cast<uint32_t>(mask.low);
  const auto ones = static_cast<unsigned>(std::countl_one(bits));
  if (ones == 32 || bits << ones == 0) return ones;
  const uint32_t inverse = ~bits;
  const auto inverse_ones = static_cast<unsigned>(std::countl_one(inverse));
  if (inverse_ones == 32 || inverse << inverse_ones == 0) {
    return fault(text, "its mask is an inverse one; write /" + std::to_string(inverse_ones));
  }
  return fault(text, "the ones of its mask are not all in front");
}

// What stands behind the slash.
Result<unsigned> parse_length(std::string_view text, std::string_view behind, bool ipv4) {
  if (behind.find('.') != std::string_view::npos) {
    if (!ipv4) return fault(text, "a dotted mask does not go with an IPv6 address");
    const auto mask = parse_ip(behind);
    if (!mask) return fault(text, "its mask: " + mask.error().text);
    return length_of_mask(text, *mask);
  }
  if (!all_digits(behind)) return fault(text, "expected a length or a mask behind /");
  if (behind.size() > 1 && behind[0] == '0') return fault(text, "its length has leading zeros");
  const auto length = to_uint(behind, ipv4 ? 32 : 128);
  if (!length) return fault(text, ipv4 ? "its length is above 32" : "its length is above 128");
  return static_cast<unsigned>(*length);
}

Result<Prefix> parse_prefix(std::string_view text, std::string_view front, std::string_view behind,
                            std::vector<std::string>* warnings) {
  const auto address = parse_ip_literal(front);
  if (!address) return fault(text, address.error().text);
  const bool mapped = address->is_ipv4() && front.find(':') != std::string_view::npos;
  const bool dotted = address->is_ipv4() && !mapped;  // ::ffff:192.0.2.0/120 counts all 128 bits
  const auto length = parse_length(text, behind, dotted);
  if (!length) return length.error();
  if (mapped && *length < 96) return fault(text, "the length of an IPv4-mapped network counts from 96 to 128");
  const unsigned bits = dotted ? *length + 96 : *length;
  const Prefix prefix{masked(*address, bits), static_cast<uint8_t>(bits)};
  if (warnings != nullptr && prefix.address != *address) {
    warnings->push_back("\"" + printable(text, 64) + "\" has bits set behind its length; taken as " +
                        to_string(prefix));
  }
  if (warnings != nullptr && (bits == 0 || (prefix.is_ipv4() && bits == 96))) {
    warnings->push_back("\"" + printable(text, 64) + "\" covers every " + (bits == 0 ? "IPv6" : "IPv4") + " address");
  }
  return prefix;
}

IpAddress address_of(Uint128 number) { return {static_cast<uint64_t>(number >> 64), static_cast<uint64_t>(number)}; }

// The least set of prefixes that together are first..last.
std::vector<Prefix> split_range(const IpAddress& first, const IpAddress& last) {
  std::vector<Prefix> out;
  Uint128 at = number_of(first);
  const Uint128 end = number_of(last);
  for (;;) {
    // Grow the block while it still starts at `at` and ends by `end`.
    unsigned length = 128;
    while (length > 0) {
      const Prefix wider{masked(address_of(at), length - 1), static_cast<uint8_t>(length - 1)};
      if (number_of(wider.address) != at || number_of(wider.last()) > end) break;
      --length;
    }
    const Prefix block{address_of(at), static_cast<uint8_t>(length)};
    out.push_back(block);
    if (block.last() == last) return out;
    at = number_of(block.last()) + 1;
  }
}

Result<std::vector<Prefix>> parse_range(std::string_view text, std::string_view front, std::string_view behind) {
  const auto first = parse_ip_literal(front);
  if (!first) return fault(text, first.error().text);
  IpAddress last;
  if (all_digits(behind) && first->is_ipv4()) {  // 192.0.2.0-255
    const auto number = to_uint(behind, 255);
    if (!number || (behind.size() > 1 && behind[0] == '0')) {
      return fault(text, "expected a number from 0 to 255, or an address, behind -");
    }
    last = {0, (first->low & ~0xffULL) | *number};
  } else {
    const auto parsed = parse_ip_literal(behind);
    if (!parsed) return fault(text, parsed.error().text);
    last = *parsed;
  }
  if (first->is_ipv4() != last.is_ipv4()) return fault(text, "its ends are of two families");
  if (last < *first) return fault(text, "its end is before its start");
  return split_range(*first, last);
}

}  // namespace

Result<std::vector<Prefix>> parse_network(std::string_view text, std::vector<std::string>* warnings) {
  if (text.size() > kMaxText) return fault(text, "it is too long");
  const std::string copy = plain(text);
  const std::string_view network = copy;
  if (network.empty()) return fault(text, "nothing is there");
  const size_t dash = network.find('-');
  if (dash != std::string_view::npos) {
    if (network.find('/') != std::string_view::npos) return fault(text, "it has both - and /");
    return parse_range(text, trim(network.substr(0, dash)), trim(network.substr(dash + 1)));
  }
  size_t cut = network.find('/');
  std::string_view behind = cut == std::string_view::npos ? "" : trim(network.substr(cut + 1));
  if (cut == std::string_view::npos) {
    const auto parts = words(network);
    if (parts.size() == 2 && parts[1].find('.') != std::string_view::npos) {  // 192.0.2.0 255.255.255.0
      cut = parts[0].size();
      behind = parts[1];
    }
  }
  if (cut != std::string_view::npos) {
    const auto prefix = parse_prefix(text, network.substr(0, cut), behind, warnings);
    if (!prefix) return prefix.error();
    return std::vector<Prefix>{*prefix};
  }
  const auto address = parse_ip_literal(network);
  if (!address) return fault(text, address.error().text);
  return std::vector<Prefix>{{*address, 128}};
}

}  // namespace postern
