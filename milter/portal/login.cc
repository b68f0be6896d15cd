// SPDX-License-Identifier: GPL-2.0-or-later
// Signing in with the IMAP server's own names and passwords, and out.
#include "base/log.h"
#include "base/strings.h"
#include "mail/address.h"
#include "portal/imap.h"
#include "portal/pages.h"
#include "portal/user_name.h"

namespace postern {
namespace {

constexpr Millis kImapPatience{8000};
constexpr const char* kCookieStart = "__Host-postern=";
constexpr const char* kCookieEnd = "; Path=/; Secure; HttpOnly; SameSite=Strict";

void set_cookie(HttpResponse& response, const std::string& name) {
  response.headers.emplace_back("Set-Cookie", kCookieStart + name + kCookieEnd);
}

// "/quarantine/message?uid=7&validity=12": what a digest or a feed leads to.
bool is_message_page(std::string_view wanted) {
  constexpr std::string_view kStart = "/quarantine/message?uid=", kThen = "&validity=";
  const size_t then = wanted.find(kThen);
  return wanted.starts_with(kStart) && then != std::string_view::npos &&
         to_uint(wanted.substr(kStart.size(), then - kStart.size()), UINT32_MAX) &&
         to_uint(wanted.substr(then + kThen.size()), UINT32_MAX);
}

// Where to go after signing in: one of our own pages, whatever the form says.
std::string next_page(const std::string& wanted) {
  for (const char* each : {"/policy", "/quarantine", "/feeds", "/admin", "/status"}) {
    if (wanted == each) return wanted;
  }
  return is_message_page(wanted) ? wanted : "/quarantine";
}

HttpResponse form(Portal& portal, Visit& visit, const std::string& user, const std::string& fault, int status) {
  Values values("login");
  visit.frame.title = "Sign in";
  visit.frame.status = status;
  visit.frame.user = nullptr;
  visit.frame.can_sign_in = false;
  const bool known = unhex(visit.session).has_value() && visit.session.size() == 64;
  const std::string name = known ? visit.session : random_name();
  visit.frame.token = portal.sessions().form_token(name);
  set(values, "USER", user);
  set(values, "NEXT",
      next_page(visit.request.method == "GET" ? visit.request.get("next") : visit.request.field("next")));
  if (!fault.empty()) set(*values.AddSectionDictionary("BAD"), "FAULT", fault);
  HttpResponse response = page(visit.frame, "login.tpl", values);
  if (!known) set_cookie(response, name);
  return response;
}

void note(const Visit& visit, std::string_view user, std::string_view outcome) {
  log(outcome == "signed-in" ? LogLevel::kInfo : LogLevel::kWarning,
      LogLine("portal").add("client", visit.request.client).add("user", user).add("login", outcome));
}

}  // namespace

HttpResponse login_page(Portal& portal, Visit& visit) {
  if (portal.settings().portal_imap.empty()) return fault_page(visit.frame, 404, "Nobody can sign in here.");
  return form(portal, visit, "", "", 200);
}

HttpResponse log_in(Portal& portal, Visit& visit) {
  const Settings& settings = portal.settings();
  if (settings.portal_imap.empty()) return fault_page(visit.frame, 404, "Nobody can sign in here.");
  const std::string typed(trim(visit.request.field("user")));
  const std::string& password = visit.request.field("password");
  const std::string client = rate_name(visit.request.client);
  const std::string person = lower(typed.substr(0, 254));
  const int64_t now = steady_micros();
  if (!portal.sign_ins_of_client().has(client, now) || !portal.sign_ins_of_user().has(person, now)) {
    note(visit, person, "too-often");
    return form(portal, visit, typed.substr(0, 254), "Too many attempts. Please wait a few minutes.", 429);
  }
  const auto user = user_of(typed, settings.portal_domain);
  const bool plausible = user && !password.empty() && password.size() <= 512;
  Result<std::unique_ptr<ImapConnection>> opened = invalid("");
  if (plausible)
    opened = ImapConnection::open(settings.portal_imap, {user->name, password}, Deadline::after(kImapPatience));
  if (!opened.ok()) {
    (void)portal.sign_ins_of_client().take(client, now);
    (void)portal.sign_ins_of_user().take(person, now);
  }
  if (!opened.ok() && opened.error().kind != ErrorKind::kInvalid) {
    log(LogLevel::kWarning, LogLine("portal").add("imap", opened.error().text));
    return error_page(visit, unavailable("nobody can sign in, because the mail server does not answer"));
  }
  if (!opened.ok()) {
    note(visit, person, "refused");
    return form(portal, visit, typed.substr(0, 254), "Name or password is wrong.", 403);
  }
  if (visit.user) portal.sessions().close(visit.session);
  const SessionUser session{user->name, user->address, portal.is_admin(user->address), password};
  HttpResponse response = see_other(next_page(visit.request.field("next")));
  set_cookie(response, portal.sessions().open(session, visit.now));
  note(visit, user->name, "signed-in");
  return response;
}

HttpResponse log_out(Portal& portal, Visit& visit) {
  portal.sessions().close(visit.session);
  HttpResponse response = see_other("/", "signed-out");
  response.headers.emplace_back("Set-Cookie", std::string(kCookieStart) + kCookieEnd + "; Max-Age=0");
  return response;
}

}  // namespace postern
