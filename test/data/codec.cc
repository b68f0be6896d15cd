// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/data/codec.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace postern::testdata {

namespace {

uint8_t byte_at(std::string_view bytes, size_t i) { return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0; }

std::string little(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string big32(uint32_t value) {
  std::string out = little(value, 4);
  std::reverse(out.begin(), out.end());
  return out;
}

uint32_t adler32(std::string_view bytes) {
  uint32_t a = 1, b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<uint8_t>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

uint32_t crc32(std::string_view bytes) {
  uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320U : 0U);
  }
  return ~crc;
}

// Bits, first one highest (LZW) or lowest (deflate).
class BitWriter {
 public:
  void high_first(unsigned value, int bits) {
    for (int i = bits - 1; i >= 0; --i) push(value >> i & 1, 7 - used_);
  }
  void low_first(unsigned value, int bits) {
    for (int i = 0; i < bits; ++i) push(value >> i & 1, used_);
  }
  // A Huffman code of deflate: its first bit first, in the lowest free place.
  void huffman(unsigned code, int bits) {
    for (int i = bits - 1; i >= 0; --i) push(code >> i & 1, used_);
  }
  std::string finish() {
    if (used_ > 0) out_ += static_cast<char>(byte_);
    return std::move(out_);
  }

 private:
  void push(unsigned bit, int place) {
    byte_ = static_cast<uint8_t>(byte_ | bit << place);
    if (++used_ == 8) {
      out_ += static_cast<char>(byte_);
      byte_ = 0;
      used_ = 0;
    }
  }
  std::string out_;
  uint8_t byte_ = 0;
  int used_ = 0;
};

}  // namespace

std::string base64(std::string_view bytes, size_t line) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const unsigned value =
        static_cast<unsigned>(byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2));
    for (size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : kAlphabet[value >> (18 - 6 * k) & 63];
    }
    column += 4;
    if (column >= line) {
      out += '\n';
      column = 0;
    }
  }
  if (column > 0) out += '\n';
  return out;
}

std::string uuencoded(std::string_view bytes, std::string_view name) {
  std::string out = "begin 644 " + std::string(name) + "\n";
  const auto letter = [](unsigned six) { return six == 0 ? '`' : static_cast<char>(six + 32); };
  for (size_t start = 0; start < bytes.size(); start += 45) {
    const std::string_view chunk = bytes.substr(start, 45);
    out += letter(static_cast<unsigned>(chunk.size()));
    for (size_t i = 0; i < chunk.size(); i += 3) {
      const unsigned value =
          static_cast<unsigned>(byte_at(chunk, i) << 16 | byte_at(chunk, i + 1) << 8 | byte_at(chunk, i + 2));
      for (int shift = 18; shift >= 0; shift -= 6) out += letter(value >> shift & 63);
    }
    out += '\n';
  }
  return out + "`\nend\n";
}

std::string lzw(std::string_view bytes, bool early, bool clears) {
  BitWriter out;
  std::unordered_map<std::string, unsigned> table;
  unsigned next = 258;
  int bits = 9;
  out.high_first(256, bits);
  std::string current;
  const auto code = [&](const std::string& s) {
    return s.size() == 1 ? static_cast<unsigned>(static_cast<uint8_t>(s[0])) : table.at(s);
  };
  const auto grows = [early](unsigned entries) {
    entries += early ? 1 : 0;
    return entries == 512 || entries == 1024 || entries == 2048;
  };
  for (const char c : bytes) {
    std::string longer = current + c;
    if (longer.size() == 1 || table.count(longer) > 0) {
      current = std::move(longer);
      continue;
    }
    out.high_first(code(current), bits);
    if (grows(next)) ++bits;  // what the reader has: it is one entry behind
    if (next < 4096) table.emplace(std::move(longer), next++);
    if (clears && next == 4094) {
      out.high_first(256, bits);
      table.clear();
      next = 258;
      bits = 9;
    }
    current.assign(1, c);
  }
  if (!current.empty()) out.high_first(code(current), bits);
  if (!current.empty() && grows(next)) ++bits;
  out.high_first(257, bits);
  return out.finish();
}

std::string ascii85(std::string_view bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 4) {
    const size_t have = std::min<size_t>(4, bytes.size() - i);
    uint32_t value = 0;
    for (size_t k = 0; k < 4; ++k) value = value << 8 | byte_at(bytes, i + k);
    if (value == 0 && have == 4) {
      out += 'z';
      continue;
    }
    std::array<char, 5> digits{};
    for (size_t k = 5; k-- > 0; value /= 85) digits[k] = static_cast<char>('!' + value % 85);
    out.append(digits.data(), have + 1);
    if (i % 60 == 56) out += '\n';
  }
  return out + "~>";
}

