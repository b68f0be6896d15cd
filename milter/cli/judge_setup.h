// SPDX-License-Identifier: GPL-2.0-or-later
// What `postern scan` and `postern stamp` judge with: the very parts that the daemon uses.
#pragma once

#include <memory>

#include "base/result.h"
#include "cli/commands.h"
#include "inspect/inspector.h"
#include "judge/judge.h"
#include "store/store.h"

namespace postern {

struct JudgeSetup {
  std::unique_ptr<Store> store;
  std::unique_ptr<Inspector> inspector;   // null where nothing is inspected (stamp)
  Judge judge;
};

// To scan, the store is only looked at and inspectors are started; else (to stamp) what is judged is recorded.
Result<std::unique_ptr<JudgeSetup>> set_up_judge(const CommandContext& context, bool scan);

}  // namespace postern
