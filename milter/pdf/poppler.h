// SPDX-License-Identifier: GPL-2.0-or-later
// The rooms of Poppler's private core API, which nobody but benchmarks enters: poppler.cc opens a document,
// poppler_page.cc walks a page, poppler_pictures.cc finds what of a page is to be drawn, poppler_stage.cc shows its
// text, poppler_font.cc reads a font, poppler_objects.cc keeps objects, poppler_stream.cc reads a stream,
// poppler_picture.cc a picture, poppler_device.cc receives what is drawn, poppler_sketch.cc draws the rest.  Written
// against 22.12; what later versions changed is told apart by the types themselves, not by version numbers.
#pragma once

#include <GfxState.h>
#include <Object.h>
#include <Stream.h>
#include <XRef.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pdf/bytes.h"
#include "pdf/document.h"
#include "pdf/text_player.h"

class Gfx;
class PDFDoc;
class Page;

namespace postern {

// reset() gives nothing up to 25.01 and a [[nodiscard]] bool from 25.02 on; 26 calls it rewind().
template <class S>
void to_start(S* stream) {
  if constexpr (requires { stream->rewind(); })
    (void)stream->rewind();
  else
    (void)stream->reset();
}

// Faults of syntax that Poppler has seen in this thread.
uint64_t& syntax_errors();

// Whether what is filled with it can hardly be seen on paper.
inline bool is_faint(GfxGray grey) { return colToByte(grey) >= 246; }

// The stream's bytes, decoded, at most `most`.
Bytes read_stream(Stream* stream, size_t most);
// The same without Poppler's decoders, which take several times as long; nothing where they are needed.  `full`: it is
// likely to have `most` bytes.
std::optional<Bytes> decode_stream(Stream* stream, size_t most, bool full = false);

// Makes XRef::fetch() give this object, without reading it, as it does with those that were changed, whatever
// their generation; but a document that was changed is no longer repaired.  Null: from now on as it stands in the file.
void keep_object(XRef& objects, Ref ref, const Object& object);

constexpr int kMostObjects = 256;  // of one dictionary that are looked at

// Poppler reads an object anew for each who asks.  Here those that are asked for more than once while a page is read
// are kept, unless there is a fault in them, which counts each time.  They are shared: nobody may begin to read a
// stream while another does.
class ObjectShelf {
 public:
  explicit ObjectShelf(XRef& objects) : objects_(objects) {}
  XRef& objects() const { return objects_; }
  // What an entry of a dictionary or an array stands for.
  Object fetch(const Object& reference);
  // One that is kept; of no type (isNone) if it is not.
  Object find(Ref ref) const;
  void clear() { kept_.clear(); }

 private:
  static constexpr size_t kMost = 256;
  XRef& objects_;
  std::map<Ref, Object> kept_;
};

// A picture as it is drawn (then `stream` and `colours` are borrowed), or kept.
class PopplerPicture final : public DrawnPicture {
 public:
  // `colours` null: a stencil.  `ref`: of its object, or invalid where it stands in the page.
  PopplerPicture(const ObjectShelf& shelf, Ref ref, Stream* stream, GfxImageColorMap* colours);
  Bytes jpeg(size_t most) override;
  std::optional<Raster> pixels(Deadline deadline) override;
  std::unique_ptr<DrawnPicture> keep() override;

 private:
  Stream* stream();
  bool is_bomb();
  void put_row(const unsigned char* line, unsigned step, unsigned y, Raster& out);
  Rgb colour_of(const unsigned char* pixel);
  void make_table();  // once

  // What samples are, and what they look like; a kept picture has it, too.
  struct Samples {
    int components = 1, bits = 1;
    bool rgb = false;
    bool has_table() const { return components == 1 || rgb; }
    std::vector<Rgb> table;  // by value of a component
    std::vector<uint8_t> light;
    bool plain = false;  // red, green and blue are what the values say
  };

