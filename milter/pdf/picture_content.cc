// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/picture_content.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "pdf/content_operator.h"
#include "pdf/content_scanner.h"

namespace postern {
namespace {

constexpr size_t kMostSaved = 1000;     // graphics states saved in each other
constexpr size_t kMostOperands = 32;    // that Poppler takes
constexpr size_t kMostElements = 50'000;  // of an array that is plain
constexpr unsigned kOperatorsAStop = 4096;

class Reduction {
 public:
  Reduction(std::string_view content, bool text, const std::function<bool()>& stop)
      : content_(content), in_(content), text_(text), stop_(stop) {}
  PictureContent run();

 private:
  bool read_word();
  bool read_operand();
  bool read_nested();
  bool read_element(bool& plain);
  bool add_operand(char kind);
  bool fits(std::string_view wanted) const;
  bool apply(std::string_view name);
  bool save(std::string_view name);
  bool restore(std::string_view name);
  bool draw(std::set<std::string>& names, std::string_view name);
  bool show(std::string_view name);
  bool mark(std::string_view name);
  bool end_mark(std::string_view name);
  void judge(const Operator& op, std::string_view name);
  void keep(std::string_view name);
  void keep_if(bool wanted, std::string_view name) {
    if (wanted) keep(name);
  }

  const std::string_view content_;
  ContentScanner in_;
  const bool text_;
  const std::function<bool()>& stop_;
  size_t operands_at_ = 0;     // where the operands of the next operator begin
  std::array<char, kMostOperands> kinds_{};  // what they are, as content_operator() has it
  size_t operands_ = 0;                      // how many there are
  unsigned count_ = 0;                       // of operators, since it was asked whether to stop
  std::string_view name_;      // the last of them that is a name, without its slash
  std::string_view font_;      // that is chosen now; points into content_
  std::string_view told_;      // that fonts got last
  std::string_view space_, last_drawn_, last_state_;  // that spaces, drawn and states got last
  bool in_text_ = false;       // between BT and ET
  bool pattern_ = false;       // what is filled is filled with a pattern
  struct Saved {
    std::string_view font;
    bool pattern;
    size_t content;  // kept before it
    uint64_t drawn;
  };
  std::vector<Saved> saved_;
  std::vector<bool> marks_;  // those that are open: whether they are kept
  uint64_t drawn_ = 0;       // what was kept and may draw
  PictureContent out_;
};

bool Reduction::add_operand(char kind) {
  if (operands_ == kMostOperands) return false;
  kinds_.data()[operands_++] = kind;
  return true;
}

// Whether the operands are what an operator takes, neither less nor more.
bool Reduction::fits(std::string_view wanted) const {
  const auto number = [](char kind) { return kind == 'i' || kind == 'n'; };
  if (wanted == "*") return true;
  if (wanted == "+")
    return operands_ >= 1 && operands_ <= 4 && std::all_of(kinds_.begin(), kinds_.begin() + operands_, number);
  if (operands_ != wanted.size()) return false;
  for (size_t i = 0; i < operands_; ++i) {
    if (kinds_[i] != wanted[i] && (wanted[i] != 'n' || !number(kinds_[i]))) return false;
  }
  return true;
}

// One word inside of "[...]" and "<<...>>"; `plain`: a number or a string.
bool Reduction::read_element(bool& plain) {
  if (in_.look() == '(') return in_.skip_string();
  if (in_.look() == '<') return in_.skip_hexadecimal(plain);
  if (in_.look() == '/') {
    in_.advance(1);
    in_.regular();
    plain = false;
    return true;
  }
  if (in_.at_number()) {
    const char kind = in_.skip_number();
    plain = plain && kind != '\0' && kind != '?';
    return true;
  }
  plain = false;
  return !in_.regular().empty();
}

// "[...]" and "<<...>>", which hold operands only, of any depth.
bool Reduction::read_nested() {
  size_t depth = 0, elements = 0;
  bool plain = in_.look() == '[';
  do {
    const char c = in_.look();
    if (c == '[' || (c == '<' && in_.look(1) == '<')) {
      in_.advance(c == '[' ? 1 : 2);
      if (++depth > 1) plain = false;
    } else if (c == ']' || (c == '>' && in_.look(1) == '>')) {
      in_.advance(c == ']' ? 1 : 2);
      --depth;
    } else if (!read_element(plain)) {
      return false;
    }
    ++elements;
    in_.skip_blanks();
  } while (depth > 0);
  return add_operand(plain && elements <= kMostElements ? 'a' : '?');
}

// False where no operand begins.
bool Reduction::read_operand() {
  bool clean = true;
  switch (in_.look()) {
    case '(':
      return in_.skip_string() && add_operand('s');
    case '/':
      in_.advance(1);
      name_ = in_.regular();
      // An escaped name is rare enough.
      return name_.find('#') == std::string_view::npos && add_operand('/');
    case '[':
      return read_nested();
    case '<':
      if (in_.look(1) == '<') return read_nested();
      return in_.skip_hexadecimal(clean) && add_operand(clean ? 's' : '?');
    default:
      return false;
  }
}

void Reduction::keep(std::string_view name) {
  const char* const end = name.data() + name.size();
  out_.content.append(content_.data() + operands_at_, end);
  out_.content += '\n';
}

bool Reduction::save(std::string_view name) {
  if (saved_.size() >= kMostSaved) return false;
  saved_.push_back({font_, pattern_, out_.content.size(), drawn_});
  keep(name);
  return true;
}

bool Reduction::restore(std::string_view name) {
  if (saved_.empty()) return false;
  font_ = saved_.back().font;
  pattern_ = saved_.back().pattern;
  if (drawn_ == saved_.back().drawn)  // what does not outlive this state was for nothing
    out_.content.resize(saved_.back().content);
  else
    keep(name);
  saved_.pop_back();
  return true;
}

// An XObject, or a graphics state, in which a soft mask may draw.
bool Reduction::draw(std::set<std::string>& names, std::string_view name) {
  ++drawn_;
  std::string_view& last = &names == &out_.drawn ? last_drawn_ : last_state_;
  if (name_ != last) names.emplace(last = name_);
  keep(name);
  return !name_.empty();
}

bool Reduction::show(std::string_view name) {
  if (!font_.empty() && font_ != told_) {
    out_.fonts.emplace(font_);
    told_ = font_;
  }
  if (text_) ++drawn_;
  keep_if(text_, name);
  return true;
}

bool Reduction::mark(std::string_view name) {
  marks_.push_back(content_.substr(operands_at_, 3) == "/OC");  // optional content; others do not matter
  if (marks_.back()) {
    ++drawn_;
    out_.plain = false;
  }
  keep_if(marks_.back(), name);
  return (text_ || !marks_.back()) && marks_.size() <= kMostSaved;
}

bool Reduction::end_mark(std::string_view name) {
  if (marks_.empty()) return true;
  keep_if(marks_.back(), name);
  marks_.pop_back();
  return true;
}

// Of an operator that is kept: whether anybody would understand it in the same way.
void Reduction::judge(const Operator& op, std::string_view name) {
  const bool moves = op.does == Does::kShow || op.does == Does::kMove || name == "Tm";
  const bool fitting = fits(op.operands) || (op.does == Does::kColour && pattern_);
  if (!fitting || (moves && !in_text_) || (op.does == Does::kDraw && in_text_ && text_)) out_.plain = false;
  if (name == "BT") in_text_ = true;
  if (name == "ET") in_text_ = false;
  if (op.does == Does::kShow && pattern_) out_.plain = false;
  if (op.does == Does::kSpace) {
    pattern_ = name_ == "Pattern";
    if (!pattern_ && name_ != space_) out_.spaces.emplace(space_ = name_);
  }
  if (name == "g" || name == "rg" || name == "k") pattern_ = false;
}

// False if the content must be interpreted as it stands.
bool Reduction::apply(std::string_view name) {
  const Operator& op = content_operator(name);
  switch (op.does) {
    case Does::kPath:
      return true;
    case Does::kStroke:
      return fits(op.operands);
    case Does::kMark:
      return mark(name);
    case Does::kEndMark:
      return end_mark(name);
    case Does::kUnknown:
      return false;
    default:
      break;
  }
  const bool drawing = op.does == Does::kSave || op.does == Does::kRestore || op.does == Does::kDraw ||
                       op.does == Does::kState || op.does == Does::kPlace;
  if (text_ || drawing) judge(op, name);
  switch (op.does) {
    case Does::kSave:
      return save(name);
    case Does::kRestore:
      return restore(name);
    case Does::kDraw:
      return draw(out_.drawn, name);
    case Does::kState:
      return draw(out_.states, name);
    case Does::kPlace:
      keep(name);
      return true;
    case Does::kShow:
      return show(name);
    case Does::kFont:
      font_ = name_;
      keep_if(text_, name);
      return !font_.empty();
    case Does::kColour:
      if (!name_.empty()) out_.patterns.emplace(name_);
      keep_if(text_ && name == "scn", name);
      return true;
    default:
      keep_if(text_, name);
      return true;
  }
}

// One word; false if the content must be interpreted as it stands.
bool Reduction::read_word() {
  switch (in_.next()) {
    case CharacterKind::kNumber: {
      const char kind = in_.skip_number();
      return kind != '\0' && add_operand(kind);
    }
    case CharacterKind::kRegular:
      break;
    default:
      return read_operand();
  }
  // true, false and null are operands of no operator that is kept.
  if (!apply(in_.regular())) return false;
  in_.skip_blanks();
  operands_at_ = in_.at();
  operands_ = 0;
  name_ = {};
  ++count_;
  return true;
}

PictureContent Reduction::run() {
  in_.skip_blanks();
  for (operands_at_ = in_.at(); !in_.ended(); in_.skip_blanks()) {
    if (!read_word()) {
      out_.whole = true;
      return std::move(out_);
    }
    if (count_ < kOperatorsAStop) continue;
    count_ = 0;
    if (stop_()) break;
  }
  out_.plain = out_.plain && operands_ == 0;
  return std::move(out_);
}

}  // namespace

PictureContent picture_content(std::string_view content, bool text, const std::function<bool()>& stop) {
  return Reduction(content, text, stop).run();
}

}  // namespace postern
