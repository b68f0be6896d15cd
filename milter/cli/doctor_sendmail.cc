// SPDX-License-Identifier: GPL-2.0-or-later
// postern doctor: what Sendmail is told about milters, and whether it will use our socket.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/strings.h"
#include "cli/doctor.h"

namespace postern {
namespace {

constexpr const char* kTopic = "Sendmail";
constexpr int64_t kReply = 10;  // Sendmail's own limit for a reply, where T= does not say

// libmilter's spelling with one word for each kind, so that two addresses can be compared.
std::string plain_address(std::string address) {
  if (address.starts_with("local:")) address.replace(0, 6, "unix:");
  if (address.starts_with("/")) address.insert(0, "unix:");
  const size_t at = address.find("@localhost");
  if (at != std::string::npos) address.replace(at, std::string::npos, "@127.0.0.1");
  std::erase_if(address, [](char c) { return c == '[' || c == ']'; });
  return address;
}

// The address at which a daemon that listens everywhere is asked.
std::string sendmail_address(const std::string& listen) {
  if (!listen.starts_with("inet")) return "unix:" + listen.substr(listen.find(':') + 1);
  const size_t at = listen.find('@');
  const std::string host = at == std::string::npos ? "" : listen.substr(at + 1);
  const bool six = listen.starts_with("inet6");
  if (host.empty() || host == "0.0.0.0" || host == "::") return listen.substr(0, at) + (six ? "@::1" : "@127.0.0.1");
  return listen;
}

std::string joined(const std::vector<std::string>& list, const std::string& also) {
  std::vector<std::string> all = list;
  all.push_back(also);
  return join(all, ", ");
}

class SendmailDoctor {
 public:
  SendmailDoctor(const CommandContext& context, const SendmailConfig& sendmail, Findings& findings)
      : settings_(context.settings),
        sendmail_(sendmail),
        findings_(findings),
        ours_(sendmail_address(context.settings.listen)) {}

  void look() {
    const auto entry =
        std::find_if(sendmail_.filters.begin(), sendmail_.filters.end(),
                     [&](const auto& each) { return plain_address(each.address) == plain_address(ours_); });
    look_at_folders();
    if (entry == sendmail_.filters.end()) return missing();
    const auto asks = [&](const std::vector<std::string>& list) {
      return std::find(list.begin(), list.end(), entry->name) != list.end();
    };
    bool all_ask = true;
    for (const SendmailDaemon& daemon : sendmail_.daemons) {
      if (!daemon.filters || asks(*daemon.filters)) continue;
      all_ask = false;
      findings_.fault(kTopic,
                      "daemon " + printable(daemon.name) + " has a list of its own, without " + entry->name + ": \"" +
                          printable(join(*daemon.filters, ", ")) + "\"",
                      made_from("DAEMON_OPTIONS(`Name=" + printable(daemon.name) + ", ..., InputMailFilters=" +
                                    join(with(*daemon.filters, entry->name), ";") + "')dnl",
                                "O DaemonPortOptions=Name=" + printable(daemon.name) + ", ..., I=" +
                                    join(with(*daemon.filters, entry->name), ";")));
    }
    if (!asks(sendmail_.asked)) {
      all_ask = false;
      findings_.fault(kTopic,
                      "filter " + entry->name + " is defined, but InputMailFilters (" +
                          (sendmail_.asked.empty() ? "empty" : printable(join(sendmail_.asked, ", "))) +
                          ") does not ask it",
                      made_from("define(`confINPUT_MAIL_FILTERS', `" + joined(sendmail_.asked, entry->name) + "')dnl",
                                "O InputMailFilters=" + joined(sendmail_.asked, entry->name)));
    }
    if (all_ask) findings_.good(kTopic, "every daemon asks Postern at " + entry->address);
    look_at_default(*entry);
    look_at_patience(*entry);
    look_at_macros();
  }

 private:
  static std::vector<std::string> with(std::vector<std::string> list, const std::string& also) {
    list.push_back(also);
    return list;
  }

  // The line for the source if there is one, and how to make the file from it; else the line for the file itself.
  std::vector<std::string> made_from(const std::string& source_line, const std::string& line) const {
    if (sendmail_.source.empty()) return {sendmail_.path + ": " + line, "systemctl restart sendmail"};
    std::vector<std::string> out = rebuild();
    out.insert(out.begin(), sendmail_.source + ": " + source_line);
    return out;
  }
  std::vector<std::string> rebuild() const {
    return {"make -C " + std::filesystem::path(sendmail_.source).parent_path().string(), "systemctl restart sendmail"};
  }

