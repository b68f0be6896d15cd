// SPDX-License-Identifier: GPL-2.0-or-later
// The rooms of Poppler's private core API, which nobody but benchmarks enters: poppler.cc opens a document,
// poppler_page.cc walks a page, poppler_picture.cc reads a picture, poppler_sketch.cc draws the rest.  Written against
// 22.12; what later versions changed is told apart by the types themselves, not by version numbers.
#pragma once

#include <GfxState.h>
#include <Object.h>
#include <Stream.h>
#include <XRef.h>

#include <memory>
#include <optional>
#include <string>

#include "pdf/document.h"

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

// The stream's bytes, decoded, at most `most`.
std::string read_stream(Stream* stream, size_t most);

// A picture as it is drawn (then `stream` and `colours` are borrowed), or kept.
class PopplerPicture final : public DrawnPicture {
 public:
  // `colours` null: a stencil.  `ref`: of its object, or invalid where it stands in the page.
  PopplerPicture(XRef* objects, Ref ref, Stream* stream, GfxImageColorMap* colours);
  std::string jpeg(size_t most) override;
  std::optional<Raster> pixels(Deadline deadline) override;
  std::unique_ptr<DrawnPicture> keep() override;

 private:
  Stream* stream();
  bool is_bomb();
  void put(unsigned char* line, unsigned y, unsigned step, int components, Raster& out);

  XRef* objects_;
  Ref ref_;
  Stream* stream_;             // null: to be fetched
  GfxImageColorMap* colours_;
  Object fetched_;
  std::unique_ptr<GfxImageColorMap> own_colours_;
};

// Draw into the visitor's sketch, if it has one: the path at hand; and a character, as a grey bar where it stands,
// which needs no font.  `x`, `y`, `dx`, `dy` and the origin are those of OutputDev::drawChar().
void sketch_path(GfxState* state, bool stroke, bool even_odd, PageVisitor& visitor);
void sketch_character(GfxState* state, Point at, Point advance, Point origin, PageVisitor& visitor);

// Lets the visitor see all that a page draws.
void walk_page(Page* page, XRef* objects, PageVisitor& visitor);

}  // namespace postern
