// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/png.h"

#include <png.h>

namespace postern {

Result<std::string> encode_png(const GreyPicture& picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = picture.width;
  image.height = picture.height;
  image.format = PNG_FORMAT_GRAY;
  // Of the first call only the size counts, of the second the bytes: the simplified interface of libpng.
  std::string out;
  png_alloc_size_t size = 0;
  const auto write = [&](void* into) {
    return !picture.empty() &&
           png_image_write_to_memory(&image, into, &size, 0, picture.pixels.data(), 0, nullptr) != 0;
  };
  if (!write(nullptr)) return invalid(std::string("no PNG can be made of this: ") + image.message);
  out.resize(size);
  if (!write(out.data())) return unavailable(std::string("no PNG can be made of this: ") + image.message);
  out.resize(size);
  return out;
}

}  // namespace postern
