// SPDX-License-Identifier: GPL-2.0-or-later
// The Subject tag: text put before what stands there, whose bytes, encoded-words and folding stay as they are.
#pragma once

#include <string>
#include <string_view>

namespace postern {

// `raw` is the field's value as the MTA gave it (leading blanks kept), `tag` is like "[SPAM] ".  A Subject that
// already starts with the tag, also inside an encoded-word, comes back unchanged.
std::string tag_subject(std::string_view raw, std::string_view tag);

}  // namespace postern
