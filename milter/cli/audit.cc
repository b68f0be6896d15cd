// SPDX-License-Identifier: GPL-2.0-or-later
// postern audit: who logged in to the live archive, when, from where, and what was read there.
#include <iostream>
#include <set>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/audit_event.h"
#include "cli/facts_json.h"
#include "cli/log_source.h"

namespace postern {
namespace {

constexpr const char* kAuditLog = "/var/log/postern-livearchive/access.log";

struct Wanted {
  std::string user;
  std::optional<UnixTime> since, until;
  bool takes(const AuditEvent& event) const {
    return (user.empty() || event.user == user) && (!since || event.when >= *since) && (!until || event.when < *until);
  }
};

// Each access once: a program that fetches a message in pieces opens it for each.
class Accesses {
 public:
  void add(AuditEvent event) {
    const bool seen = event.action == "read" || event.action == "list" || event.action == "search";
    const std::string mark = event.session + '\n' + event.mailbox + '\n' + event.what + '\n' + event.action;
    if (seen && !seen_.insert(mark).second) return;
    events_.push_back(std::move(event));
  }
  const std::vector<AuditEvent>& events() const { return events_; }

 private:
  std::set<std::string> seen_;
  std::vector<AuditEvent> events_;
};

void print_json(const AuditEvent& event) {
  std::cout << dump_json({{"time", iso_time(event.when)},
                          {"user", event.user},
                          {"action", event.action},
                          {"folder", event.mailbox},
                          {"what", event.what},
                          {"client", event.client},
                          {"service", event.service},
                          {"session", event.session}})
            << "\n";
}

void print_table(const std::vector<AuditEvent>& events) {
  std::vector<std::vector<std::string>> rows{{"TIME", "MAILBOX", "FROM", "BY", "ACTION", "FOLDER", "WHAT"}};
  for (const AuditEvent& event : events) {
    rows.push_back({iso_time(event.when), printable(event.user), printable(event.client), printable(event.service),
                    event.action, printable(event.mailbox), printable(event.what)});
  }
  std::cout << columns(rows);
}

}  // namespace

int run_audit(const CommandContext& context, const AuditOptions& options) {
  const UnixTime now = unix_now();
  const auto since = moment_of("--since", options.since, now);
  if (!since) return complain(since.error());
  const auto until = moment_of("--until", options.until, now);
  if (!until) return complain(until.error());
  const Wanted wanted{mailbox_address(options.user), *since, *until};
  Accesses accesses;
  const std::vector<std::string> files = options.files.empty() ? std::vector<std::string>{kAuditLog} : options.files;
  const Status read = each_log_line(files, {}, [&](std::string_view line) {
    auto event = audit_event(line);
    if (event && wanted.takes(*event)) accesses.add(std::move(*event));
  });
  if (!read) return complain(read.error());
  if (accesses.events().empty()) {
    if (!context.json) std::cout << "no access" << (options.files.empty() ? "; --file names another log" : "") << "\n";
    return 1;
  }
  if (!context.json) {
    print_table(accesses.events());
    return 0;
  }
  for (const AuditEvent& event : accesses.events()) print_json(event);
  return 0;
}

}  // namespace postern
