// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "test/data/codec.h"
#include "test/data/documents.h"
#include "test/data/mail.h"
#include "test/data/pdf_writer.h"

namespace postern::testdata {

namespace {

constexpr const char* kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr const char* kAny = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789     ";

std::vector<std::string> pitch_lines(Random& campaign) {
  static constexpr std::array<const char*, 6> kAlert{"BREAKING MARKET NEWS!",    "HUGE TRADER ALERT",
                                                     "THIS ONE IS READY TO RUN", "WATCH IT CLIMB ALL WEEK",
                                                     "NEWS OUT BEFORE THE BELL", "DO NOT MISS THIS PICK"};
  static constexpr std::array<const char*, 6> kWhat{"Mining", "Wireless", "Biotech", "Oil and Gas", "Solar", "Water"};
  static constexpr std::array<const char*, 5> kPush{"Get in first thing Monday!", "Analysts say STRONG BUY",
                                                    "Volume is exploding, act now", "Read the news, watch the trade!",
                                                    "Insiders are loading up"};
  const std::string symbol = campaign.text(4, kLetters);
  char price[128];
  const double now = campaign.between(0.08, 2.4);
  std::snprintf(price, sizeof price, "Price: $%.2f   5-day target: $%.2f   UP %d%%", now,
                now * campaign.between(2.5, 6.0), campaign.between(12, 90));
  return {campaign.pick(kAlert),
          "Company: " + campaign.text(1, kLetters) + "ex" + campaign.text(2, "aeiou") + "n " + campaign.pick(kWhat) +
              " Corp.",
          "Symbol: " + symbol + ".PK", price, campaign.pick(kPush)};
}

// Narrow pictures break their lines between words.
std::vector<std::string> wrapped(const std::vector<std::string>& lines, size_t most) {
  std::vector<std::string> out;
  for (const std::string& line : lines) {
    std::string current;
    for (size_t at = 0; at < line.size();) {
      const size_t end = std::min(line.find(' ', at), line.size());
      if (!current.empty() && current.size() + 1 + end - at > most) {
        out.push_back(current);
        current.clear();
      }
      if (end > at) current += (current.empty() ? "" : " ") + line.substr(at, end - at);
      at = end + 1;
    }
    out.push_back(current);
  }
  return out;
}

Picture frame(Random& campaign) {
  static constexpr std::array<Colour, 6> kPaper{Colour{255, 255, 255}, Colour{255, 255, 224}, Colour{224, 240, 255},
                                                Colour{250, 250, 250}, Colour{255, 235, 235}, Colour{232, 255, 232}};
  const Colour paper = campaign.pick(kPaper);
  const double kind = campaign.unit();  // how often each form was seen: thin, square, tall
  if (kind < 0.75) return {campaign.between(450, 800), campaign.between(110, 240), paper};
  if (kind < 0.92) return {campaign.between(220, 360), campaign.between(220, 360), paper};
  return {campaign.between(140, 240), campaign.between(450, 800), paper};
}

struct Copy {
  const SpamShape& shape;
  Random& random;
  PdfWriter pdf;
  std::vector<int> pages;
  int pages_object = 0;
  int info = 0;
};

std::string dates(int number, Copy& copy) {
  char date[40];
  std::snprintf(date, sizeof date, "D:2007%02d%02d%02d%02d%02d", copy.random.between(6, 8),
                copy.random.between(1, 28), copy.random.between(0, 23), copy.random.between(0, 59),
                copy.random.between(0, 59));
  return "/CreationDate " + copy.pdf.literal(number, date) + "\n/ModDate " + copy.pdf.literal(number, date) + "\n";
}

void write_info(Copy& copy) {
  static constexpr std::array<std::array<const char*, 3>, 5> kForged{
      {{"GPL Ghostscript 8.15", "PScript5.dll Version 5.2", "Microsoft Word - Document1"},
       {"Acrobat Distiller 7.0 (Windows)", "PScript5.dll Version 5.2.2", "Microsoft Word - report"},
       {"OpenOffice.org 2.0", "Writer", ""},
       {"PowerPdf 0.9", "", "document"},
       {"Adobe PDF Library 8.0", "Adobe InDesign CS3 (5.0)", "News"}}};
  std::string entries;
  const int number = copy.info;
  if (copy.shape.scanner_disguise) {
    entries = "/Creator " + copy.pdf.literal(number, "OmniPage CSDK 15") + "\n/Producer " +
              copy.pdf.literal(number, "OmniPage 15") + "\n";
  } else if (copy.shape.forged_metadata) {
    const auto& forged = copy.random.pick(kForged);
    entries = "/Creator " + copy.pdf.literal(number, forged[1]) + "\n/Producer " +
              copy.pdf.literal(number, forged[0]) + "\n/Title " + copy.pdf.literal(number, forged[2]) + "\n";
  }
  copy.pdf.add(number, "<<\n" + entries + dates(number, copy) + ">>");
}

// One picture object; returns its number.
int write_picture(Copy& copy, const Picture& picture) {
  const int number = copy.pdf.reserve();
  std::string data;
  if (copy.shape.filter == "LZW")
    data = lzw(rgb(picture));
  else if (copy.shape.filter == "Flate")
    data = zlib_stored(rgb(picture));
  else
    data = encode_jpeg(picture, copy.random.between(45, 85));
  const std::string entries = "/Type /XObject\n/Subtype /Image\n/Width " + std::to_string(picture.width()) +
                              "\n/Height " + std::to_string(picture.height()) +
                              "\n/ColorSpace /DeviceRGB\n/BitsPerComponent 8\n/Filter /" +
                              std::string(copy.shape.filter) + "Decode\n";
  copy.pdf.add_stream(number, entries, data);
  return number;
}

std::string show_text(std::string_view text, double x, double y, double size) {
  char head[96];
  std::snprintf(head, sizeof head, "BT /F1 %.1f Tf %.1f %.1f Td %.1f TL\n", size, x, y, size * 1.2);
  std::string out = head;
  std::string line;
  for (const char c : std::string(text) + "\n") {
    if (c == '\n') {
      if (!line.empty()) out += "(" + line + ") '\n";
      line.clear();
    } else if (c != '(' && c != ')' && c != '\\') {
      line += c;
    }
  }
  return out + "ET\n";
}

void write_page(Copy& copy, double width, double height, const std::string& resources, const std::string& content) {
  const int page = copy.pdf.reserve();
  const int stream = copy.pdf.reserve();
  char box[96];
  std::snprintf(box, sizeof box, "/MediaBox [0 0 %.0f %.0f]\n", width, height);
  copy.pdf.add_stream(stream, "", content);
  copy.pdf.add(page, "<<\n/Type /Page\n/Parent " + std::to_string(copy.pages_object) + " 0 R\n" + box +
                         "/Resources <<\n" + resources + ">>\n/Contents " + std::to_string(stream) + " 0 R\n>>");
  copy.pages.push_back(page);
}

Picture distorted(const SpamShape& shape, Random& campaign, Random& copy) {
  Picture picture = pitch(campaign);
  if (shape.scaling) picture = scaled(picture, copy.between(0.8, 1.25));
  if (shape.colour_shift > 0) shift_colours(picture, shape.colour_shift, copy);
  if (shape.dots > 0) add_dots(picture, shape.dots, copy);
  if (shape.border > 0) add_border(picture, shape.border, copy);
  add_noise(picture, 2, copy);
  return picture;
}

// The page that carries the picture, whole or in tiles.
void write_pitch(Copy& copy, const Picture& picture) {
  const bool scan = copy.shape.scanner_disguise;
  const double zoom = scan ? std::min(595.0 / picture.width(), 842.0 / picture.height()) : 1.0;
  const double margin = copy.shape.page_sizes ? copy.random.between(20, 200) : copy.random.between(0, 20);
  const double width = scan ? 595 : picture.width() + margin;
  const double text_room = copy.shape.decoy_text || copy.shape.white_text ? 120 : 0;
  const double height = scan ? 842 : picture.height() + margin + text_room;
  std::string objects, content;
  const int tile_height = (picture.height() + copy.shape.tiles - 1) / copy.shape.tiles;
  for (int i = 0, y = 0; y < picture.height(); ++i, y += tile_height) {
    const int rows = std::min(tile_height, picture.height() - y);
    const int number =
        write_picture(copy, copy.shape.tiles == 1 ? picture : cut(picture, 0, y, picture.width(), rows));
    const std::string name = "Im" + std::to_string(i);
    objects += "/" + name + " " + std::to_string(number) + " 0 R\n";
    char placed[160];
    std::snprintf(placed, sizeof placed, "q\n%.2f 0 0 %.2f %.2f %.2f cm\n/%s Do\nQ\n", picture.width() * zoom,
                  rows * zoom, margin / 2 * (scan ? 0 : 1), height - (y + rows) * zoom - margin / 2 * (scan ? 0 : 1),
                  name.c_str());
    content += placed;
  }
  if (text_room > 0) {
    if (copy.shape.white_text) content += "1 1 1 rg\n";
    content += show_text(sentences(6, copy.random), 10, text_room - 10, 8);
  }
  write_page(copy, width, height,
             "/ProcSet [/PDF /Text /ImageC]\n/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> "
             ">>\n/XObject <<\n" +
                 objects + ">>\n",
             content);
}

void write_filler(Copy& copy) {
  std::string text;
  for (int line = 0; line < 40; ++line) text += copy.random.text(70, kAny) + "\n";
  write_page(copy, 595, 842, "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >>\n",
             show_text(text, 50, 790, 10));
}

}  // namespace

Picture pitch(Random& campaign) {
  static constexpr std::array<Colour, 5> kInk{Colour{0, 0, 160}, Colour{170, 0, 0}, Colour{0, 90, 0},
                                              Colour{20, 20, 20}, Colour{120, 0, 120}};
  Picture picture = frame(campaign);
  const auto lines = wrapped(pitch_lines(campaign), static_cast<size_t>(picture.width() / 9));
  size_t longest = 0;
  for (const auto& line : lines) longest = std::max(longest, line.size());
  const double wide = (picture.width() - 20.0) / (6.0 * static_cast<double>(longest));
  const double high = (picture.height() - 16.0) / (10.0 * static_cast<double>(lines.size()));
  const double scale = std::max(1.0, std::min(wide, high));
  const double step = (picture.height() - 12.0) / static_cast<double>(lines.size());
  if (campaign.chance(0.4)) {  // a chart line behind the words
    int y = picture.height() - 10;
    for (int x = 5; x < picture.width() - 20; x += 20) {
      const int next = std::max(4, y - campaign.between(-4, 14));
      picture.line(x, y, x + 20, next, 2, {200, 200, 220});
      y = next;
    }
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    picture.text(8 + campaign.between(0, 6), 6 + static_cast<int>(static_cast<double>(i) * step), scale,
                 campaign.pick(kInk), lines[i]);
  }
  return picture;
}

std::string spam_pdf(const SpamShape& shape, Random& campaign, Random& copy_random) {
  Copy copy{shape, copy_random, PdfWriter(shape.scanner_disguise ? "1.4" : "1.3"), {}, 0, 0};
  const int root = copy.pdf.reserve();
  if (shape.encrypted || shape.locked) copy.pdf.encrypt(shape.locked ? "secret" : "", copy_random.text(8, kLetters));
  const bool info = shape.scanner_disguise || shape.forged_metadata || copy_random.chance(0.7);
  if (info) {
    copy.info = copy.pdf.reserve();
    write_info(copy);
  }
  copy.pages_object = copy.pdf.reserve();
  write_pitch(copy, distorted(shape, campaign, copy_random));
  for (int i = 0; i < shape.filler_pages; ++i) write_filler(copy);
  std::string kids;
  for (const int page : copy.pages) kids += std::to_string(page) + " 0 R ";
  copy.pdf.add(copy.pages_object,
               "<<\n/Type /Pages\n/Kids [" + kids + "]\n/Count " + std::to_string(copy.pages.size()) + "\n>>");
  copy.pdf.add(root, "<<\n/Type /Catalog\n/Pages " + std::to_string(copy.pages_object) + " 0 R\n>>");
  return copy.pdf.finish(root, copy.info);
}

}  // namespace postern::testdata
