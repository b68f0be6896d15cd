// SPDX-License-Identifier: GPL-2.0-or-later
// Plays the content of a page that picture_content() has reduced and found plain: keeps the state of graphics and text
// (ISO 32000-1 sections 8.4 and 9.3), tells where each character stands, and leaves what is drawn otherwise to a
// stage.  Knows no PDF library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pdf/content_scanner.h"
#include "pdf/document.h"

namespace postern {

using Matrix6 = std::array<double, 6>;  // a b c d e f of section 8.3.3

// The next character of a string, in units of a font of size 1.
struct Glyph {
  size_t bytes = 1;
  double width = 0, height = 0;      // of its advance
  const unsigned* unicode = nullptr;  // `count` of them, or null: no known meaning
  int count = 0;
};

class TextFont {
 public:
  virtual ~TextFont() = default;
  virtual int object() const = 0;
  virtual bool vertical() const = 0;
  // `text` is not empty.
  virtual void next(std::string_view text, Glyph& glyph) const = 0;
};

// With what areas and characters are filled.
struct Fill {
  std::string_view space, colour;  // the operators that chose it, with their operands; empty: black
  std::string_view space_name;
  char device = '\0';  // g, r, k: the first letter of an operator that chose the colour with its space; else 's'
  std::array<double, 4> values{};
  size_t count = 0;  // of values
};

struct PlayerState {
  Matrix6 page{1, 0, 0, 1, 0, 0}, text{1, 0, 0, 1, 0, 0};
  Fill fill;
  double opacity = 1;
  const TextFont* font = nullptr;
  std::string_view font_name;
  double size = 0, character_space = 0, word_space = 0, scale = 1, leading = 0, rise = 0;
  int render = 0;
};

class PlayerStage {
 public:
  virtual ~PlayerStage() = default;
  virtual bool has_font(std::string_view name) = 0;
  virtual const TextFont* font(std::string_view name) = 0;   // null: there is none
  virtual void shows(const TextFont& font) = 0;              // before it shows its first characters
  virtual bool faint(const Fill& fill) = 0;                  // whether it can hardly be seen on paper
  virtual double opacity(std::string_view state, double now) = 0;  // after a graphics state was taken
  virtual void character(Point from, Point to, double size, Ink ink, const Glyph& glyph) = 0;
  virtual void draw(std::string_view object, const PlayerState& state) = 0;
  virtual void fault() = 0;  // of syntax
  virtual bool stop() = 0;   // asked often
};

constexpr double kLeastSize = 0.01;  // of a font on the page, in points

// How text looks that is shown in a rendering mode (section 9.3.6) in a font of `size` points on the page.
template <class Faint>
Ink ink_of(int render, double size, double opacity, Faint&& faint) {
  const int mode = render & 3;
  if (mode == 3) return Ink::kInvisible;
  if (size < 2.0) return Ink::kFaint;
  if (mode == 1) return Ink::kVisible;
  return opacity < 0.05 || faint() ? Ink::kFaint : Ink::kVisible;
}

class TextPlayer {
 public:
  // `page`: what a page begins with.  All must outlive the player.
  TextPlayer(std::string_view content, const Matrix6& page, PlayerStage& stage);
  // Until the end, or until the stage wants to stop.
  void play();

 private:
  // Of what a string operator shows: a shift, bytes of the content as they stand there, or bytes of strings_.
  struct Piece {
    enum class Kind { kShift, kPlain, kDecoded } kind = Kind::kShift;
    double shift = 0;
    size_t start = 0, length = 0;
  };
  void end_operator();
  void read_operand();
  void read_pieces();
  void add_string();
  // Operators are packed() names.
  void execute(uint32_t name);
  bool change_state(uint32_t name);
  bool change_text(uint32_t name);
  bool move_text(uint32_t name);
  bool show_text(uint32_t name);
  void fill(char device);
  void choose_font();
  void move_to(double x, double y);
  void show_pieces();
  void show(std::string_view bytes, Ink ink, double size);
  bool pause(size_t work);

  const std::string_view content_;
  ContentScanner in_;
  PlayerStage& stage_;
  PlayerState now_;
  std::vector<PlayerState> saved_;
  Point at_, line_;           // where the next character and the line begin, before the page's matrix
  const TextFont* told_ = nullptr;  // the font of which the stage knows that it shows
  bool stopped_ = false;
  size_t work_ = 0;
  // Operands of the next operator:
  size_t start_ = 0;
  std::array<double, 8> numbers_{};
  size_t count_ = 0;
  std::string_view name_;
  std::string strings_;  // that do not stand in the content as they are
  std::vector<Piece> pieces_;
};

}  // namespace postern
