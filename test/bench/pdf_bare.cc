// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/bench/pdf_bare.h"

#include <Catalog.h>
#include <Gfx.h>
#include <GfxFont.h>
#include <GfxState.h>
#include <GlobalParams.h>
#include <Object.h>
#include <OutputDev.h>
#include <PDFDoc.h>
#include <Page.h>
#include <Stream.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <set>
#include <type_traits>
#include <vector>

#include <jpeglib.h>

#include "pdf/pdf.h"
#include "pdf/poppler.h"

namespace postern::bench {

namespace {

std::string read_all(Stream* stream) {
  std::string out;
  std::array<unsigned char, 4096> chunk{};
  to_start(stream);
  for (int got = 0; (got = stream->doGetChars(static_cast<int>(chunk.size()), chunk.data())) > 0;) {
    out.append(reinterpret_cast<const char*>(chunk.data()), static_cast<size_t>(got));
  }
  stream->close();
  return out;
}

struct Fault {};
void on_error(j_common_ptr /*codec*/) { throw Fault(); }
void on_message(j_common_ptr /*codec*/) {}

uint64_t read_rows(jpeg_decompress_struct& codec) {
  uint64_t rows = 0;
  std::vector<uint8_t> row(static_cast<size_t>(codec.output_width) * static_cast<size_t>(codec.output_components));
  while (codec.output_scanline < codec.output_height) {
    JSAMPROW rows_of[] = {row.data()};
    rows += jpeg_read_scanlines(&codec, rows_of, 1);
  }
  return rows;
}

uint64_t read_planes(jpeg_decompress_struct& codec) {
  std::array<std::vector<uint8_t>, 3> bytes;
  std::array<std::vector<JSAMPROW>, 3> rows;
  for (size_t i = 0; i < static_cast<size_t>(codec.num_components); ++i) {
    const size_t width = (codec.comp_info[i].width_in_blocks + 1) * size_t{DCTSIZE};
    const auto height = static_cast<size_t>(codec.comp_info[i].v_samp_factor) * DCTSIZE;
    bytes.at(i).resize(width * height);
    for (size_t y = 0; y < height; ++y) rows.at(i).push_back(bytes.at(i).data() + y * width);
  }
  JSAMPARRAY planes[] = {rows[0].data(), rows[1].data(), rows[2].data()};
  uint64_t done = 0;
  while (codec.output_scanline < codec.output_height) {
    const auto got = jpeg_read_raw_data(&codec, planes, static_cast<JDIMENSION>(rows[0].size()));
    if (got == 0) break;
    done += got;
  }
  return done;
}

uint64_t decode_jpeg(const std::string& bytes) {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  errors.error_exit = on_error;
  errors.output_message = on_message;
  jpeg_create_decompress(&codec);
  uint64_t rows = 0;
  try {
    jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    jpeg_read_header(&codec, TRUE);
    codec.scale_denom = 8;
    codec.scale_num = 1;
    const unsigned longer = std::max(codec.image_width, codec.image_height);
    while (codec.scale_num < 8 && longer / 8 * codec.scale_num < 400) codec.scale_num *= 2;
    codec.dct_method = JDCT_IFAST;
    codec.do_fancy_upsampling = FALSE;
    codec.do_block_smoothing = FALSE;
    codec.raw_data_out = codec.jpeg_color_space == JCS_GRAYSCALE || codec.jpeg_color_space == JCS_YCbCr ? TRUE : FALSE;
    jpeg_start_decompress(&codec);
    rows = codec.raw_data_out != 0 ? read_planes(codec) : read_rows(codec);
  } catch (const Fault&) {  // a picture that libjpeg gives up
  }
  jpeg_destroy_decompress(&codec);
  return rows;
}

class Counter final : public OutputDev {
 public:
  Counter(Floor& floor, const std::vector<bool>& chosen) : floor_(floor), chosen_(chosen) {}
  bool upsideDown() override { return true; }
  bool useDrawChar() override { return true; }
  bool interpretType3Chars() override { return false; }
  bool useTilingPatternFill() override { return true; }
  bool useShadedFills(int /*type*/) override { return true; }
  bool functionShadedFill(GfxState*, GfxFunctionShading*) override { return true; }
  bool axialShadedFill(GfxState*, GfxAxialShading*, double, double) override { return true; }
  bool radialShadedFill(GfxState*, GfxRadialShading*, double, double) override { return true; }
  bool gouraudTriangleShadedFill(GfxState*, GfxGouraudTriangleShading*) override { return true; }
  bool patchMeshShadedFill(GfxState*, GfxPatchMeshShading*) override { return true; }
  void drawChar(GfxState*, double, double, double, double, double, double, CharCode, int, const Unicode*,
                int count) override {
    floor_.characters += static_cast<uint64_t>(std::max(count, 1));
  }
  void drawImage(GfxState*, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours, bool,
                 const int*, bool is_inline) override {
    picture(ref, stream, width, height, colours, is_inline);
  }
  void drawImageMask(GfxState*, Object* ref, Stream* stream, int width, int height, bool, bool,
                     bool is_inline) override {
    picture(ref, stream, width, height, nullptr, is_inline);
  }
  void drawMaskedImage(GfxState*, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours, bool,
                       Stream*, int, int, bool, bool) override {
    picture(ref, stream, width, height, colours, false);
  }
  void drawSoftMaskedImage(GfxState*, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
                           bool, Stream*, int, int, GfxImageColorMap*, bool) override {
    picture(ref, stream, width, height, colours, false);
  }
  void setSoftMaskFromImageMask(GfxState*, Object*, Stream*, int, int, bool, bool, double*) override {}

