// SPDX-License-Identifier: GPL-2.0-or-later
// Small messages and files for the tests of inspect/.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inspect/inspector.h"

namespace postern {

// One part of a multipart: header lines (each with CRLF) and body.
struct Part {
  std::string header;
  std::string body;
};

InspectRequest message(std::string header, std::string body);
InspectRequest multipart(const std::string& subtype, const std::vector<Part>& parts);
// A part in base64 that claims a type and a name.
Part attached(const std::string& type, const std::string& name, std::string_view bytes);
// A PDF with `pages` pages that each show `text`.
std::string small_pdf(const std::string& text, int pages = 1);
// A zip archive made by libzip, compressed; `password` may be empty.
std::string zipped(const std::vector<std::pair<std::string, std::string>>& entries, const std::string& password = "");

}  // namespace postern
