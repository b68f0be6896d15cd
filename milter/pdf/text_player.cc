// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/text_player.h"

#include <algorithm>
#include <cmath>

#include "pdf/content_operator.h"

namespace postern {

namespace {

constexpr size_t kWorkAStop = 256;  // operators and characters

// What a matrix does to a distance.
Point turned(const Matrix6& m, double x, double y) { return {m[0] * x + m[2] * y, m[1] * x + m[3] * y}; }
Point placed(const Matrix6& m, double x, double y) {
  return {m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]};
}

// `first`, then `m`.
Matrix6 joined(const double* first, const Matrix6& m) {
  const double a = first[0], b = first[1], c = first[2], d = first[3], e = first[4], f = first[5];
  return {a * m[0] + b * m[2], a * m[1] + b * m[3],        c * m[0] + d * m[2],
          c * m[1] + d * m[3], e * m[0] + f * m[2] + m[4], e * m[1] + f * m[3] + m[5]};
}

}  // namespace

TextPlayer::TextPlayer(std::string_view content, const Matrix6& page, PlayerStage& stage)
    : content_(content), in_(content), stage_(stage) {
  now_.page = page;
}

bool TextPlayer::pause(size_t work) {
  work_ += work;
  if (work_ >= kWorkAStop) {
    work_ = 0;
    stopped_ = stopped_ || stage_.stop();
  }
  return stopped_;
}

void TextPlayer::play() {
  in_.skip_blanks();
  start_ = in_.at();
  while (!in_.ended() && !stopped_) {
    switch (in_.next()) {
      case CharacterKind::kRegular:
        execute(in_.word());
        end_operator();
        break;
      case CharacterKind::kNumber: {
        const double value = in_.number();
        if (count_ < numbers_.size()) numbers_[count_++] = value;
        break;
      }
      case CharacterKind::kBlank: case CharacterKind::kComment:
        in_.skip_blanks();
        break;
      default:
        read_operand();
    }
  }
}

void TextPlayer::end_operator() {
  in_.skip_blanks();
  start_ = in_.at();
  count_ = 0;
  name_ = {};
  strings_.clear();
  pieces_.clear();
  pause(1);
}

// No number.
void TextPlayer::read_operand() {
  switch (in_.look()) {
    case '/':
      in_.pass();
      name_ = in_.regular();
      return;
    case '[':
      in_.pass();
      return read_pieces();
    default:
      return add_string();
  }
}

void TextPlayer::add_string() {
  const size_t start = in_.at();
  bool clean = true, escapes = false;
  if (in_.look() == '(')
    in_.skip_string(escapes);
  else if (in_.look() == '<')
    in_.skip_hexadecimal(clean);
  else
    in_.advance(1);  // no such thing in plain content
  const std::string_view token = in_.since(start);
  if (token[0] == '(' && !escapes && token.size() >= 2) {
    pieces_.push_back({Piece::Kind::kPlain, 0, start + 1, token.size() - 2});
    return;
  }
  const size_t before = strings_.size();
  if (token.size() >= 2) append_string(token, strings_);
  pieces_.push_back({Piece::Kind::kDecoded, 0, before, strings_.size() - before});
}

// "[...]" behind its bracket.
void TextPlayer::read_pieces() {
  for (in_.skip_blanks(); !in_.ended() && in_.look() != ']'; in_.skip_blanks()) {
    if (in_.at_number())
      pieces_.push_back({Piece::Kind::kShift, in_.number()});
    else
      add_string();
  }
  in_.advance(1);
}

void TextPlayer::execute(uint32_t name) {
  if (!show_text(name) && !move_text(name) && !change_text(name)) change_state(name);
}

void TextPlayer::fill(char device) {
  Fill& fill = now_.fill;
  // A colour in the space of the one before, which `g`, `rg` and `k` choose too.
  if (device == 's' && fill.device != 's' && fill.device != '\0') fill.space = fill.colour;
  if (device != 's') fill.space = fill.space_name = {};
  fill.device = device;
  fill.colour = in_.since(start_);
  fill.count = count_;
  std::copy_n(numbers_.begin(), fill.values.size(), fill.values.begin());
}

bool TextPlayer::change_state(uint32_t name) {
  switch (name) {
    case packed("q"):
      saved_.push_back(now_);
      return true;
    case packed("Q"):
      if (saved_.empty()) return true;
      now_ = saved_.back();
      saved_.pop_back();
      return true;
    case packed("cm"):
      now_.page = joined(numbers_.data(), now_.page);
      return true;
    case packed("gs"):
      now_.opacity = stage_.opacity(name_, now_.opacity);
      return true;
    case packed("Do"):
      stage_.draw(name_, now_);
      stopped_ = stopped_ || stage_.stop();
      return true;
    case packed("cs"):
      now_.fill = {in_.since(start_), {}, name_, '\0', {}, 0};
      return true;
    case packed("g"): case packed("rg"): case packed("k"):
      fill(name == packed("rg") ? 'r' : static_cast<char>(name));
      return true;
    case packed("sc"): case packed("scn"):
      fill('s');
      return true;
    default:
      return false;
  }
}

