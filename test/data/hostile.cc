// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/data/hostile.h"

#include <functional>

#include "test/data/codec.h"
#include "test/data/documents.h"
#include "test/data/pdf_writer.h"
#include "test/data/picture.h"

namespace postern::testdata {

namespace {

constexpr std::string_view kBox = "/MediaBox [0 0 612 792]";

std::string ref(int number) { return std::to_string(number) + " 0 R"; }

// One page with the given resources and content; `more` adds objects before the page.
struct OnePage {
  PdfWriter pdf{"1.5"};
  int root = pdf.reserve();
  int pages = pdf.reserve();
  int page = pdf.reserve();
  int content = pdf.reserve();

  std::string finish(std::string_view resources, std::string_view content_entries, std::string_view data) {
    pdf.add_stream(content, content_entries, data);
    pdf.add(page, "<< /Type /Page /Parent " + ref(pages) + " " + std::string(kBox) + " /Resources << " +
                      std::string(resources) + " >> /Contents " + ref(content) + " >>");
    pdf.add(pages, "<< /Type /Pages /Count 1 /Kids [" + ref(page) + "] >>");
    pdf.add(root, "<< /Type /Catalog /Pages " + ref(pages) + " >>");
    return pdf.finish(root);
  }
};

std::string repeat(std::string_view text, size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string image_page(std::string_view entries, std::string_view data, std::string_view content) {
  OnePage one;
  const int image = one.pdf.reserve();
  one.pdf.add_stream(image, "/Type /XObject /Subtype /Image " + std::string(entries), data);
  return one.finish("/XObject << /Im0 " + ref(image) + " >>", "", content);
}

constexpr std::string_view kDraw = "q 600 0 0 700 0 0 cm /Im0 Do Q\n";

std::string flate_bomb() {
  OnePage one;  // 300 MB of blanks as page content, compressed twice
  const std::string once = zlib_zeros(300'000'000);
  return one.finish("", "/Filter /FlateDecode", once);
}

std::string form_loop() {
  OnePage one;
  const int form = one.pdf.reserve();
  one.pdf.add_stream(
      form, "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /F " + ref(form) + " >> >>",
      "/F Do /F Do");
  return one.finish("/XObject << /F " + ref(form) + " >>", "", "/F Do");
}

std::string form_bomb() {
  OnePage one;  // each form draws the next ten times
  std::vector<int> forms;
  for (int i = 0; i < 18; ++i) forms.push_back(one.pdf.reserve());
  for (size_t i = 0; i < forms.size(); ++i) {
    const bool last = i + 1 == forms.size();
    one.pdf.add_stream(forms[i],
                       "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /F " +
                           ref(last ? forms[i] : forms[i + 1]) + " >> >>",
                       last ? "0 0 1 1 re f" : repeat("/F Do ", 10));
  }
  return one.finish("/XObject << /F " + ref(forms[0]) + " >>", "", "/F Do");
}

std::string million_pages() {
  PdfWriter pdf("1.4");
  const int root = pdf.reserve(), pages = pdf.reserve(), page = pdf.reserve();
  pdf.add(page, "<< /Type /Page /Parent " + ref(pages) + " " + std::string(kBox) + " >>");
  pdf.add(pages, "<< /Type /Pages /Count 1000000 /Kids [" + repeat(ref(page) + " ", 1'000'000) + "] >>");
  pdf.add(root, "<< /Type /Catalog /Pages " + ref(pages) + " >>");
  return pdf.finish(root);
}

std::string page_tree_loop() {
  PdfWriter pdf("1.4");
  const int root = pdf.reserve(), pages = pdf.reserve();
  pdf.add(pages, "<< /Type /Pages /Count 2000000000 /Kids [" + ref(pages) + " " + ref(pages) + "] >>");
  pdf.add(root, "<< /Type /Catalog /Pages " + ref(pages) + " >>");
  return pdf.finish(root);
}

std::string many_images() {
  Random random(1);
  return image_page("/Width 500 /Height 120 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
                    encode_jpeg(pitch(random), 50), repeat(kDraw, 100'000));
}

std::string many_inline_images() {
  OnePage one;
  return one.finish("", "", repeat("q 9 0 0 9 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q\n", 100'000));
}

std::string endless_inline_image() {
  OnePage one;
  return one.finish("", "", "q BI /W 2000000000 /H 2000000000 /BPC 8 /CS /RGB ID abc EI Q");
}

std::string huge_bilevel() {
  return image_page("/Width 60000 /Height 60000 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode",
                    zlib_zeros(450'000'000), kDraw);
}

std::string lying_jpeg() {
  return image_page("/Width 400 /Height 300 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
                    giant_jpeg(), kDraw);
}

std::string scan_bomb() {
  return image_page("/Width 400 /Height 300 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode",
                    jpeg_of_many_scans(), kDraw);
}

std::string huge_jpx() {
  std::string code("\xff\x4f\xff\x51\x00\x2f\x00\x00", 8);
  code += std::string("\x00\x00\xf0\x00\x00\x00\xf0\x00\x00\x00\x00\x00\x00\x00\x00\x00", 16);  // 61440 x 61440
  code += std::string(
      "\x00\x00\xf0\x00\x00\x00\xf0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x03\x07\x01\x01\x07\x01\x01"
      "\x07\x01\x01",
      27);
  return image_page("/Width 400 /Height 300 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /JPXDecode", code,
                    kDraw);
}

std::string huge_jbig2() {
  // Page information: 65535 x 65535, then nothing to fill it (ITU-T T.88 section 7.4.8).
  const std::string page(
      "\x00\x00\x00\x00\x30\x00\x01\x00\x00\x00\x13\x00\x00\xff\xff\x00\x00\xff\xff\x00\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00",
      30);
  return image_page("/Width 6000 /Height 6000 /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /JBIG2Decode", page,
                    kDraw);
}

std::string table_loop() {
  PdfWriter pdf("1.4");
  const int root = pdf.reserve();
  pdf.add(root, "<< /Type /Catalog >>");
  std::string bytes = pdf.finish(root);
  const size_t start = bytes.rfind("xref\n0");
  bytes.insert(bytes.rfind(">>\nstartxref"), "/Prev " + std::to_string(start) + "\n");
  return bytes;
}

std::string object_stream_loop() {
  PdfWriter pdf("1.5");
  const int root = pdf.reserve(), stream = pdf.reserve();
  pdf.add_stream(stream, "/Type /ObjStm /N 1000000000 /First 8 /Extends " + ref(stream), "1 0 2 3 << >> << >>");
  pdf.add(root, "<< /Type /Catalog /Pages " + ref(stream) + " >>");
  return pdf.finish(root);
}

std::string deep_arrays() {
  OnePage one;
  return one.finish("/Font " + repeat("[", 100'000) + repeat("]", 100'000), "", repeat("[", 100'000));
}

std::string tiling_bomb() {
  OnePage one;
  const int pattern = one.pdf.reserve();
  one.pdf.add_stream(pattern,
                     "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.001 "
                     "/YStep 0.001 /Resources << >>",
                     "0 0 1 1 re f");
  return one.finish("/Pattern << /P " + ref(pattern) + " >>", "", "/Pattern cs /P scn 0 0 612 792 re f");
}

std::string text_bomb() {
  OnePage one;
  return one.finish("/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >>", "",
                    "BT /F1 9 Tf " +
                        repeat("(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj\n", 200'000) +
                        "ET");
}

std::string name_tree_loop() {
  PdfWriter pdf("1.5");
  const int root = pdf.reserve(), names = pdf.reserve(), pages = pdf.reserve();
  pdf.add(names, "<< /JavaScript " + ref(names) + " /EmbeddedFiles " + ref(names) + " /Kids [" + ref(names) + "] >>");
  pdf.add(pages, "<< /Type /Pages /Count 0 /Kids [] >>");
  pdf.add(root,
          "<< /Type /Catalog /Pages " + ref(pages) + " /Names " + ref(names) + " /OpenAction " + ref(root) + " >>");
  return pdf.finish(root);
}

std::string metadata_bomb() {
  OnePage one;
  const int metadata = one.pdf.reserve();
  one.pdf.add_stream(metadata, "/Type /Metadata /Subtype /XML /Filter /FlateDecode", zlib_zeros(400'000'000));
  std::string bytes = one.finish("", "", "");
  // The catalog is the last object: give it the packet.
  const size_t catalog = bytes.rfind("/Type /Catalog");
  return bytes.replace(catalog, 14, "/Metadata " + ref(metadata) + " ");
}

}  // namespace

std::string giant_jpeg() {
  Random random(2);
  std::string bytes = encode_jpeg(pitch(random), 60);
  const size_t frame = bytes.find("\xff\xc0");
  return bytes.replace(frame + 5, 4, "\xff\xdc\xff\xdc");
}

std::string jpeg_of_many_scans() {
  Random random(3);
  const std::string bytes = encode_jpeg(photograph(2000, 1500, random), 50, Tone::kGrey, true);
  const size_t last = bytes.rfind("\xff\xda");
  const std::string scan = bytes.substr(last, bytes.size() - 2 - last);
  return bytes.substr(0, bytes.size() - 2) + repeat(scan.substr(0, 64), 20'000) + "\xff\xd9";
}

const std::vector<Hostile>& hostile_pdfs() {
  static const std::vector<Hostile> kAll{{"flate-bomb", flate_bomb},
                                         {"form-loop", form_loop},
                                         {"form-bomb", form_bomb},
                                         {"million-pages", million_pages},
                                         {"page-tree-loop", page_tree_loop},
                                         {"many-images", many_images},
                                         {"many-inline-images", many_inline_images},
                                         {"endless-inline-image", endless_inline_image},
                                         {"huge-bilevel", huge_bilevel},
                                         {"lying-jpeg", lying_jpeg},
                                         {"scan-bomb", scan_bomb},
                                         {"huge-jpx", huge_jpx},
                                         {"huge-jbig2", huge_jbig2},
                                         {"table-loop", table_loop},
                                         {"object-stream-loop", object_stream_loop},
                                         {"deep-arrays", deep_arrays},
                                         {"tiling-bomb", tiling_bomb},
                                         {"text-bomb", text_bomb},
                                         {"name-tree-loop", name_tree_loop},
                                         {"metadata-bomb", metadata_bomb}};
  return kAll;
}

}  // namespace postern::testdata
