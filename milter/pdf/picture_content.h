// SPDX-License-Identifier: GPL-2.0-or-later
// What of a page's content (ISO 32000-1 section 7.8.2) draws pictures, and text if it is wanted: the rest, paths
// above all, need not be interpreted.  Pure functions over bytes; no library.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

namespace postern {

struct PictureContent {
  bool whole = false;            // the content must be interpreted as it stands: inline pictures, faults
  bool plain = true;             // if not whole: nothing in what is kept that interpreters may take in their own ways
  std::string content;           // the operators that place and draw XObjects, and those of text if it is wanted
  std::set<std::string> drawn;   // names of XObjects
  std::set<std::string> states;  // names of graphics state dictionaries, whose soft masks may draw
  std::set<std::string> fonts;   // names of fonts that show text
  std::set<std::string> spaces;  // names of colour spaces for what is filled, if text is wanted
  std::set<std::string> patterns;  // names of patterns; if one of them draws, the content must be interpreted whole
};

// `stop` is asked now and then; what was read until then is given.
PictureContent picture_content(std::string_view content, bool text, const std::function<bool()>& stop);

}  // namespace postern
