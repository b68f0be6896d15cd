// SPDX-License-Identifier: GPL-2.0-or-later
// A refused network as a line of text: prefix, count, first and last time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"

namespace postern {

std::string refusal_line(const RefusedSource& source);  // with its end of line
std::optional<RefusedSource> parse_refusal(std::string_view line);

}  // namespace postern
