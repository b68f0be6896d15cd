// SPDX-License-Identifier: GPL-2.0-or-later
// Bare Poppler and libjpeg-turbo beside what the inspector does with the same PDFs: `pdf_floor FILE...`.
// The floor opens each document, reads its Info dictionary, lets Poppler interpret the first three pages with text
// and hand out the pictures of the first twelve, decodes JPEGs with libjpeg at the scale that the inspector takes,
// other pictures with Poppler's own reader, and throws everything away.  Both take turns; processor time, medians.
#include <Error.h>
#include <GfxState.h>
#include <GlobalParams.h>
#include <OutputDev.h>
#include <PDFDoc.h>
#include <Stream.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "pdf/pdf.h"

namespace {

using postern::Deadline;
using postern::Millis;

constexpr int kPages = 12;
constexpr unsigned kEnough = 400;  // pixels of the longer side that are decoded at least
constexpr unsigned kRounds = 5;

void decode_jpeg(const std::string& bytes) {
  jpeg_decompress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&codec);
  jpeg_mem_src(&codec, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&codec, TRUE);
  // As milter/pdf/jpeg.cc does it.
  const unsigned longer = std::max(codec.image_width, codec.image_height);
  codec.scale_denom = 8;
  codec.scale_num = 1;
  while (codec.scale_num < 8 && longer / 8 * codec.scale_num < kEnough) codec.scale_num *= 2;
  codec.dct_method = JDCT_IFAST;
  codec.do_fancy_upsampling = FALSE;
  codec.do_block_smoothing = FALSE;
  jpeg_start_decompress(&codec);
  std::vector<unsigned char> row(size_t{codec.output_width} * static_cast<size_t>(codec.output_components));
  JSAMPROW rows[] = {row.data()};
  while (codec.output_scanline < codec.output_height) jpeg_read_scanlines(&codec, rows, 1);
  jpeg_destroy_decompress(&codec);
}

class Taker : public OutputDev {
 public:
  bool upsideDown() override { return true; }
  bool useDrawChar() override { return true; }
  bool interpretType3Chars() override { return false; }
  void drawImage(GfxState*, Object*, Stream* stream, int width, int height, GfxImageColorMap* colours, bool,
                 const int*, bool) override {
    if (stream->getKind() == strDCT && stream->getNextStream() != nullptr) {
      Stream* const raw = stream->getNextStream();
      std::string bytes;
      raw->reset();
      std::array<unsigned char, 4096> chunk{};
      for (int got = 0; (got = raw->doGetChars(chunk.size(), chunk.data())) > 0;) {
        bytes.append(reinterpret_cast<const char*>(chunk.data()), static_cast<size_t>(got));
      }
      raw->close();
      decode_jpeg(bytes);
      return;
    }
    ImageStream lines(stream, width, colours->getNumPixelComps(), colours->getBits());
    lines.reset();
    for (int y = 0; y < height && lines.getLine() != nullptr; ++y) {
    }
    lines.close();
  }
};

void bare(const std::string& bytes) {
  PDFDoc document(new MemStream(bytes.data(), 0, static_cast<Goffset>(bytes.size()), Object(objNull)));
  if (!document.isOk()) return;
  document.getDocInfo();
  Taker taker;
  document.displayPages(&taker, 1, std::min(kPages, document.getNumPages()), 72, 72, 0, false, false, false, nullptr,
                        nullptr, [](Annot*, void*) { return false; });
}

void inspector(const std::string& bytes) {
  postern::pdf_facts(bytes, postern::PdfLimits{}, Deadline::after(Millis(10'000)));
}

double cpu_micros() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  if (files.empty()) {
    std::fprintf(stderr, "usage: %s FILE...\n", argv[0]);
    return 2;
  }
  postern::prepare_pdf();
  setErrorCallback([](ErrorCategory, Goffset, const char*) {});
  std::vector<double> floor, own;
  for (unsigned round = 0; round < kRounds; ++round) {
    for (auto* const times : {&floor, &own}) {
      const double start = cpu_micros();
      for (const std::string& bytes : files) (times == &floor ? bare : inspector)(bytes);
      times->push_back((cpu_micros() - start) / static_cast<double>(files.size()));
    }
  }
  std::printf("bare=%.1f inspector=%.1f ratio=%.2f\n", median(floor), median(own), median(own) / median(floor));
  return 0;
}
