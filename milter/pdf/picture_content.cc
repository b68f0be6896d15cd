// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/picture_content.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "pdf/content_operands.h"
#include "pdf/content_operator.h"
#include "pdf/content_scanner.h"

namespace postern {
namespace {

constexpr size_t kMostSaved = 1000;  // graphics states saved in each other
constexpr unsigned kOperatorsAStop = 4096;

class Reduction {
 public:
  Reduction(std::string_view content, bool text, const std::function<bool()>& stop)
      : content_(content), in_(content), text_(text), stop_(stop) {}
  PictureContent run();

 private:
  // These are false if the content must be interpreted as it stands.
  bool read_word();
  bool read_operator();
  bool apply(const Operator& op);
  bool change(const Operator& op);
  bool save();
  bool restore();
  bool draw(std::set<std::string>& names, std::string_view& last);
  bool show();
  bool mark();
  bool end_mark();

  void begin_operands();
  void judge(const Operator& op);
  void judge_fill(const Operator& op);
  void keep();
  void keep_if(bool wanted) {
    if (wanted) keep();
  }

  const std::string_view content_;
  ContentScanner in_;
  const bool text_;
  const std::function<bool()>& stop_;
  ContentOperands operands_;   // of the next operator
  size_t start_ = 0;           // where they begin
  unsigned count_ = 0;         // of operators, since it was asked whether to stop
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

void Reduction::keep() {
  out_.content += in_.since(start_);
  out_.content += '\n';
}

bool Reduction::save() {
  if (saved_.size() >= kMostSaved) return false;
  saved_.push_back({font_, pattern_, out_.content.size(), drawn_});
  keep();
  return true;
}

bool Reduction::restore() {
  if (saved_.empty()) return false;
  font_ = saved_.back().font;
  pattern_ = saved_.back().pattern;
  if (drawn_ == saved_.back().drawn)  // what does not outlive this state was for nothing
    out_.content.resize(saved_.back().content);
  else
    keep();
  saved_.pop_back();
  return true;
}

// An XObject, or a graphics state, in which a soft mask may draw.
bool Reduction::draw(std::set<std::string>& names, std::string_view& last) {
  ++drawn_;
  if (operands_.name() != last) names.emplace(last = operands_.name());
  keep();
  return !operands_.name().empty();
}

bool Reduction::show() {
  if (!font_.empty() && font_ != told_) {
    out_.fonts.emplace(font_);
    told_ = font_;
  }
  if (text_) ++drawn_;
  keep_if(text_);
  return true;
}

bool Reduction::mark() {
  marks_.push_back(content_.substr(start_, 3) == "/OC");  // optional content; others do not matter
  if (marks_.back()) {
    ++drawn_;
    out_.plain = false;
  }
  keep_if(marks_.back());
  return (text_ || !marks_.back()) && marks_.size() <= kMostSaved;
}

bool Reduction::end_mark() {
  if (marks_.empty()) return true;
  keep_if(marks_.back());
  marks_.pop_back();
  return true;
}

// Of an operator that is kept: whether anybody would understand it in the same way.
void Reduction::judge(const Operator& op) {
  const bool moves = op.does == Does::kShow || op.does == Does::kMove || op.name == packed("Tm");
  const bool fitting = operands_.fit(op) || (op.does == Does::kColour && pattern_);
  if (!fitting || (moves && !in_text_) || (op.does == Does::kDraw && in_text_ && text_)) out_.plain = false;
  if (op.name == packed("BT")) in_text_ = true;
  if (op.name == packed("ET")) in_text_ = false;
  if (op.does == Does::kShow && pattern_) out_.plain = false;
}

// Whether it chooses a pattern to fill with, or none.
void Reduction::judge_fill(const Operator& op) {
  if (op.name == packed("g") || op.name == packed("rg") || op.name == packed("k")) pattern_ = false;
  if (op.does != Does::kSpace) return;
  const std::string_view name = operands_.name();
  pattern_ = name == "Pattern";
  if (!pattern_ && name != space_) out_.spaces.emplace(space_ = name);
}

bool Reduction::apply(const Operator& op) {
  if (operands_.too_many()) return false;
  switch (op.does) {
    case Does::kPath:
      return true;
    case Does::kStroke:
      return operands_.fit(op);
    case Does::kMark:
      return mark();
    case Does::kEndMark:
      return end_mark();
    case Does::kUnknown:
      return false;
    default:
      return change(op);
  }
}

bool Reduction::change(const Operator& op) {
  const bool drawing = op.does == Does::kSave || op.does == Does::kRestore || op.does == Does::kDraw ||
                       op.does == Does::kState || op.does == Does::kPlace;
  if (text_ || drawing) judge(op);
  if (text_) judge_fill(op);
  switch (op.does) {
    case Does::kSave:
      return save();
    case Does::kRestore:
      return restore();
    case Does::kDraw:
      return draw(out_.drawn, last_drawn_);
    case Does::kState:
      return draw(out_.states, last_state_);
    case Does::kPlace:
      keep();
      return true;
    case Does::kShow:
      return show();
    case Does::kFont:
      font_ = operands_.name();
      keep_if(text_);
      return !font_.empty();
    case Does::kColour:
      if (!operands_.name().empty()) out_.patterns.emplace(operands_.name());
      keep_if(text_ && op.name == packed("scn"));
      return true;
    default:
      keep_if(text_);
      return true;
  }
}

void Reduction::begin_operands() {
  in_.skip_blanks();
  start_ = in_.at();
  operands_.clear();
}

// True, false and null are operands of no operator that is kept.
bool Reduction::read_operator() {
  const Operator& op = content_operator(in_.word());
  if (!apply(op)) return false;
  if (++count_ == kOperatorsAStop) {
    count_ = 0;
    if (stop_()) in_.pass_all();
  }
  // Paths are the great mass of most contents.
  if (op.does <= Does::kStroke) count_ += in_.skip_paths(kOperatorsAStop - 1 - count_);
  begin_operands();
  return true;
}

bool Reduction::read_word() {
  switch (in_.next()) {
    case CharacterKind::kNumber:
      return operands_.read_number(in_);
    case CharacterKind::kBlank:
      in_.pass();
      return true;
    case CharacterKind::kRegular:
      return read_operator();
    case CharacterKind::kComment:
      in_.skip_blanks();
      if (operands_.empty()) start_ = in_.at();
      return true;
    default:
      return operands_.read_other(in_);
  }
}

PictureContent Reduction::run() {
  begin_operands();
  bool understood = true;
  while (understood && !in_.ended()) understood = read_word();
  out_.whole = !understood || operands_.too_many();
  out_.plain = out_.plain && operands_.empty();
  return std::move(out_);
}

}  // namespace

PictureContent picture_content(std::string_view content, bool text, const std::function<bool()>& stop) {
  return Reduction(content, text, stop).run();
}

}  // namespace postern