 private:
  void picture(Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours, bool is_inline) {
    ++floor_.pictures;
    const bool fresh = ref == nullptr || !ref->isRef() || known_.insert(ref->getRefNum()).second;
    const bool wanted = fresh && next_ < chosen_.size() && chosen_[next_];
    next_ += fresh ? 1 : 0;
    if (is_inline) return skip(stream, width, height, colours ? colours->getNumPixelComps() * colours->getBits() : 1);
    if (!wanted || colours == nullptr) return;
    ++floor_.decoded;
    if (stream->getKind() == strDCT)
      floor_.rows += decode_jpeg(read_all(stream->getNextStream()));
    else
      decode_other(stream, width, height, *colours);
  }

  void decode_other(Stream* stream, int width, int height, GfxImageColorMap& colours) {
    ImageStream lines(stream, width, colours.getNumPixelComps(), colours.getBits());
    to_start(&lines);
    const int step_x = (width + 999) / 1000, step_y = (height + 999) / 1000;
    for (int y = 0; y < height; ++y) {
      unsigned char* line = lines.getLine();
      if (line == nullptr) break;
      ++floor_.rows;
      for (int x = 0; y % step_y == 0 && x < width; x += step_x) {
        GfxRGB rgb;
        colours.getRGB(line + static_cast<ptrdiff_t>(x) * colours.getNumPixelComps(), &rgb);
      }
    }
    lines.close();
  }

  static void skip(Stream* stream, int width, int height, int bits) {
    to_start(stream);
    for (int64_t left = (static_cast<int64_t>(width) * bits + 7) / 8 * height; left > 0; --left) {
      if (stream->getChar() == EOF) break;
    }
    stream->close();
  }

  Floor& floor_;
  const std::vector<bool>& chosen_;
  size_t next_ = 0;  // picture, as PdfFacts::images counts them
  std::set<int> known_;
};

template <class Doc>
std::unique_ptr<Doc> open(const std::string& bytes) {
  auto stream = std::make_unique<MemStream>(const_cast<char*>(bytes.data()), 0, static_cast<Goffset>(bytes.size()),
                                            Object(objNull));
  if constexpr (std::is_constructible_v<Doc, BaseStream*>)
    return std::make_unique<Doc>(stream.release());
  else
    return std::make_unique<Doc>(std::move(stream));
}

}  // namespace

Floor bare_calls(const std::string& bytes, const std::vector<bool>& chosen) {
  Floor floor;
  const auto document = open<PDFDoc>(bytes);
  if (!document->isOk()) return floor;
  const PdfLimits limits;
  const Object info = document->getDocInfo();
  const Object root = document->getXRef()->getCatalog();
  if (root.isDict()) {
    Object metadata = root.dictLookup("Metadata");
    if (metadata.isStream()) read_all(metadata.getStream());
  }
  Counter counter(floor, chosen);
  const int pages = std::min(document->getNumPages(), static_cast<int>(limits.image_pages));
  for (int number = 1; number <= pages; ++number) {
    Page* page = document->getPage(number);
    if (page == nullptr) continue;
    const auto nothing = [](Annot*, void*) { return false; };
    page->displaySlice(&counter, 72, 72, 0, false, false, -1, -1, -1, -1, false, nullptr, nullptr, nothing);
  }
  return floor;
}

}  // namespace postern::bench
