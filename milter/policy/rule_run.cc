// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a RuleProgram over the facts of one message.
#include "policy/rule_run.h"

namespace postern {

RuleResult run_rules(const RuleProgram& program, const Facts& facts, bool use_index) {
  return RuleRun(program, facts, use_index).run();
}

HeadAnswer run_rules_on_head(const RuleProgram& program, const Facts& facts) {
  RuleRun run(program, facts, true);
  HeadAnswer answer{run.needs_body(), {}};
  if (!answer.needs_body && !run.looks_at_size()) answer.result = run.run();
  return answer;
}

}  // namespace postern
