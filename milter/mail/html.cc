// SPDX-License-Identifier: GPL-2.0-or-later
#include "mail/html.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "mail/html_tag.h"

namespace postern {
namespace {

constexpr size_t kMaxOpen = 512;   // elements inside each other; deeper ones inherit and are not tracked
constexpr size_t kMaxSearch = 64;  // how far a closing tag looks for its element

bool is_one_of(std::string_view name, std::string_view list) {
  // `list` is like " br hr "; names have no blanks.
  const size_t at = list.find(name);
  return !name.empty() && at != std::string_view::npos && at > 0 && list[at - 1] == ' ' &&
         at + name.size() < list.size() && list[at + name.size()] == ' ';
}

constexpr std::string_view kVoid = " area base br col embed hr img input link meta param source track wbr ";
constexpr std::string_view kLines =
    " br p div tr li h1 h2 h3 h4 h5 h6 table ul ol blockquote hr pre dt dd form center "
    "address section article header footer ";
constexpr std::string_view kSelfClosing = " p li td th tr option dd dt ";  // the next one of its kind ends it
constexpr std::string_view kNoText = " script style title template ";

class TextOfHtml {
 public:
  TextOfHtml(std::string_view html, size_t max_bytes) : html_(html), max_(max_bytes) {}
  std::string run();

 private:
  struct Open {
    std::string name;
    Look look;
    bool pre = false;
  };
  size_t markup(size_t at);
  void open_tag(const HtmlTag& tag);
  void close_tag(std::string_view name);
  void text(std::string_view piece);
  void put(std::string_view bytes);
  void line_break();
  Look look() const { return open_.empty() ? Look{} : open_.back().look; }
  bool pre() const { return !open_.empty() && open_.back().pre; }

  std::string_view html_;
  size_t max_;
  std::string out_;
  std::vector<Open> open_;
  bool blank_ = false;  // a blank is due before the next character
};

std::string TextOfHtml::run() {
  out_.reserve(std::min(max_, html_.size() / 2));
  size_t at = 0;
  while (at < html_.size() && out_.size() < max_) {
    const size_t mark = std::min(html_.find('<', at), html_.size());
    text(html_.substr(at, mark - at));
    at = mark < html_.size() ? markup(mark) : mark;
  }
  while (out_.ends_with('\n')) out_.pop_back();
  return std::move(out_);
}

// html_[at] is '<'; gives where the text goes on.
size_t TextOfHtml::markup(size_t at) {
  const std::string_view rest = html_.substr(at);
  if (rest.starts_with("<!--")) {
    const size_t end = html_.find("-->", at + 4);
    return end == std::string_view::npos ? html_.size() : end + 3;
  }
  HtmlTag tag;
  const size_t end = read_tag(html_, at, tag);
  if (end == 0) {  // a bare '<'
    text("<");
    return at + 1;
  }
  if (tag.closing) {
    close_tag(tag.name);
    return end;
  }
  if (is_one_of(tag.name, kNoText) && !tag.self_closed) {
    const size_t close = find_nocase(html_, "</" + tag.name, end);
    return close == std::string_view::npos ? html_.size() : close;
  }
  open_tag(tag);
  return end;
}

void TextOfHtml::open_tag(const HtmlTag& tag) {
  if (tag.name.empty()) return;  // <!DOCTYPE>, <?xml?>
  if (is_one_of(tag.name, kLines)) line_break();
  if (tag.name == "td" || tag.name == "th") blank_ = true;
  if (is_one_of(tag.name, kSelfClosing) && !open_.empty() && open_.back().name == tag.name) open_.pop_back();
  if (is_one_of(tag.name, kVoid) || tag.self_closed || open_.size() >= kMaxOpen) return;
  open_.push_back({tag.name, look_of(tag, look()), pre() || tag.name == "pre"});
}

void TextOfHtml::close_tag(std::string_view name) {
  if (is_one_of(name, kLines)) line_break();
  const size_t limit = open_.size() > kMaxSearch ? open_.size() - kMaxSearch : 0;
  for (size_t i = open_.size(); i > limit; --i) {
    if (open_[i - 1].name != name) continue;
    open_.resize(i - 1);
    return;
  }
}

void TextOfHtml::line_break() {
  if (!out_.empty() && out_.back() != '\n') out_ += '\n';
  blank_ = false;
}

void TextOfHtml::put(std::string_view bytes) {
  if (blank_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
  blank_ = false;
  out_ += bytes;
}

void TextOfHtml::text(std::string_view piece) {
  if (look().invisible()) return;
  const bool as_is = pre();
  std::string entity;
  for (size_t at = 0; at < piece.size() && out_.size() < max_;) {
    const char c = piece[at];
    if (c == '&') {
      at += read_entity(piece.substr(at), entity);
      if (entity == " ") {
        blank_ = true;
      } else {
        put(entity);
      }
      continue;
    }
    ++at;
    if (as_is && c == '\n') {
      out_ += '\n';
      blank_ = false;
    } else if (as_is && (c == ' ' || c == '\t')) {
      out_ += c;
    } else if (is_space(c)) {
      blank_ = true;
    } else {
      put(std::string_view(&c, 1));
    }
  }
}

}  // namespace

std::string html_to_text(std::string_view html, size_t max_bytes) { return TextOfHtml(html, max_bytes).run(); }

uint64_t count_visible(std::string_view text) {
  uint64_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte <= ' ' || byte == 0x7f || (byte >= 0x80 && byte < 0xc0)) continue;  // blanks; inner bytes of UTF-8
    const std::string_view rest = text.substr(i, 3);
    if (rest.starts_with("\xc2\xa0") || rest == "\xef\xbb\xbf") continue;
    if (rest == "\xe2\x80\x8b" || rest == "\xe2\x80\x8c" || rest == "\xe2\x80\x8d") continue;
    ++count;
  }
  return count;
}

}  // namespace postern
