// SPDX-License-Identifier: GPL-2.0-or-later
// One message's story, put together from the lines that the MTA and postern-milter logged under its queue ID.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

// A recipient as Postern judged it: "to=<a@example.com> action=tag policy=@example.com" of our line.
struct JudgedRecipient {
  std::string address, action, policy;
};

// What the MTA did with a copy: its line "to=<...>, relay=..., status=sent (250 ...)"; sendmail writes stat=.
struct Delivery {
  std::string address, relay, status, reply;
};

// Of several lines of one kind (a delivery tried again) the last counts.
struct MailStory {
  std::string id;
  std::vector<std::string> lines;  // as found, in order
  std::string client, sender, first_recipient, recipient_count, verdict, score, rules, bounce, action, generation;
  std::string direction;           // "outbound"; empty: inbound
  std::string would_be;            // the verdict that was held back, as the domain's bounces are only watched
  std::string reason;              // Postern's own words
  std::vector<JudgedRecipient> judged;
  std::vector<Delivery> deliveries;
  std::vector<std::string> milter_notes;  // the MTA's "milter-hold: ...", "milter-reject: ...", "milter-discard: ..."
  std::vector<std::string> next_ids;      // "queued as X": the next hop's name for it
  bool removed = false;                   // the MTA is done with it
};

// Letters and digits, as Postfix (short and long form) and Sendmail make queue IDs.
bool is_queue_id(std::string_view text);
// Adds the line if it names the ID as a whole word; true if it does.
bool add_line(MailStory& story, std::string_view line);
// What a line of postern-milter tells, whatever its ID; nothing unless it tells a verdict.
std::optional<MailStory> read_verdict(std::string_view line);
// The story in words, several lines; `with_lines` puts the log lines first.
std::string story_text(const MailStory& story, bool with_lines);

}  // namespace postern
