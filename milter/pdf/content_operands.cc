// SPDX-License-Identifier: GPL-2.0-or-later
#include "pdf/content_operands.h"

namespace postern {

namespace {

constexpr size_t kMostElements = 50'000;  // of an array that is plain

// One word inside of "[...]" and "<<...>>"; `plain`: a number or a string.
bool read_element(ContentScanner& in, bool& plain) {
  if (in.at_number()) {
    const char kind = in.skip_number();
    plain = plain && kind != '\0' && kind != '?';
    return true;
  }
  bool escapes = false;
  switch (in.look()) {
    case '(':
      return in.skip_string(escapes);
    case '<':
      return in.skip_hexadecimal(plain);
    case '/':
      in.pass();
      in.regular();
      plain = false;
      return true;
    default:
      plain = false;
      return !in.regular().empty();
  }
}

// The characters of a bracket that stands next: 1 of "[" or "]", 2 of "<<" or ">>", else 0.
size_t bracket(const ContentScanner& in, char array, char dictionary) {
  const char c = in.look();
  return c == array ? 1 : c == dictionary && in.look(1) == c ? 2 : 0;
}

}  // namespace

// "[...]" and "<<...>>", which hold operands only, of any depth.
bool ContentOperands::read_nested(ContentScanner& in) {
  size_t depth = 0, elements = 0;
  bool plain = in.look() == '[';
  do {
    if (const size_t opens = bracket(in, '[', '<'); opens > 0) {
      in.advance(opens);
      if (++depth > 1) plain = false;
    } else if (const size_t closes = bracket(in, ']', '>'); closes > 0) {
      in.advance(closes);
      --depth;
    } else if (!read_element(in, plain)) {
      return false;
    }
    ++elements;
    in.skip_blanks();
  } while (depth > 0);
  add(plain && elements <= kMostElements ? 'a' : '?');
  return true;
}

bool ContentOperands::read_other(ContentScanner& in) {
  bool clean = true, escapes = false;
  switch (in.look()) {
    case '(':
      add('s');
      return in.skip_string(escapes);
    case '/':
      in.pass();
      name_ = in.regular();
      add('/');
      return name_.find('#') == std::string_view::npos;  // an escaped name is rare enough
    case '[':
      return read_nested(in);
    case '<':
      if (in.look(1) == '<') return read_nested(in);
      if (!in.skip_hexadecimal(clean)) return false;
      add(clean ? 's' : '?');
      return true;
    default:
      return false;
  }
}

}  // namespace postern
