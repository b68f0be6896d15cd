// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/jpeg.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include <jpeglib.h>

#include <jerror.h>

#include "pdf/fingerprint.h"
#include "pdf/pixel_loops.h"

namespace postern {

namespace {

constexpr unsigned kEnough = 400;  // pixels of the longer side that show lines of text
constexpr int kMostScans = 200;    // a progressive JPEG with more scans is a bomb; encoders write about ten

// libjpeg reports errors by calling error_exit, which must not return: it jumps back to the one setjmp in decode().
// Nothing between there and libjpeg owns anything, so no destructor is skipped.
struct Decoder {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  std::jmp_buf jump{};
  const Deadline* deadline = nullptr;
  unsigned checks = 0;
};

[[noreturn]] void on_error(j_common_ptr codec) {
  auto* decoder = static_cast<Decoder*>(codec->client_data);
  std::longjmp(decoder->jump, 1);
}
void on_message(j_common_ptr /*codec*/) {}
void on_emit(j_common_ptr /*codec*/, int /*level*/) {}

void on_progress(j_common_ptr codec) {
  auto* decoder = static_cast<Decoder*>(codec->client_data);
  if (decoder->codec.input_scan_number > kMostScans) on_error(codec);
  if (++decoder->checks % 64 == 0 && decoder->deadline->passed()) on_error(codec);
}

void prepare(Decoder& decoder, const Deadline& deadline) {
  decoder.codec.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = on_error;
  decoder.errors.output_message = on_message;
  decoder.errors.emit_message = on_emit;
  decoder.codec.client_data = &decoder;
  decoder.deadline = &deadline;
}

// How far the first luminance table is scaled from the standard one (annex K.1 of ITU-T T.81), as libjpeg's own
// quality setting scales it: 50 is the table itself.
uint64_t quality_of(const jpeg_decompress_struct& codec) {
  static constexpr std::array<uint16_t, 64> kStandard{
      16, 11,  10,  16, 24, 40, 51, 61, 12,  12,  14,  19,  26, 58, 60, 55,  14,  13,  16,  24, 40, 57,
      69, 56,  14,  17, 22, 29, 51, 87, 80,  62,  18,  22,  37, 56, 68, 109, 103, 77,  24,  35, 55, 64,
      81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98,  112, 100, 103, 99};
  const JQUANT_TBL* table = codec.quant_tbl_ptrs[0];
  if (table == nullptr) return 0;
  double scale = 0;
  for (size_t i = 0; i < 64; ++i) scale += 100.0 * table->quantval[i] / kStandard[i];
  scale /= 64;
  const double quality = scale <= 100 ? (200 - scale) / 2 : 5000 / scale;
  return static_cast<uint64_t>(std::clamp(quality + 0.5, 1.0, 100.0));
}

void note_header(jpeg_decompress_struct& codec, ImageFacts& facts) {
  facts.real_width = codec.image_width;
  facts.real_height = codec.image_height;
  facts.components = static_cast<uint64_t>(codec.num_components);
  facts.bits = static_cast<uint64_t>(codec.data_precision);
  facts.progressive = codec.progressive_mode != 0;
  facts.jfif = codec.saw_JFIF_marker != 0;
  facts.adobe = codec.saw_Adobe_marker != 0;
  facts.quality = quality_of(codec);
  for (jpeg_saved_marker_ptr mark = codec.marker_list; mark != nullptr; mark = mark->next) {
    if (mark->marker == JPEG_APP0 + 1 && mark->data_length >= 4) {
      facts.exif = facts.exif || std::equal(mark->data, mark->data + 4, "Exif");
    }
  }
}

// Whether the decoder's own planes will do: brightness in full, colours as they are stored.  Spares their conversion,
// and their enlargement where colours are stored coarser.
bool has_planes(const jpeg_decompress_struct& codec) {
  if (codec.jpeg_color_space == JCS_GRAYSCALE) return codec.num_components == 1;
  if (codec.jpeg_color_space != JCS_YCbCr || codec.num_components != 3) return false;
  return codec.comp_info[0].h_samp_factor == codec.max_h_samp_factor &&
         codec.comp_info[0].v_samp_factor == codec.max_v_samp_factor;
}

void choose_scale(jpeg_decompress_struct& codec) {
  const unsigned longer = std::max(codec.image_width, codec.image_height);
  codec.scale_denom = 8;
  codec.scale_num = 1;
  while (codec.scale_num < 8 && longer / 8 * codec.scale_num < kEnough) codec.scale_num *= 2;
  if (codec.jpeg_color_space == JCS_GRAYSCALE)
    codec.out_color_space = JCS_GRAYSCALE;
  else if (codec.num_components == 3)
    codec.out_color_space = JCS_RGB;
  else if (codec.num_components == 4)
    codec.out_color_space = JCS_CMYK;
  codec.dct_method = JDCT_IFAST;
  codec.do_fancy_upsampling = FALSE;
  codec.do_block_smoothing = FALSE;
}

// A row's colours.  jpeg_start_decompress() has been called for 1, 3 or 4 components.
void read_row(const jpeg_decompress_struct& codec, const uint8_t* row, Rgb* out) {
  const unsigned width = codec.output_width;
  if (codec.output_components == 1) {
    for (unsigned x = 0; x < width; ++x) out[x] = {row[x], row[x], row[x]};
    return;
  }
  if (codec.output_components == 3) {
    for (unsigned x = 0; x < width; ++x, row += 3) out[x] = {row[0], row[1], row[2]};
    return;
  }
  const bool inverted = codec.saw_Adobe_marker != 0;  // ink; Adobe's programs write it inverted
  for (unsigned x = 0; x < width; ++x, row += 4) {
    const auto mix = [&](unsigned ink) {
      const unsigned light = inverted ? ink : 255 - ink, black = inverted ? row[3] : 255U - row[3];
      return static_cast<uint8_t>(light * black / 255);
    };
    out[x] = {mix(row[0]), mix(row[1]), mix(row[2])};
  }
}

// What decode() works on; all of it is owned by its caller, so that jumping out loses nothing.
struct Work {
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work() { jpeg_destroy_decompress(&decoder.codec); }
  Decoder decoder;
  std::optional<Raster> raster;
  std::vector<uint8_t> row;
  std::vector<Rgb> colours;
  // Of the pixels of a row whose colours are counted: where the coarser components have them, and what they are.
  std::vector<uint32_t> at, at_blue, at_red;
  std::vector<int16_t> light, blue, red, bins;
  // One group of rows of each component, and where each row begins.  Those of the brightness are the raster's own.
  std::array<std::vector<uint8_t>, 3> planes;
  std::array<std::vector<JSAMPROW>, 3> rows;
};

void make_planes(Work& work) {
  const jpeg_decompress_struct& codec = work.decoder.codec;
  for (size_t i = 0; i < static_cast<size_t>(codec.num_components); ++i) {
    work.rows[i].resize(static_cast<size_t>(codec.comp_info[i].v_samp_factor) * DCTSIZE);
    if (i == 0) continue;
    const size_t width = (codec.comp_info[i].width_in_blocks + 1) * size_t{DCTSIZE};
    work.planes[i].resize(width * work.rows[i].size());
    for (size_t y = 0; y < work.rows[i].size(); ++y) work.rows[i][y] = work.planes[i].data() + y * width;
  }
}

float part_of(JDIMENSION of, JDIMENSION whole) {
  return static_cast<float>(of) / static_cast<float>(std::max<JDIMENSION>(whole, 1));
}

// Finds which pixels' colours are counted.  work.raster is there.
void choose_pixels(Work& work) {
  const jpeg_decompress_struct& codec = work.decoder.codec;
  const Raster& raster = *work.raster;
  for (unsigned x = 0; x < raster.width(); x += raster.colour_step()) work.at.push_back(x);
  const size_t room = work.at.size() + kPixelSlack;
  for (auto* numbers : {&work.light, &work.blue, &work.red, &work.bins}) numbers->assign(room, 128);
  if (codec.num_components == 1) return;
  const JDIMENSION full = codec.comp_info[0].downsampled_width;
  const auto place = [&work, full](JDIMENSION width, std::vector<uint32_t>& out) {
    const float by = part_of(width, full);
    for (const uint32_t x : work.at)
      out.push_back(std::min(static_cast<uint32_t>(static_cast<float>(x) * by), width - 1));
  };
  place(codec.comp_info[1].downsampled_width, work.at_blue);
  place(codec.comp_info[2].downsampled_width, work.at_red);
}

// Picks pixels out of a row.
void pick(const uint8_t* row, const std::vector<uint32_t>& at, int16_t* out) {
  for (const uint32_t x : at) *out++ = row[x];
}

// Counts the colours of one row; `y` counts from the start of the group.
void count_colours(Work& work, size_t y, Raster& raster) {
  const jpeg_decompress_struct& codec = work.decoder.codec;
  const auto row_of = [&](size_t component) {
    const float by = part_of(codec.comp_info[component].downsampled_height, codec.comp_info[0].downsampled_height);
    const auto& rows = work.rows[component];
    return rows[std::min(static_cast<size_t>(static_cast<float>(y) * by), rows.size() - 1)];
  };
  pick(work.rows[0][y], work.at, work.light.data());
  if (codec.num_components == 3) {
    pick(row_of(1), work.at_blue, work.blue.data());
    pick(row_of(2), work.at_red, work.red.data());
  }
  pixel_loops().find_bins(work.light.data(), work.blue.data(), work.red.data(), work.at.size(), work.bins.data());
  raster.count_colours(work.bins.data(), work.at.size());
}

// Takes the picture plane by plane.  jpeg_start_decompress() has been called.
void read_planes(Work& work) {
  jpeg_decompress_struct& codec = work.decoder.codec;
  make_planes(work);
  work.raster.emplace(codec.output_width, codec.output_height);
  choose_pixels(work);
  JSAMPARRAY planes[] = {work.rows[0].data(), work.rows[1].data(), work.rows[2].data()};
  while (codec.output_scanline < codec.output_height) {
    const unsigned start = codec.output_scanline;
    for (unsigned y = 0; y < work.rows[0].size(); ++y) work.rows[0][y] = work.raster->row(start + y);
    const unsigned got = jpeg_read_raw_data(&codec, planes, static_cast<JDIMENSION>(work.rows[0].size()));
    if (got == 0) break;
    for (unsigned y = 0; y < got && start + y < codec.output_height; ++y) {
      if ((start + y) % work.raster->colour_step() == 0) count_colours(work, y, *work.raster);
    }
  }
}

bool start(Work& work, std::string_view bytes, bool wants_pixels, const PdfLimits& limits, ImageFacts& facts) {
  jpeg_decompress_struct& codec = work.decoder.codec;
  jpeg_create_decompress(&codec);
  jpeg_save_markers(&codec, JPEG_APP0 + 1, 64);
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&codec, TRUE);
  note_header(codec, facts);
  const uint64_t pixels = facts.real_width * facts.real_height;
  // A progressive picture is held whole, as coefficients: 2 bytes for each sample.
  const uint64_t most = facts.progressive ? limits.pixels / 4 : limits.pixels;
  if (!wants_pixels || pixels > most) return false;
  work.decoder.progress.progress_monitor = on_progress;
  codec.progress = &work.decoder.progress;
  choose_scale(codec);
  return true;
}

// Returns false after an error; rows read before it stay in the raster.
bool decode(Work& work, std::string_view bytes, bool wants_pixels, const PdfLimits& limits, ImageFacts& facts) {
  jpeg_decompress_struct& codec = work.decoder.codec;
  if (setjmp(work.decoder.jump) != 0) return false;
  if (!start(work, bytes, wants_pixels, limits, facts)) return true;
  codec.raw_data_out = has_planes(codec) ? TRUE : FALSE;
  jpeg_start_decompress(&codec);
  if (codec.raw_data_out != 0) {
    read_planes(work);
    return true;
  }
  if (codec.output_components != 1 && codec.output_components != 3 && codec.output_components != 4) return true;
  work.row.resize(static_cast<size_t>(codec.output_width) * static_cast<size_t>(codec.output_components));
  work.raster.emplace(codec.output_width, codec.output_height);
  work.colours.resize(codec.output_width);
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW rows[] = {work.row.data()};
    const unsigned y = codec.output_scanline;
    jpeg_read_scanlines(&codec, rows, 1);
    read_row(codec, work.row.data(), work.colours.data());
    work.raster->put_row(y, work.colours.data());
  }
  return true;
}

}  // namespace

