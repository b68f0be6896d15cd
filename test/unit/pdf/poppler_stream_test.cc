// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>

#include <initializer_list>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/strings.h"
#include "pdf/pdf.h"
#include "test/data/codec.h"
#include "test/data/documents.h"
#include "test/data/pdf_writer.h"
#include "test/data/picture.h"

namespace postern {

using testdata::PdfWriter;

namespace {

// The same row for row, each without a predictor (PNG's method 0).
std::string png_rows(std::string_view bytes, size_t row) {
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += row) (out += '\0') += bytes.substr(at, row);
  return out;
}

struct Sample {
  std::string entries;  // of the picture
  std::string data;
  size_t row;  // bytes
};

std::string document(const Sample& sample, const std::string& filter, const std::string& data, bool encrypted) {
  PdfWriter pdf("1.5");
  const int root = pdf.reserve(), pages = pdf.reserve(), page = pdf.reserve();
  const int content = pdf.reserve(), image = pdf.reserve();
  if (encrypted) pdf.encrypt("", "owner");
  const auto ref = [](int object) { return std::to_string(object) + " 0 R"; };
  pdf.add_stream(image, "/Type /XObject /Subtype /Image " + sample.entries + " " + filter, data);
  const std::string drawn = "q 400 0 0 300 20 30 cm /Im0 Do Q", packed = testdata::lzw(drawn);
  pdf.add_stream(content, "/Filter [/LZWDecode]", packed);
  pdf.add(page, "<< /Type /Page /Parent " + ref(pages) + " /MediaBox [0 0 612 792] /Contents " + ref(content) +
                    " /Resources << /XObject << /Im0 " + ref(image) + " >> >> >>");
  return pdf.finish_pages(root, pages, {page});
}

// All facts of the one picture but how and in how many bytes it is stored.
std::string looks(const std::string& pdf) {
  const PdfFacts facts = pdf_facts(pdf, {}, Deadline::after(Millis(120000)));
  std::ostringstream out;
  out << facts.images.size() << " pictures, " << facts.errors << " errors\n";
  for (const ImageFacts& image : facts.images) {
    ImageFacts::each(image, [&out](const std::string& name, const auto& value, const char*) {
      if (name == "filter" || name == "bytes") return;
      if constexpr (!std::is_same_v<std::decay_t<decltype(value)>, std::vector<std::string>>)
        out << name << '=' << value << '\n';
    });
  }
  return out.str();
}

// A picture of several kinds: colours, mapped colours, greys, a palette, few bits; 16 bits; cut off.
std::vector<Sample> samples() {
  testdata::Random random(11);
  const testdata::Picture picture = testdata::scaled(testdata::pitch(random), 0.4);
  const std::string rgb = testdata::rgb(picture), size = "/Width " + std::to_string(picture.width()) + " /Height " +
                                                         std::to_string(picture.height());
  const auto width = static_cast<size_t>(picture.width());
  const std::string bits8 = size + " /BitsPerComponent 8 /ColorSpace ", bits = size + " /BitsPerComponent ";
  std::string grey, deep;
  for (size_t i = 0; i < rgb.size(); i += 3) grey += rgb[i];
  for (const char c : rgb) (deep += c) += 'x';
  std::string palette = "[/Indexed /DeviceRGB 255 <";
  for (int i = 0; i < 256; ++i) palette += hex(std::string{static_cast<char>(i), static_cast<char>(i * 7), 'a'});
  return {{bits8 + "/DeviceRGB", rgb, 3 * width},
          {bits8 + "/DeviceRGB", rgb.substr(0, rgb.size() / 5 / (3 * width) * 3 * width), 3 * width},
          {bits8 + "/DeviceRGB /Decode [1 0 0 1 0.2 0.7]", rgb, 3 * width},
          {bits8 + "[/CalRGB << /WhitePoint [0.95 1 1.09] >>]", rgb, 3 * width},
          {bits8 + "/DeviceGray", grey, width},
          {bits8 + palette + ">]", grey, width},
          {bits + "16 /ColorSpace /DeviceRGB", deep, 6 * width},
          {bits + "16 /ColorSpace /DeviceCMYK", deep + deep.substr(0, deep.size() / 3), 8 * width},
          {bits + "1 /ColorSpace /DeviceGray", testdata::bilevel(picture), (width + 7) / 8},
          {"/Width 300 /Height 99 /BitsPerComponent 2 /ColorSpace /DeviceGray", grey.substr(0, 75 * 99), 75},
          {"/Width 99 /Height 70 /BitsPerComponent 4 /ColorSpace /DeviceRGB", rgb.substr(0, 149 * 70), 149},
          {"/Width 4 /Height 4000 /BitsPerComponent 8 /ColorSpace /DeviceCMYK", rgb.substr(0, 16 * 4000), 16},
          {"/Width 2500 /Height 40 /BitsPerComponent 8 /ColorSpace /DeviceGray", grey.substr(0, 2500 * 40), 2500}};
}

}  // namespace

class PopplerStreamTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(PopplerStreamTest);
  CPPUNIT_TEST(pictures_look_as_poppler_has_them);
  CPPUNIT_TEST(broken_pictures_are_as_before);
  CPPUNIT_TEST_SUITE_END();

  // Two filters in a row are left to Poppler.
  static void compare(const Sample& sample, const std::string& name, const std::string& parameters,
                      const std::string& data) {
    const std::string alone = "/Filter /" + name + " /DecodeParms " + parameters;
    const std::string listed = "/Filter [/" + name + "] /DecodeParms [" + parameters + "]";
    const std::string chained = "/Filter [/ASCIIHexDecode /" + name + "] /DecodeParms [null " + parameters + "]";
    const std::string expected = looks(document(sample, chained, hex(data) + ">", false));
    CPPUNIT_ASSERT_MESSAGE(sample.entries, expected.find("1 pictures") == 0);
    for (const bool encrypted : {false, true}) {
      if (encrypted && sample.entries.find("/Indexed") != std::string::npos) continue;  // a string, to be encrypted
      CPPUNIT_ASSERT_EQUAL_MESSAGE(sample.entries, expected, looks(document(sample, alone, data, encrypted)));
      CPPUNIT_ASSERT_EQUAL_MESSAGE(sample.entries, expected, looks(document(sample, listed, data, encrypted)));
    }
  }

 public:
  void pictures_look_as_poppler_has_them() {
    for (const Sample& sample : samples()) {
      compare(sample, "LZWDecode", "<< >>", testdata::lzw(sample.data));
      compare(sample, "LZWDecode", "<< /EarlyChange 0 >>", testdata::lzw(sample.data, false, false));
      compare(sample, "FlateDecode", "null", testdata::zlib_stored(sample.data));
      const std::string rows = "<< /Predictor 15 /Columns " + std::to_string(sample.row) + " >>";
      compare(sample, "FlateDecode", rows, testdata::zlib_stored(png_rows(sample.data, sample.row)));
    }
  }

  void broken_pictures_are_as_before() {
    const Sample sample = samples().front();
    const std::string stored = testdata::zlib_stored(sample.data), packed = testdata::lzw(sample.data);
    for (const std::string& data :
         {stored.substr(0, stored.size() / 2), "?" + stored, std::string(stored).replace(5, 2, "zz")}) {
      compare(sample, "FlateDecode", "null", data);
    }
    compare(sample, "FlateDecode", "<< /Predictor 12 /Columns 7 >>", stored);
    compare(sample, "FlateDecode", "<< /Predictor 2 /Columns 0 >>", stored);
    compare(sample, "FlateDecode", "<< /Predictor 5 /Columns 50 >>", stored);
    for (const std::string& data :
         {packed.substr(0, packed.size() / 2), packed.substr(99), std::string(packed).replace(700, 9, "something")}) {
      compare(sample, "LZWDecode", "<< >>", data);
    }
    compare(sample, "LZWDecode", "<< /EarlyChange 3 >>", packed);
    compare(sample, "LZWDecode", "<< /Predictor 2 /Colors 3 /Columns 100 >>", packed);
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(PopplerStreamTest);

}  // namespace postern
