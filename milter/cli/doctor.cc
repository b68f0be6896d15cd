// SPDX-License-Identifier: GPL-2.0-or-later
// postern doctor: what keeps mail from being judged, in the order in which it should be mended.
#include "cli/doctor.h"

#include <algorithm>
#include <iostream>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "inspect/inspector.h"
#include "judge/inspect_options.h"

namespace postern {
namespace {

constexpr const char* kInspector = "inspector";
constexpr const char* kSendmailFile = "/etc/mail/sendmail.cf";
constexpr Millis kPatience{10'000};

// A page without anything on it.  The tables of a PDF are found again where their places are wrong or left out.
constexpr std::string_view kSample =
    "--sample\r\nContent-Type: application/pdf; name=sample.pdf\r\nContent-Disposition: attachment\r\n\r\n"
    "%PDF-1.4\r\n"
    "1 0 obj\r\n<< /Type /Catalog /Pages 2 0 R >>\r\nendobj\r\n"
    "2 0 obj\r\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\r\nendobj\r\n"
    "3 0 obj\r\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] >>\r\nendobj\r\n"
    "trailer\r\n<< /Root 1 0 R /Size 4 >>\r\n%%EOF\r\n"
    "--sample--\r\n";

const char* level_name(Finding::Level level) {
  switch (level) {
    case Finding::Level::kFault:
      return "fault";
    case Finding::Level::kWarning:
      return "warning";
    case Finding::Level::kGood:
      break;
  }
  return "good";
}

void print_json(const std::vector<Finding>& findings, bool good) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& each : findings) {
    list.push_back(
        {{"level", level_name(each.level)}, {"topic", each.topic}, {"text", each.text}, {"mend", each.mend}});
  }
  std::cout << dump_json({{"ok", good}, {"findings", list}}) << "\n";
}

void print_text(const CommandContext& context, const std::vector<Finding>& findings) {
  size_t number = 0;
  for (const Finding& each : findings) {
    const bool good = each.level == Finding::Level::kGood;
    const char* color = each.level == Finding::Level::kFault ? "\x1b[1;31m" : good ? "\x1b[32m" : "\x1b[33m";
    const std::string word = good ? "good" : std::to_string(++number) + ". " + level_name(each.level);
    std::cout << (context.color ? color : "") << word << (context.color ? "\x1b[0m" : "") << "  " << each.topic
              << ": " << printable(each.text, 1000) << "\n";
    for (const std::string& line : each.mend) std::cout << "      " << line << "\n";
  }
}

// Sendmail where it is asked for, or where there is no Postfix.
bool look_at_sendmail_file(const CommandContext& context, const DoctorOptions& options, Findings& findings) {
  const bool asked = !options.sendmail_file.empty();
  const auto sendmail = read_sendmail(asked ? options.sendmail_file : kSendmailFile);
  if (!asked && !sendmail && sendmail.error().kind == ErrorKind::kNotFound) return false;
  look_at_socket(context, {sendmail ? sendmail->run_as : "", "sendmail"}, findings);
  if (sendmail) {
    look_at_sendmail(context, *sendmail, findings);
  } else {
    findings.fault("Sendmail", "its configuration cannot be read: " + sendmail.error().text,
                   {"postern doctor --sendmail " + std::string(kSendmailFile)});
  }
  return true;
}

void look_at_mta(const CommandContext& context, const DoctorOptions& options, Findings& findings) {
  if (!options.sendmail_file.empty()) {
    look_at_sendmail_file(context, options, findings);
    return;
  }
  const auto postfix = read_postfix(options.postfix_directory);
  const bool none = !postfix && postfix.error().kind == ErrorKind::kNotFound;
  if (none && look_at_sendmail_file(context, options, findings)) return;
  look_at_socket(context, {postfix ? postfix->value("mail_owner") : "", "postfix"}, findings);
  if (postfix) {
    look_at_postfix(context, *postfix, findings);
  } else if (none) {
    findings.warning("MTA",
                     "there is no postconf and no " + std::string(kSendmailFile) + " here, so no MTA was looked at",
                     {"PATH=$PATH:/usr/sbin postern doctor", "postern doctor --sendmail /path/to/sendmail.cf"});
  } else {
    findings.fault("Postfix", postfix.error().text, {"postconf -n"});
  }
}

}  // namespace

void look_at_inspector(const CommandContext& context, Findings& findings) {
  InspectOptions options = inspect_options(context.settings);
  options.workers = 1;
  const auto inspector = start_inspector(options);
  if (!inspector) {
    findings.fault(kInspector, "the jailed inspector does not start: " + inspector.error().text,
                   {"ls -l " + options.program, "make install"});
    return;
  }
  InspectRequest request;
  request.header = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=sample\r\n";
  request.body = kSample;
  const BodyFacts facts = (*inspector)->inspect(request, Deadline::after(kPatience));
  if (!facts.inspected || facts.pdfs.size() != 1 || facts.pdfs[0].pages != 1) {
    findings.fault(kInspector, "the jailed inspector does not tell that a PDF of one page is one",
                   {"journalctl -t postern-milter --since -1h", "journalctl -k --grep 'postern-inspect|seccomp'"});
    return;
  }
  findings.good(kInspector, "the jailed inspector reads a PDF");
}

int run_doctor(const CommandContext& context, const DoctorOptions& options) {
  Findings findings;
  look_at_settings(context, findings);
  look_at_state(context, findings);  // before a store is opened, which makes what is missing
  look_at_store(context, findings);
  look_at_tables(context, findings);
  look_at_inspector(context, findings);
  look_at_mta(context, options, findings);
  // Faults first, in the order found: what is further down may only be a consequence.
  std::vector<Finding> sorted = findings.all();
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.level < b.level; });
  const bool good = sorted.empty() || sorted.front().level != Finding::Level::kFault;
  context.json ? print_json(sorted, good) : print_text(context, sorted);
  return good ? 0 : 1;
}

}  // namespace postern
