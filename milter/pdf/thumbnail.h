// SPDX-License-Identifier: GPL-2.0-or-later
// A small grey picture of a page: its pictures, each where it is drawn, on white.  Text and lines are not drawn.
// Bounded whatever the document claims; made in the jail, carried out as plain brightness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "pdf/document.h"
#include "pdf/grey_picture.h"
#include "pdf/raster.h"

namespace postern {

// Lays the pictures of one page onto `picture`, which stays empty until the first one: nothing is allotted for a page
// without any.
class Thumbnail {
 public:
  // A page whose size makes no sense (not finite, nothing) shows nothing.
  Thumbnail(GreyPicture& picture, PageSize page);
  // Shrinks by the mean of what falls into a pixel, enlarges by repeating.  What lies outside of the page is cut off.
  void paste(const Raster& raster, const Placement& place);

 private:
  GreyPicture& picture_;
  PageSize page_;
  double scale_ = 0;  // pixels for a point; 0: nothing to show
};

}  // namespace postern
