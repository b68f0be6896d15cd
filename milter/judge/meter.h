// SPDX-License-Identifier: GPL-2.0-or-later
// Who counts what is judged.  Sessions and transactions say what they did, once for each; how it is kept and shown is
// the counter's affair, so that judging needs no library for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "policy/decide.h"

namespace postern {

// Where the time of judging goes: the jailed inspector, the index of pictures, the rules, the evidence of a bounce,
// the recipients' policies; and all of it, from the end of the message to the verdict.
enum class Stage { kInspect, kPictures, kRules, kBounce, kPolicy, kAll };
constexpr size_t kStages = 6;
constexpr std::array<std::string_view, kStages> kStageNames{"inspect", "pictures", "rules",
                                                            "bounce",  "policy",   "all"};

// One judged message.  The pointers are borrowed for the call.
struct MessageMeasure {
  const Judgement* judgement = nullptr;
  const ActionPlan* plan = nullptr;
  bool outbound = false;
  bool monitor = false;                                  // nothing is changed, whatever the plan says
  std::array<std::optional<int64_t>, kStages> micros{};  // by stage; nothing where the message had no need of it
};

// Every call is safe from any thread, waits for nobody and does not throw.
class Meter {
 public:
  virtual ~Meter() = default;
  virtual void judged(const MessageMeasure& message) = 0;
  // The gate refused a client, or would have (`enforced` false).
  virtual void refused(bool enforced) = 0;
  // A message was refused for now (4xx) because Postern itself met a fault.
  virtual void failed() = 0;
};

}  // namespace postern
