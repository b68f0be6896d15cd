// SPDX-License-Identifier: GPL-2.0-or-later
// The functions that libmilter calls, from connect to close.  They translate: libmilter's arguments into Session and
// Transaction, an Outcome into libmilter's answers.  No exception leaves them: a message that meets one is refused
// for now (4xx) and its connection goes on, because the MTA would fail all later mail of a broken connection.
#pragma once

#include <libmilter/mfapi.h>

#include "judge/judge.h"

namespace postern {

// What to register.  libmilter passes no user data, so the judge that every session uses is given once, before
// smfi_main(); it must outlive every session.
smfiDesc describe_filter(Judge& judge);

}  // namespace postern
