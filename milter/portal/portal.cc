// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/portal.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/log.h"
#include "base/strings.h"
#include "filter/signals.h"
#include "portal/feed.h"
#include "portal/pages.h"

namespace postern {
namespace {

constexpr const char* kCookie = "__Host-postern";
constexpr size_t kClients = 50'000;  // remembered for the sake of rates
constexpr int64_t kClusterAge = 1'000'000;
constexpr auto kMetricsInterval = std::chrono::seconds(10);

enum class For { kAll, kUsers, kAdmins };
struct Route {
  const char* method;
  const char* path;
  For whom;
  HttpResponse (*page)(Portal&, Visit&);
};
constexpr std::array<Route, 17> kRoutes{{{"GET", "/", For::kAll, wizard_page},
                                         {"GET", "/status", For::kAll, status_page},
                                         {"GET", "/login", For::kAll, login_page},
                                         {"POST", "/login", For::kAll, log_in},
                                         {"POST", "/logout", For::kUsers, log_out},
                                         {"GET", "/policy", For::kUsers, policy_page},
                                         {"POST", "/policy", For::kUsers, save_policy},
                                         {"GET", "/quarantine", For::kUsers, quarantine_page},
                                         {"GET", "/quarantine/message", For::kUsers, message_page},
                                         {"POST", "/quarantine/release", For::kUsers, release_message},
                                         {"POST", "/quarantine/delete", For::kUsers, delete_message},
                                         {"GET", "/feeds", For::kUsers, feeds_page},
                                         {"POST", "/feeds/make", For::kUsers, make_feed},
                                         {"POST", "/feeds/revoke", For::kUsers, revoke_feed},
                                         {"GET", "/admin", For::kAdmins, admin_page},
                                         {"POST", "/admin/diff", For::kAdmins, diff_page},
                                         {"POST", "/admin/apply", For::kAdmins, apply_diff}}};

// What a page says after a form was carried out; the address holds only the name, so that nobody else can write there.
struct Notice {
  std::string_view name, words;
};
constexpr std::array<Notice, 6> kNotices{{{"released", "Released: the message is in your inbox."},
                                          {"deleted", "Deleted."},
                                          {"revoked", "Revoked. The feed's address opens nothing any more."},
                                          {"saved", "Saved. It counts from the next message on."},
                                          {"applied", "Changed. The mail servers apply it within moments."},
                                          {"signed-out", "You have signed out."}}};

std::vector<std::string> names_of(std::string text) {
  std::replace(text.begin(), text.end(), ',', ' ');
  std::vector<std::string> out;
  for (const std::string_view word : words(text)) out.push_back(lower(word));
  return out;
}

// A form sent from another site, as far as the browser tells.
bool from_elsewhere(const HttpRequest& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin" && request.fetch_site != "none") return true;
  if (request.origin.empty()) return false;
  const size_t host = request.origin.find("://");
  return host == std::string::npos || request.origin.substr(host + 3) != request.host;
}

// Where a request leads, with the message that it names.
std::string place_of(const HttpRequest& request) {
  if (request.path != "/quarantine/message") return request.path;
  return request.path + "?uid=" + request.get("uid") + "&validity=" + request.get("validity");
}

HttpResponse file_response(std::string_view name, const char* type) {
  HttpResponse response;
  response.type = type;
  response.body = embedded_file(name);
  response.headers.emplace_back("Cache-Control", "public, max-age=3600");
  return response;
}

}  // namespace

HttpResponse see_other(const std::string& path, std::string_view notice) {
  HttpResponse response;
  response.status = 303;
  const bool more = path.find('?') != std::string::npos;
  response.headers.emplace_back(
      "Location", notice.empty() ? path : path + (more ? "&" : "?") + "done=" + std::string(notice));
  return response;
}

HttpResponse error_page(const Visit& visit, const Error& error) {
  switch (error.kind) {
    case ErrorKind::kUnavailable:
    case ErrorKind::kTimeout:
      return fault_page(visit.frame, 503,
                        "This page cannot be made at the moment: " + error.text + ". Mail is not affected.");
    case ErrorKind::kNotFound:
      return fault_page(visit.frame, 404, error.text + ".");
    case ErrorKind::kConflict:
      return fault_page(visit.frame, 409, error.text + ".");
    default:
      return fault_page(visit.frame, 400, error.text + ".");
  }
}

Portal::Portal(const Settings& settings, std::unique_ptr<Store> store)
    : settings_(settings),
      store_(std::move(store)),
      admins_(names_of(settings.portal_admins)),
      requests_(static_cast<double>(settings.portal_rate), static_cast<double>(settings.portal_rate) * 4 + 10,
                kClients),
      sign_ins_of_client_(1.0 / 30, 10, kClients),
      sign_ins_of_user_(1.0 / 60, 10, kClients),
      feeds_(1.0 / 30, 10, kClients) {
  load_templates();
  if (!settings_.metrics_listen.empty()) metrics_thread_ = std::thread([this] { follow_metrics(); });
}

Portal::~Portal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (metrics_thread_.joinable()) metrics_thread_.join();
}

