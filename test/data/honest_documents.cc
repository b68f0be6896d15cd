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

constexpr double kA4Width = 595.32;
constexpr double kA4Height = 841.92;
constexpr std::string_view kFonts =
    "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> "
    "/F2 << /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >> >>\n";

// Makers of scans and the marks they leave; the names are those that such products write.
constexpr std::array<Scanner, 16> kScanners{{
    {"KONICA MINOLTA bizhub C258", "KONICA MINOLTA bizhub C258", "1.4", "SKM_C258%.pdf", 300},
    {"Canon iR-ADV C5535 PDF", "Canon iR-ADV C5535", "1.4", "doc%.pdf", 300},
    {"RICOH MP C3004", "RICOH MP C3004", "1.4", "%.pdf", 200, true},
    {"Xerox WorkCentre 7845", "Xerox WorkCentre 7845", "1.6", "Scan_%.pdf", 200},
    {"HP Digital Sending Device", "HP MFP M477", "1.4", "[Untitled]_%.pdf", 150, true},
    {"EPSON Scan", "EPSON Scan", "1.5", "EPSON%.pdf", 300},
    {"Brother MFC-L2750DW", "", "1.3", "scan%.pdf", 200, true},
    {"PFU ScanSnap Manager 5.1.30", "ScanSnap Manager #S1500", "1.6", "%.pdf", 300},
    {"KYOCERA TASKalfa 3252ci", "KYOCERA TASKalfa 3252ci", "1.5", "doc%.pdf", 300},
    {"SHARP Scanned ImagePDF", "SHARP MX-2640N", "1.4", "mfp%.pdf", 200, false},
    {"iOS Version 17.5.1 (Build 21F90) Quartz PDFContext", "", "1.3", "Scanned Document %.pdf", 144},
    {"Adobe PSL 1.3e for Canon", "Canon SC1011", "1.5", "IMG_%.pdf", 300, false},
    {"LEADTOOLS v20.0", "", "1.3", "scan_%.pdf", 200, true, "Flate"},
    {"Microsoft: Print To PDF", "", "1.7", "Scan %.pdf", 150},
    {"img2pdf 0.4.4", "", "1.3", "receipt-%.pdf", 96},
    {"", "", "1.3", "scan%.pdf", 200, true},  // some network scanners write no Info at all
}};

class Builder {
 public:
  explicit Builder(std::string_view version) : pdf(version), root_(pdf.reserve()), pages_(pdf.reserve()) {}
  void info(std::string_view producer, std::string_view creator, std::string_view title, Random& random) {
    if (producer.empty() && creator.empty()) return;
    info_ = pdf.reserve();
    char date[40];
    std::snprintf(date, sizeof date, "D:2024%02d%02d%02d%02d00+01'00'", random.between(1, 12), random.between(1, 28),
                  random.between(7, 18), random.between(0, 59));
    std::string text = "<< /Producer " + pdf.literal(info_, producer);
    if (!creator.empty()) text += " /Creator " + pdf.literal(info_, creator);
    if (!title.empty()) text += " /Title " + pdf.literal(info_, title);
    pdf.add(info_, text + " /CreationDate " + pdf.literal(info_, date) + " >>");
  }
  int image(const Picture& picture, const Scanner& how) {
    const int number = pdf.reserve();
    std::string entries = "/Type /XObject /Subtype /Image /Width " + std::to_string(picture.width()) + " /Height " +
                          std::to_string(picture.height());
    if (how.filter == "Flate") {
      pdf.add_stream(number, entries + " /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /FlateDecode",
                     zlib_stored(bilevel(picture)));
      return number;
    }
    entries += std::string(" /BitsPerComponent 8 /Filter /DCTDecode /ColorSpace ") +
               (how.grey ? "/DeviceGray" : "/DeviceRGB");
    pdf.add_stream(number, entries, encode_jpeg(picture, 70, how.grey ? Tone::kGrey : Tone::kColour));
    return number;
  }
  void page(double width, double height, std::string_view resources, std::string_view content) {
    const int stream = pdf.reserve();
    const int number = pdf.reserve();
    pdf.add_stream(stream, "", content);
    char box[96];
    std::snprintf(box, sizeof box, "/MediaBox [0 0 %.2f %.2f]", width, height);
    pdf.add(number, "<< /Type /Page /Parent " + std::to_string(pages_) + " 0 R " + box + " /Resources << " +
                        std::string(resources) + " >> /Contents " + std::to_string(stream) + " 0 R >>");
    numbers_.push_back(number);
  }
  std::string finish() { return pdf.finish_pages(root_, pages_, numbers_, info_); }
  PdfWriter pdf;

 private:
  int root_;
  int pages_;
  int info_ = 0;
  std::vector<int> numbers_;  // of pages
};

std::string draw(double width, double height, double x, double y, std::string_view name) {
  char out[128];
  std::snprintf(out, sizeof out, "q %.2f 0 0 %.2f %.2f %.2f cm /%.*s Do Q\n", width, height, x, y,
                static_cast<int>(name.size()), name.data());
  return out;
}

std::string resource(std::string_view name, int number) {
  return "/XObject << /" + std::string(name) + " " + std::to_string(number) + " 0 R >>\n";
}

