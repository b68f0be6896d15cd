// SPDX-License-Identifier: GPL-2.0-or-later
// A user's quarantine: list, one message as plain text, release, delete.
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "base/log.h"
#include "base/strings.h"
#include "portal/feed.h"
#include "portal/imap.h"
#include "portal/message_view.h"
#include "portal/pages.h"

namespace postern {
namespace {

constexpr Millis kPatience{10'000};
constexpr size_t kPage = 25;                       // messages
constexpr size_t kMaxMessage = size_t{1} << 20;    // bytes that are fetched
constexpr size_t kMaxText = size_t{128} << 10;     // bytes that are shown

Result<std::unique_ptr<ImapConnection>> connect(const Portal& portal, const Visit& visit) {
  return ImapConnection::open(portal.settings().portal_imap, {visit.user->name, visit.user->password},
                              Deadline::after(kPatience));
}

// What to say of a fault of the IMAP server.  A password that no longer counts ends the session.
HttpResponse imap_fault(Portal& portal, Visit& visit, const Error& error) {
  if (error.kind == ErrorKind::kInvalid) {
    portal.sessions().close(visit.session);
    return see_other("/login?next=/quarantine");
  }
  if (error.kind == ErrorKind::kNotFound || error.kind == ErrorKind::kConflict) return error_page(visit, error);
  log(LogLevel::kWarning, LogLine("portal").add("user", visit.user->name).add("imap", error.text));
  return error_page(visit, unavailable("the mail server that keeps the quarantine does not answer"));
}

std::string size_words(uint64_t bytes) {
  std::array<char, 32> text{};
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  const bool small = bytes < 1'000'000;
  const int used = std::snprintf(text.data(), text.size(), small ? "%.0f kB" : "%.1f MB",
                                 static_cast<double>(bytes) / (small ? 1e3 : 1e6));
  return {text.data(), static_cast<size_t>(used > 0 ? used : 0)};
}

// "2007-08-15 09:30 UTC".
std::string time_words(UnixTime time) {
  if (time == 0) return "at a time not known";
  const std::string iso = iso_time(time);
  return iso.substr(0, 10) + " " + iso.substr(11, 5) + " UTC";
}

void add_mail(Values& list, const ImapMessage& message, uint32_t validity) {
  const MessageSummary summary = summarize(message.text);
  Values& one = *list.AddSectionDictionary("MAIL");
  set(one, "UID", std::to_string(message.uid));
  set(one, "VALIDITY", std::to_string(validity));
  set(one, "SUBJECT", summary.subject);
  set(one, "FROM", summary.from);
  set(one, "WHY", summary.why);
  set(one, "ISO", iso_time(message.arrived));
  set(one, "WHEN", time_words(message.arrived));
  set(one, "SIZE", size_words(message.size));
}

void add_pages(Values& list, size_t page_number, size_t count) {
  const size_t first = page_number * kPage;
  const size_t last = std::min(first + kPage, count);
  set(list, "RANGE", std::to_string(first + 1) + "–" + std::to_string(last) + " of " + std::to_string(count));
  if (page_number > 0) set(*list.AddSectionDictionary("NEWER"), "PAGE", std::to_string(page_number - 1));
  if (last < count) set(*list.AddSectionDictionary("OLDER"), "PAGE", std::to_string(page_number + 1));
}

// The message that a request names.
struct Wanted {
  uint32_t uid = 0, validity = 0;
};
std::optional<Wanted> wanted(const std::string& uid, const std::string& validity) {
  const auto number = to_uint(uid, UINT32_MAX);
  const auto epoch = to_uint(validity, UINT32_MAX);
  if (!number || !epoch || *number == 0) return std::nullopt;
  return Wanted{static_cast<uint32_t>(*number), static_cast<uint32_t>(*epoch)};
}

// Opens the folder and sees that UIDs in it still mean what they did when the page was made.
Result<std::unique_ptr<ImapConnection>> open_for(const Portal& portal, const Visit& visit, const Wanted& message,
                                                 bool to_write) {
  auto imap = connect(portal, visit);
  if (!imap.ok()) return imap.error();
  const auto folder = (*imap)->select(portal.settings().portal_quarantine, to_write);
  if (!folder.ok()) return folder.error();
  if (folder->validity != message.validity) return not_found("the message is no longer there");
  return std::move(imap.value());
}

HttpResponse act(Portal& portal, Visit& visit, bool release) {
  const auto message = wanted(visit.request.field("uid"), visit.request.field("validity"));
  if (!message) return fault_page(visit.frame, 400, "The form names no message.");
  const auto imap = open_for(portal, visit, *message, true);
  if (!imap.ok()) return imap_fault(portal, visit, imap.error());
  const Status done = release ? (*imap)->move(message->uid, "INBOX") : (*imap)->remove(message->uid);
  if (!done.ok()) return imap_fault(portal, visit, done.error());
  log(LogLevel::kInfo, LogLine("portal").add("client", visit.request.client).add("user", visit.user->name)
                           .add("quarantine", release ? "released" : "deleted").add("uid", uint64_t{message->uid}));
  return see_other("/quarantine", release ? "released" : "deleted");
}

}  // namespace

HttpResponse quarantine_page(Portal& portal, Visit& visit) {
  const auto imap = connect(portal, visit);
  if (!imap.ok()) return imap_fault(portal, visit, imap.error());
  const auto folder = (*imap)->select(portal.settings().portal_quarantine, false);
  if (!folder.ok()) return imap_fault(portal, visit, folder.error());
  std::vector<uint32_t> uids(folder->uids.rbegin(), folder->uids.rend());  // the newest first
  const size_t pages = uids.empty() ? 1 : (uids.size() - 1) / kPage + 1;
  const size_t number = std::min<size_t>(to_uint(visit.request.get("page"), 1'000'000).value_or(0), pages - 1);
  const size_t count = uids.size();
  uids.erase(uids.begin(), uids.begin() + static_cast<std::ptrdiff_t>(number * kPage));
  uids.resize(std::min(uids.size(), kPage));
  auto messages = (*imap)->headers(uids);
  if (!messages.ok()) return imap_fault(portal, visit, messages.error());
  Values values("quarantine");
  visit.frame.title = "Quarantine";
  if (has_feeds(portal.settings())) values.ShowSection("ALERTS");
  if (messages->empty()) values.ShowSection("EMPTY");
  if (!messages->empty()) {
    Values& list = *values.AddSectionDictionary("FULL");
    for (const ImapMessage& each : *messages) add_mail(list, each, folder->validity);
    add_pages(list, number, count);
  }
  return page(visit.frame, "quarantine.tpl", values);
}

HttpResponse message_page(Portal& portal, Visit& visit) {
  const auto message = wanted(visit.request.get("uid"), visit.request.get("validity"));
  if (!message) return fault_page(visit.frame, 400, "The address names no message.");
  const auto imap = open_for(portal, visit, *message, false);
  if (!imap.ok()) return imap_fault(portal, visit, imap.error());
  const auto fetched = (*imap)->message(message->uid, kMaxMessage);
  if (!fetched.ok()) return imap_fault(portal, visit, fetched.error());
  const MessageView view = view_message(fetched->text, kMaxText);
  Values values("message");
  visit.frame.title = view.summary.subject;
  visit.frame.here = "/quarantine";
  set(values, "SUBJECT", view.summary.subject);
  set(values, "FROM", view.summary.from);
  set(values, "TO", view.summary.to);
  set(values, "DATE", view.summary.date);
  set(values, "WHY", view.summary.why);
  if (!view.summary.rules.empty()) set(*values.AddSectionDictionary("RULES"), "TEXT", view.summary.rules);
  set(values, "UID", std::to_string(message->uid));
  set(values, "VALIDITY", std::to_string(message->validity));
  set(values, "TEXT", view.text);
  if (view.cut || fetched->size > kMaxMessage) values.ShowSection("CUT");
  Values* list = view.attachments.empty() ? nullptr : values.AddSectionDictionary("ATTACHMENTS");
  for (const auto& each : view.attachments) {
    Values& one = *list->AddSectionDictionary("ATTACHMENT");
    set(one, "NAME", each.name);
    set(one, "TYPE", each.type);
  }
  return page(visit.frame, "message.tpl", values);
}

HttpResponse release_message(Portal& portal, Visit& visit) { return act(portal, visit, true); }
HttpResponse delete_message(Portal& portal, Visit& visit) { return act(portal, visit, false); }

}  // namespace postern