std::string zlib_stored(std::string_view bytes) {
  std::string out = "\x78\x01";
  for (size_t i = 0; i == 0 || i < bytes.size(); i += 65535) {
    const std::string_view block = bytes.substr(i, 65535);
    out += i + 65535 >= bytes.size() ? '\x01' : '\x00';
    out += little(block.size(), 2) + little(~block.size() & 0xffff, 2);
    out += block;
  }
  return out + big32(adler32(bytes));
}

std::string zlib_zeros(uint64_t count) {
  BitWriter out;
  out.low_first(0b011, 3);     // last block, fixed codes (RFC 1951 section 3.2.6)
  out.huffman(0b00110000, 8);  // literal 0
  const uint64_t copies = (count - 1) / 258;
  for (uint64_t i = 0; i < copies; ++i) {
    out.huffman(0b11000101, 8);  // length 258
    out.huffman(0, 5);           // distance 1
  }
  for (uint64_t i = copies * 258 + 1; i < count; ++i) out.huffman(0b00110000, 8);
  out.huffman(0, 7);  // end of block
  return "\x78\x01" + out.finish() + big32(static_cast<uint32_t>(count % 65521) << 16 | 1);
}

std::string zip_stored(std::string_view name, std::string_view bytes) {
  const std::string common = little(10, 2) + little(0, 4) + little(0x6000, 2) + little(0x370f, 2) +
                             little(crc32(bytes), 4) + little(bytes.size(), 4) + little(bytes.size(), 4) +
                             little(name.size(), 2) + little(0, 2);
  std::string out = "PK\x03\x04" + common + std::string(name) + std::string(bytes);
  const size_t directory = out.size();
  out += "PK\x01\x02" + little(10, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
         little(0, 4) + std::string(name);
  const size_t directory_size = out.size() - directory;
  return out + "PK\x05\x06" + little(0, 4) + little(1, 2) + little(1, 2) + little(directory_size, 4) +
         little(directory, 4) + little(0, 2);
}

std::string md5(std::string_view bytes) {  // RFC 1321
  static constexpr std::array<int, 16> kShift{7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};
  std::array<uint32_t, 4> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::string padded(bytes);
  padded += '\x80';
  padded.resize((padded.size() + 8 + 63) / 64 * 64 - 8);
  padded += little(bytes.size() * 8, 8);
  for (size_t block = 0; block < padded.size(); block += 64) {
    auto [a, b, c, d] = state;
    for (unsigned i = 0; i < 64; ++i) {
      const unsigned round = i / 16;
      const uint32_t f = round == 0   ? (b & c) | (~b & d)
                         : round == 1 ? (d & b) | (~d & c)
                         : round == 2 ? b ^ c ^ d
                                      : c ^ (b | ~d);
      const unsigned g = (round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i) % 16;
      uint32_t word = 0;
      for (unsigned k = 4; k-- > 0;) word = word << 8 | byte_at(padded, block + g * 4 + k);
      const auto constant = static_cast<uint32_t>(std::floor(std::fabs(std::sin(i + 1.0)) * 4294967296.0));
      const uint32_t sum = a + f + constant + word;
      const int shift = kShift[round * 4 + i % 4];
      a = d;
      d = c;
      c = b;
      b += sum << shift | sum >> (32 - shift);
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
  }
  return little(state[0], 4) + little(state[1], 4) + little(state[2], 4) + little(state[3], 4);
}

std::string rc4(std::string_view key, std::string_view bytes) {
  std::array<uint8_t, 256> s{};
  std::iota(s.begin(), s.end(), uint8_t{0});
  for (size_t i = 0, j = 0; i < 256; ++i) {
    j = (j + s[i] + byte_at(key, i % key.size())) % 256;
    std::swap(s[i], s[j]);
  }
  std::string out;
  size_t i = 0, j = 0;
  for (const char c : bytes) {
    i = (i + 1) % 256;
    j = (j + s[i]) % 256;
    std::swap(s[i], s[j]);
    out += static_cast<char>(static_cast<uint8_t>(c) ^ s[(s[i] + s[j]) % 256]);
  }
  return out;
}

}  // namespace postern::testdata
