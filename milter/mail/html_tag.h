// SPDX-License-Identifier: GPL-2.0-or-later
// One HTML tag, one entity, and what an element's attributes say about how its text looks: helpers of html.h.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern {

struct HtmlTag {
  std::string name;  // lower case; empty for <!...> and <?...>
  bool closing = false;
  bool self_closed = false;
  std::vector<std::pair<std::string, std::string>> attributes;  // names in lower case
  std::string_view attribute(std::string_view wanted) const;
};

// Reads the tag that starts at html[at] == '<'; gives where it ends, or 0 if it is none (a bare '<').
size_t read_tag(std::string_view html, size_t at, HtmlTag& tag);
// Reads the character reference at text[0] == '&' into `out` (UTF-8; "&" if it is none); gives its length.
size_t read_entity(std::string_view text, std::string& out);

// How text looks, as far as inline styles and old attributes tell.
struct Look {
  bool hidden = false;  // display:none, visibility:hidden, font-size:0
  bool white_text = false;
  bool coloured_ground = false;
  bool invisible() const { return hidden || (white_text && !coloured_ground); }
};
Look look_of(const HtmlTag& tag, Look parent);

}  // namespace postern
