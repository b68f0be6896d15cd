// SPDX-License-Identifier: GPL-2.0-or-later
// What Poppler's interpreter draws into.
#pragma once

#include <GfxState.h>
#include <OutputDev.h>

#include "pdf/document.h"
#include "pdf/poppler.h"

namespace postern {

// Receives what pages draw.  Paints nothing; shadings and most of tiling patterns are skipped.
class PageDevice final : public OutputDev {
 public:
  explicit PageDevice(const ObjectShelf& shelf) : shelf_(shelf) {}
  bool stop() { return visitor_->stop(); }
  void begin(PageVisitor& visitor) {
    visitor_ = &visitor;
    last_x_ = last_y_ = -1e9;
    tiles_ = 0;
  }
  PageVisitor& visitor() { return *visitor_; }
  // A character that begins at one point of the page and ends at another; `size` of its font there.
  void character(Point from, Point to, double size, Ink ink, const Unicode* unicode, int count);

  bool upsideDown() override { return true; }
  bool useDrawChar() override { return true; }
  bool interpretType3Chars() override { return false; }
  // Poppler asks its abort callback only between operators that paint; forms inside forms may never paint.  A form
  // that is said to be drawn by us is not entered.
  bool useDrawForm() override { return visitor_->stop(); }
  bool useTilingPatternFill() override { return true; }
  bool useShadedFills(int /*type*/) override { return true; }
  bool functionShadedFill(GfxState*, GfxFunctionShading*) override { return true; }
  bool axialShadedFill(GfxState*, GfxAxialShading*, double, double) override { return true; }
  bool radialShadedFill(GfxState*, GfxRadialShading*, double, double) override { return true; }
  bool gouraudTriangleShadedFill(GfxState*, GfxGouraudTriangleShading*) override { return true; }
  bool patchMeshShadedFill(GfxState*, GfxPatchMeshShading*) override { return true; }
  // One tile stands for all.
  bool tilingPatternFill(GfxState* state, Gfx* gfx, Catalog* catalog, GfxTilingPattern* pattern, const double* matrix,
                         int, int, int, int, double, double) override;

  void updateFont(GfxState* state) override;
  void stroke(GfxState* state) override { sketch_path(state, true, false, *visitor_); }
  void fill(GfxState* state) override { sketch_path(state, false, false, *visitor_); }
  void eoFill(GfxState* state) override { sketch_path(state, false, true, *visitor_); }
  void drawChar(GfxState* state, double x, double y, double dx, double dy, double origin_x, double origin_y,
                CharCode code, int bytes, const Unicode* unicode, int count) override;

  void drawImage(GfxState* state, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
                 bool /*interpolate*/, const int* /*mask*/, bool is_inline) override {
    report(state, ref, stream, width, height, colours, is_inline);
  }
  void drawImageMask(GfxState* state, Object* ref, Stream* stream, int width, int height, bool /*invert*/,
                     bool /*interpolate*/, bool is_inline) override {
    report(state, ref, stream, width, height, nullptr, is_inline);
  }
  void drawMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
                       bool /*interpolate*/, Stream* /*mask*/, int, int, bool, bool) override {
    report(state, ref, stream, width, height, colours, false);
  }
  void drawSoftMaskedImage(GfxState* state, Object* ref, Stream* stream, int width, int height,
                           GfxImageColorMap* colours, bool /*interpolate*/, Stream* /*mask*/, int, int,
                           GfxImageColorMap*, bool) override {
    report(state, ref, stream, width, height, colours, false);
  }
  void setSoftMaskFromImageMask(GfxState*, Object*, Stream*, int, int, bool, bool, double*) override {}

 private:
  void report(GfxState* state, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
              bool is_inline);
  void skip(Stream* stream, const ImageFacts& facts);

  const ObjectShelf& shelf_;
  PageVisitor* visitor_ = nullptr;
  double last_x_ = -1e9, last_y_ = -1e9;
  unsigned tiles_ = 0;
};

}  // namespace postern
