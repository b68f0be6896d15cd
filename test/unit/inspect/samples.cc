// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit/inspect/samples.h"

#include <cppunit/TestAssert.h>
#include <zip.h>

#include "test/data/codec.h"
#include "test/data/pdf_writer.h"

namespace postern {

InspectRequest message(std::string header, std::string body) {
  InspectRequest request;
  request.header = std::move(header);
  request.body = std::move(body);
  request.time_limit = Millis(20'000);
  return request;
}

InspectRequest multipart(const std::string& subtype, const std::vector<Part>& parts) {
  std::string body = "preamble\r\n";
  for (const Part& part : parts) body += "--=_b\r\n" + part.header + "\r\n" + part.body + "\r\n";
  return message("Content-Type: multipart/" + subtype + "; boundary=\"=_b\"\r\n", body + "--=_b--\r\n");
}

Part attached(const std::string& type, const std::string& name, std::string_view bytes) {
  return {"Content-Type: " + type + "; name=\"" + name + "\"\r\nContent-Disposition: attachment; filename=\"" + name +
              "\"\r\nContent-Transfer-Encoding: base64\r\n",
          testdata::base64(bytes)};
}

std::string small_pdf(const std::string& text, int pages) {
  testdata::PdfWriter pdf("1.4");
  const int root = pdf.reserve();
  const int tree = pdf.reserve();
  const int font = pdf.reserve();
  pdf.add(font, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
  std::vector<int> kids;
  for (int i = 0; i < pages; ++i) {
    const int page = pdf.reserve();
    const int content = pdf.reserve();
    kids.push_back(page);
    pdf.add_stream(content, "", "BT /F1 12 Tf 72 700 Td (" + text + ") Tj ET");
    pdf.add(page, "<< /Type /Page /Parent " + std::to_string(tree) +
                      " 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 " + std::to_string(font) +
                      " 0 R >> >> /Contents " + std::to_string(content) + " 0 R >>");
  }
  return pdf.finish_pages(root, tree, kids);
}

std::string zipped(const std::vector<std::pair<std::string, std::string>>& entries, const std::string& password) {
  zip_error_t fault;
  zip_error_init(&fault);
  zip_source_t* source = zip_source_buffer_create(nullptr, 0, 0, &fault);
  zip_source_keep(source);
  zip_t* archive = zip_open_from_source(source, ZIP_TRUNCATE, &fault);
  CPPUNIT_ASSERT(archive != nullptr);
  for (const auto& [name, bytes] : entries) {
    zip_source_t* content = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), content, ZIP_FL_ENC_UTF_8);
    CPPUNIT_ASSERT(index >= 0);
    if (!password.empty()) {
      zip_file_set_encryption(archive, static_cast<zip_uint64_t>(index), ZIP_EM_TRAD_PKWARE, password.c_str());
    }
  }
  CPPUNIT_ASSERT_EQUAL(0, zip_close(archive));
  zip_source_open(source);
  std::string out;
  char piece[4096];
  for (zip_int64_t got = 0; (got = zip_source_read(source, piece, sizeof piece)) > 0;) {
    out.append(piece, static_cast<size_t>(got));
  }
  zip_source_close(source);
  zip_source_free(source);
  return out;
}

}  // namespace postern
