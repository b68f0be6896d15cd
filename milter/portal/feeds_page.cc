// SPDX-License-Identifier: GPL-2.0-or-later
// Where a user makes the address of his feed, and revokes it.
#include "base/log.h"
#include "cli/admin_setup.h"
#include "portal/feed.h"
#include "portal/feed_token.h"
#include "portal/pages.h"

namespace postern {
namespace {

Result<std::unique_ptr<Admin>> admin_of(const Portal& portal) {
  auto admin = set_up_admin(portal.settings());
  if (!admin.ok()) return unavailable("addresses of feeds cannot be looked up");
  return admin;
}

HttpResponse no_feeds(const Visit& visit) { return fault_page(visit.frame, 404, "There are no feeds here."); }

HttpResponse set_row(Portal& portal, Visit& visit, const std::optional<std::string>& row) {
  const auto admin = admin_of(portal);
  if (!admin.ok()) return error_page(visit, admin.error());
  const Status done = (*admin)->set_feed(feed_id(visit.user->name), row);
  if (!done.ok()) return error_page(visit, unavailable("the address of the feed cannot be written"));
  log(LogLevel::kInfo, LogLine("portal").add("client", visit.request.client).add("user", visit.user->name)
                           .add("feed", row ? "made" : "revoked"));
  return see_other("/feeds", "revoked");
}

}  // namespace

HttpResponse feeds_page(Portal& portal, Visit& visit) {
  if (!has_feeds(portal.settings())) return no_feeds(visit);
  const auto admin = admin_of(portal);
  if (!admin.ok()) return error_page(visit, admin.error());
  const auto row = (*admin)->feed(feed_id(visit.user->name));
  if (!row.ok()) return error_page(visit, unavailable("addresses of feeds cannot be looked up"));
  Values values("feeds");
  visit.frame.title = "Alerts";
  visit.frame.here = "/quarantine";
  const auto made = feed_made(*row);
  if (made) set(*values.AddSectionDictionary("HAS"), "MADE", iso_time(*made).substr(0, 10));
  if (!made) values.ShowSection("NONE");
  return page(visit.frame, "feeds.tpl", values);
}

// The address is shown this once: what is kept does not tell it.
HttpResponse make_feed(Portal& portal, Visit& visit) {
  if (!has_feeds(portal.settings())) return no_feeds(visit);
  const FeedToken token = new_feed_token(visit.user->name);
  const HttpResponse done = set_row(portal, visit, feed_row(token, visit.user->name, visit.now));
  if (done.status != 303) return done;
  Values values("feeds");
  visit.frame.title = "Alerts";
  visit.frame.here = "/quarantine";
  Values& one = *values.AddSectionDictionary("NEW");
  set(one, "ADDRESS", portal.settings().portal_url + std::string(kFeedPath) + token.text());
  return page(visit.frame, "feeds.tpl", values);
}

HttpResponse revoke_feed(Portal& portal, Visit& visit) {
  if (!has_feeds(portal.settings())) return no_feeds(visit);
  return set_row(portal, visit, std::nullopt);
}

}  // namespace postern
