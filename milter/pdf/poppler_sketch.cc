// SPDX-License-Identifier: GPL-2.0-or-later
#include <GfxFont.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "pdf/poppler.h"

namespace postern {

namespace {

constexpr int kPieces = 8;         // straight lines that stand for a curve
constexpr int kGlance = 256;       // points of a path between two looks at the clock
constexpr double kThinnest = 0.8;  // points: a thinner line is drawn as wide as this
// A bar stands for a character: as high as a small letter, a little narrower than its place, and as dark as print
// looks.
constexpr double kBarHeight = 0.5;
constexpr double kBarWidth = 0.9;
constexpr double kBarInk = 0.5;

Placement clip_of(const GfxState* state) {
  Placement clip;
  state->getClipBBox(&clip.left, &clip.top, &clip.right, &clip.bottom);
  return clip;
}

Point moved(const GfxState* state, double x, double y) {
  Point out;
  state->transform(x, y, &out.x, &out.y);
  return out;
}

Tone fill_tone(GfxState* state) {
  GfxGray grey;
  state->getFillGray(&grey);
  return {static_cast<double>(colToByte(grey)), state->getFillOpacity()};
}

Tone stroke_tone(GfxState* state) {
  GfxGray grey;
  state->getStrokeGray(&grey);
  return {static_cast<double>(colToByte(grey)), state->getStrokeOpacity()};
}

void four_sides(const std::array<Point, 4>& corners, PageSketch& sketch) {
  for (size_t i = 0; i < corners.size(); ++i) sketch.edge(corners[i], corners[(i + 1) % corners.size()]);
}

// A line as the area that it covers, always turned the same way.
void thick(Point from, Point to, double width, PageSketch& sketch) {
  const double dx = to.x - from.x, dy = to.y - from.y, length = std::hypot(dx, dy);
  if (!(length > 0)) return;
  const double nx = -dy / length * width / 2, ny = dx / length * width / 2;
  four_sides({{{from.x + nx, from.y + ny}, {to.x + nx, to.y + ny}, {to.x - nx, to.y - ny}, {from.x - nx, from.y - ny}}},
             sketch);
}

Point on_curve(Point from, Point first, Point second, Point to, double t) {
  const double u = 1 - t, a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;
  return {a * from.x + b * first.x + c * second.x + d * to.x, a * from.y + b * first.y + c * second.y + d * to.y};
}

// Calls line(from, to) for every straight line of the path; a part that is not closed is closed where `closed` says so.
template <class Line>
void each_line(const GfxState* state, bool closed, PageVisitor& visitor, Line&& line) {
  const GfxPath* const path = state->getPath();
  int seen = 0;
  for (int i = 0; i < path->getNumSubpaths(); ++i) {
    const GfxSubpath* const part = path->getSubpath(i);
    const auto point = [&](int j) { return moved(state, part->getX(j), part->getY(j)); };
    const int count = part->getNumPoints();
    if (count == 0) continue;
    const Point first = point(0);
    Point last = first;
    for (int j = 1; j < count;) {
      if (++seen % kGlance == 0 && visitor.stop()) return;
      const bool curve = part->getCurve(j) && j + 2 < count;
      const Point from = last, to = point(curve ? j + 2 : j);
      for (int piece = 1; curve && piece < kPieces; ++piece) {
        const Point next = on_curve(from, point(j), point(j + 1), to, static_cast<double>(piece) / kPieces);
        line(last, next);
        last = next;
      }
      line(last, to);
      last = to;
      j += curve ? 3 : 1;
    }
    if (closed) line(last, first);
  }
}

// How high a bar is, in sizes of the font.  The characters of a Type 3 font are drawings of any size.
double bar_height(const GfxFont* font) {
  if (font->getType() != fontType3) return kBarHeight;
  return kBarHeight * std::fabs(font->getFontMatrix()[3] * font->getFontBBox()[3]);
}

}  // namespace

void sketch_path(GfxState* state, bool stroke, bool even_odd, PageVisitor& visitor) {
  PageSketch* const sketch = visitor.sketch();
  if (sketch == nullptr || visitor.stop()) return;
  if (stroke) {
    const double width = std::max(state->getTransformedLineWidth(), kThinnest);
    each_line(state, false, visitor, [&](Point from, Point to) { thick(from, to, width, *sketch); });
  } else {
    each_line(state, true, visitor, [sketch](Point from, Point to) { sketch->edge(from, to); });
  }
  sketch->fill(even_odd, stroke ? stroke_tone(state) : fill_tone(state), clip_of(state));
}

void sketch_character(GfxState* state, Point at, Point advance, Point origin, PageVisitor& visitor) {
  PageSketch* const sketch = visitor.sketch();
  if (sketch == nullptr || !state->getFont()) return;
  double m[4];
  state->getFontTransMat(&m[0], &m[1], &m[2], &m[3]);
  const double height = bar_height(&*state->getFont());
  const Point up{m[2] * height, m[3] * height}, corner = moved(state, at.x - origin.x, at.y - origin.y);
  Point along;
  state->transformDelta(advance.x, advance.y, &along.x, &along.y);
  if (state->getFont()->getWMode() != 0) along = {m[0], m[1]};  // from top to bottom: as wide as the font is high
  along = {along.x * kBarWidth, along.y * kBarWidth};
  four_sides({{corner,
               {corner.x + along.x, corner.y + along.y},
               {corner.x + along.x + up.x, corner.y + along.y + up.y},
               {corner.x + up.x, corner.y + up.y}}},
             *sketch);
  Tone tone = fill_tone(state);
  tone.opacity *= kBarInk;
  sketch->fill(false, tone, clip_of(state));
}

}  // namespace postern
