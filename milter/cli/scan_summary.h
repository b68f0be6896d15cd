// SPDX-License-Identifier: GPL-2.0-or-later
// What `postern scan` says after many messages: how many of each verdict, and which rules hit.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "policy/decide.h"

namespace postern {

class ScanSummary {
 public:
  void add(const Judgement& judgement, int64_t micros);
  size_t messages() const { return messages_; }
  bool all_clean() const;
  std::string line() const;   // "12 messages: 10 clean 2 spam"
  std::string table() const;  // verdicts with their shares, the rules that hit most, the time

 private:
  struct Rule {
    size_t hits = 0, not_clean = 0;
  };

  size_t messages_ = 0;
  int64_t micros_ = 0;
  std::map<Verdict, size_t> verdicts_;
  std::map<std::string, Rule> rules_;
};

}  // namespace postern
