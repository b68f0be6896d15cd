// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>
#include <vector>

#include "pdf/pdf_text.h"
#include "pdf/poppler.h"

namespace postern {

namespace {

constexpr unsigned kSamples = 1000;  // a picture is thinned out to this many pixels each way

}  // namespace

std::string read_stream(Stream* stream, size_t most) {
  std::string out;
  to_start(stream);
  for (size_t piece = 4096; out.size() < most; piece = std::min<size_t>(2 * piece, 256 << 10)) {
    const size_t start = out.size();
    const size_t want = std::min(piece, most - start);
    out.resize(start + want);
    const int got = stream->doGetChars(static_cast<int>(want), reinterpret_cast<unsigned char*>(out.data() + start));
    out.resize(start + static_cast<size_t>(std::max(got, 0)));
    if (got <= 0) break;
  }
  stream->close();
  return out;
}

PopplerPicture::PopplerPicture(XRef* objects, Ref ref, Stream* stream, GfxImageColorMap* colours)
    : objects_(objects), ref_(ref), stream_(stream), colours_(colours) {}

std::unique_ptr<DrawnPicture> PopplerPicture::keep() {
  auto kept = std::make_unique<PopplerPicture>(objects_, ref_, nullptr, nullptr);
  kept->object = object;
  kept->facts = facts;
  kept->place = place;
  if (colours_ != nullptr && facts.filter != "DCT") {  // a JPEG speaks for itself
    kept->own_colours_ = std::unique_ptr<GfxImageColorMap>(colours_->copy());
    kept->colours_ = kept->own_colours_.get();
  }
  return kept;
}

Stream* PopplerPicture::stream() {
  if (stream_ == nullptr && fetched_.isNone()) fetched_ = objects_->fetch(ref_);
  if (stream_ == nullptr && fetched_.isStream()) stream_ = fetched_.getStream();
  return stream_;
}

std::string PopplerPicture::jpeg(size_t most) {
  Stream* const coded = stream();
  if (coded == nullptr || coded->getKind() != strDCT || coded->getNextStream() == nullptr) return {};
  return read_stream(coded->getNextStream(), most);
}

std::optional<Raster> PopplerPicture::pixels(Deadline deadline) {
  const int components = colours_ != nullptr ? colours_->getNumPixelComps() : 1;
  const int bits = colours_ != nullptr ? colours_->getBits() : 1;
  const auto width = static_cast<unsigned>(facts.width), height = static_cast<unsigned>(facts.height);
  if (width == 0 || height == 0 || components < 1 || components > 32) return std::nullopt;
  const unsigned step_x = (width + kSamples - 1) / kSamples, step_y = (height + kSamples - 1) / kSamples;
  if (stream() == nullptr || is_bomb()) return std::nullopt;
  ImageStream lines(stream(), static_cast<int>(width), components, bits);
  to_start(&lines);
  std::optional<Raster> out(std::in_place, width / step_x, height / step_y);
  std::vector<Rgb> row(out->width());
  for (unsigned y = 0; y < height; ++y) {
    unsigned char* line = lines.getLine();
    if (line == nullptr || deadline.passed()) break;
    if (y % step_y != 0 || y / step_y >= out->height()) continue;
    read_colours(line, step_x, out->width(), row.data());
    out->put_row(y / step_y, row.data());
  }
  lines.close();
  return out;
}

// Poppler allots what a JBIG2 page claims, which may be far more than the dictionary says.
bool PopplerPicture::is_bomb() {
  Stream* const coded = stream();
  if (coded->getKind() != strJBIG2 || coded->getNextStream() == nullptr) return false;
  return jbig2_pixels(read_stream(coded->getNextStream(), 4096)) > 4 * facts.width * facts.height + 1'000'000;
}

void PopplerPicture::read_colours(const unsigned char* line, unsigned step, unsigned count, Rgb* out) {
  const auto components = static_cast<size_t>(colours_ != nullptr ? colours_->getNumPixelComps() : 1);
  const size_t stride = step * components;
  if (components == 1) {
    if (table_.empty()) make_table();
    for (unsigned x = 0; x < count; ++x, line += stride) out[x] = table_[*line];
    return;
  }
  // Spam is flat: most pixels are like the one before.
  const unsigned char* last = nullptr;
  for (unsigned x = 0; x < count; ++x, line += stride) {
    out[x] = last != nullptr && std::equal(line, line + components, last) ? out[x - 1] : colour_of(line);
    last = line;
  }
}

Rgb PopplerPicture::colour_of(const unsigned char* pixel) {
  GfxRGB rgb;
  colours_->getRGB(pixel, &rgb);
  return {colToByte(rgb.r), colToByte(rgb.g), colToByte(rgb.b)};
}

// What each value of a single component looks like.
void PopplerPicture::make_table() {
  table_.assign(256, {255, 255, 255});
  table_[0] = {0, 0, 0};
  if (colours_ == nullptr) return;  // a stencil
  const unsigned most = (1U << std::clamp(colours_->getBits(), 1, 8)) - 1;
  for (unsigned value = 0; value <= most; ++value) {
    const auto pixel = static_cast<unsigned char>(value);
    table_[value] = colour_of(&pixel);
  }
}

}  // namespace postern
