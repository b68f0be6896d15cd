// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/thumbnail.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "cli/message_file.h"
#include "cli/png.h"

namespace postern {
namespace {

// Why there is no picture, in the words of the first PDF: the one that is shown otherwise.
std::string why_none(const BodyFacts& facts) {
  if (!facts.inspected || facts.timeout || facts.pdfs.empty()) return "the inspector ran out of time or memory";
  const PdfFacts& pdf = facts.pdfs.front();
  if (pdf.locked) return "the PDF is locked by a password";
  if (!pdf.opened) return "the PDF is broken";
  if (pdf.timeout || pdf.oversized) return "the PDF claims more pixels, time or memory than the inspector gives";
  if (pdf.first_page_images == 0) return "page 1 shows nothing";
  return "page 1 holds nothing but pictures that are broken, stencils, or written into the page's own text";
}

Status write_new(const std::string& path, std::string_view bytes) {
  const auto failed = [&path](int fault) {
    return unavailable(path + ": " + std::strerror(fault) + (fault == EEXIST ? "; expected a new file name" : ""));
  };
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file.valid()) return failed(errno);
  while (!bytes.empty()) {
    const ssize_t done = ::write(file.get(), bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      const int fault = errno;
      ::unlink(path.c_str());
      return failed(fault);
    }
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return Nothing{};
}

}  // namespace

Status write_thumbnail(Inspector& inspector, std::string_view message, const std::string& path, Deadline deadline) {
  const MessageView view(message);
  GreyPicture picture;
  InspectRequest request;
  request.header = view.header_text;
  request.body = view.body;
  request.thumbnail = &picture;
  const BodyFacts facts = inspector.inspect(request, deadline);
  if (picture.empty()) return invalid("no thumbnail: " + why_none(facts));
  const auto png = encode_png(picture);
  return png ? write_new(path, *png) : Status(png.error());
}

}  // namespace postern
