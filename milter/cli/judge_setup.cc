// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/judge_setup.h"

#include "judge/inspect_options.h"
#include "store/looking_store.h"
#include "store/store_options.h"

namespace postern {

Result<std::unique_ptr<JudgeSetup>> set_up_judge(const CommandContext& context, bool scan) {
  auto setup = std::make_unique<JudgeSetup>();
  StoreOptions options = store_options(context.settings);
  options.node.clear();   // a command is no node
  auto store = open_store(options);
  if (!store) return store.error();
  setup->store = scan ? only_looking(std::move(store).value()) : std::move(store).value();
  if (scan) {
    auto inspector = start_inspector(inspect_options(context.settings));
    if (!inspector) return inspector.error();
    setup->inspector = std::move(inspector).value();
  }
  setup->judge.settings = std::make_shared<const Settings>(context.settings);
  setup->judge.every_picture = scan;
  setup->judge.store = setup->store.get();
  setup->judge.inspector = setup->inspector.get();
  return setup;
}

}  // namespace postern
