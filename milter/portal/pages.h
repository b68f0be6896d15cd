// SPDX-License-Identifier: GPL-2.0-or-later
// The pages.  Each gets a visit that portal.cc has let through: for pages of users `visit.user` stands, for those of
// administrators he is one, and a POST carries a good token.
#pragma once

#include <string>

#include "portal/portal.h"

namespace postern {

HttpResponse wizard_page(Portal& portal, Visit& visit);
HttpResponse status_page(Portal& portal, Visit& visit);
HttpResponse login_page(Portal& portal, Visit& visit);
HttpResponse log_in(Portal& portal, Visit& visit);
HttpResponse log_out(Portal& portal, Visit& visit);
HttpResponse policy_page(Portal& portal, Visit& visit);
HttpResponse save_policy(Portal& portal, Visit& visit);
HttpResponse quarantine_page(Portal& portal, Visit& visit);
HttpResponse message_page(Portal& portal, Visit& visit);
HttpResponse release_message(Portal& portal, Visit& visit);
HttpResponse delete_message(Portal& portal, Visit& visit);
HttpResponse feeds_page(Portal& portal, Visit& visit);
HttpResponse make_feed(Portal& portal, Visit& visit);
HttpResponse revoke_feed(Portal& portal, Visit& visit);
HttpResponse admin_page(Portal& portal, Visit& visit);
HttpResponse diff_page(Portal& portal, Visit& visit);
HttpResponse apply_diff(Portal& portal, Visit& visit);

// 303 to a path of ours, after which `notice` (a name of kNotices) is said.
HttpResponse see_other(const std::string& path, std::string_view notice = "");
// The page that fits an error: 503 for what is away, 404 for what is gone, 409 for conflicts, else 400.
HttpResponse error_page(const Visit& visit, const Error& error);

}  // namespace postern
