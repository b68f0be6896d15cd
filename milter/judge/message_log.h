// SPDX-License-Identifier: GPL-2.0-or-later
// The one log line of a message in the MTA's manner: queue ID first, reason in words last.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "judge/session.h"
#include "policy/decide.h"
#include "policy/facts.h"

namespace postern {

struct MessageLog {
  std::string_view id;          // queue ID, or the session's
  const Session* session = nullptr;
  const Facts* facts = nullptr;
  const Judgement* judgement = nullptr;
  const ActionPlan* plan = nullptr;
  std::string_view first_recipient;
  bool outbound = false;
  bool monitor = false;         // nothing was changed, whatever the plan says
  double seconds = 0;           // from MAIL to the verdict
  std::optional<uint64_t> stale_seconds;  // tables or policies are those of that long ago
};

// `client=`, `from=`, `to=` the first recipient, ..., `archive=` how many copies for the archive ; for mail that is
// not clean, each recipient's action and the policy row that decided follow as "to=<a@example.com> action=quarantine
// policy=@example.com".
LogLine message_line(const MessageLog& message);

// The action of the whole message: the recipients' common one, or "mixed".
std::string common_action(const ActionPlan& plan);

}  // namespace postern
