// SPDX-License-Identifier: GPL-2.0-or-later
// Poppler's fonts, without what only a renderer needs of them.
#pragma once

#include <GfxFont.h>
#include <Object.h>
#include <XRef.h>

#include <bitset>
#include <memory>
#include <optional>

#include "pdf/text_player.h"

namespace postern {

// Tells fonts apart: the number of a font's object; of one that stands in the page itself, a negative number that
// others like it have too; nothing if it is no font.
std::optional<int> font_identity(const Object& font);

// A font's program (ISO 32000-1 section 9.9) takes long to read.  Poppler reads it to tell of what type it is and,
// where the font's dictionary has no encoding to begin with, for that; here it does so only when a character is shown
// that needs it.
class PopplerFont final : public TextFont {
 public:
  // `dictionary` is one.  `objects` must outlive the font.
  PopplerFont(XRef* objects, Ref ref, const Object& dictionary);
  bool is_ok() const { return font_ != nullptr; }
  int object() const override { return ref_.num; }
  bool vertical() const override { return font_->getWMode() != 0; }
  void next(std::string_view text, Glyph& glyph) const override;
  const std::shared_ptr<GfxFont>& font() const { return font_; }

 private:
  void make(const Object& dictionary) const;

  XRef* const objects_;
  const Ref ref_;
  mutable Object whole_;             // the dictionary, while the program may still be needed
  std::bitset<256> known_;           // characters that do not need it
  mutable std::shared_ptr<GfxFont> font_;
};

}  // namespace postern
