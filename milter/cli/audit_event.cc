// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/audit_event.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/strings.h"

namespace postern {
namespace {

using Json = nlohmann::json;

// The commands of RFC 9051 that reach for folders and messages, and what each does to them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kCommands{{
    {"SELECT", "open"},
    {"EXAMINE", "open"},
    {"EXPUNGE", "delete"},
    {"UID EXPUNGE", "delete"},
    {"DELETE", "delete"},
    {"COPY", "copy"},
    {"UID COPY", "copy"},
    {"MOVE", "copy"},
    {"UID MOVE", "copy"},
    {"APPEND", "add"},
    {"STORE", "flag"},
    {"UID STORE", "flag"},
}};

std::string text_of(const Json& fields, const char* name) {
  const auto found = fields.find(name);
  if (found == fields.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

bool has_reason(const Json& fields, std::string_view reason) {
  const auto found = fields.find("reason_code");
  if (found == fields.end() || !found->is_array()) return false;
  return std::any_of(found->begin(), found->end(), [&](const Json& each) { return each == reason; });
}

// "2026-11-26T16:34:06.775282Z"
std::optional<UnixTime> time_of(const Json& event) {
  std::string text = text_of(event, "end_time");
  if (const size_t dot = text.find('.'); dot != std::string::npos) {
    text.erase(dot, text.find_first_not_of("0123456789", dot + 1) - dot);
  }
  const auto when = parse_iso_time(text);
  return when ? std::optional(*when) : std::nullopt;
}

bool read_login(const Json& fields, AuditEvent& event) {
  const std::string given = text_of(fields, "original_user");
  event.action = text_of(fields, "success") == "yes" ? "login" : "refused";
  event.user = mailbox_address(given.empty() ? text_of(fields, "user") : given);
  event.service = text_of(fields, "service");
  event.what = text_of(fields, "mechanism");
  return true;
}

bool read_command(const Json& fields, AuditEvent& event) {
  const std::string name = text_of(fields, "cmd_name");
  const auto* const found =
      std::find_if(kCommands.begin(), kCommands.end(), [&](const auto& each) { return each.first == name; });
  if (found == kCommands.end() || text_of(fields, "tagged_reply_state") != "OK") return false;
  event.action = found->second;
  event.what = event.action == "open" ? "" : text_of(fields, "cmd_human_args");
  return true;
}

bool read_opening(const Json& fields, AuditEvent& event) {
  if (text_of(fields, "protocol") == "lmtp" || text_of(fields, "cmd_name").empty()) return false;
  const bool searched = has_reason(fields, "imap:cmd_search") || has_reason(fields, "imap:cmd_sort");
  event.action = has_reason(fields, "imap:fetch_body") ? "read" : searched ? "search" : "list";
  event.what = text_of(fields, "uid");
  return true;
}

}  // namespace

std::string mailbox_address(std::string_view user) {
  std::string address = lower(user);
  const size_t sign = address.rfind('=');
  if (address.find('@') == std::string::npos && sign != std::string::npos) address[sign] = '@';
  return address;
}

std::optional<AuditEvent> audit_event(std::string_view line) {
  // Right after the time: elsewhere it could be somebody's name in another line.
  constexpr std::string_view kMark = " stats: Info: ";
  const size_t mark = line.find(' ');
  if (mark == std::string_view::npos || !line.substr(mark).starts_with(kMark)) return std::nullopt;
  const Json json = Json::parse(line.substr(mark + kMark.size()), nullptr, false);
  if (!json.is_object() || !json.contains("fields") || !json["fields"].is_object()) return std::nullopt;
  const Json& fields = json["fields"];
  AuditEvent event;
  event.user = mailbox_address(text_of(fields, "user"));
  event.mailbox = text_of(fields, "mailbox");
  event.client = text_of(fields, "remote_ip");
  event.service = "imap";
  event.session = text_of(fields, "session");
  const std::string name = text_of(json, "event");
  const bool told = name == "auth_request_finished"   ? read_login(fields, event)
                    : name == "imap_command_finished" ? read_command(fields, event)
                    : name == "mail_opened"           ? read_opening(fields, event)
                                                      : false;
  const auto when = time_of(json);
  if (!told || !when) return std::nullopt;
  event.when = *when;
  return event;
}

}  // namespace postern
