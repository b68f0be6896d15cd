// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/page.h"

#include <ctemplate/template.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "portal/templates.h"

namespace postern {
namespace {

constexpr auto kStrip = ctemplate::STRIP_WHITESPACE;

struct Tab {
  const char* path;
  const char* words;
  enum class For { kAll, kUsers, kAdmins } whom;
};
constexpr std::array<Tab, 5> kTabs{{{"/", "Check an address", Tab::For::kAll},
                                    {"/status", "Status", Tab::For::kAll},
                                    {"/policy", "My mail policy", Tab::For::kUsers},
                                    {"/quarantine", "Quarantine", Tab::For::kUsers},
                                    {"/admin", "Administration", Tab::For::kAdmins}}};

void add_tabs(Values& values, const Frame& frame) {
  for (const Tab& tab : kTabs) {
    if (tab.whom == Tab::For::kUsers && frame.user == nullptr) continue;
    if (tab.whom == Tab::For::kAdmins && (frame.user == nullptr || !frame.user->admin)) continue;
    Values& one = *values.AddSectionDictionary("TAB");
    set(one, "PATH", tab.path);
    set(one, "WORDS", tab.words);
    if (frame.here == tab.path) one.ShowSection("HERE");
  }
}

const char* fault_title(int status) {
  switch (status) {
    case 400: return "That request is not understood";
    case 403: return "That is not allowed";
    case 404: return "There is no such page";
    case 405: return "That cannot be done here";
    case 409: return "Somebody else was faster";
    case 413: return "That is too long";
    case 415: return "That is no form";
    case 429: return "Please wait a moment";
    case 503: return "Not available at the moment";
    default: return "Something went wrong";
  }
}

}  // namespace

void set(Values& values, const char* name, std::string_view text) {
  values.SetValue(name, ctemplate::TemplateString(text.data(), text.size()));
}

const char* embedded_file(std::string_view name) {
  for (const EmbeddedPage* each = embedded_pages(); each->name != nullptr; ++each) {
    if (name == each->name) return each->text;
  }
  return nullptr;
}

void load_templates() {
  static bool loaded = false;
  if (std::exchange(loaded, true)) return;
  for (const EmbeddedPage* each = embedded_pages(); each->name != nullptr; ++each) {
    const std::string name = each->name;
    if (!name.ends_with(".tpl")) continue;
    if (!ctemplate::StringToTemplateCache(name, each->text, kStrip)) {
      throw std::runtime_error("template " + name + " does not parse");
    }
  }
}

std::string filled(std::string_view name, const Values& values) {
  std::string out;
  if (!ctemplate::ExpandTemplate(std::string(name), kStrip, &values, &out)) {
    throw std::runtime_error("no template " + std::string(name));
  }
  return out;
}

HttpResponse page(const Frame& frame, std::string_view name, Values& values) {
  set(values, "TOKEN", frame.token);
  Values outer("layout");
  set(outer, "TITLE", frame.title);
  set(outer, "TOKEN", frame.token);
  const std::string body = filled(name, values);
  set(outer, "BODY", body);
  add_tabs(outer, frame);
  if (!frame.notice.empty()) outer.SetValueAndShowSection("NOTICE", frame.notice, "NOTICE_BOX");
  if (frame.user != nullptr) {
    outer.SetValueAndShowSection("USER", frame.user->name, "SIGNED_IN");
  } else if (frame.can_sign_in) {
    outer.ShowSection("SIGNED_OUT");
  }
  HttpResponse response;
  response.status = frame.status;
  response.body = filled("layout.tpl", outer);
  return response;
}

HttpResponse fault_page(const Frame& frame, int status, std::string_view words) {
  Frame around = frame;
  around.status = status;
  around.title = fault_title(status);
  Values values("fault");
  set(values, "HEADING", fault_title(status));
  set(values, "WORDS", words);
  return page(around, "fault.tpl", values);
}

void add_security_headers(HttpResponse& response, bool secure) {
  auto& headers = response.headers;
  headers.emplace_back("Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
                       "frame-ancestors 'none'");
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("X-Frame-Options", "DENY");
  headers.emplace_back("Referrer-Policy", "same-origin");  // with none, browsers hide a form's own origin
  headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  headers.emplace_back("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
  if (secure) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  for (const auto& [name, value] : headers) {
    if (name == "Cache-Control") return;
  }
  headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace postern
