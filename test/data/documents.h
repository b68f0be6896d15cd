// SPDX-License-Identifier: GPL-2.0-or-later
// The PDF files of the test data generator: the image spam of 2007 with its escalations, and honest documents that
// look like it.  All pictures, texts, company names and share symbols are made up.
#pragma once

#include <string>
#include <string_view>

#include "test/data/picture.h"
#include "test/data/random.h"

namespace postern::testdata {

// How one copy of a spam campaign is made.  The campaign fixes the picture's words and layout; each copy differs.
struct SpamShape {
  std::string_view filter = "DCT";  // or LZW, Flate
  double dots = 0;                  // fraction of pixels
  double border = 0;                // fraction of the width
  int colour_shift = 0;
  bool scaling = false;           // 0.8 to 1.25
  bool page_sizes = false;        // the page is larger than the picture, differently each time
  int tiles = 1;                  // the picture is cut into this many
  int filler_pages = 0;           // pages of random characters after the pitch
  bool decoy_text = false;        // harmless prose below the picture
  bool white_text = false;        // the same, white on white
  bool forged_metadata = false;   // claims a well-known producer
  bool encrypted = false;         // opens with the empty password
  bool locked = false;            // needs a password
  bool scanner_disguise = false;  // A4 page, 200 dpi, a scanner's Producer
};

Picture pitch(Random& campaign);
std::string spam_pdf(const SpamShape& shape, Random& campaign, Random& copy);

// Documents that a scanner, a camera, a fax machine or an office program makes.
struct Scanner {
  std::string_view producer;
  std::string_view creator;
  std::string_view version;
  std::string_view file_name;  // with a % where the number goes
  int dpi = 300;
  bool grey = false;
  std::string_view filter = "DCT";  // or Flate, RunLength (bilevel)
  bool image_sized_page = false;    // 1 pixel = 1 pt, as some phone apps do
};
const Scanner& scanner(size_t number);
size_t scanner_count();
Picture office_page(int dpi, Random& random);  // a letter, as a scanner sees it
std::string scan_pdf(const Scanner& scanner, int pages, Random& random);
std::string invoice_pdf(Random& random);
std::string photo_pdf(int photos, Random& random);
std::string text_pdf(int pages, Random& random);
std::string flyer_pdf(Random& random);  // a poster for a concert: one picture with text, from an office program

}  // namespace postern::testdata
