// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/rule_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <mutex>

#include "policy/rule_literals.h"

namespace postern {
namespace {

// A simple pattern takes a few steps a character; a text has at most some ten thousand.  100,000 steps are below 1
// ms.
constexpr uint32_t kMatchLimit = 100'000;
constexpr uint32_t kDepthLimit = 1'000;
constexpr uint32_t kHeapLimit = 4'096;  // KiB

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using CodePtr = std::unique_ptr<pcre2_code, Freer<pcre2_code_free>>;
using DataPtr = std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>>;
using ContextPtr = std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>>;

uint32_t option_of(char flag) {
  switch (flag) {
    case 'i':
      return PCRE2_CASELESS;
    case 's':
      return PCRE2_DOTALL;
    case 'm':
      return PCRE2_MULTILINE;
    case 'x':
      return PCRE2_EXTENDED;
    default:
      return 0;
  }
}

pcre2_match_context* limits() {
  static const ContextPtr context = [] {
    ContextPtr made(pcre2_match_context_create(nullptr));
    pcre2_set_match_limit(made.get(), kMatchLimit);
    pcre2_set_depth_limit(made.get(), kDepthLimit);
    pcre2_set_heap_limit(made.get(), kHeapLimit);
    return made;
  }();
  return context.get();
}

// Scratch memory of a match; nobody looks at what is in it, so each thread has one.
pcre2_match_data* scratch() {
  static thread_local const DataPtr data(pcre2_match_data_create(1, nullptr));
  return data.get();
}

}  // namespace

struct Pattern::Code {
  CodePtr code;
  std::once_flag jit;  // compiled at the first match: most patterns of a big table never come to one
};

Pattern::Pattern() : code_(std::make_unique<Code>()) {}
Pattern::~Pattern() = default;

PatternPtr Pattern::compile(std::string_view pattern, std::string_view flags, Fault& fault) {
  uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
  for (const char flag : flags) {
    if (option_of(flag) == 0) {
      fault = {pattern.size() + 1, std::string("unknown flag \"") + flag + "\": expected i, s, m or x"};
      return nullptr;
    }
    options |= option_of(flag);
  }
  int code = 0;
  PCRE2_SIZE offset = 0;
  std::shared_ptr<Pattern> made(new Pattern);
  made->code_->code.reset(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &code, &offset, nullptr));
  if (!made->code_->code) {
    std::array<PCRE2_UCHAR, 160> text{};
    pcre2_get_error_message(code, text.data(), text.size());
    fault = {offset, reinterpret_cast<const char*>(text.data())};
    return nullptr;
  }
  made->literals_ = required_literals(pattern, flags);
  return made;
}

bool Pattern::matches(std::string_view text) const {
  pcre2_code* const code = code_->code.get();
  // Without executable memory (a hardened service) this fails, and pcre2_match interprets.
  std::call_once(code_->jit, [code] { pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); });
  const auto* const subject = reinterpret_cast<PCRE2_SPTR>(text.data());
  int found = pcre2_match(code, subject, text.size(), 0, 0, scratch(), limits());
  if (found == PCRE2_ERROR_JIT_STACKLIMIT) {
    found = pcre2_match(code, subject, text.size(), 0, PCRE2_NO_JIT, scratch(), limits());
  }
  return found >= 0;
}

}  // namespace postern
