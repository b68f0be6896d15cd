// SPDX-License-Identifier: GPL-2.0-or-later
// `postern stamp`: what the daemon does to an outbound message, on a file.
#include <iostream>

#include "cli/commands.h"
#include "cli/judge_setup.h"
#include "cli/message_file.h"
#include "judge/session.h"
#include "mail/address.h"

namespace postern {
namespace {

int stamp_one(Judge& judge, const StampOptions& options, const SavedMessage& saved) {
  const MessageView message(saved.bytes);
  Envelope envelope = guess_envelope(message);
  envelope.sender = options.from.empty() ? field_address(message.header.value("From")) : options.from;
  if (!options.recipients.empty()) envelope.recipients = options.recipients;
  if (envelope.sender.empty()) {
    std::cerr << "postern: " << saved.name << ": no sender: expected a From field or --from ADDRESS\n";
    return 2;
  }
  Client client;
  client.local_submission = true;
  Session session(judge, client, new_session_id());
  Transaction transaction(session, envelope.sender, "");
  for (const std::string& recipient : envelope.recipients) transaction.recipient(recipient);
  feed(transaction, message);
  const Outcome outcome = transaction.end_of_message("");
  std::cout << apply_edits(message, outcome.edits) << std::flush;
  if (outcome.sender) std::cerr << "postern: " << saved.name << ": envelope sender " << *outcome.sender << "\n";
  return std::cout.good() ? 0 : 2;
}

}  // namespace

int run_stamp(const CommandContext& context, const StampOptions& options) {
  auto setup = set_up_judge(context, false);
  if (!setup) {
    std::cerr << "postern: " << setup.error().text << "\n";
    return 2;
  }
  int status = 0;
  const size_t unread = each_message({options.file}, [&](const SavedMessage& saved) {
    status = std::max(status, stamp_one(setup.value()->judge, options, saved));
  });
  if (unread > 0) return 2;
  constexpr Millis kPatience{5000};
  if (!setup.value()->store->flush(Deadline::after(kPatience))) {
    std::cerr << "postern: the record could not be written; the stamp verifies without it\n";
  }
  return status;
}

}  // namespace postern
