// SPDX-License-Identifier: GPL-2.0-or-later
// postern doctor: what Postfix is told about milters.
#include <algorithm>
#include <filesystem>

#include "base/strings.h"
#include "cli/doctor.h"

namespace postern {
namespace {

constexpr const char* kTopic = "Postfix";

// The listen address in Postfix' spelling: unix:PATH stays, libmilter's inet:PORT@HOST becomes inet:HOST:PORT.
std::string postfix_address(const std::string& listen) {
  if (!listen.starts_with("inet")) return "unix:" + listen.substr(listen.find(':') + 1);
  const std::string rest = listen.substr(listen.find(':') + 1);
  const size_t at = rest.find('@');
  std::string host = at == std::string::npos ? "" : rest.substr(at + 1);
  if (host.empty() || host == "0.0.0.0") host = "127.0.0.1";
  if (host == "::") host = "::1";
  if (host.find(':') != std::string::npos && host.front() != '[') host = "[" + host + "]";
  return "inet:" + host + ":" + rest.substr(0, at);
}

bool same_file(const std::string& one, const std::string& other) {
  std::error_code fault;
  const auto whole = [&fault](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, fault), fault);
  };
  return whole(one) == whole(other);
}

class PostfixDoctor {
 public:
  PostfixDoctor(const CommandContext& context, const PostfixConfig& postfix, Findings& findings)
      : settings_(context.settings),
        postfix_(postfix),
        findings_(findings),
        ours_(postfix_address(context.settings.listen)),
        config_(context.config_path.empty() ? POSTERN_SYSCONFDIR "/postern.toml" : context.config_path) {}

  void look() {
    for (const PostfixService& service : postfix_.inlets) look_at_inlet(service);
    if (postfix_.inlets.empty()) {
      findings_.fault(kTopic, "master.cf has no smtpd service, so no mail comes in by SMTP",
                      {"postconf -M smtp/inet='smtp inet n - y - - smtpd'", "postfix reload"});
    }
    look_at_local_mail();
    look_at_protocol();
  }

 private:
  bool is_ours(const MilterEntry& entry, bool chroot) const {
    if (!ours_.starts_with("unix:")) {
      std::string address = entry.address;
      if (address.starts_with("inet:localhost:")) address.replace(5, 9, "127.0.0.1");
      return address == ours_;
    }
    const std::string file = socket_file(entry.address, chroot, postfix_.value("queue_directory"));
    return !file.empty() && same_file(file, ours_.substr(5));
  }

  // Postfix' way to write our address for a service, or empty where a chroot is in between.
  std::string address_for(bool chroot) const {
    if (!chroot || !ours_.starts_with("unix:")) return ours_;
    const std::string queue = postfix_.value("queue_directory") + "/";
    return ours_.starts_with("unix:" + queue) ? "unix:" + ours_.substr(5 + queue.size() - 1) : "";
  }

  // Our entry with one option set, the others as they are.
  static std::string entry_with(const MilterEntry& entry, const std::string& name, const std::string& value) {
    std::map<std::string, std::string> options = entry.options;
    options[name] = value;
    std::string text = entry.address;
    for (const auto& option : options) text += ", " + option.first + "=" + option.second;
    return text;
  }

  // The command that puts our entry first and leaves the other milters as they are.
  std::string put_first(const std::string& setting, const PostfixService* service, const std::string& entry) const {
    const bool own = service != nullptr && service->overrides.contains(setting);
    std::string list = "{ " + entry + " }";
    for (const MilterEntry& each : parse_milters(own ? postfix_.value(setting, *service) : postfix_.value(setting))) {
      if (!is_ours(each, true) && !is_ours(each, false)) list += ", " + each.text;
    }
    return own ? "postconf -P '" + service->name + "/" + setting + "=" + list + "'"
               : "postconf -e '" + setting + " = " + list + "'";
  }

  std::vector<std::string> way_out_of_chroot(const std::string& setting, const PostfixService* service) const {
    const std::string queue = postfix_.value("queue_directory");
    return {"install -d -o postern -g " + postfix_.value("mail_owner") + " -m 2750 " + queue + "/postern",
            config_ + ": listen = \"unix:" + queue + "/postern/milter.sock\"",
            put_first(setting, service, "unix:/postern/milter.sock, default_action=tempfail"),
            "systemctl restart postern && postfix reload"};
  }

  const MilterEntry* find(const std::vector<MilterEntry>& milters, bool chroot) const {
    const auto found =
        std::find_if(milters.begin(), milters.end(), [&](const auto& each) { return is_ours(each, chroot); });
    return found == milters.end() ? nullptr : &*found;
  }

