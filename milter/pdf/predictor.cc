// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "pdf/stream_data.h"

namespace postern {

namespace {

constexpr int kMostColours = 32;
constexpr size_t kMostRow = 1 << 20;  // bytes

// PNG specification, section 9.4: whichever of left, above and upper left is nearest to left + above - upper left.
uint8_t paeth(int left, int above, int corner) {
  const int to_left = std::abs(above - corner), to_above = std::abs(left - corner);
  const int to_corner = std::abs(left + above - 2 * corner);
  const int nearer = to_left <= to_above ? left : above;
  return static_cast<uint8_t>(std::min(to_left, to_above) <= to_corner ? nearer : corner);
}

// One row by the method that PNG numbers so (section 9.2), in its place; `above` is the row before it, and zeros lie
// `pixel` bytes before both.
void undo_png(uint8_t method, uint8_t* row, const uint8_t* above, size_t size, size_t pixel) {
  const uint8_t* const left = row - pixel;
  const uint8_t* const corner = above - pixel;
  if (method == 1) {
    for (size_t i = 0; i < size; ++i) row[i] = static_cast<uint8_t>(row[i] + left[i]);
  } else if (method == 2) {
    for (size_t i = 0; i < size; ++i) row[i] = static_cast<uint8_t>(row[i] + above[i]);
  } else if (method == 3) {
    for (size_t i = 0; i < size; ++i) row[i] = static_cast<uint8_t>(row[i] + (left[i] + above[i]) / 2);
  } else if (method == 4) {
    for (size_t i = 0; i < size; ++i) row[i] = static_cast<uint8_t>(row[i] + paeth(left[i], above[i], corner[i]));
  }
}

}  // namespace

size_t Predictor::row_bytes() const {
  return (static_cast<size_t>(columns) * static_cast<size_t>(colours) * static_cast<size_t>(bits) + 7) / 8;
}

bool Predictor::known() const {
  if (kind == 1) return true;
  if (kind != 2 && (kind < 10 || kind > 15)) return false;
  if (columns < 1 || colours < 1 || colours > kMostColours) return false;
  if (bits != 8 && (kind == 2 || (bits != 1 && bits != 2 && bits != 4 && bits != 16))) return false;
  return row_bytes() <= kMostRow;
}

size_t Predictor::coded(size_t most) const {
  if (kind == 1) return most;
  const size_t rows = (most + row_bytes() - 1) / row_bytes();
  return rows * (row_bytes() + (kind >= 10 ? 1 : 0));
}

bool Predictor::undo(Bytes& bytes) const {
  if (kind == 1) return true;
  const size_t row = row_bytes(), pixel = pixel_bytes(), stride = row + (kind >= 10 ? 1 : 0);
  if (bytes.size() % stride != 0) return false;
  const size_t rows = bytes.size() / stride;
  auto* const data = reinterpret_cast<uint8_t*>(bytes.data());
  if (kind == 2) {
    for (uint8_t* start = data; start < data + rows * row; start += row) {
      for (size_t i = pixel; i < row; ++i) start[i] = static_cast<uint8_t>(start[i] + start[i - pixel]);
    }
    return true;
  }
  // Two rows with room for a pixel before each, which stays black.
  std::string work(2 * (pixel + row), '\0');
  auto* current = reinterpret_cast<uint8_t*>(work.data()) + pixel;
  auto* above = current + row + pixel;
  for (size_t y = 0; y < rows; ++y) {
    const uint8_t* const coded = data + y * stride;
    std::memcpy(current, coded + 1, row);
    undo_png(coded[0], current, above, row, pixel);
    std::memcpy(data + y * row, current, row);
    std::swap(current, above);
  }
  bytes.resize(rows * row);
  return true;
}

}  // namespace postern
