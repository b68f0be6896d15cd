// SPDX-License-Identifier: GPL-2.0-or-later
#include <cppunit/TestFixture.h>
#include <cppunit/extensions/HelperMacros.h>
#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "pdf/stream_data.h"
#include "test/data/codec.h"
#include "test/data/documents.h"
#include "test/data/random.h"

namespace postern {

using testdata::Random;

namespace {

constexpr size_t kAll = 1 << 24;

std::string noise(size_t size, uint64_t seed = 1) {
  Random random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random.next());
  return out;
}

// Runs, repetitions and noise.
std::string mixture(size_t size) {
  Random random(7);
  std::string out;
  while (out.size() < size) {
    const auto length = static_cast<size_t>(random.between(1, 900));
    switch (random.between(0, 3)) {
      case 0:
        out.append(length, static_cast<char>(random.between(0, 3)));
        break;
      case 1:
        out += noise(length / 8, random.next());
        break;
      case 2:
        for (size_t i = 0; i < length; ++i) out += "flat"[i % 4];
        break;
      default:
        out += out.substr(out.size() - std::min(out.size(), length));
    }
  }
  out.resize(size);
  return out;
}

// Dynamic Huffman codes, matches at any distance.
std::string deflated(std::string_view bytes, int level = 9) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> one(
      libdeflate_alloc_compressor(level), &libdeflate_free_compressor);
  std::string out(libdeflate_zlib_compress_bound(one.get(), bytes.size()), '\0');
  out.resize(libdeflate_zlib_compress(one.get(), bytes.data(), bytes.size(), out.data(), out.size()));
  return out;
}

uint8_t at(std::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

// What PNG's method `method` makes of the byte that lies `i` bytes from the start of row `y`.
uint8_t filtered(std::string_view rows, size_t row, size_t pixel, size_t y, size_t i, int method) {
  const int value = at(rows, y * row + i);
  const int left = i >= pixel ? at(rows, y * row + i - pixel) : 0;
  const int above = y > 0 ? at(rows, (y - 1) * row + i) : 0;
  const int corner = y > 0 && i >= pixel ? at(rows, (y - 1) * row + i - pixel) : 0;
  const int estimate = left + above - corner;
  int nearest = left;
  if (std::abs(estimate - above) < std::abs(estimate - nearest)) nearest = above;
  if (std::abs(estimate - corner) < std::abs(estimate - nearest)) nearest = corner;
  const std::array<int, 5> guess{0, left, above, (left + above) / 2, nearest};
  return static_cast<uint8_t>(value - (method < 5 ? guess[static_cast<size_t>(method)] : 0));
}

// With method 5 and above each row has another one.
std::string with_png(std::string_view rows, size_t row, size_t pixel, int method) {
  std::string out;
  for (size_t y = 0; y < rows.size() / row; ++y) {
    const int each = method < 5 ? method : static_cast<int>(y * 7 % 6);
    out += static_cast<char>(each);
    for (size_t i = 0; i < row; ++i) out += static_cast<char>(filtered(rows, row, pixel, y, i, each));
  }
  return out;
}

std::string with_tiff(std::string_view rows, size_t row, size_t pixel) {
  std::string out(rows);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i % row >= pixel) out[i] = static_cast<char>(at(rows, i) - at(rows, i - pixel));
  }
  return out;
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

void same(const std::string& expected, const std::optional<Bytes>& found, const std::string& what) {
  CPPUNIT_ASSERT_MESSAGE(what + ": nothing", found.has_value());
  CPPUNIT_ASSERT_EQUAL_MESSAGE(what, expected.size(), found->size());
  CPPUNIT_ASSERT_MESSAGE(what + ": other bytes", expected == view(*found));
}

}  // namespace

class StreamDataTest : public CppUnit::TestFixture {
  CPPUNIT_TEST_SUITE(StreamDataTest);
  CPPUNIT_TEST(expands_what_was_packed);
  CPPUNIT_TEST(knows_when_codes_grow);
  CPPUNIT_TEST(expands_the_standards_example);
  CPPUNIT_TEST(expands_up_to_the_end);
  CPPUNIT_TEST(refuses_codes_without_meaning);
  CPPUNIT_TEST(inflates_every_kind_of_block);
  CPPUNIT_TEST(inflates_only_so_much);
  CPPUNIT_TEST(refuses_what_is_no_whole_stream);
  CPPUNIT_TEST(bombs_end_at_the_limit);
  CPPUNIT_TEST(undoes_png);
  CPPUNIT_TEST(undoes_tiff);
  CPPUNIT_TEST(knows_its_predictors);
  CPPUNIT_TEST_SUITE_END();

