// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>

#include "test/data/codec.h"
#include "test/data/pdf_writer.h"
#include "unit/inspect/bombs.h"

namespace postern {
namespace {

std::string u16(unsigned value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }
std::string u32(uint32_t value) { return u16(value >> 16) + u16(value & 0xffff); }

std::string segment(int marker, const std::string& content) {
  return std::string("\xff") + static_cast<char>(marker) + u16(static_cast<unsigned>(content.size()) + 2) + content;
}

// Tables that give one code, "0", to one symbol.
std::string huffman(int class_and_id, int symbol) {
  return segment(0xc4, std::string(1, static_cast<char>(class_and_id)) + '\1' + std::string(15, '\0') +
                           static_cast<char>(symbol));
}

std::string jpeg_start(int frame, unsigned width, unsigned height) {
  return "\xff\xd8" + segment(0xdb, std::string(1, '\0') + std::string(64, '\1')) +
         segment(frame, std::string("\x08") + u16(height) + u16(width) + std::string("\1\1\x11\0", 4));
}

std::string scan(int first, int last, int approximation) {
  return segment(0xda, std::string("\1\1\0", 3) + static_cast<char>(first) + static_cast<char>(last) +
                           static_cast<char>(approximation));
}

// A picture as large as JPEG allows, from a kilobyte: the missing data counts as grey.
std::string huge_jpeg(int frame) {
  return jpeg_start(frame, 65500, 65500) + huffman(0x00, 0) + huffman(0x10, 0) + scan(0, 63, 0) +
         std::string(1000, '\0') + "\xff\xd9";
}

// Thousands of progressive scans over all blocks.
std::string scan_bomb() {
  std::string out = jpeg_start(0xc2, 7000, 7000) + huffman(0x00, 0) + huffman(0x10, 0xe0) + scan(0, 0, 0) + '\0';
  for (int i = 0; i < 5000; ++i) out += scan(1 + i % 63, 1 + i % 63, 0) + std::string(64, '\0');
  return out + "\xff\xd9";
}

// A PDF that shows one picture on one page.
std::string picture_pdf(const std::string& entries, const std::string& data) {
  testdata::PdfWriter pdf("1.5");
  const int root = pdf.reserve();
  const int tree = pdf.reserve();
  const int page = pdf.reserve();
  const int content = pdf.reserve();
  const int image = pdf.reserve();
  const auto ref = [](int number) { return std::to_string(number) + " 0 R"; };
  pdf.add(root, "<< /Type /Catalog /Pages " + ref(tree) + " >>");
  pdf.add(tree, "<< /Type /Pages /Count 1 /Kids [" + ref(page) + "] >>");
  pdf.add(page, "<< /Type /Page /Parent " + ref(tree) + " /MediaBox [0 0 600 800] /Contents " + ref(content) +
                    " /Resources << /XObject << /I " + ref(image) + " >> >> >>");
  pdf.add_stream(content, "", "600 0 0 800 0 0 cm /I Do");
  pdf.add_stream(image, "/Type /XObject /Subtype /Image " + entries, data);
  return pdf.finish(root);
}

std::string sized(unsigned side, const std::string& space, const std::string& filter) {
  return "/Width " + std::to_string(side) + " /Height " + std::to_string(side) + " /ColorSpace /" + space +
         " /BitsPerComponent " + (space == "DeviceGray" && filter != "FlateDecode" ? "1" : "8") + " /Filter /" +
         filter;
}

// JBIG2 (ITU-T T.88 section 7): a page as large as can be, and a region that fills it.
std::string jbig2() {
  const std::string page = u32(60000) + u32(60000) + u32(0) + u32(0) + std::string("\0\0\0", 3);
  const std::string region = u32(60000) + u32(60000) + u32(0) + u32(0) + '\0' +
                             std::string("\0\3\xff\xfd\xff\2\xfe\xfe\xfe", 9) + std::string(100, '\0');
  return u32(0) + std::string("\x30\0\1", 3) + u32(static_cast<uint32_t>(page.size())) + page + u32(1) +
         std::string("\x26\0\1", 3) + u32(static_cast<uint32_t>(region.size())) + region;
}

// JPEG 2000 (ITU-T T.800 annex A): a code stream of 60,000 by 60,000 pixels in tiles of one pixel.
std::string jpeg2000(unsigned tile) {
  const std::string size = u16(0) + u32(60000) + u32(60000) + u32(0) + u32(0) + u32(tile) + u32(tile) + u32(0) +
                           u32(0) + u16(1) + std::string("\7\1\1", 3);
  return "\xff\x4f" + segment(0x51, size) + segment(0x52, std::string("\0\0\0\1\0\5\4\4\0\1", 10)) +
         segment(0x5c, std::string("\0", 1) + std::string(16, '\x40')) + "\xff\x90" + u16(10) + u16(0) + u32(0) +
         std::string("\0\1", 2) + "\xff\x93" + std::string(1000, '\0') + "\xff\xd9";
}

}  // namespace

std::vector<Bomb> picture_bombs() {
  std::vector<Bomb> out{
      {"huge JPEG", huge_jpeg(0xc0)},
      {"huge progressive JPEG", huge_jpeg(0xc2)},
      {"scan bomb", scan_bomb()},
      {"flate picture", picture_pdf(sized(17000, "DeviceGray", "FlateDecode"), testdata::zlib_zeros(300'000'000))},
      {"small claim, large picture",
       picture_pdf(sized(100, "DeviceRGB", "FlateDecode"), testdata::zlib_zeros(300'000'000))},
      {"fax", picture_pdf(sized(60000, "DeviceGray", "CCITTFaxDecode") +
                              " /DecodeParms << /K -1 /Columns 60000 /Rows 60000 >>",
                          std::string(100'000, '\xff'))},
      {"wide fax",
       picture_pdf(sized(30000, "DeviceGray", "CCITTFaxDecode") + " /DecodeParms << /K 0 /Columns 2147483647 >>",
                   std::string(100'000, '\x35'))},
      {"JBIG2", picture_pdf(sized(60000, "DeviceGray", "JBIG2Decode"), jbig2())},
      {"JPEG 2000", picture_pdf(sized(60000, "DeviceGray", "JPXDecode"), jpeg2000(60000))},
      {"JPEG 2000 in tiny tiles", picture_pdf(sized(6000, "DeviceGray", "JPXDecode"), jpeg2000(1))}};
  for (const char* name : {"huge JPEG", "huge progressive JPEG", "scan bomb"}) {
    for (size_t i = 0; i < 3; ++i) {
      if (out[i].name != name) continue;
      const unsigned side = i == 2 ? 7000 : 65500;
      out.push_back({"PDF with " + out[i].name, picture_pdf(sized(side, "DeviceGray", "DCTDecode"), out[i].bytes)});
    }
  }
  return out;
}

}  // namespace postern
