// SPDX-License-Identifier: GPL-2.0-or-later
// The operands of the next operator in a page's content (ISO 32000-1 section 7.8.2), as far as they say what it is.
#pragma once

#include <cstddef>
#include <string_view>

#include "pdf/content_operator.h"
#include "pdf/content_scanner.h"

namespace postern {

class ContentOperands {
 public:
  void clear() { *this = ContentOperands(); }
  bool empty() const { return count_ == 0; }
  bool too_many() const { return count_ > kMostOperands; }
  // The last of them that is a name, without its slash.
  std::string_view name() const { return name_; }
  // Whether they are what an operator takes, neither less nor more.
  bool fit(const Operator& op) const { return op.takes(kinds_, count_); }

  // Both read one, of which `in` stands at the first character.  False where the content cannot be understood without
  // interpreting it, or no operand begins.
  bool read_number(ContentScanner& in) {
    const char kind = in.skip_number();
    add(kind);
    return kind != '\0';
  }
  bool read_other(ContentScanner& in);

 private:
  bool read_nested(ContentScanner& in);
  void add(char kind) {
    kinds_ = kinds_ << 8 | operand_kind(kind);
    ++count_;
  }

  OperandKinds kinds_ = 0;  // of the last eight: nothing that tells its operands takes more
  size_t count_ = 0;
  std::string_view name_;
};

}  // namespace postern
