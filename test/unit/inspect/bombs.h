// SPDX-License-Identifier: GPL-2.0-or-later
// Files made to eat time, memory or stack of whoever reads them; each a few kilobytes to a few megabytes.
#pragma once

#include <string>
#include <vector>

namespace postern {

struct Bomb {
  std::string name;
  std::string bytes;
};
std::vector<Bomb> pdf_bombs();      // bombs in the structure of a PDF
std::vector<Bomb> picture_bombs();  // JPEGs, and PDFs whose pictures are bombs

}  // namespace postern
