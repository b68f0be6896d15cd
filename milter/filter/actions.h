// SPDX-License-Identifier: GPL-2.0-or-later
// Carries out an outcome: the only file that asks the MTA to edit, hold, refuse or drop anything.  Called from the
// end-of-message callback (edits) and from MAIL or there (refusals), never elsewhere.  It decides nothing.
#pragma once

#include <libmilter/mfapi.h>

#include <string>
#include <string_view>

#include "judge/session.h"
#include "judge/transaction.h"

namespace postern {

// Applies the edits and gives the callback's answer; SMFIS_TEMPFAIL when the MTA could not be told all of them, so
// that no message goes on half edited.  `lead_space`: the MTA adds no space after a header's colon.
sfsistat carry_out(SMFICTX* context, const Outcome& outcome, bool lead_space);
// Sets the reply and gives SMFIS_REJECT or SMFIS_TEMPFAIL as the code's class demands.
sfsistat refuse(SMFICTX* context, const Refusal& refusal);
// Text fit for smfi_setreply: one line of printable bytes, '%' doubled, at most 980 bytes of reply.
std::string reply_text(std::string_view text);

}  // namespace postern
