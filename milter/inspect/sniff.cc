// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/sniff.h"

#include <cstddef>

namespace postern {

FileKind sniff(std::string_view bytes) {
  using namespace std::string_view_literals;
  constexpr size_t kPdfHeader = 1024;
  if (bytes.starts_with("\xff\xd8\xff"sv)) {
    // A JPEG may carry the words in a comment; only a reader that is told to takes it for a PDF.
    const size_t pdf = bytes.substr(0, kPdfHeader + 5).find("%PDF-"sv);
    return pdf == std::string_view::npos || bytes.find("startxref"sv, pdf) == std::string_view::npos ? FileKind::kJpeg
                                                                                                     : FileKind::kPdf;
  }
  if (bytes.substr(0, kPdfHeader + 5).find("%PDF-"sv) < kPdfHeader) return FileKind::kPdf;
  if (bytes.starts_with("PK\3\4"sv)) return FileKind::kZip;
  for (const std::string_view magic :
       {"Rar!\x1a\x07"sv, "7z\xbc\xaf\x27\x1c"sv, "\x1f\x8b\x08"sv, "\x78\x9f\x3e\x22"sv}) {
    if (bytes.starts_with(magic)) return FileKind::kContainer;
  }
  return FileKind::kOther;
}

FileKind sniff_text(std::string_view bytes) {
  const FileKind kind = sniff(bytes);
  return kind == FileKind::kPdf && bytes.find(" obj") == std::string_view::npos ? FileKind::kOther : kind;
}

}  // namespace postern
