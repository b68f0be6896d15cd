// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/pdf_text.h"

#include <algorithm>

#include "base/strings.h"

namespace postern {

namespace {

uint8_t byte_at(std::string_view bytes, size_t i) { return static_cast<uint8_t>(bytes[i]); }

uint64_t big32(std::string_view bytes, size_t at) {
  uint64_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

std::string from_utf16(std::string_view bytes, bool big) {
  std::string out;
  const auto unit = [&](size_t i) {
    const char32_t first = byte_at(bytes, i), second = byte_at(bytes, i + 1);
    return big ? first << 8 | second : second << 8 | first;
  };
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t c = unit(i);
    if (c >= 0xd800 && c < 0xdc00 && i + 3 < bytes.size()) {
      const char32_t low = unit(i + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        i += 2;
      }
    }
    append_utf8(out, c);
  }
  return out;
}

// The text of the first element `name`: of its first list item if it is a list.
std::string element(std::string_view packet, std::string_view name) {
  const std::string open = "<" + std::string(name);
  size_t at = packet.find(open);
  if (at != std::string_view::npos) {
    const std::string close = "</" + std::string(name) + ">";
    const size_t end = packet.find(close, at);
    at = packet.find('>', at);
    if (end == std::string_view::npos || at == std::string_view::npos || at > end) return {};
    std::string_view inner = packet.substr(at + 1, end - at - 1);
    if (const size_t item = inner.find("<rdf:li"); item != std::string_view::npos) {
      const size_t begin = inner.find('>', item);
      const size_t stop = inner.find("</rdf:li>", item);
      if (begin == std::string_view::npos || stop == std::string_view::npos || begin > stop) return {};
      inner = inner.substr(begin + 1, stop - begin - 1);
    }
    inner = trim(inner.substr(0, 512));
    return inner.starts_with('<') ? std::string() : std::string(inner);
  }
  const std::string attribute = std::string(name) + "=\"";  // the short form of RDF
  at = packet.find(attribute);
  if (at == std::string_view::npos) return {};
  const size_t end = packet.find('"', at + attribute.size());
  if (end == std::string_view::npos) return {};
  return std::string(packet.substr(at + attribute.size(), std::min<size_t>(512, end - at - attribute.size())));
}

bool is_vowel(char c) { return std::string_view("aeiouyAEIOUY").find(c) != std::string_view::npos; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// Only words of ASCII letters and digits are judged: other scripts have other rules.
bool judged(std::string_view word) {
  return word.size() >= 4 && word.size() <= 40 &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || is_upper(c) || is_lower(c); }) &&
         !std::all_of(word.begin(), word.end(), is_digit);
}

bool looks_random(std::string_view word) {
  size_t vowels = 0, digits = 0, humps = 0, run = 0, longest = 0;
  for (size_t i = 0; i < word.size(); ++i) {
    vowels += is_vowel(word[i]) ? 1 : 0;
    digits += is_digit(word[i]) ? 1 : 0;
    humps += i > 0 && is_lower(word[i - 1]) && is_upper(word[i]) ? 1 : 0;
    run = is_vowel(word[i]) || is_digit(word[i]) ? 0 : run + 1;
    longest = std::max(longest, run);
  }
  const bool digit_inside = digits > 0 && is_lower(word.back()) && !is_digit(word.front());
  return humps >= 2 || vowels == 0 || longest >= 6 || digit_inside;
}

}  // namespace

std::string pdf_string(std::string_view bytes) {
  if (bytes.substr(0, 2) == "\xfe\xff") return from_utf16(bytes.substr(2), true);
  if (bytes.substr(0, 2) == "\xff\xfe") return from_utf16(bytes.substr(2), false);
  const bool utf8 = bytes.substr(0, 3) == "\xef\xbb\xbf";
  std::string out;
  for (const char c : utf8 ? bytes.substr(3) : bytes) {
    if (utf8)
      out += c;
    else
      append_utf8(out, static_cast<uint8_t>(c));
  }
  return out;
}

void read_xmp(std::string_view packet, PdfFacts& facts) {
  const auto fill = [packet](std::string& fact, std::string_view name) {
    if (fact.empty()) fact = element(packet, name);
  };
  fill(facts.producer, "pdf:Producer");
  fill(facts.creator, "xmp:CreatorTool");
  fill(facts.title, "dc:title");
  fill(facts.author, "dc:creator");
  fill(facts.keywords, "pdf:Keywords");
}

uint64_t jpx_pixels(std::string_view bytes) {
  const size_t at = bytes.find(std::string_view("\xff\x4f\xff\x51", 4));  // SOC, SIZ
  if (at == std::string_view::npos || at + 24 > bytes.size()) return 0;
  const uint64_t right = big32(bytes, at + 8), bottom = big32(bytes, at + 12);
  const uint64_t left = big32(bytes, at + 16), top = big32(bytes, at + 20);
  return right > left && bottom > top ? (right - left) * (bottom - top) : 0;
}

uint64_t jbig2_pixels(std::string_view bytes) {
  // Segment headers (section 7.2): number, flags, referred-to count, page, data length.  A page's information comes
  // before anything that refers to it, so segments with references end the search.
  for (size_t at = 0; at + 11 <= bytes.size();) {
    const uint8_t flags = byte_at(bytes, at + 4);
    if ((byte_at(bytes, at + 5) >> 5) != 0) return 0;
    const size_t page_bytes = (flags & 0x40) != 0 ? 4 : 1;
    const size_t length_at = at + 6 + page_bytes;
    if (length_at + 4 > bytes.size()) return 0;
    const size_t data = length_at + 4;
    if ((flags & 63) == 48) {
      if (data + 8 > bytes.size()) return 0;
      const uint64_t height = big32(bytes, data + 4);
      return height == 0xffffffff ? 0 : big32(bytes, data) * height;
    }
    at = data + big32(bytes, length_at);
  }
  return 0;
}

double random_share(std::string_view text) {
  size_t all = 0, random = 0;
  for (const std::string_view word : words(text)) {
    if (!judged(word)) continue;
    ++all;
    random += looks_random(word) ? 1 : 0;
  }
  return all < 20 ? 0 : static_cast<double>(random) / static_cast<double>(all);
}

}  // namespace postern
