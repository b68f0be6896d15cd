// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/picture_content.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "pdf/content_operator.h"

namespace postern {
namespace {

constexpr size_t kMostSaved = 1000;     // graphics states saved in each other
constexpr size_t kMostOperands = 32;    // that Poppler takes
constexpr unsigned kOperatorsAStop = 4096;

// Characters (section 7.2.2).
enum Kind : uint8_t { kRegular, kBlank, kDelimiter };
constexpr std::array<Kind, 256> make_kinds() {
  std::array<Kind, 256> kinds{};
  for (const char c : {'\0', '\t', '\n', '\f', '\r', ' '}) kinds[static_cast<unsigned char>(c)] = kBlank;
  for (const char c : {'(', ')', '<', '>', '[', ']', '{', '}', '/', '%'}) kinds[static_cast<unsigned char>(c)] = kDelimiter;
  return kinds;
}
constexpr std::array<Kind, 256> kKinds = make_kinds();
Kind kind_of(char c) { return kKinds[static_cast<unsigned char>(c)]; }

class Reduction {
 public:
  Reduction(std::string_view content, bool text, const std::function<bool()>& stop)
      : content_(content), text_(text), stop_(stop) {}
  PictureContent run();

 private:
  bool skip_operand();
  bool skip_string();
  bool skip_hexadecimal();
  bool skip_nested();
  void skip_blanks();
  std::string_view regular();
  bool apply(std::string_view name);
  bool save(std::string_view name);
  bool restore(std::string_view name);
  bool draw(std::set<std::string>& names, std::string_view name);
  bool show(std::string_view name);
  bool mark(std::string_view name);
  bool end_mark(std::string_view name);
  void keep(std::string_view name);
  void keep_if(bool wanted, std::string_view name) {
    if (wanted) keep(name);
  }
  char look(size_t ahead = 0) const { return at_ + ahead < content_.size() ? content_[at_ + ahead] : '\0'; }

  const std::string_view content_;
  const bool text_;
  const std::function<bool()>& stop_;
  size_t at_ = 0;
  size_t operands_at_ = 0;     // where the operands of the next operator begin
  size_t operands_ = 0;        // how many there are
  std::string_view name_;      // the last of them that is a name, without its slash
  std::string_view font_;      // that is chosen now; points into content_
  bool told_ = false;          // whether fonts holds it
  struct Saved {
    std::string_view font;
    size_t content;  // kept before it
    uint64_t drawn;
  };
  std::vector<Saved> saved_;
  std::vector<bool> marks_;  // those that are open: whether they are kept
  uint64_t drawn_ = 0;       // what was kept and may draw
  PictureContent out_;
};

void Reduction::skip_blanks() {
  for (; at_ < content_.size(); ++at_) {
    if (content_[at_] == '%') {
      at_ = std::min(content_.find_first_of("\r\n", at_), content_.size());
      if (at_ == content_.size()) return;
    } else if (kind_of(content_[at_]) != kBlank) {
      return;
    }
  }
}

std::string_view Reduction::regular() {
  const size_t start = at_;
  while (at_ < content_.size() && kind_of(content_[at_]) == kRegular) ++at_;
  return content_.substr(start, at_ - start);
}

// "(...)", where parentheses nest.
bool Reduction::skip_string() {
  size_t depth = 0;
  for (; at_ < content_.size(); ++at_) {
    const char c = content_[at_];
    if (c == '\\') ++at_;
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0) {
      ++at_;
      return true;
    }
  }
  return false;
}

bool Reduction::skip_hexadecimal() {
  at_ = content_.find('>', at_);
  if (at_ == std::string_view::npos) return false;
  ++at_;
  return true;
}

// "[...]" and "<<...>>", which hold operands only, of any depth.
bool Reduction::skip_nested() {
  size_t depth = 0;
  do {
    const char c = look();
    if (c == '[' || (c == '<' && look(1) == '<')) {
      at_ += c == '[' ? 1 : 2;
      ++depth;
    } else if (c == ']' || (c == '>' && look(1) == '>')) {
      at_ += c == ']' ? 1 : 2;
      --depth;
    } else if (c == '(') {
      if (!skip_string()) return false;
    } else if (c == '<') {
      if (!skip_hexadecimal()) return false;
    } else if (c == '/') {
      ++at_;
      regular();
    } else if (regular().empty()) {
      return false;
    }
    skip_blanks();
  } while (depth > 0);
  return true;
}

// False where no operand begins.
bool Reduction::skip_operand() {
  switch (look()) {
    case '(':
      return skip_string();
    case '/':
      ++at_;
      name_ = regular();
      return name_.find('#') == std::string_view::npos;  // an escaped name is rare enough
    case '[':
      return skip_nested();
    case '<':
      return look(1) == '<' ? skip_nested() : skip_hexadecimal();
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
  saved_.push_back({font_, out_.content.size(), drawn_});
  keep(name);
  return true;
}

bool Reduction::restore(std::string_view name) {
  if (saved_.empty()) return false;
  font_ = saved_.back().font;
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
  names.emplace(name_);
  keep(name);
  return !name_.empty();
}

bool Reduction::show(std::string_view name) {
  if (!told_ && !font_.empty()) out_.fonts.emplace(font_);
  told_ = true;
  if (text_) ++drawn_;
  keep_if(text_, name);
  return true;
}

bool Reduction::mark(std::string_view name) {
  marks_.push_back(content_.substr(operands_at_, 3) == "/OC");  // optional content; others do not matter
  if (marks_.back()) ++drawn_;
  keep_if(marks_.back(), name);
  return (text_ || !marks_.back()) && marks_.size() <= kMostSaved;
}

bool Reduction::end_mark(std::string_view name) {
  if (marks_.empty()) return true;
  keep_if(marks_.back(), name);
  marks_.pop_back();
  return true;
}

// False if the content must be interpreted as it stands.
bool Reduction::apply(std::string_view name) {
  const Does does = meaning(name);
  if (does == Does::kFont || does == Does::kText || does == Does::kPlace) told_ = false;
  if (does == Does::kFont) font_ = name_;
  switch (does) {
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
    case Does::kMark:
      return mark(name);
    case Does::kEndMark:
      return end_mark(name);
    case Does::kFont:
    case Does::kText:
    case Does::kColour:
    case Does::kLook:
      keep_if(text_, name);
      return does == Does::kFont ? !font_.empty() : does != Does::kColour || name_.empty();
    case Does::kPath:
      return true;
    case Does::kUnknown:
      return false;
  }
  return false;
}

PictureContent Reduction::run() {
  unsigned count = 0;
  skip_blanks();
  for (operands_at_ = at_; at_ < content_.size(); skip_blanks()) {
    const char c = content_[at_];
    if (kind_of(c) == kDelimiter) {
      out_.whole = !skip_operand() || ++operands_ > kMostOperands;
    } else if ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.') {
      const std::string_view number = regular();
      const auto part = [](char d) { return (d >= '0' && d <= '9') || d == '-' || d == '+' || d == '.'; };
      out_.whole = !std::all_of(number.begin(), number.end(), part) || ++operands_ > kMostOperands;
    } else {
      const std::string_view name = regular();
      // true, false and null are operands of no operator that is kept.
      out_.whole = !apply(name);
      skip_blanks();
      operands_at_ = at_;
      operands_ = 0;
      name_ = {};
      if (++count % kOperatorsAStop == 0 && stop_()) break;
    }
    if (out_.whole) return out_;
  }
  return out_;
}

}  // namespace

PictureContent picture_content(std::string_view content, bool text, const std::function<bool()>& stop) {
  return Reduction(content, text, stop).run();
}

}  // namespace postern
