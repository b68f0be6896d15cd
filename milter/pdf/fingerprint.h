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
Fingerprint fingerprint(const Raster& raster);
// Bits in which two fingerprints differ, 0 to 256; 256 if one of them is none.
unsigned fingerprint_distance(std::string_view a, std::string_view b);

}  // namespace postern
