// SPDX-License-Identifier: GPL-2.0-or-later
// Finds texts that every match of a regular expression must hold, so that a pattern is tried only where one of them
// stands.  Conservative: where the expression is not fully understood, the answer is "none known".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern {

// A literal shorter than this is no help (literal_index.h looks at windows of four bytes).
inline constexpr size_t kMinLiteral = 4;

// Folded texts, at least one of which stands in the folded form of every text that `pattern` matches; empty: unknown.
std::vector<std::string> required_literals(std::string_view pattern, std::string_view flags);

}  // namespace postern
