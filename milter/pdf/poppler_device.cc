// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/poppler_device.h"

#include <Gfx.h>
#include <GfxFont.h>

#include <algorithm>
#include <cmath>

#include "pdf/text_player.h"

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

Placement around(GfxState* state) {
  const double* m = state->getCTM();
  Placement place;
  place.left = m[4] + std::min({0.0, m[0], m[2], m[0] + m[2]});
  place.right = m[4] + std::max({0.0, m[0], m[2], m[0] + m[2]});
  place.top = m[5] + std::min({0.0, m[1], m[3], m[1] + m[3]});
  place.bottom = m[5] + std::max({0.0, m[1], m[3], m[1] + m[3]});
  return place;
}

}  // namespace

bool PageDevice::tilingPatternFill(GfxState* /*state*/, Gfx* gfx, Catalog* /*catalog*/, GfxTilingPattern* pattern,
                                   const double* matrix, int, int, int, int, double, double) {
  if (++tiles_ <= 16) gfx->drawForm(pattern->getContentStream(), pattern->getResDict(), matrix, pattern->getBBox());
  return true;
}

void PageDevice::updateFont(GfxState* state) {
  if (state->getFont()) visitor_->font(state->getFont()->getID()->num);
}

void PageDevice::drawChar(GfxState* state, double x, double y, double dx, double dy, double origin_x, double origin_y,
                          CharCode /*code*/, int /*bytes*/, const Unicode* unicode, int count) {
  const double size = std::max(state->getTransformedFontSize(), kLeastSize);
  Point from, to;
  state->transform(x, y, &from.x, &from.y);
  state->transform(x + dx, y + dy, &to.x, &to.y);
  const Ink ink = ink_of(state->getRender(), size, state->getFillOpacity(), [state] {
    GfxGray grey = 0;
    if (state->getFillColorSpace()->getMode() != csPattern) state->getFillGray(&grey);
    return is_faint(grey);
  });
  const bool blank = unicode != nullptr && count == 1 && (*unicode == ' ' || *unicode == 0xa0);
  if (ink != Ink::kInvisible && !blank) sketch_character(state, {x, y}, {dx, dy}, {origin_x, origin_y}, *visitor_);
  character(from, to, size, ink, unicode, count);
}

void PageDevice::character(Point from, Point to, double size, Ink ink, const Unicode* unicode, int count) {
  const bool apart = std::fabs(from.y - last_y_) > size * 0.5 || std::fabs(from.x - last_x_) > size * 0.18;
  last_x_ = to.x;
  last_y_ = to.y;
  if (unicode == nullptr || count <= 0) visitor_->character(0, ink, apart);
  for (int i = 0; unicode != nullptr && i < count; ++i) visitor_->character(unicode[i], ink, apart && i == 0);
}

void PageDevice::report(GfxState* state, Object* ref, Stream* stream, int width, int height, GfxImageColorMap* colours,
                        bool is_inline) {
  const bool is_object = ref != nullptr && ref->isRef();
  PopplerPicture picture(shelf_, is_object ? ref->getRef() : Ref::INVALID(), stream, colours);
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
void PageDevice::skip(Stream* stream, const ImageFacts& facts) {
  const uint64_t row = (facts.width * facts.components * facts.bits + 7) / 8;
  uint64_t left = row * facts.height;
  to_start(stream);
  while (left-- > 0 && stream->getChar() != EOF) {
    if (left % 65536 == 0 && visitor_->stop()) break;
  }
  stream->close();
}

}  // namespace postern
