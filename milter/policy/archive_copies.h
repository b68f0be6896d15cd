// SPDX-License-Identifier: GPL-2.0-or-later
// Which mailboxes of a message get a copy in the live archive, and at which addresses.  A copy is one more recipient,
// so it travels through the MTA's own queue and neither delays nor endangers the original.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/decide.h"

namespace postern {

// Whether mail with this verdict is archived at all: never spam, and nothing that is known to be forged.
bool is_archived(Verdict verdict);

// Of an inbound message: the recipients that get it (delivered or tagged) and whose policy says archive=on.  `chains`
// are those of `plan.recipients`, in the same order.
std::vector<std::string> archived_recipients(const ActionPlan& plan, const std::vector<PolicyChain>& chains);
// Of an outbound message: its sender, if its policy (the last of `chains`) says archive=on, and those recipients whose
// own address or domain has a row that says so.  The row `*` does not count for recipients: they may be anybody.
std::vector<std::string> archived_outbound(std::string_view sender, const std::vector<std::string>& recipients,
                                           const std::vector<PolicyChain>& chains);

// Puts an address into plan.archive for each mailbox, once: none for a mailbox that is the archive's itself, none
// that is among the message's recipients already.  Gives the reason in words for mailboxes of which the template
// makes none.
std::string add_archive_copies(ActionPlan& plan, const std::vector<std::string>& mailboxes,
                               const std::vector<std::string>& recipients, std::string_view archive_address);

}  // namespace postern
