// SPDX-License-Identifier: GPL-2.0-or-later
// A perceptual hash of 256 bits: pictures that look alike differ in few bits, whatever their size, quality, colour
// or specks.  Pure arithmetic on a Raster.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "pdf/raster.h"

namespace postern {

// The signs of the lowest 16 x 16 frequencies (without the mean) of the picture's inner part, against their median,
// after the manner of pHash (Zauner 2010) and PDQ (Facebook 2019).  64 hexadecimal digits; empty if the picture is
// too even to be told from others.
std::string fingerprint(const Raster& raster);
// Bits in which two fingerprints differ, 0 to 256; 256 if one of them is none.
unsigned fingerprint_distance(std::string_view a, std::string_view b);

}  // namespace postern
