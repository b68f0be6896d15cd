// SPDX-License-Identifier: GPL-2.0-or-later
// The small readers of texts, picture headers and contents inside a PDF, on any bytes: what they give is bounded by
// what they got, a share is a share, from what is left of a content nothing more can be left out, and to play it comes
// to an end.
#include <cstdint>
#include <string>
#include <string_view>

#include "pdf/pdf_text.h"
#include "pdf/picture_content.h"
#include "pdf/text_player.h"
#include "test/fuzz/demand.h"

namespace {

using namespace postern;

class Font final : public TextFont {
 public:
  int object() const override { return 1; }
  bool vertical() const override { return false; }
  void next(std::string_view /*text*/, Glyph& glyph) const override { glyph = {2, 1, 1, nullptr, 0}; }
};

// Counts what is shown.
class Stage final : public PlayerStage {
 public:
  bool has_font(std::string_view name) override { return name != "N"; }
  const TextFont* font(std::string_view name) override { return name == "B" ? nullptr : &font_; }
  void shows(const TextFont& /*font*/) override {}
  bool faint(const Fill& fill) override { return fill.count > 1; }
  double opacity(std::string_view /*state*/, double now) override { return now / 2; }
  void character(Point, Point, double size, Ink, const Glyph& /*glyph*/) override {
    demand(!(size < kLeastSize));
    ++shown;
  }
  void draw(std::string_view /*object*/, const PlayerState& /*state*/) override { ++shown; }
  void fault() override {}
  bool stop() override { return false; }

  size_t shown = 0;

 private:
  const Font font_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string text = pdf_string(bytes);
  demand(text.size() <= 2 * size);
  demand(is_share(random_share(text)));
  PdfFacts facts;
  read_xmp(bytes, facts);
  for (const std::string* each : {&facts.producer, &facts.creator, &facts.title, &facts.author, &facts.keywords}) {
    demand(each->size() <= 512);
  }
  demand(size >= 24 || jpx_pixels(bytes) + jbig2_pixels(bytes.substr(0, 18)) == 0);
  jpx_pixels(bytes);
  jbig2_pixels(bytes);
  const auto never = [] { return false; };
  for (const bool with_text : {false, true}) {
    const PictureContent found = picture_content(bytes, with_text, never);
    demand(found.content.size() <= 2 * size);
    if (found.whole) continue;
    Stage stage;
    if (found.plain) TextPlayer(found.content, {1, 0, 0, 1, 0, 0}, stage).play();
    demand(stage.shown <= size);
    const PictureContent again = picture_content(found.content, with_text, never);
    demand(!again.whole && again.content == found.content && again.drawn == found.drawn &&
           again.states == found.states);
    demand(with_text ? again.fonts == found.fonts : again.fonts.empty());
  }
  return 0;
}
