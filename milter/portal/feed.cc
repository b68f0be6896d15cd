// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/feed.h"

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "cli/admin_setup.h"
#include "portal/digest_mail.h"
#include "portal/feed_document.h"
#include "portal/feed_token.h"
#include "portal/imap_master.h"
#include "portal/pages.h"

namespace postern {
namespace {

constexpr Millis kPatience{10'000};
constexpr size_t kEntries = 50;

HttpResponse no_feed() { return fault_page(Frame(), 404, "No feed has this address, or it was revoked."); }

HttpResponse later(int status, std::string_view words, const char* seconds) {
  HttpResponse response = fault_page(Frame(), status, words);
  response.headers.emplace_back("Retry-After", seconds);
  return response;
}

Result<FeedView> read_feed(const Settings& settings, const FeedOwner& owner, const FeedToken& token) {
  const auto imap = open_mailbox(settings, owner.user, Deadline::after(kPatience));
  if (!imap.ok()) return imap.error();
  const auto folder = (*imap)->select(settings.portal_quarantine, false);
  if (!folder.ok()) return folder.error();
  const auto count = static_cast<std::ptrdiff_t>(std::min(folder->uids.size(), kEntries));
  auto messages = (*imap)->headers({folder->uids.end() - count, folder->uids.end()});
  if (!messages.ok()) return messages.error();
  FeedView view{owner.user,
                settings.portal_url + std::string(kFeedPath) + token.text(),
                settings.portal_url + "/quarantine",
                owner.made,
                {}};
  for (const ImapMessage& each : *messages) {
    view.entries.push_back(
        {summarize(each.text), each.arrived, message_link(settings.portal_url, each.uid, folder->validity)});
  }
  return view;
}

// Whether If-None-Match (RFC 9110 section 13.1.2) names what the client would get.
bool has_it(const std::string& field, std::string_view tag) {
  for (const std::string_view each : split(field, ',')) {
    std::string_view known = trim(each);
    if (known.starts_with("W/")) known.remove_prefix(2);
    if (known == tag || known == "*") return true;
  }
  return false;
}

}  // namespace

bool has_feeds(const Settings& settings) {
  return !settings.portal_imap.empty() && !settings.portal_imap_master.empty() && !settings.portal_url.empty();
}

HttpResponse feed_response(Portal& portal, const HttpRequest& request) {
  const Settings& settings = portal.settings();
  if (request.method != "GET") return fault_page(Frame(), 405, "This address takes no such request.");
  const auto token = parse_feed_token(std::string_view(request.path).substr(kFeedPath.size()));
  if (!token || !has_feeds(settings)) return no_feed();
  const auto admin = set_up_admin(settings);
  const auto row = admin.ok() ? (*admin)->feed(token->id) : Result<std::optional<std::string>>(admin.error());
  if (!row.ok()) return later(503, "The feed cannot be made at the moment. Mail is not affected.", "300");
  const auto owner = feed_owner(*row, *token);
  if (!owner) return no_feed();
  if (!portal.feeds().take(token->id, steady_micros())) {
    return later(429, "This feed is asked for too often: once in five minutes is enough.", "300");
  }
  const auto view = read_feed(settings, *owner, *token);
  if (!view.ok()) {
    log(LogLevel::kWarning, LogLine("portal").add("feed", owner->user).add("imap", view.error().text));
    return later(503, "The feed cannot be made at the moment. Mail is not affected.", "300");
  }
  HttpResponse response;
  response.body = atom_feed(*view);
  response.type = "application/atom+xml; charset=utf-8";
  const std::string tag = entity_tag(response.body);
  response.headers = {{"ETag", tag}, {"Cache-Control", "private, max-age=60"}};
  if (!has_it(request.if_none_match, tag)) return response;
  response.status = 304;
  response.body.clear();
  return response;
}

}  // namespace postern
