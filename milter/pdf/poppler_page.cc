// SPDX-License-Identifier: GPL-2.0-or-later
#include <Catalog.h>
#include <Gfx.h>
#include <GfxFont.h>
#include <OutputDev.h>
#include <PDFDoc.h>
#include <Page.h>

#include <algorithm>
#include <cmath>

#include "pdf/poppler.h"

namespace postern {

namespace {

const char* filter_name(StreamKind kind) {
  switch (kind) {
    case strDCT:
      return "DCT";
    case strLZW:
      return "LZW";
    case strFlate:
      return "Flate";
    case strCCITTFax:
      return "CCITT";
    case strJBIG2:
      return "JBIG2";
    case strJPX:
      return "JPX";
    case strRunLength:
      return "RunLength";
    default:
      return "none";
  }
}

}  // namespace

// Receives what pages draw.  Paints nothing; shadings and most of tiling patterns are skipped.
class PageWalker::Device final : public OutputDev {
 public:
  explicit Device(XRef* objects) : objects_(objects) {}
  bool stop() { return visitor_->stop(); }
  void begin(PageVisitor& visitor) {
    visitor_ = &visitor;
    last_x_ = last_y_ = -1e9;
    tiles_ = 0;
  }
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
  bool tilingPatternFill(GfxState* /*state*/, Gfx* gfx, Catalog* /*catalog*/, GfxTilingPattern* pattern,
                         const double* matrix, int, int, int, int, double, double) override {
    if (++tiles_ <= 16) gfx->drawForm(pattern->getContentStream(), pattern->getResDict(), matrix, pattern->getBBox());
    return true;
  }

  void updateFont(GfxState* state) override {
    if (state->getFont()) visitor_->font(state->getFont()->getID()->num);
  }

  void stroke(GfxState* state) override { sketch_path(state, true, false, *visitor_); }
  void fill(GfxState* state) override { sketch_path(state, false, false, *visitor_); }
  void eoFill(GfxState* state) override { sketch_path(state, false, true, *visitor_); }

  void drawChar(GfxState* state, double x, double y, double dx, double dy, double origin_x, double origin_y,
                CharCode /*code*/, int /*bytes*/, const Unicode* unicode, int count) override {
    const double size = std::max(state->getTransformedFontSize(), 0.01);
    double at_x = 0, at_y = 0, to_x = 0, to_y = 0;
    state->transform(x, y, &at_x, &at_y);
    state->transform(x + dx, y + dy, &to_x, &to_y);
    const bool apart = std::fabs(at_y - last_y_) > size * 0.5 || std::fabs(at_x - last_x_) > size * 0.18;
    last_x_ = to_x;
    last_y_ = to_y;
    const Ink ink = ink_of(state, size);
    const bool blank = unicode != nullptr && count == 1 && (*unicode == ' ' || *unicode == 0xa0);
    if (ink != Ink::kInvisible && !blank) sketch_character(state, {x, y}, {dx, dy}, {origin_x, origin_y}, *visitor_);
    if (unicode == nullptr || count <= 0) visitor_->character(0, ink, apart);
    for (int i = 0; unicode != nullptr && i < count; ++i) visitor_->character(unicode[i], ink, apart && i == 0);
  }

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
  static Ink ink_of(GfxState* state, double size) {
    const int render = state->getRender() & 3;
    if (render == 3) return Ink::kInvisible;
    if (size < 2.0) return Ink::kFaint;
    if (render == 1) return Ink::kVisible;
    if (state->getFillOpacity() < 0.05) return Ink::kFaint;
    if (state->getFillColorSpace()->getMode() == csPattern) return Ink::kVisible;
    GfxGray grey;
    state->getFillGray(&grey);
    return colToByte(grey) >= 246 ? Ink::kFaint : Ink::kVisible;
  }

  void report(GfxState* state, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
              bool is_inline) {
    const bool is_object = ref != nullptr && ref->isRef();
    PopplerPicture picture(objects_, is_object ? ref->getRef() : Ref::INVALID(), stream, colours);
    if (is_object) picture.object = ref->getRefNum();
    ImageFacts& facts = picture.facts;
    facts.filter = filter_name(stream->getKind());
    facts.width = static_cast<uint64_t>(std::max(width, 0));
    facts.height = static_cast<uint64_t>(std::max(height, 0));
    facts.mask = colours == nullptr;
    facts.inline_image = is_inline || !is_object;
    facts.components = colours != nullptr ? static_cast<uint64_t>(std::max(colours->getNumPixelComps(), 0)) : 1;
    facts.bits = colours != nullptr ? static_cast<uint64_t>(std::max(colours->getBits(), 0)) : 1;
    if (Dict* dict = stream->getDict(); dict != nullptr && !is_inline) {
      const Object length = dict->lookup("Length");
      if (length.isInt() && length.getInt() > 0) facts.bytes = static_cast<uint64_t>(length.getInt());
    }
    picture.place = around(state);
    visitor_->picture(picture);
    if (is_inline) skip(stream, picture.facts);
  }

