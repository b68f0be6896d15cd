// SPDX-License-Identifier: GPL-2.0-or-later
// What pdf_facts() needs of a PDF library, without any of the library's types: open, read what the document says of
// itself, walk the text and the pictures of a page.  poppler*.cc implement it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "pdf/bytes.h"
#include "pdf/raster.h"
#include "policy/facts.h"

namespace postern {

struct PageSize {
  double width = 0;  // points
  double height = 0;
};

// Where something is drawn: the rectangle around it, in points, from the page's upper left corner.
struct Placement {
  double left = 0, top = 0, right = 0, bottom = 0;
};

struct Point {
  double x = 0, y = 0;
};

// With what an area is filled.
struct Tone {
  double light = 0;    // 0 black to 255 white
  double opacity = 1;  // 0 to 1
};

// A picture; as it is drawn it is valid only inside PageVisitor::picture(), and what keep() gives while the document
// is.
class DrawnPicture {
 public:
  virtual ~DrawnPicture() = default;
  int object = 0;    // object number; 0: inline in the page
  ImageFacts facts;  // what the dictionary says
  Placement place;
  // The JPEG as it stands in the file, at most `most` bytes; empty if the picture is not a JPEG.
  virtual Bytes jpeg(size_t most) = 0;
  // The pixels of a picture that is no JPEG, thinned out to at most about a thousand each way; nothing if it cannot
  // be read or the deadline passes.
  virtual std::optional<Raster> pixels(Deadline deadline) = 0;
  // The same picture to be read later; it must not stand in the page itself.  Never null.
  virtual std::unique_ptr<DrawnPicture> keep() = 0;
};

enum class Ink { kVisible, kInvisible, kFaint };

// Who wants to see what a page draws besides pictures: as areas, in points from the page's upper left corner.
class PageSketch {
 public:
  virtual ~PageSketch() = default;
  // One edge of the outline that is filled next.
  virtual void edge(Point from, Point to) = 0;
  // Fills the edges since the last time, by the even-odd rule or that of the nonzero winding number, inside of
  // `clip`.
  virtual void fill(bool even_odd, const Tone& tone, const Placement& clip) = 0;
};

class PageVisitor {
 public:
  virtual ~PageVisitor() = default;
  // One character; `apart`: there is white space before it.  0: a character without a known meaning.
  virtual void character(char32_t c, Ink ink, bool apart) = 0;
  virtual void font(int object) = 0;
  virtual void picture(DrawnPicture& picture) = 0;
  virtual PageSketch* sketch() { return nullptr; }  // of the page that is walked; null: nobody wants it
  virtual bool stop() = 0;                          // asked often while a page is walked
};

class Document {
 public:
  virtual ~Document() = default;
  virtual bool opened() const = 0;
  // Fills what belongs to the document as a whole: Info, XMP, encryption, scripts, embedded files, pages.
  virtual void describe(PdfFacts& facts) = 0;
  virtual PageSize page_size(unsigned page) = 0;  // pages count from 1
  // Adds links, addresses and actions of the page's annotations, which are read but never drawn.
  virtual void read_links(unsigned page, PdfFacts& facts) = 0;
  // False if the page is too large to be walked within any sensible time.  Where nobody wants its `text`, characters
  // may be left out, but not fonts.
  virtual bool walk(unsigned page, PageVisitor& visitor, bool text) = 0;
  virtual uint64_t errors() const = 0;  // faults of syntax so far
};

// Never null; `bytes` must outlive it.  Tries the empty password.
std::unique_ptr<Document> open_document(std::string_view bytes);

}  // namespace postern