 public:
  void expands_what_was_packed() {
    Random random(3);
    const std::string picture = testdata::rgb(testdata::pitch(random));
    for (const std::string& bytes : {std::string(), std::string("a"), noise(40000), mixture(100000), picture,
                                     std::string(30000, '\0'), noise(2000) + std::string(9000, 'x')}) {
      for (const bool early : {true, false}) {
        for (const bool clears : {true, false}) {
          const std::string packed = testdata::lzw(bytes, early, clears);
          for (const size_t most : {kAll, bytes.size(), bytes.size() / 2, size_t{1}, size_t{0}}) {
            same(bytes.substr(0, most), expand_lzw(packed, early, most),
                 std::to_string(bytes.size()) + (early ? " early" : "") + (clears ? " clears" : ""));
          }
        }
      }
    }
  }

  // The end at every code around those where a bit is added, and where the table is full.
  void knows_when_codes_grow() {
    for (const size_t codes : {254, 766, 1790, 3838}) {
      for (size_t size = codes - 4; size < codes + 4; ++size) {
        for (const bool early : {true, false}) {
          const std::string bytes = noise(size);
          same(bytes, expand_lzw(testdata::lzw(bytes, early, false), early, kAll), std::to_string(size));
        }
      }
    }
    const std::string bytes = noise(600);
    const auto otherwise = expand_lzw(testdata::lzw(bytes, false), true, kAll);
    CPPUNIT_ASSERT(!otherwise || view(*otherwise) != bytes);
  }

  void expands_the_standards_example() {  // ISO 32000-1 section 7.4.4.2
    same("-----A---B", expand_lzw("\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01", true, kAll), "example");
  }

  void expands_up_to_the_end() {
    const std::string bytes = mixture(5000), packed = testdata::lzw(bytes);
    same(bytes, expand_lzw(packed + "behind the end", true, kAll), "with more behind it");
    for (size_t size = 0; size < packed.size(); size += size < 40 || size + 9 > packed.size() ? 1 : 11) {
      const std::optional<Bytes> found = expand_lzw(packed.substr(0, size), true, kAll);
      CPPUNIT_ASSERT(found && bytes.compare(0, found->size(), view(*found)) == 0);
      CPPUNIT_ASSERT(size + 3 < packed.size() || found->size() + 4100 > bytes.size());
    }
  }

  void refuses_codes_without_meaning() {
    CPPUNIT_ASSERT(!expand_lzw("\x80\x40\x80", true, kAll));  // clear, 258
    CPPUNIT_ASSERT(!expand_lzw("\x81\x40", true, kAll));      // 258 at once
    CPPUNIT_ASSERT(!expand_lzw("\x30\xe1\xc0", true, kAll));  // a letter, 391
    for (uint64_t seed = 0; seed < 200; ++seed) {
      const std::optional<Bytes> found = expand_lzw(noise(3000, seed), seed % 2 == 0, 5000);
      CPPUNIT_ASSERT(!found || found->size() <= 5000);
    }
  }

  void inflates_every_kind_of_block() {
    for (const std::string& bytes : {std::string(), std::string("a"), noise(200000), mixture(200000)}) {
      for (const std::string& packed : {testdata::zlib_stored(bytes), deflated(bytes, 1), deflated(bytes, 9)}) {
        for (const size_t likely : {size_t{0}, bytes.size() / 3, bytes.size(), kAll}) {
          same(bytes, inflate(packed, kAll, likely), std::to_string(bytes.size()));
          same(bytes, inflate(packed + "\nmore", bytes.size(), likely), "with more behind it");
        }
      }
    }
    same(std::string(1000, '\0'), inflate(testdata::zlib_zeros(1000), kAll), "fixed codes");
  }

  // However the data are made up, and wherever the limit falls into them.
  void inflates_only_so_much() {
    const std::string bytes = mixture(150000) + noise(150000);
    for (const std::string& packed : {testdata::zlib_stored(bytes), deflated(bytes, 1), deflated(bytes, 9)}) {
      for (const size_t most :
           {0, 1, 257, 258, 4096, 4097, 65534, 65535, 65536, 65793, 131071, 234208, 299999, 300000}) {
        same(bytes.substr(0, most), inflate(packed, most), std::to_string(most));
        same(bytes.substr(0, most), inflate(packed, most, most), std::to_string(most));
      }
    }
  }