  // The interpreter goes on behind an inline picture, so its data must be read to the end.
  void skip(Stream* stream, const ImageFacts& facts) {
    const uint64_t row = (facts.width * facts.components * facts.bits + 7) / 8;
    uint64_t left = row * facts.height;
    to_start(stream);
    while (left-- > 0 && stream->getChar() != EOF) {
      if (left % 65536 == 0 && visitor_->stop()) break;
    }
    stream->close();
  }

  static Placement around(GfxState* state) {
    const double* m = state->getCTM();
    Placement place;
    place.left = m[4] + std::min({0.0, m[0], m[2], m[0] + m[2]});
    place.right = m[4] + std::max({0.0, m[0], m[2], m[0] + m[2]});
    place.top = m[5] + std::min({0.0, m[1], m[3], m[1] + m[3]});
    place.bottom = m[5] + std::max({0.0, m[1], m[3], m[1] + m[3]});
    return place;
  }

  XRef* objects_;
  PageVisitor* visitor_ = nullptr;
  double last_x_ = -1e9, last_y_ = -1e9;
  unsigned tiles_ = 0;
};

namespace {

// Fonts of a page by their names, or all; or only those that are objects of their own.
Object choose_fonts(XRef* objects, const Dict* resources, const std::optional<std::set<std::string>>& names,
                    bool references) {
  Object out(new Dict(objects));
  const Object fonts = resources != nullptr ? resources->lookup("Font") : Object(objNull);
  for (int i = 0; fonts.isDict() && i < fonts.dictGetLength(); ++i) {
    const Object& font = fonts.dictGetValNF(i);
    const bool wanted = !names || names->contains(fonts.dictGetKey(i));
    if (wanted && (font.isRef() || !references)) out.dictAdd(fonts.dictGetKey(i), font.copy());
  }
  return out;
}

}  // namespace

PageWalker::PageWalker(PDFDoc& document)
    : document_(document),
      layers_(document.getCatalog()->getOptContentConfig() != nullptr),
      profiles_(*document.getXRef()),
      device_(std::make_unique<Device>(document.getXRef())) {
  profiles_.hide_output();
}

PageWalker::~PageWalker() = default;

// An interpreter that has these fonts and nothing else of the page.
void PageWalker::begin(Page* page, const Object& fonts) {
  interpreter_.reset();
  shared_ = fonts.copy();
  Object base(new Dict(document_.getXRef()));
  base.dictSet("Font", shared_.copy());
  PDFRectangle box(frame_.box[0], frame_.box[1], frame_.box[2], frame_.box[3]);
  const auto stop = [](void* data) { return static_cast<Device*>(data)->stop(); };
  interpreter_ = std::make_unique<Gfx>(&document_, device_.get(), page->getNum(), base.getDict(), 72, 72, &box,
                                       nullptr, frame_.rotation, stop, device_.get());
}

// Those that the interpreter does not have.
Object PageWalker::own_fonts(const Object& fonts) const {
  Object own(new Dict(document_.getXRef()));
  for (int i = 0; i < fonts.dictGetLength(); ++i) {
    const Object& font = fonts.dictGetValNF(i);
    const Object& known = shared_.dictLookupNF(fonts.dictGetKey(i));
    if (!font.isRef() || !known.isRef() || font.getRef() != known.getRef()) {
      own.dictAdd(fonts.dictGetKey(i), font.copy());
    }
  }
  return own;
}

// As Page::displaySlice() does it, but without the page's annotations: to read them takes long, and their appearance
// would make Poppler look for fonts on the disk.
void PageWalker::draw(Page* page, const Dict* resources, const Names& names, Object& content, PageVisitor& visitor) {
  device_->begin(visitor);
  profiles_.hide_in(resources);
  PageFrame frame;
  frame.rotation = (page->getRotate() % 360 + 360) % 360;
  PDFRectangle box;
  bool crop = false;
  page->makeBox(72, 72, frame.rotation, false, device_->upsideDown(), -1, -1, -1, -1, &box, &crop);
  frame.box = {box.x1, box.y1, box.x2, box.y2};
  const auto of_page = [&](bool references) {
    return choose_fonts(document_.getXRef(), resources, names, references);
  };
  if (!interpreter_ || layers_ || frame != frame_) {
    frame_ = frame;
    begin(page, of_page(true));
  }
  Object own(objNull);
  if (resources != nullptr) {
    own = Object(resources->copy(document_.getXRef()));
    own.dictSet("Font", own_fonts(of_page(false)));
  }
  interpreter_->pushResources(own.isDict() ? own.getDict() : nullptr);
  interpreter_->getState()->clearPath();  // which no state restores
  interpreter_->saveState();
  interpreter_->display(&content);
  interpreter_->restoreState();
  interpreter_->popResources();
}

}  // namespace postern