bool TextPlayer::change_text(uint32_t name) {
  switch (name) {
    case packed("Tf"):
      choose_font();
      return true;
    case packed("Tc"):
      now_.character_space = numbers_[0];
      return true;
    case packed("Tw"):
      now_.word_space = numbers_[0];
      return true;
    case packed("Tz"):
      now_.scale = 0.01 * numbers_[0];
      return true;
    case packed("TL"):
      now_.leading = numbers_[0];
      return true;
    case packed("Ts"):
      now_.rise = numbers_[0];
      return true;
    case packed("Tr"):
      now_.render = static_cast<int>(numbers_[0]);
      return true;
    default:
      return false;
  }
}

// The font is looked for when it shows something, for that takes long.
void TextPlayer::choose_font() {
  now_.font = nullptr;
  now_.font_name = name_;
  now_.size = numbers_[0];
  if (stage_.has_font(name_)) return;
  now_.font_name = {};
  stage_.fault();
}

void TextPlayer::move_to(double x, double y) {
  line_ = {x, y};
  at_ = placed(now_.text, x, y);
}

bool TextPlayer::move_text(uint32_t name) {
  switch (name) {
    case packed("BT"):
      now_.text = {1, 0, 0, 1, 0, 0};
      move_to(0, 0);
      return true;
    case packed("ET"):
      return true;
    case packed("Tm"):
      std::copy_n(numbers_.begin(), now_.text.size(), now_.text.begin());
      move_to(0, 0);
      return true;
    case packed("TD"):
      now_.leading = -numbers_[1];
      [[fallthrough]];
    case packed("Td"):
      move_to(line_.x + numbers_[0], line_.y + numbers_[1]);
      return true;
    case packed("T*"):
      move_to(line_.x, line_.y - now_.leading);
      return true;
    default:
      return false;
  }
}

bool TextPlayer::show_text(uint32_t name) {
  const bool spaces = name == packed("\""), lines = spaces || name == packed("'");
  if (!lines && name != packed("Tj") && name != packed("TJ")) return false;
  if (now_.font == nullptr && !now_.font_name.empty()) now_.font = stage_.font(now_.font_name);
  if (now_.font == nullptr) {
    stage_.fault();
    return true;
  }
  if (now_.font != told_) stage_.shows(*now_.font);
  told_ = now_.font;
  if (spaces) {
    now_.word_space = numbers_[0];
    now_.character_space = numbers_[1];
  }
  if (lines) move_to(line_.x, line_.y - now_.leading);
  show_pieces();
  return true;
}

void TextPlayer::show_pieces() {
  const Point high = turned(now_.page, now_.text[2] * now_.size, now_.text[3] * now_.size);
  const double size = std::max(std::sqrt(high.x * high.x + high.y * high.y), kLeastSize);
  const Ink ink = ink_of(now_.render, size, now_.opacity, [this] { return stage_.faint(now_.fill); });
  for (const Piece& piece : pieces_) {
    if (piece.kind == Piece::Kind::kShift) {
      const double shift = -piece.shift * 0.001 * now_.size;
      const Point by = now_.font->vertical() ? turned(now_.text, 0, shift) : turned(now_.text, shift * now_.scale, 0);
      at_ = {at_.x + by.x, at_.y + by.y};
    } else {
      const std::string_view from = piece.kind == Piece::Kind::kPlain ? content_ : std::string_view(strings_);
      show(from.substr(piece.start, piece.length), ink, size);
    }
    if (stopped_) return;
  }
}

// Section 9.4.4.
void TextPlayer::show(std::string_view bytes, Ink ink, double size) {
  const bool vertical = now_.font->vertical();
  const Point rise = turned(now_.text, 0, now_.rise);
  Glyph glyph;
  while (!bytes.empty() && !pause(1)) {
    now_.font->next(bytes, glyph);
    const double word = glyph.bytes == 1 && bytes[0] == ' ' ? now_.word_space : 0;
    double x = glyph.width * now_.size, y = glyph.height * now_.size;
    if (vertical)
      y = y + now_.character_space + word;
    else
      x = (x + now_.character_space + word) * now_.scale;
    const Point by = turned(now_.text, x, y), here{at_.x + rise.x, at_.y + rise.y};
    stage_.character(placed(now_.page, here.x, here.y), placed(now_.page, here.x + by.x, here.y + by.y), size, ink,
                     glyph);
    at_ = {at_.x + by.x, at_.y + by.y};
    bytes.remove_prefix(std::min(std::max<size_t>(glyph.bytes, 1), bytes.size()));
  }
}

}  // namespace postern