  void refuses_what_is_no_whole_stream() {
    const std::string bytes = mixture(20000), packed = deflated(bytes);
    for (size_t size = 0; size + 4 < packed.size(); size += 13)
      CPPUNIT_ASSERT(!inflate(packed.substr(0, size), kAll));
    same(bytes, inflate(packed.substr(0, packed.size() - 4), kAll), "without the checksum");
    std::string broken = packed;
    broken.replace(broken.size() - 4, 4, "????");
    same(bytes, inflate(broken, kAll), "with a wrong checksum");
    for (const std::string_view header : {"x\x9d", "\x79\x9b", "x\xbb", "\x77\x01"}) {
      CPPUNIT_ASSERT(!inflate(std::string(header) + packed.substr(2), kAll));
    }
    for (size_t i = 2; i + 4 < packed.size(); i += 29) {
      std::string other = packed;
      other[i] = static_cast<char>(other[i] ^ 0x55);
      const std::optional<Bytes> found = inflate(other, 30000);
      CPPUNIT_ASSERT(!found || found->size() <= 30000);
    }
    CPPUNIT_ASSERT(!inflate(testdata::zlib_stored(bytes).replace(5, 2, "zz"), kAll));
  }

  void bombs_end_at_the_limit() {
    const std::string packed = testdata::zlib_zeros(6'000'000);
    for (const size_t likely : {size_t{0}, kAll})
      same(std::string(70000, '\0'), inflate(packed, 70000, likely), "bomb");
    same(std::string(1000, 'a'), expand_lzw(testdata::lzw(std::string(100000, 'a')), true, 1000), "bomb of codes");
  }

  void undoes_png() {
    for (const auto& [columns, colours, bits] : std::initializer_list<std::array<int, 3>>{
             {1, 1, 8}, {50, 1, 8}, {33, 3, 8}, {17, 4, 8}, {9, 3, 16}, {21, 1, 1}, {7, 3, 4}, {100, 32, 2}}) {
      const Predictor predictor{15, columns, colours, bits};
      const auto row = static_cast<size_t>((columns * colours * bits + 7) / 8);
      const auto pixel = static_cast<size_t>((colours * bits + 7) / 8);
      const std::string rows = noise(40 * row) + mixture(40 * row);
      CPPUNIT_ASSERT(predictor.known());
      CPPUNIT_ASSERT_EQUAL(80 * (row + 1), predictor.coded(rows.size()));
      CPPUNIT_ASSERT_EQUAL(41 * (row + 1), predictor.coded(40 * row + 1));
      for (int method = 0; method <= 5; ++method) {
        Bytes bytes = bytes_of(with_png(rows, row, pixel, method));
        CPPUNIT_ASSERT(predictor.undo(bytes));
        same(rows, bytes, "method " + std::to_string(method) + ", " + std::to_string(columns) + " columns");
      }
      Bytes incomplete = bytes_of(with_png(rows, row, pixel, 4));
      incomplete.pop_back();
      CPPUNIT_ASSERT(!predictor.undo(incomplete));
    }
  }

  void undoes_tiff() {
    for (const int colours : {1, 3, 4}) {
      const Predictor predictor{2, 29, colours, 8};
      const auto pixel = static_cast<size_t>(colours), row = 29 * pixel;
      const std::string rows = noise(row * 30);
      Bytes bytes = bytes_of(with_tiff(rows, row, pixel));
      CPPUNIT_ASSERT(predictor.known() && predictor.undo(bytes));
      same(rows, bytes, std::to_string(colours));
      CPPUNIT_ASSERT_EQUAL(2 * row, predictor.coded(row + 1));
      bytes.pop_back();
      CPPUNIT_ASSERT(!predictor.undo(bytes));
    }
  }

  void knows_its_predictors() {
    CPPUNIT_ASSERT(Predictor().known());
    Bytes bytes = bytes_of("as it is");
    CPPUNIT_ASSERT(Predictor().undo(bytes) && view(bytes) == "as it is");
    CPPUNIT_ASSERT_EQUAL(size_t{12345}, Predictor().coded(12345));
    for (const Predictor& odd : {Predictor{0, 1, 1, 8}, Predictor{3, 1, 1, 8}, Predictor{16, 1, 1, 8},
                                 Predictor{2, 8, 1, 1}, Predictor{2, 8, 3, 16}, Predictor{12, 0, 1, 8},
                                 Predictor{12, -5, 1, 8}, Predictor{12, 5, 0, 8}, Predictor{12, 5, 33, 8},
                                 Predictor{12, 5, 1, 7}, Predictor{12, 5, 1, 0}, Predictor{12, 2147483647, 32, 16}}) {
      CPPUNIT_ASSERT(!odd.known());
    }
  }
};

CPPUNIT_TEST_SUITE_REGISTRATION(StreamDataTest);

}  // namespace postern
