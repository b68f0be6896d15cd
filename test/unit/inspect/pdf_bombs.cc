// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/data/codec.h"
#include "test/data/pdf_writer.h"
#include "unit/inspect/bombs.h"

namespace postern {
namespace {

using testdata::PdfWriter;

std::string ref(int number) { return std::to_string(number) + " 0 R"; }

std::string repeated(const std::string& text, size_t count) {
  std::string out;
  out.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

// A document around what a bomb is made of: catalog, page tree and one page, each with room for more entries.
class Document {
 public:
  Document() : pdf("1.5"), root(pdf.reserve()), tree(pdf.reserve()), page(pdf.reserve()), content(pdf.reserve()) {}
  std::string finish() {
    pdf.add(root, "<< /Type /Catalog /Pages " + ref(tree) + root_entries + " >>");
    pdf.add(tree, "<< /Type /Pages /Count " + count + " /Kids [" + (kids.empty() ? ref(page) : kids) + "] >>");
    pdf.add(page, "<< /Type /Page /Parent " + ref(tree) + " /MediaBox [0 0 612 792] /Contents " + ref(content) +
                      " /Resources << " + resources + " >> >>");
    pdf.add_stream(content, content_entries, content_data);
    return pdf.finish(root, info);
  }

  PdfWriter pdf;
  int root, tree, page, content, info = 0;
  std::string root_entries, kids, count = "1", resources, content_entries, content_data;
};

std::string flate_bomb() {
  Document doc;
  doc.content_entries = "/Filter /FlateDecode";
  doc.content_data = testdata::zlib_zeros(400'000'000);
  return doc.finish();
}

// Two filters on top of each other: a few kilobytes become gigabytes.
std::string double_bomb() {
  Document doc;
  doc.content_entries = "/Filter [/LZWDecode /FlateDecode]";
  doc.content_data = testdata::lzw(testdata::zlib_zeros(300'000'000));
  return doc.finish();
}

std::string object_stream_bomb() {
  Document doc;
  const int stream = doc.pdf.reserve();
  doc.pdf.add_stream(stream,
                     "/Type /ObjStm /N 1000000 /First 10000000 /Extends " + ref(stream) + " /Filter /FlateDecode",
                     testdata::zlib_zeros(300'000'000));
  std::string out = doc.finish();
  // A cross-reference table knows no object streams: say in a second section that the page is in one.
  const size_t start = out.size();
  std::string entries;
  const auto add = [&](int type, int field, int index) {
    entries += static_cast<char>(type);
    entries += static_cast<char>(field >> 8);
    entries += static_cast<char>(field);
    entries += static_cast<char>(index);
  };
  add(2, stream, 0);
  const size_t old = out.rfind("startxref\n") + 10;
  out += "99 0 obj\n<< /Type /XRef /W [1 2 1] /Index [" + std::to_string(doc.page) + " 1] /Size 100 /Root " +
         ref(doc.root) + " /Prev " + out.substr(old, out.find('\n', old) - old) + " /Length " +
         std::to_string(entries.size()) + " >>\nstream\n" + entries + "\nendstream\nendobj\nstartxref\n" +
         std::to_string(start) + "\n%%EOF\n";
  return out;
}

// A million pages from thirteen objects: six levels of ten kids that are all the same.
std::string page_dag() {
  Document doc;
  int below = doc.page;
  for (int level = 0; level < 6; ++level) {
    const int node = doc.pdf.reserve();
    std::string count = "1";
    count.append(static_cast<size_t>(level) + 1, '0');
    doc.pdf.add(node, "<< /Type /Pages /Count " + count + " /Kids [" + repeated(ref(below) + " ", 10) + "] >>");
    below = node;
  }
  doc.kids = ref(below);
  doc.count = "1000000";
  return doc.finish();
}

std::string page_list() {
  Document doc;
  doc.kids = repeated(ref(doc.page) + " ", 1'000'000);
  doc.count = "1000000";
  return doc.finish();
}

std::string page_loop() {
  Document doc;
  doc.kids = ref(doc.tree) + " " + ref(doc.page);
  doc.count = "2000000000";
  return doc.finish();
}

std::string many_images() {
  Document doc;
  const int image = doc.pdf.reserve();
  doc.pdf.add_stream(
      image, "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray", "x");
  doc.resources = "/XObject << /I " + ref(image) + " >>";
  doc.content_data = repeated("q 10 0 0 10 0 0 cm /I Do Q\n", 100'000);
  return doc.finish();
}

std::string many_image_objects() {
  Document doc;
  std::string names;
  for (int i = 0; i < 20'000; ++i) {
    const int image = doc.pdf.reserve();
    doc.pdf.add_stream(image, "/Subtype /Image /Width 9000 /Height 9000 /BitsPerComponent 8 /ColorSpace /DeviceRGB",
                       "");
    names += "/I" + std::to_string(i) + " " + ref(image) + " ";
    doc.content_data += "/I" + std::to_string(i) + " Do\n";
  }
  doc.resources = "/XObject << " + names + ">>";
  return doc.finish();
}

std::string inline_images() {
  Document doc;
  doc.content_data = repeated("BI /W 1 /H 1 /BPC 8 /CS /G ID x EI\n", 100'000);
  return doc.finish();
}

std::string form_calling_itself() {
  Document doc;
  const int form = doc.pdf.reserve();
  doc.pdf.add_stream(
      form, "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F " + ref(form) + " >> >>",
      repeated("/F Do\n", 100));
  doc.resources = "/XObject << /F " + ref(form) + " >>";
  doc.content_data = "/F Do\n";
  return doc.finish();
}

// Ten forms that each draw the next one a hundred times.
std::string forms_squared() {
  Document doc;
  int below = 0;
  for (int level = 0; level < 10; ++level) {
    const int form = doc.pdf.reserve();
    const std::string used = below == 0 ? "" : "/XObject << /F " + ref(below) + " >>";
    doc.pdf.add_stream(form, "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << " + used + " >>",
                       below == 0 ? "0 0 m 9 9 l S\n" : repeated("/F Do\n", 100));
    below = form;
  }
  doc.resources = "/XObject << /F " + ref(below) + " >>";
  doc.content_data = "/F Do\n";
  return doc.finish();
}

std::string xref_loop() {
  Document doc;
  std::string out = doc.finish();
  const size_t at = out.rfind("startxref\n") + 10;
  const std::string table = out.substr(at, out.find('\n', at) - at);
  const size_t trailer = out.rfind("/Root");
  return out.insert(trailer, "/Prev " + table + " /XRefStm " + table + " ");
}

std::string reference_loop() {
  Document doc;
  const int a = doc.pdf.reserve();
  const int b = doc.pdf.reserve();
  doc.pdf.add(a, ref(b));
  doc.pdf.add(b, ref(a));
  doc.kids = ref(a);
  doc.content_entries = "/Length " + ref(a);
  doc.root_entries = " /Metadata " + ref(a) + " /AcroForm " + ref(b) + " /Outlines " + ref(a);
  doc.info = a;
  return doc.finish();
}

std::string deep_arrays() {
  Document doc;
  doc.root_entries = " /Deep " + repeated("[", 1'000'000) + repeated("]", 1'000'000);
  doc.resources = "/Deep " + repeated("<< /D ", 200'000);
  return doc.finish();
}

std::string long_title() {
  Document doc;
  doc.info = doc.pdf.reserve();
  doc.pdf.add(doc.info,
              "<< /Title (" + std::string(8 << 20, 'T') + ") /Producer (" + std::string(8 << 20, 'P') + ") >>");
  return doc.finish();
}

std::string metadata_bomb() {
  Document doc;
  const int metadata = doc.pdf.reserve();
  doc.pdf.add_stream(metadata, "/Type /Metadata /Subtype /XML /Filter /FlateDecode",
                     testdata::zlib_zeros(300'000'000));
  doc.root_entries = " /Metadata " + ref(metadata);
  return doc.finish();
}

// A ToUnicode map that claims to map four thousand million codes, and text in a font that uses it.
std::string character_map_bomb() {
  Document doc;
  const int font = doc.pdf.reserve();
  const int map = doc.pdf.reserve();
  const std::string ranges = repeated("<00000000> <ffffffff> <0041>\n", 100);
  doc.pdf.add_stream(map, "",
                     "begincmap\n1 begincodespacerange <00000000> <ffffffff> endcodespacerange\n100 beginbfrange\n" +
                         ranges + "endbfrange\nendcmap\n");
  const int descendant = doc.pdf.reserve();
  doc.pdf.add(descendant, "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /DW 1000 >>");
  doc.pdf.add(font, "<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /DescendantFonts [" +
                        ref(descendant) + "] /ToUnicode " + ref(map) + " >>");
  doc.resources = "/Font << /F " + ref(font) + " >>";
  doc.content_data = "BT /F 9 Tf <00410042> Tj ET";
  return doc.finish();
}

std::string text_flood() {
  Document doc;
  const int font = doc.pdf.reserve();
  doc.pdf.add(font, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
  doc.resources = "/Font << /F " + ref(font) + " >>";
  doc.content_data = "BT /F 9 Tf " + repeated("(" + std::string(10'000, 'x') + ") Tj\n", 1000) + "ET";
  return doc.finish();
}

}  // namespace

std::vector<Bomb> pdf_bombs() {
  return {{"flate bomb", flate_bomb()},
          {"double bomb", double_bomb()},
          {"object stream bomb", object_stream_bomb()},
          {"page dag", page_dag()},
          {"page list", page_list()},
          {"page loop", page_loop()},
          {"many images", many_images()},
          {"many image objects", many_image_objects()},
          {"inline images", inline_images()},
          {"form calling itself", form_calling_itself()},
          {"forms squared", forms_squared()},
          {"xref loop", xref_loop()},
          {"reference loop", reference_loop()},
          {"deep arrays", deep_arrays()},
          {"long title", long_title()},
          {"metadata bomb", metadata_bomb()},
          {"character map bomb", character_map_bomb()},
          {"text flood", text_flood()}};
}

}  // namespace postern