std::string paragraph(double x, double y, double size, std::string_view text) {
  char head[96];
  std::snprintf(head, sizeof head, "BT /F1 %.1f Tf %.1f TL %.1f %.1f Td\n", size, size * 1.3, x, y);
  std::string out = head, line;
  for (const char c : text) {
    if (c == '\n') {
      out += "(" + line + ") Tj T*\n";
      line.clear();
    } else if (c != '(' && c != ')' && c != '\\') {
      line += c;
    }
  }
  if (!line.empty()) out += "(" + line + ") Tj\n";
  return out + "ET\n";
}

}  // namespace

const Scanner& scanner(size_t number) { return kScanners[number % kScanners.size()]; }
size_t scanner_count() { return kScanners.size(); }

Picture office_page(int dpi, Random& random) {
  const double dot = dpi / 72.0;
  Picture page(static_cast<int>(8.27 * dpi), static_cast<int>(11.69 * dpi), {250, 249, 246});
  page.rectangle(static_cast<int>(60 * dot), static_cast<int>(40 * dot),
                 static_cast<int>(random.between(60, 140) * dot), static_cast<int>(30 * dot),
                 {static_cast<uint8_t>(random.between(20, 120)), 60, 120});
  double y = 110;
  for (int block = random.between(2, 5); block > 0; --block) {
    std::string line;
    for (const char c : sentences(random.between(2, 6), random)) {
      if (c != '\n') {
        line += c;
        continue;
      }
      page.text(static_cast<int>(60 * dot), static_cast<int>(y * dot), dot * 1.05, {40, 40, 48}, line);
      y += 12;
      line.clear();
    }
    y += 24;
  }
  page.line(static_cast<int>(320 * dot), static_cast<int>(720 * dot), static_cast<int>(420 * dot),
            static_cast<int>(random.between(690, 740) * dot), std::max(1, dpi / 80), {20, 20, 120});
  return page;
}

std::string scan_pdf(const Scanner& how, int pages, Random& random) {
  Builder out(how.version);
  out.info(how.producer, how.creator, "", random);
  for (int i = 0; i < pages; ++i) {
    Picture page = office_page(how.dpi, random);
    add_noise(page, 3, random);
    const double width = how.image_sized_page ? page.width() : page.width() * 72.0 / how.dpi;
    const double height = how.image_sized_page ? page.height() : page.height() * 72.0 / how.dpi;
    const int image = out.image(page, how);
    out.page(width, height, resource("Im0", image), draw(width, height, 0, 0, "Im0"));
  }
  return out.finish();
}

std::string invoice_pdf(Random& random) {
  Builder out("1.7");
  out.info("Example Office 7.5", "Writer", "Invoice " + std::to_string(random.between(10000, 99999)), random);
  Picture logo(240, 80, {255, 255, 255});
  logo.rectangle(4, 4, 72, 72, {20, 110, 60});
  logo.text(84, 24, 4, {20, 60, 40}, "Exmpl");
  const int image = out.image(logo, {"", "", "", "", 72});
  std::string text = paragraph(
      60, 700, 11, "Invoice " + std::to_string(random.between(10000, 99999)) + "\n\n" + sentences(3, random));
  double total = 0;
  std::string rows = "Item            Quantity      Price\n";
  for (int i = random.between(3, 12); i > 0; --i) {
    const double price = random.between(200, 90000) / 100.0;
    total += price;
    char row[80];
    std::snprintf(row, sizeof row, "Article %04d    %3d          %9.2f\n", random.between(1, 9999),
                  random.between(1, 20), price);
    rows += row;
  }
  char sum[48];
  std::snprintf(sum, sizeof sum, "Total %.2f\n", total);
  text += paragraph(60, 600, 10, rows + sum + "Please pay within 14 days to the account below.\n");
  out.page(kA4Width, kA4Height, std::string(kFonts) + resource("Im0", image), draw(120, 40, 60, 760, "Im0") + text);
  return out.finish();
}

std::string photo_pdf(int photos, Random& random) {
  Builder out("1.4");
  out.info("Example Photos 3.1", "", "", random);
  for (int i = 0; i < photos; ++i) {
    const bool upright = random.chance(0.4);
    const Picture photo = photograph(upright ? 768 : 1024, upright ? 1024 : 768, random);
    const int image = out.image(photo, {"", "", "", "", 72});
    const double width = upright ? 480 : 540;
    const double height = width * photo.height() / photo.width();
    out.page(kA4Width, kA4Height, resource("Im0", image),
             draw(width, height, (kA4Width - width) / 2, 820 - height, "Im0"));
  }
  return out.finish();
}

std::string text_pdf(int pages, Random& random) {
  Builder out("1.5");
  out.info("Example Office 7.5", "Writer", "Report", random);
  for (int i = 0; i < pages; ++i) {
    out.page(kA4Width, kA4Height, kFonts, paragraph(70, 770, 11, sentences(random.between(8, 18), random)));
  }
  return out.finish();
}

std::string flyer_pdf(Random& random) {
  Builder out("1.6");
  out.info("Example Layout 12", "Example Layout", "Flyer", random);
  Picture poster = photograph(900, 1270, random);
  poster.text(60, 120, 11, {255, 255, 255}, "SUMMER");
  poster.text(60, 240, 11, {255, 255, 255}, "CONCERT");
  poster.text(60, 1000, 5, {255, 255, 200}, "Town Hall, " + std::to_string(random.between(1, 28)) + " July");
  const int image = out.image(poster, {"", "", "", "", 72});
  out.page(kA4Width, kA4Height, resource("Im0", image), draw(kA4Width, kA4Height, 0, 0, "Im0"));
  return out.finish();
}

}  // namespace postern::testdata
