// SPDX-License-Identifier: GPL-2.0-or-later
// What the portal's pages share, and the way from a request to its page: who may, how often, and that a form is one of
// ours.  Each page is a function of pages.h.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/cluster_picture.h"
#include "conf/settings.h"
#include "portal/history.h"
#include "portal/http.h"
#include "portal/page.h"
#include "portal/rate_limit.h"
#include "portal/sessions.h"
#include "store/store.h"

namespace postern {

// One request, and what is known of who makes it.
struct Visit {
  const HttpRequest& request;
  UnixTime now = 0;
  std::string session;              // its name in the cookie; empty: none
  std::optional<SessionUser> user;  // whoever has signed in
  Frame frame;                      // for the page, filled in already
};

class Portal {
 public:
  Portal(const Settings& settings, std::unique_ptr<Store> store);
  ~Portal();
  Portal(const Portal&) = delete;
  Portal& operator=(const Portal&) = delete;

  // The whole answer, security headers included.  Any thread.
  HttpResponse answer(const HttpRequest& request);
  // The answer for what is no request.
  HttpResponse fault(int status) const;

  const Settings& settings() const { return settings_; }
  Sessions& sessions() { return sessions_; }
  const History& history() const { return history_; }
  Store& store() { return *store_; }
  // The nodes as they last spoke up, at most a second old, beside the tables that this process applies; fails while the
  // shared store is away.
  Result<ClusterPicture> cluster();
  bool is_admin(std::string_view address) const;

  RateLimit& sign_ins_of_client() { return sign_ins_of_client_; }
  RateLimit& sign_ins_of_user() { return sign_ins_of_user_; }
  RateLimit& feeds() { return feeds_; }

 private:
  Visit visit(const HttpRequest& request, UnixTime now);
  HttpResponse route(Visit& visit);
  HttpResponse guarded(Visit& visit);
  void follow_metrics();

  const Settings settings_;
  const std::unique_ptr<Store> store_;
  const std::vector<std::string> admins_;
  Sessions sessions_;
  History history_;
  RateLimit requests_;            // of a client
  RateLimit sign_ins_of_client_;  // that failed
  RateLimit sign_ins_of_user_;
  RateLimit feeds_;  // readings of a feed
  std::mutex cluster_mutex_;
  int64_t cluster_at_ = 0;  // steady microseconds
  std::optional<Result<ClusterPicture>> cluster_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread metrics_thread_;
};

}  // namespace postern
