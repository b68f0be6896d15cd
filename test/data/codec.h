// SPDX-License-Identifier: GPL-2.0-or-later
// Encodings for the test data generator, written independently of the code that reads them under test.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::testdata {

std::string base64(std::string_view bytes, size_t line = 76);  // RFC 2045, "\n" after each line
std::string uuencoded(std::string_view bytes, std::string_view name);
// PDF's LZWDecode: EarlyChange, and whether the table is cleared when it is nearly full.
std::string lzw(std::string_view bytes, bool early = true, bool clears = true);
std::string ascii85(std::string_view bytes);                            // PDF's ASCII85Decode, with ~>
std::string zlib_stored(std::string_view bytes);                        // RFC 1950, nothing compressed
std::string zlib_zeros(uint64_t count);                                 // RFC 1950: `count` zero bytes, 158 to 1
std::string zip_stored(std::string_view name, std::string_view bytes);  // an archive with one entry
std::string md5(std::string_view bytes);                                // 16 bytes; for PDF's encryption only
std::string rc4(std::string_view key, std::string_view bytes);

}  // namespace postern::testdata