void Portal::follow_metrics() {
  block_all_signals();
  bool said = false;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const auto totals = read_verdict_totals(settings_.metrics_listen);
    if (totals.ok()) history_.add(*totals, unix_now());
    if (!totals.ok() && !said) log(LogLevel::kWarning, LogLine("portal").add("metrics", totals.error().text));
    said = !totals.ok();
    lock.lock();
    changed_.wait_for(lock, kMetricsInterval, [this] { return stopping_; });
  }
}

bool Portal::is_admin(std::string_view address) const {
  return !address.empty() && std::find(admins_.begin(), admins_.end(), address) != admins_.end();
}

Result<ClusterPicture> Portal::cluster() {
  const std::lock_guard lock(cluster_mutex_);
  const int64_t now = steady_micros();
  if (cluster_ && now - cluster_at_ < kClusterAge) return *cluster_;
  const StoreHealth health = store_->health();
  auto nodes = health.connected ? store_->nodes(Deadline::after(settings_.redis_command_timeout))
                                : Result<std::vector<NodeInfo>>(unavailable("the shared list cannot be reached"));
  cluster_at_ = now;
  if (!nodes.ok()) {
    cluster_ = unavailable("the shared list cannot be reached");
    return *cluster_;
  }
  const TablesPtr tables = store_->tables();
  ClusterPicture picture;
  picture.server.description = health.description;
  picture.server.generation = tables->generation;
  picture.server.digest = tables->digest;
  picture.nodes = std::move(nodes.value());
  cluster_ = std::move(picture);
  return *cluster_;
}

Visit Portal::visit(const HttpRequest& request, UnixTime now) {
  Visit out{request, now, find_cookie(request.cookies, kCookie).value_or(""), std::nullopt, {}};
  if (!out.session.empty()) out.user = sessions_.find(out.session, now);
  out.frame.here = request.path;
  out.frame.can_sign_in = !settings_.portal_imap.empty();
  if (!out.session.empty()) out.frame.token = sessions_.form_token(out.session);
  for (const Notice& notice : kNotices) {
    if (request.get("done") == notice.name) out.frame.notice = notice.words;
  }
  return out;
}

HttpResponse Portal::guarded(Visit& visit) {
  const HttpRequest& request = visit.request;
  if (request.method != "POST") return route(visit);
  if (from_elsewhere(request) || !sessions_.is_form_token(visit.session, request.field("token"))) {
    log(LogLevel::kWarning, LogLine("portal").add("client", request.client).add("path", request.path)
                                .add("refused", "form"));
    return fault_page(visit.frame, 403,
                      "This form is too old, or it was sent from another site. Open the page again and retry.");
  }
  return route(visit);
}

HttpResponse Portal::route(Visit& visit) {
  const HttpRequest& request = visit.request;
  bool known = false;
  for (const Route& each : kRoutes) {
    if (request.path != each.path) continue;
    known = true;
    if (request.method != each.method) continue;
    if (each.whom != For::kAll && !visit.user) {
      if (settings_.portal_imap.empty()) return fault_page(visit.frame, 404, "Nobody can sign in here.");
      return see_other("/login?next=" + url_escaped(request.method == "GET" ? place_of(request) : "/"));
    }
    if (each.whom == For::kAdmins && !visit.user->admin) {
      return fault_page(visit.frame, 403, "This page is for administrators.");
    }
    return each.page(*this, visit);
  }
  if (known) return fault_page(visit.frame, 405, "This address takes no such request.");
  return fault_page(visit.frame, 404, "The address may be mistyped, or the page is gone.");
}

HttpResponse Portal::answer(const HttpRequest& request) {
  HttpResponse response;
  if (request.path == "/style.css") {
    response = file_response("style.css", "text/css; charset=utf-8");
  } else if (request.path == "/favicon.svg") {
    response = file_response("favicon.svg", "image/svg+xml");
  } else if (settings_.portal_rate > 0 && !requests_.take(rate_name(request.client), steady_micros())) {
    response = fault(429);
    response.headers.emplace_back("Retry-After", "2");
    return response;
  } else if (request.path.starts_with(kFeedPath)) {
    response = feed_response(*this, request);  // with neither session nor form, and its path in no log
  } else {
    Visit who = visit(request, unix_now());
    if (who.user) who.frame.user = &*who.user;
    response = guarded(who);
  }
  add_security_headers(response, request.secure);
  return response;
}

HttpResponse Portal::fault(int status) const {
  std::string_view words = "Nothing was changed.";
  if (status == 429) words = "Your address asks for more pages than it may. In a few seconds it can go on.";
  if (status == 503) words = "More is asked for than can be answered now. Try again in a moment. Mail is not affected.";
  if (status == 500) words = "The fault is on our side and was noted. Mail is not affected.";
  HttpResponse response = fault_page(Frame(), status, words);
  add_security_headers(response, !settings_.portal_certificate.empty());
  return response;
}

}  // namespace postern
