// SPDX-License-Identifier: GPL-2.0-or-later
// What `postern doctor` looks at, one function for each part; each adds what it finds, the worst that would hide the
// rest first.  Nothing is changed.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/postfix_config.h"
#include "cli/sendmail_config.h"

namespace postern {

struct Finding {
  enum class Level { kFault, kWarning, kGood } level = Level::kGood;
  std::string topic;  // "Postfix", "Sendmail", "socket", "Redis", "tables", "state", "inspector", "clock", "settings"
  std::string text;               // one sentence, no period
  std::vector<std::string> mend;  // the exact lines to type; "FILE: line" where a file is to be edited
};

class Findings {
 public:
  void fault(std::string topic, std::string text, std::vector<std::string> mend) {
    all_.push_back({Finding::Level::kFault, std::move(topic), std::move(text), std::move(mend)});
  }
  void warning(std::string topic, std::string text, std::vector<std::string> mend) {
    all_.push_back({Finding::Level::kWarning, std::move(topic), std::move(text), std::move(mend)});
  }
  void good(std::string topic, std::string text) {
    all_.push_back({Finding::Level::kGood, std::move(topic), std::move(text), {}});
  }
  const std::vector<Finding>& all() const { return all_; }

 private:
  std::vector<Finding> all_;
};

// Rights on files that hold secrets.
void look_at_settings(const CommandContext& context, Findings& findings);
// Whether the state directory can be written by the daemon's user, and its disk has room.
void look_at_state(const CommandContext& context, Findings& findings);
// The user that the MTA uses sockets as, empty for root, and the service that has to be started again when it got into
// a group.
struct MailUser {
  std::string name;
  std::string service;
};
// Whether the daemon is there and answers, and whether the MTA's user gets at its socket.
void look_at_socket(const CommandContext& context, const MailUser& mta, Findings& findings);
// Whether Postfix asks us, about everything, and what it does when we are away.
void look_at_postfix(const CommandContext& context, const PostfixConfig& postfix, Findings& findings);
// Whether each daemon of Sendmail asks us, what it does when we are away, and whether it trusts the socket's place.
void look_at_sendmail(const CommandContext& context, const SendmailConfig& sendmail, Findings& findings);
// Redis: reached, master, new enough, loses nothing; its clock beside ours.
void look_at_store(const CommandContext& context, Findings& findings);
// Rows that are not understood, and a gate that does nothing.
void look_at_tables(const CommandContext& context, Findings& findings);
// Starts an inspector and has it look at a PDF.
void look_at_inspector(const CommandContext& context, Findings& findings);

}  // namespace postern
