// SPDX-License-Identifier: GPL-2.0-or-later
// What Postern and the MTA agree on when a connection opens: the edits that we may ask for, the steps that are left
// out, and the steps that get no reply.  A pure function of the MTA's offer, so that every offer can be tested.
// It never asks for leave to change a body, and for leave to change an envelope sender only where some are tagged.
#pragma once

#include "base/result.h"

namespace postern {

struct Negotiated {
  unsigned long actions = 0;       // SMFIF_*
  unsigned long steps = 0;         // SMFIP_*
  bool change_sender = false;      // the envelope sender may be changed
  bool quiet_recipients = false;   // a recipient may be added with parameters, such as who gets reports about it
  bool lead_space = false;         // header values come and go with their leading space
  // Answering where silence was agreed is put right by libmilter; silence is not.
  bool replies_to_connect = true;
  bool replies_to_mail = true;
};

// What the tables and settings want of a connection.
struct Wishes {
  bool refuse_at_connect = false;  // the connect callback must be able to refuse
  bool refuse_at_mail = true;      // the MAIL callback must
  bool change_senders = false;     // envelope senders are tagged
};

// The bits to answer an offer with.  Fails when an edit is not on offer that is needed; the text names it.
Result<Negotiated> negotiate(unsigned long offered_actions, unsigned long offered_steps, const Wishes& wishes);

}  // namespace postern