  void look_at_inlet(const PostfixService& service) {
    const std::string value = postfix_.value("smtpd_milters", service);
    const auto milters = parse_milters(value);
    const MilterEntry* entry = find(milters, service.chroot);
    if (entry == nullptr) {
      missing(service, value, find(milters, false) != nullptr);
      return;
    }
    if (postfix_.value("receive_override_options", service).find("no_milters") != std::string::npos) {
      const bool own = service.overrides.contains("receive_override_options");
      findings_.fault(kTopic, service.name + " asks no milter: receive_override_options holds no_milters",
                      {own ? "postconf -PX '" + service.name + "/receive_override_options'"
                           : std::string("postconf -X receive_override_options"),
                       "postfix reload"});
      return;
    }
    findings_.good(kTopic, service.name + " asks Postern at " + entry->address);
    look_at_default(service, *entry);
    look_at_patience(service, *entry);
  }

  void missing(const PostfixService& service, const std::string& value, bool but_for_chroot) {
    const std::string address = address_for(service.chroot);
    const bool own = service.overrides.contains("smtpd_milters");
    if (address.empty() || but_for_chroot) {
      findings_.fault(kTopic,
                      service.name + " runs in a chroot, below " + postfix_.value("queue_directory") +
                          ", where it cannot reach " + ours_,
                      way_out_of_chroot("smtpd_milters", &service));
      return;
    }
    findings_.fault(kTopic,
                    service.name + " does not ask Postern: smtpd_milters" + (own ? " of that service" : "") + " is " +
                        (value.empty() ? "empty" : "\"" + printable(value) + "\"") + ", without " + address,
                    {put_first("smtpd_milters", &service, address + ", default_action=tempfail"), "postfix reload"});
  }

  void look_at_default(const PostfixService& service, const MilterEntry& entry) {
    const auto own = entry.options.find("default_action");
    const std::string action =
        own != entry.options.end() ? own->second : postfix_.value("milter_default_action", service);
    if (action == "tempfail" || action == "shutdown") return;
    const std::string what = action == "reject"       ? "is refused for good"
                             : action == "accept"     ? "comes in unjudged"
                             : action == "quarantine" ? "goes to the hold queue"
                                                      : "meets an action that Postfix does not know";
    findings_.warning(
        kTopic,
        "while Postern is away, mail by " + service.name + " " + what + " (default_action=" + printable(action) +
            "); with tempfail its senders try again",
        {put_first("smtpd_milters", &service, entry_with(entry, "default_action", "tempfail")), "postfix reload"});
  }

  void look_at_local_mail() {
    const auto milters = parse_milters(postfix_.value("non_smtpd_milters"));
    if (find(milters, postfix_.cleanup_chroot) != nullptr) {
      findings_.good(kTopic, "mail of sendmail(1) is asked about too (non_smtpd_milters)");
      return;
    }
    const std::string address = address_for(postfix_.cleanup_chroot);
    const std::string words =
        "mail of sendmail(1), such as cron's, gets no tracking ID, so its bounces look forged: non_smtpd_milters is "
        "without " +
        ours_;
    if (address.empty()) {
      findings_.warning(kTopic, words, way_out_of_chroot("non_smtpd_milters", nullptr));
    } else {
      findings_.warning(
          kTopic, words,
          {put_first("non_smtpd_milters", nullptr, address + ", default_action=accept"), "postfix reload"});
    }
  }

  void look_at_protocol() {
    const auto protocol = to_uint(postfix_.value("milter_protocol"));
    if (!protocol || *protocol < 6) {
      findings_.fault(kTopic,
                      "milter_protocol is " + printable(postfix_.value("milter_protocol")) + "; Postern needs 6",
                      {"postconf -e 'milter_protocol = 6'", "postfix reload"});
    }
    if (postfix_.value("milter_mail_macros").find("{auth_authen}") == std::string::npos) {
      findings_.fault(
          kTopic,
          "milter_mail_macros is without {auth_authen}: authenticated clients meet the gate, and their mail "
          "is not stamped",
          {"postconf -X milter_mail_macros", "postfix reload"});
    }
  }

  void look_at_patience(const PostfixService& service, const MilterEntry& entry) {
    const auto judging = std::chrono::duration_cast<std::chrono::seconds>(settings_.message_timeout).count();
    const auto at_least = [&](const std::string& name, int64_t least) {
      const auto own = entry.options.find(name);
      const bool general = own == entry.options.end();
      const std::string value = general ? postfix_.value("milter_" + name, service) : own->second;
      if (postfix_seconds(value) >= least) return;
      const std::string wanted = std::to_string(least) + "s";
      findings_.warning(kTopic,
                        service.name + " gives up before Postern has answered: " + (general ? "milter_" : "") + name +
                            " is " + printable(value) + ", expected " + wanted + " or more",
                        {general ? "postconf -e 'milter_" + name + " = " + wanted + "'"
                                 : put_first("smtpd_milters", &service, entry_with(entry, name, wanted)),
                         "postfix reload"});
    };
    at_least("connect_timeout", 3);
    at_least("command_timeout", 10);
    at_least("content_timeout", judging + 10);
  }

  const Settings& settings_;
  const PostfixConfig& postfix_;
  Findings& findings_;
  const std::string ours_, config_;
};

}  // namespace

void look_at_postfix(const CommandContext& context, const PostfixConfig& postfix, Findings& findings) {
  PostfixDoctor(context, postfix, findings).look();
}

}  // namespace postern