std::optional<Raster> read_jpeg(std::string_view bytes, bool wants_pixels, const PdfLimits& limits, Deadline deadline,
                                ImageFacts& facts) {
  if (bytes.size() < 4 || deadline.passed()) {
    facts.broken = facts.broken || bytes.size() < 4;
    return std::nullopt;
  }
  const auto work = std::make_unique<Work>();
  prepare(work->decoder, deadline);
  if (!decode(*work, bytes, wants_pixels, limits, facts) && !deadline.passed()) facts.broken = true;
  if (work->raster) work->raster->blank_from(work->decoder.codec.output_scanline);
  return std::move(work->raster);
}

ImageFacts jpeg_facts(std::string_view bytes, const PdfLimits& limits, Deadline deadline) {
  ImageFacts facts;
  facts.filter = "DCT";
  facts.bytes = bytes.size();
  const auto raster = read_jpeg(bytes, limits.fingerprints > 0, limits, deadline, facts);
  facts.width = facts.real_width;
  facts.height = facts.real_height;
  facts.skipped = limits.fingerprints == 0 && !facts.broken && facts.width * facts.height <= limits.pixels;
  if (raster) {
    describe(*raster, facts);
    auto print = fingerprint(*raster);
    facts.fingerprint = std::move(print.whole);
    facts.moved = std::move(print.moved);
  }
  return facts;
}

}  // namespace postern