  static std::string equates(const std::string& address, const std::string& flags,
                             const std::map<char, int64_t>& seconds) {
    std::vector<std::string> times;
    for (const char key : {'C', 'S', 'R', 'E'}) {
      if (const auto found = seconds.find(key); found != seconds.end()) {
        times.push_back(std::string(1, key) + ":" + std::to_string(found->second) + "s");
      }
    }
    return "S=" + address + ", F=" + flags + (times.empty() ? "" : ", T=" + join(times, ";"));
  }
  std::vector<std::string> entry_line(const std::string& name, const std::string& text) const {
    return made_from("INPUT_MAIL_FILTER(`" + name + "', `" + text + "')dnl", "X" + name + ", " + text);
  }

  void missing() {
    const std::string words = sendmail_.path + " names no filter at " + ours_;
    if (plain_address(sendmail_.source_text).find("S=" + ours_) != std::string::npos) {
      findings_.fault(kTopic, words + ", but " + sendmail_.source + " does: it was not made from that", rebuild());
      return;
    }
    const std::string text = equates(ours_, "T", {{'C', 60}, {'S', 30}, {'R', 60}, {'E', 300}});
    std::vector<std::string> mend = entry_line("postern", text);
    if (sendmail_.source.empty())
      mend.insert(mend.begin() + 1, "O InputMailFilters=" + joined(sendmail_.asked, "postern"));
    findings_.fault(kTopic, words, mend);
  }

  void look_at_default(const SendmailFilter& entry) {
    if (entry.flags == "T" || entry.flags == "4") return;
    findings_.warning(kTopic,
                      std::string("while Postern is away, mail ") +
                          (entry.flags == "R" ? "is refused for good (F=R)" : "comes in unjudged (no F=)") +
                          "; with F=T its senders try again",
                      entry_line(entry.name, equates(entry.address, "T", entry.seconds)));
  }

  void look_at_patience(const SendmailFilter& entry) {
    const int64_t judging = std::chrono::duration_cast<std::chrono::seconds>(settings_.message_timeout).count();
    std::map<char, int64_t> wanted = entry.seconds;
    std::string faults;
    const auto at_least = [&](char key, const char* what, int64_t usual, int64_t least) {
      const int64_t has = wanted.contains(key) ? wanted[key] : usual;
      if (has >= least) return;
      wanted[key] = least;
      faults += std::string(faults.empty() ? "" : ", ") + what + " (T=" + key + ") is " + std::to_string(has) +
                " s, expected " + std::to_string(least) + " or more";
    };
    at_least('C', "connecting", 300, 3);
    at_least('S', "sending", kReply, kReply);
    at_least('R', "a reply", kReply, kReply);
    at_least('E', "the whole message", 300, judging + 10);
    if (faults.empty()) return;
    findings_.warning(kTopic, "Sendmail gives up before Postern has answered: " + faults,
                      entry_line(entry.name, equates(entry.address, entry.flags, wanted)));
  }

  void look_at_macros() {
    if (sendmail_.envfrom_macros.find("{auth_authen}") != std::string::npos) return;
    const std::string list = joined(sendmail_.envfrom_macros.empty()
                                        ? std::vector<std::string>{"i", "{auth_type}"}
                                        : std::vector<std::string>{sendmail_.envfrom_macros},
                                    "{auth_authen}");
    findings_.fault(kTopic,
                    "Milter.macros.envfrom is without {auth_authen}: authenticated clients meet the gate, and their "
                    "mail is not stamped",
                    made_from("define(`confMILTER_MACROS_ENVFROM', `" + list + "')dnl",
                              "O Milter.macros.envfrom=" + list));
  }

  // Sendmail uses no socket in a directory that others could put another one into ("unsafe" in its log).
  void look_at_folders() {
    namespace fs = std::filesystem;
    if (!ours_.starts_with("unix:")) return;
    const fs::path file = ours_.substr(5);
    for (fs::path at = file.parent_path(); at.has_relative_path(); at = at.parent_path()) {
      struct stat status {};
      if (::stat(at.c_str(), &status) != 0 || (status.st_mode & S_IWOTH) == 0) continue;
      findings_.fault(kTopic,
                      "Sendmail uses no socket below " + at.string() + ", where everybody may write: " + file.string(),
                      {"postern.toml: listen = \"unix:/run/postern/milter.sock\"",
                       "systemctl restart postern", "grep 'S=unix:' " + sendmail_.path});
      return;
    }
  }

  const Settings& settings_;
  const SendmailConfig& sendmail_;
  Findings& findings_;
  const std::string ours_;
};

}  // namespace

void look_at_sendmail(const CommandContext& context, const SendmailConfig& sendmail, Findings& findings) {
  SendmailDoctor(context, sendmail, findings).look();
}

}  // namespace postern
