// SPDX-License-Identifier: GPL-2.0-or-later
// A small grey picture of a page: pictures, areas and lines, each where it is drawn, on white.  Bounded whatever the
// document claims; made in the jail, carried out as plain brightness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "pdf/coverage.h"
#include "pdf/document.h"
#include "pdf/grey_picture.h"
#include "pdf/raster.h"

namespace postern {

// Lays what one page draws onto `picture`, which stays empty until the first thing that can be seen.
class Thumbnail final : public PageSketch {
 public:
  // A page whose size makes no sense (not finite, nothing) shows nothing.
  Thumbnail(GreyPicture& picture, PageSize page);
  // Shrinks by the mean of what falls into a pixel, enlarges by repeating.  What lies outside of the page is cut off.
  void paste(const Raster& raster, const Placement& place);
  void edge(Point from, Point to) override;
  void fill(bool even_odd, const Tone& tone, const Placement& clip) override;

 private:
  void begin();

  GreyPicture& picture_;
  PageSize page_;
  double scale_ = 0;  // pixels for a point; 0: nothing to show
  std::optional<Coverage> outline_;  // from the first edge on
};

}  // namespace postern
