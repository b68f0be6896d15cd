// SPDX-License-Identifier: GPL-2.0-or-later
// Pages from templates (milter/portal/templates, built into the program), by ctemplate, which escapes every value for
// the place in HTML where it stands.  The only file besides those of pages that knows ctemplate.
#pragma once

#include <cstring>  // which ctemplate's own headers forget

#include <ctemplate/template_dictionary.h>

#include <string>
#include <string_view>

#include "portal/http.h"
#include "portal/sessions.h"

namespace postern {

using Values = ctemplate::TemplateDictionary;

// What is around a page.
struct Frame {
  std::string title;
  std::string_view here;             // the path of the tab that is lit
  const SessionUser* user = nullptr;
  bool can_sign_in = false;
  std::string token;                 // for its forms
  std::string notice;                // said above all else: "The message is in your inbox."
  int status = 200;
};

// Call before any page is made; calls after the first do nothing.  A template that does not parse ends the program: a
// bug.
void load_templates();
HttpResponse page(const Frame& frame, std::string_view name, Values& values);
// A template by itself, for what is no page.
std::string filled(std::string_view name, const Values& values);
// The page of an error: what happened and what can be done, never how the program is made.
HttpResponse fault_page(const Frame& frame, int status, std::string_view words);
// What every answer carries: nothing is loaded from elsewhere, run, framed, cached or told to others.
void add_security_headers(HttpResponse& response, bool secure);
// A file that pages use: "style.css".  Null if there is none of that name.
const char* embedded_file(std::string_view name);
// Values of ctemplate want a NUL and a string.
void set(Values& values, const char* name, std::string_view text);

}  // namespace postern