  const ObjectShelf& shelf_;
  Ref ref_;
  Stream* stream_;  // null: to be fetched
  GfxImageColorMap* colours_;  // null, too: a kept picture that has a table
  Samples samples_;
  Object fetched_;
  std::unique_ptr<GfxImageColorMap> own_colours_;
  std::vector<Rgb> row_;  // where no table tells
};

// Draw into the visitor's sketch, if it has one: the path at hand; and a character, as a grey bar where it stands,
// which needs no font.  `x`, `y`, `dx`, `dy` and the origin are those of OutputDev::drawChar().
void sketch_path(GfxState* state, bool stroke, bool even_odd, PageVisitor& visitor);
void sketch_character(GfxState* state, Point at, Point advance, Point origin, PageVisitor& visitor);

// Hides colour profiles (ICC) from Poppler: to prepare one takes longer than most pages, and we look at colours as
// roughly as at those of JPEGs, whose profiles libjpeg does not know either.  Nor does a hostile profile reach its
// reader.
class ProfileHider {
 public:
  explicit ProfileHider(ObjectShelf& shelf) : shelf_(shelf), objects_(shelf.objects()) {}
  // Those of the device that the document is made for.  The catalog is no longer kept.
  void hide_output();
  // Those that pages and what they draw use; null: none.
  void hide_in(const Dict* resources);

 private:
  void read_resources(const Dict& resources, unsigned depth);
  void read_space(const Object& space, unsigned depth);
  void hide(Ref profile);

  ObjectShelf& shelf_;
  XRef& objects_;
  std::set<int> seen_;  // objects
};

// What an interpreter is made for.
struct PageFrame {
  std::array<double, 4> box{};
  int rotation = 0;
  bool operator==(const PageFrame&) const = default;
};

class PageDevice;

// Walks the pages of one document, which must outlive it.  Pages of one size share an interpreter, and with it the
// first page's fonts.
class PageWalker {
 public:
  explicit PageWalker(PDFDoc& document);
  ~PageWalker();
  // What of a page is to be drawn.  Reads its content, draws nothing.
  struct Plan {
    bool whole = false;  // the content as it stands
    bool none = false;   // nothing
    bool draws = false;  // XObjects or soft masks
    bool plain = false;  // the text can be shown without Poppler's interpreter
    std::string content;
    std::optional<std::set<std::string>> fonts;  // names of those that may be needed; none: all
    std::set<int> shown;                         // objects: fonts that show text
  };
  Plan plan(Page* page, bool text, PageVisitor& visitor);
  // Poppler decodes a JPEG 2000 picture as a whole before it can be asked anything, so its true size is looked up
  // first.  A page with one that is too large is not to be walked.
  bool has_huge_jpx(Page* page);
  // Lets the visitor see what is to be drawn.
  void walk(Page* page, const Plan& plan, PageVisitor& visitor);

 private:
  class Stage;
  using Names = std::optional<std::set<std::string>>;
  PageFrame frame_of(Page* page) const;
  void draw(Page* page, const Names& fonts, Object& content, PageVisitor& visitor);
  void play(Page* page, const Plan& plan, PageVisitor& visitor);
  // Makes the interpreter ready for a page and what it draws, and lets go of that.
  void enter(Page* page, const Names& fonts);
  void leave();
  void begin(Page* page, const Object& fonts);
  Object own_fonts(const Object& fonts) const;

  PDFDoc& document_;
  ObjectShelf shelf_;  // of the page at hand
  const bool layers_;  // whether parts of pages can be hidden
  ProfileHider profiles_;
  std::unique_ptr<PageDevice> device_;
  Object shared_;  // dictionary of fonts that the interpreter has
  PageFrame frame_;
  std::unique_ptr<Gfx> interpreter_;
  std::map<int, std::unique_ptr<TextFont>> fonts_;  // those of the stage by their objects; null: it is none
};

}  // namespace postern
