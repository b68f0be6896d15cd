// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/feed_document.h"

#include <algorithm>

#include "portal/digest_mail.h"
#include "portal/feed_token.h"
#include "portal/page.h"

namespace postern {

std::string atom_feed(const FeedView& view) {
  Values values("feed");
  UnixTime updated = view.made;
  for (const FeedEntry& each : view.entries) updated = std::max(updated, each.arrived);
  set(values, "USER", view.user);
  set(values, "ID", stable_urn("feed of " + view.user));
  set(values, "UPDATED", iso_time(updated));
  set(values, "SELF", view.self);
  set(values, "LINK", view.link);
  for (const FeedEntry& each : view.entries) {
    Values& one = *values.AddSectionDictionary("ENTRY");
    set(one, "SUBJECT", unlinked(each.summary.subject));
    set(one, "FROM", unlinked(each.summary.from));
    set(one, "ID", stable_urn("message of " + view.user + " " + each.link));
    set(one, "UPDATED", iso_time(each.arrived));
    set(one, "LINK", each.link);
    set(one, "WHY", why_of(each.summary));
  }
  return filled("feed.tpl", values);
}

}  // namespace postern
