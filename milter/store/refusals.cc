// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/refusals.h"

#include "base/strings.h"
#include "policy/networks.h"

namespace postern {

std::string refusal_line(const RefusedSource& source) {
  return to_string(source.source) + ' ' + std::to_string(source.count) + ' ' + iso_time(source.first) + ' ' +
         iso_time(source.last) + '\n';
}

std::optional<RefusedSource> parse_refusal(std::string_view line) {
  const auto word = words(line);
  if (word.size() != 4) return std::nullopt;
  const auto prefixes = parse_network(word[0]);
  const auto count = to_uint(word[1]);
  const auto first = parse_iso_time(word[2]);
  const auto last = parse_iso_time(word[3]);
  if (!prefixes.ok() || prefixes->size() != 1 || !count || !first.ok() || !last.ok()) return std::nullopt;
  return RefusedSource{prefixes->front(), *count, first.value(), last.value()};
}

}  // namespace postern
