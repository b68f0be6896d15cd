// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "pdf/pdf_text.h"
#include "pdf/pixel_loops.h"
#include "pdf/poppler.h"

namespace postern {

namespace {

constexpr unsigned kSamples = 1000;        // a picture is thinned out to this many pixels each way
constexpr size_t kMostDecoded = 48 << 20;  // bytes of a picture that are decoded at once

// The rows of a picture from the first on, a byte for each component: of all that was decoded at once, or, where we
// cannot do that, as Poppler decodes them.
class PictureRows {
 public:
  // `object`: not inline, where the data end with the page's content.
  PictureRows(Stream* stream, bool object, unsigned width, unsigned height, int components, int bits)
      : samples_(static_cast<size_t>(width) * static_cast<size_t>(components)),
        bits_(static_cast<size_t>(bits)),
        row_((samples_ * bits_ + 7) / 8) {
    const bool plain = bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    if (object && plain && row_ * height <= kMostDecoded)
      decoded_ = decode_stream(stream, row_ * height, true);
    if (decoded_) {
      decoded_->resize(row_ * height, '\xff');  // as Poppler has what is missing
      if (bits != 8) line_.resize(samples_ + 8);
    } else {
      slow_.emplace(stream, static_cast<int>(width), components, bits);
      to_start(&*slow_);
    }
  }
  ~PictureRows() {
    if (slow_) slow_->close();
  }
  PictureRows(const PictureRows&) = delete;
  PictureRows& operator=(const PictureRows&) = delete;

  // Null at the end of all that is known; `wanted`: whether what it holds is of any use.
  const unsigned char* next(bool wanted) {
    if (slow_) return slow_->getLine();
    const auto* const row = reinterpret_cast<const unsigned char*>(decoded_->data()) + at_;
    at_ += row_;
    if (bits_ == 8 || !wanted) return row;
    unpack(row);
    return line_.data();
  }

 private:
  void unpack(const unsigned char* row) {
    if (bits_ == 16) {  // the lower half makes no difference to the eye
      for (size_t i = 0; i < samples_; ++i) line_[i] = row[2 * i];
      return;
    }
    const size_t each = 8 / bits_;
    const auto mask = static_cast<unsigned char>((1U << bits_) - 1);
    for (size_t i = 0; i < row_; ++i) {
      for (size_t k = 0; k < each; ++k) line_[i * each + k] = row[i] >> (8 - bits_ * (k + 1)) & mask;
    }
  }

