// SPDX-License-Identifier: GPL-2.0-or-later
// A perceptual hash of 256 bits: pictures that look alike differ in few bits, whatever their size, quality, colour
// or specks, and whether or not a strip was cut off.  Pure arithmetic on a Raster.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pdf/raster.h"

namespace postern {

struct Fingerprint {
  std::string whole;  // 64 hexadecimal digits, lowest frequencies first; empty if the picture is too even
  std::vector<std::string> moved;  // the same of a window that is moved or zoomed by a little, where it differs: to
                                   // be looked up with `whole` and never stored, so that a cropped copy is found
};

// The signs of the lowest 16 x 16 frequencies (without the mean) of the picture's inner part, against their median,
// after the manner of pHash (Zauner 2010) and PDQ (Facebook 2019).  The window fades out towards its edges, so that
// what stands there hardly counts.
// Measured by test/bench/bench-fingerprint on 10,000 made pictures and their re-encoded copies each; bits that differ
// (half, 99 %, most; 32 may) and the part that the store's index finds: other quality 2, 12, 20, all; scaled by 0.8
// to 1.25 6, 16, 26, all; dots on 3 % 6, 20, 34, 99.96 %; a border of 5 % 2, 12, 20, all; shifted colours 4, 12, 20,
// all; cropped by 2 % 8, 16, 28, all; 2 % off each side 14, 24, 34, 99.89 %; off one side only 20, 30, 44, 99.51 %;
// off two 20, 32, 40, 98.38 %; scaled, cropped, coloured, dotted and bordered at once 12, 24, 38, 99.82 %.
// Strangers, 499,500 pairs of each sort: the least difference and the pairs within 32 bits: letters 30 and 3, pages of
// small print 72 and none, photographs 28 and 5; pitches of one wording that name other companies 16 and 0.86 %.
Fingerprint fingerprint(const Raster& raster);
// Bits in which two fingerprints differ, 0 to 256; 256 if one of them is none.
unsigned fingerprint_distance(std::string_view a, std::string_view b);

}  // namespace postern
