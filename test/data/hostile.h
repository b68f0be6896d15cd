// SPDX-License-Identifier: GPL-2.0-or-later
// PDF files made to hurt a reader: loops, bombs and lies, each small on disk.  For tests of limits only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::testdata {

struct Hostile {
  std::string_view name;
  std::string (*make)();
};

const std::vector<Hostile>& hostile_pdfs();
std::string giant_jpeg();          // claims 65500 x 65500 pixels
std::string jpeg_of_many_scans();  // progressive, with a scan repeated thousands of times

}  // namespace postern::testdata