  const size_t samples_, bits_, row_;  // row_: bytes
  std::optional<Bytes> decoded_;
  size_t at_ = 0;
  std::vector<unsigned char> line_;
  std::optional<ImageStream> slow_;
};

// Poppler's own copy() reads behind the end of what it copies where a component has more than 8 bits, of which only the
// highest 8 ever come.
std::unique_ptr<GfxImageColorMap> copy_of(GfxImageColorMap& colours) {
  if (colours.getBits() <= 8) return std::unique_ptr<GfxImageColorMap>(colours.copy());
  Object decode(new Array(nullptr));
  for (int i = 0; i < colours.getNumPixelComps(); ++i) {
    decode.arrayAdd(Object(colours.getDecodeLow(i)));
    decode.arrayAdd(Object(colours.getDecodeHigh(i)));
  }
  auto space = colours.getColorSpace()->copy();  // a pointer, of one kind or the other
  return std::make_unique<GfxImageColorMap>(8, &decode, std::move(space));
}

}  // namespace

PopplerPicture::PopplerPicture(const ObjectShelf& shelf, Ref ref, Stream* stream, GfxImageColorMap* colours)
    : shelf_(shelf), ref_(ref), stream_(stream), colours_(colours) {
  if (colours == nullptr) return;
  samples_.components = std::clamp(colours->getNumPixelComps(), 0, 255);
  samples_.bits = colours->getBits();
  samples_.rgb = samples_.components == 3 && colours->getColorSpace()->getMode() == csDeviceRGB;
}

std::unique_ptr<DrawnPicture> PopplerPicture::keep() {
  const bool jpeg = facts.filter == "DCT";  // which speaks for itself
  if (!jpeg && samples_.has_table()) make_table();
  auto kept = std::make_unique<PopplerPicture>(shelf_, ref_, nullptr, nullptr);
  kept->fetched_ = shelf_.find(ref_);
  kept->object = object;
  kept->facts = facts;
  kept->place = place;
  kept->samples_ = samples_;
  if (!jpeg && !samples_.has_table()) {
    kept->own_colours_ = copy_of(*colours_);
    kept->colours_ = kept->own_colours_.get();
  }
  return kept;
}

Stream* PopplerPicture::stream() {
  if (stream_ == nullptr && fetched_.isNone()) fetched_ = shelf_.objects().fetch(ref_);
  if (stream_ == nullptr && fetched_.isStream()) stream_ = fetched_.getStream();
  return stream_;
}

Bytes PopplerPicture::jpeg(size_t most) {
  Stream* const coded = stream();
  if (coded == nullptr || coded->getKind() != strDCT || coded->getNextStream() == nullptr) return {};
  return read_stream(coded->getNextStream(), most);
}

std::optional<Raster> PopplerPicture::pixels(Deadline deadline) {
  const auto width = static_cast<unsigned>(facts.width), height = static_cast<unsigned>(facts.height);
  if (width == 0 || height == 0 || samples_.components < 1 || samples_.components > 32) return std::nullopt;
  const unsigned step_x = (width + kSamples - 1) / kSamples, step_y = (height + kSamples - 1) / kSamples;
  if (stream() == nullptr || is_bomb()) return std::nullopt;
  PictureRows rows(stream(), ref_ != Ref::INVALID(), width, height, samples_.components,
                   samples_.bits);
  std::optional<Raster> out(std::in_place, width / step_x, height / step_y);
  for (unsigned y = 0; y < height; ++y) {
    const bool wanted = y % step_y == 0 && y / step_y < out->height();
    const unsigned char* const line = rows.next(wanted);
    if (line == nullptr || deadline.passed()) {
      out->blank_from((y + step_y - 1) / step_y);
      break;
    }
    if (wanted) put_row(line, step_x, y / step_y, *out);
  }
  return out;
}

// Poppler allots what a JBIG2 page claims, which may be far more than the dictionary says.
bool PopplerPicture::is_bomb() {
  Stream* const coded = stream();
  if (coded->getKind() != strJBIG2 || coded->getNextStream() == nullptr) return false;
  return jbig2_pixels(view(read_stream(coded->getNextStream(), 4096))) > 4 * facts.width * facts.height + 1'000'000;
}

// What a pixel is found by is copied into each function, or it would be read anew after each byte that is written.
void PopplerPicture::put_row(const unsigned char* line, unsigned step, unsigned y, Raster& out) {
  const auto components = static_cast<size_t>(samples_.components);
  if (samples_.has_table()) make_table();
  const size_t stride = step * components;
  const auto at = [line, stride](unsigned x) { return line + x * stride; };
  const Rgb* const table = samples_.table.data();
  if (components == 1 && samples_.plain && step == 1) {
    std::copy_n(line, out.width(), out.row(y));
    out.count_row(y, [line](unsigned x) { return Rgb{line[x], line[x], line[x]}; });
  } else if (components == 1) {
    const uint8_t* const lights = samples_.light.data();
    const auto light = [at, lights](unsigned x) { return lights[*at(x)]; };
    out.put_row(y, light, [at, table](unsigned x) { return table[*at(x)]; });
  } else if (samples_.rgb && samples_.plain) {
    const auto colour = [at](unsigned x) { return Rgb{at(x)[0], at(x)[1], at(x)[2]}; };
    if (step > 1) return out.put_colours(y, colour);
    pixel_loops().find_lights(line, out.width(), out.row(y));
    out.count_row(y, colour);
  } else if (samples_.rgb) {
    out.put_colours(y, [at, table](unsigned x) {
      return Rgb{table[at(x)[0]].red, table[at(x)[1]].green, table[at(x)[2]].blue};
    });
  } else {
    // Spam is flat: most pixels are like the one before.
    row_.resize(out.width());
    for (unsigned x = 0; x < out.width(); ++x) {
      row_[x] = x > 0 && std::equal(at(x), at(x) + components, at(x - 1)) ? row_[x - 1] : colour_of(at(x));
    }
    out.put_row(y, row_.data());
  }
}

Rgb PopplerPicture::colour_of(const unsigned char* pixel) {
  GfxRGB rgb;
  colours_->getRGB(pixel, &rgb);
  return {colToByte(rgb.r), colToByte(rgb.g), colToByte(rgb.b)};
}

// What a pixel looks like whose components all have the same value.  That tells all of a single component, and of
// red, green and blue, which Poppler maps each on its own.
void PopplerPicture::make_table() {
  std::vector<Rgb>& table = samples_.table;
  if (!table.empty()) return;
  table.assign(256, {255, 255, 255});
  table[0] = {0, 0, 0};
  const unsigned bits = colours_ != nullptr ? static_cast<unsigned>(std::clamp(samples_.bits, 1, 8)) : 0;
  samples_.plain = bits == 8;
  for (unsigned value = 0; colours_ != nullptr && value < 1U << bits; ++value) {
    std::array<unsigned char, gfxColorMaxComps> pixel{};
    pixel.fill(static_cast<unsigned char>(value));
    const Rgb each = table[value] = colour_of(pixel.data());
    samples_.plain = samples_.plain && each.red == value && each.green == value && each.blue == value;
  }
  for (const Rgb& each : table) samples_.light.push_back(Raster::light(each));
}

}  // namespace postern
