// SPDX-License-Identifier: GPL-2.0-or-later
// What a file is by its first bytes, whatever its name and type claim.
#pragma once

#include <string_view>

namespace postern {

enum class FileKind {
  kOther,
  kPdf,
  kZip,
  kJpeg,
  kContainer  // holds other files and is not opened here: RAR, 7z, gzip, TNEF
};

// PDF: "%PDF-" within the first 1,024 bytes, as readers accept it (ISO 32000-1, implementation note 13).
FileKind sniff(std::string_view bytes);
// The same for text that is shown in the message: talk about PDF headers is no PDF, so an object must follow.
FileKind sniff_text(std::string_view bytes);

}  // namespace postern
