// SPDX-License-Identifier: GPL-2.0-or-later
// PNG from plain brightness, by libpng (png.cc only).  Nothing is ever decoded here.
#pragma once

#include <string>

#include "base/result.h"
#include "pdf/grey_picture.h"

namespace postern {

// The picture as the bytes of a PNG file: 8 bits of grey (ISO/IEC 15948).  Fails on an empty picture.
Result<std::string> encode_png(const GreyPicture& picture);

}  // namespace postern
