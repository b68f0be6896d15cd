// SPDX-License-Identifier: GPL-2.0-or-later
// PDF's filters FlateDecode and LZWDecode and their predictors (ISO 32000-1 section 7.4.4), a whole stream at a time.
// What is in doubt is left to a decoder that makes the best of broken data: then these give nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "pdf/bytes.h"

namespace postern {

// The first `most` bytes of what a zlib stream (RFC 1950) holds; the checksum and what follows are not looked at.
// Nothing if the data are broken or end too early.  `likely`: bytes that are expected, 0: nobody knows.
std::optional<Bytes> inflate(std::string_view zlib, size_t most, size_t likely = 0);

// The first `most` bytes of what codes of 9 to 12 bits stand for, up to the end-of-data code or the end.  `early`:
// codes grow by a bit one code before they have to (EarlyChange 1, the usual).  Nothing if a code has no meaning.
std::optional<Bytes> expand_lzw(std::string_view codes, bool early, size_t most);

// How the rows of a table of samples were made easier to compress.
struct Predictor {
  int kind = 1;  // 1: not at all, 2: TIFF, 10 and more: PNG, where each row says how
  int columns = 1;
  int colours = 1;
  int bits = 8;  // of a colour

  // Whether undo() knows it.
  bool known() const;
  // How many bytes have to be decoded for `most` bytes of rows.
  size_t coded(size_t most) const;
  // Makes rows of what was decoded.  False if the last row is not complete; then `bytes` are of no use.
  bool undo(Bytes& bytes) const;

 private:
  size_t pixel_bytes() const { return (static_cast<size_t>(colours) * static_cast<size_t>(bits) + 7) / 8; }
  size_t row_bytes() const;
};

}  // namespace postern
