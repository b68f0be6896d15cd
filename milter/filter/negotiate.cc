// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/negotiate.h"

#include <libmilter/mfapi.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace postern {
namespace {

constexpr std::array<std::pair<unsigned long, std::string_view>, 6> kNeeded{{
    {SMFIF_ADDHDRS, "add headers"},
    {SMFIF_CHGHDRS, "change headers"},
    {SMFIF_ADDRCPT, "add recipients"},
    {SMFIF_DELRCPT, "remove recipients"},
    {SMFIF_QUARANTINE, "quarantine"},
    {SMFIF_CHGFROM, "change senders (the domains table says tag=on)"},
}};

// Steps that no part of Postern looks at.  An MTA that cannot leave one out gets the library's default answer.
constexpr unsigned long kUnused = SMFIP_NOHELO | SMFIP_NODATA | SMFIP_NOUNKNOWN;
// Callbacks that always return SMFIS_NOREPLY.  A piece of a body could be answered with "skip the rest", but each
// answer has the MTA wait, and a body that nobody reads costs less than that.  libmilter offers these bits whatever
// the MTA said, and answers "continue" in our place when the MTA does wait for a reply (libmilter/engine.c,
// sendreply()).
constexpr unsigned long kSilent = SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY;

}  // namespace

Result<Negotiated> negotiate(unsigned long offered_actions, unsigned long offered_steps, const Wishes& wishes) {
  Negotiated agreed;
  std::string missing;
  for (const auto& [bit, words] : kNeeded) {
    if (bit == SMFIF_CHGFROM && !wishes.change_senders) continue;
    if ((offered_actions & bit) == 0) missing += (missing.empty() ? "" : ", ") + std::string(words);
    agreed.actions |= bit;
  }
  agreed.quiet_recipients = (offered_actions & SMFIF_ADDRCPT_PAR) != 0;
  if (agreed.quiet_recipients) agreed.actions |= SMFIF_ADDRCPT_PAR;
  if (!missing.empty()) return invalid("the MTA does not let a filter " + missing);
  agreed.change_sender = wishes.change_senders;
  agreed.steps = kUnused & offered_steps;
  agreed.steps |= kSilent & offered_steps;
  agreed.lead_space = (offered_steps & SMFIP_HDR_LEADSPC) != 0;
  if (agreed.lead_space) agreed.steps |= SMFIP_HDR_LEADSPC;
  agreed.replies_to_connect = wishes.refuse_at_connect || (offered_steps & SMFIP_NR_CONN) == 0;
  if (!agreed.replies_to_connect) agreed.steps |= SMFIP_NR_CONN;
  agreed.replies_to_mail = wishes.refuse_at_mail || (offered_steps & SMFIP_NR_MAIL) == 0;
  if (!agreed.replies_to_mail) agreed.steps |= SMFIP_NR_MAIL;
  return agreed;
}

}  // namespace postern
