// SPDX-License-Identifier: GPL-2.0-or-later
#include <libdeflate.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "pdf/stream_data.h"

namespace postern {

namespace {

constexpr size_t kLeast = 4096;      // bytes of room to begin with
constexpr size_t kMostRatio = 1032;  // deflate's: 258 bytes for two bits
// libdeflate writes a match (up to 258 bytes) or a stored block (up to 65,535) only if the whole of it has room, and
// gives up at the first that has none.  So what lies this far before the end of the room has been written by then.
constexpr size_t kOvershoot = 65535 + 258;

libdeflate_decompressor* decompressor() {
  struct Free {
    void operator()(libdeflate_decompressor* each) const { libdeflate_free_decompressor(each); }
  };
  thread_local const std::unique_ptr<libdeflate_decompressor, Free> one(libdeflate_alloc_decompressor());
  return one.get();
}

// RFC 1950 section 2.2: deflate, the check bits, no preset dictionary.
bool has_header(std::string_view zlib) {
  if (zlib.size() < 2) return false;
  const auto method = static_cast<uint8_t>(zlib[0]), flags = static_cast<uint8_t>(zlib[1]);
  return (method & 0x0f) == 8 && (method << 8 | flags) % 31 == 0 && (flags & 0x20) == 0;
}

}  // namespace

std::optional<Bytes> inflate(std::string_view zlib, size_t most, size_t likely) {
  if (!has_header(zlib) || decompressor() == nullptr) return std::nullopt;
  zlib.remove_prefix(2);
  const size_t enough = most + kOvershoot;
  const size_t guess = likely > 0 ? std::min(likely, kMostRatio * zlib.size()) + kOvershoot : 4 * zlib.size();
  for (size_t room = std::min(enough, std::max(guess, kLeast));; room = std::min(enough, 4 * room)) {
    Bytes out(room);
    size_t size = 0;
    const libdeflate_result result =
        libdeflate_deflate_decompress(decompressor(), zlib.data(), zlib.size(), out.data(), room, &size);
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE && room < enough) continue;
    if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
      size = most;
    else if (result != LIBDEFLATE_SUCCESS)
      return std::nullopt;
    out.resize(std::min(size, most));
    return out;
  }
}

}  // namespace postern
