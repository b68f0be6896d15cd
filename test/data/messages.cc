// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/data/messages.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "test/data/codec.h"
#include "test/data/documents.h"

namespace postern::testdata {

namespace {

constexpr int64_t kWaveStart = 1183248000;  // 1 July 2007
constexpr int64_t kToday = 1717372800;      // 3 June 2024
constexpr std::array<const char*, 4> kDomains{"example.org", "example.net", "mail.example.org", "office.example.net"};

std::string recipient(const Request& request) { return request.to.empty() ? "user@example.com" : request.to; }

// A message of today with everything but its parts.
Draft modern(const Request& request, Random& random) {
  static constexpr std::array<Agent, 5> kAgents{Agent::kThunderbird, Agent::kOutlook, Agent::kAppleMail,
                                                Agent::kGmail, Agent::kPhone};
  Draft draft;
  draft.agent = random.pick(kAgents);
  draft.from_name = person(random);
  draft.from = request.from.empty() ? address_of(draft.from_name, random.pick(kDomains)) : request.from;
  draft.to = recipient(request);
  draft.time = kToday + random.between(0, 20 * 86400);
  return draft;
}

std::string clean(const Request& request) {
  Random random(request.seed);
  Draft draft = modern(request, random);
  draft.subject = "Minutes of the meeting";
  draft.parts = {text_part("Hello,\n\n" + sentences(5, random) + "\nBest regards\n" + draft.from_name + "\n")};
  return compose(draft, random);
}

std::string outbound(const Request& request) {
  Random random(request.seed + 900);
  Request own = request;
  if (own.from.empty()) own.from = "user@example.com";
  if (own.to.empty()) own.to = "partner@example.net";
  Draft draft = modern(own, random);
  draft.subject = "Our offer";
  draft.parts = {text_part("Dear partner,\n\n" + sentences(4, random) + "\nKind regards\n" + draft.from_name + "\n")};
  return compose(draft, random);
}

std::string newsletter(const Request& request) {
  Random random(request.seed + 100);
  Draft draft = modern(request, random);
  draft.agent = Agent::kAppleMail;
  draft.from_name = "Garden Club";
  draft.subject = "What to plant in June";
  draft.subtype = "alternative";
  const std::string text = sentences(8, random);
  draft.parts = {text_part(text),
                 html_part("<html><head><style>p { color: #222; }</style></head><body><h1>June</h1><p>" + text +
                           "</p><p><a href=\"https://www.example.org/\">Read more</a></p></body></html>\n")};
  return compose(draft, random);
}

std::string random_name(Random& random) {
  static constexpr std::array<const char*, 8> kWords{"paul",   "report", "stock", "journal",
                                                     "invest", "alert",  "doc",   "news"};
  return std::string(random.pick(kWords)) + "_" + random.text(4, "0123456789");
}

struct SpamMail {
  SpamShape shape;
  std::string_view extension = ".pdf";
  std::string_view type = "application/pdf";
  bool zipped = false;
  bool uuencode = false;
  bool body_text = false;     // decoy prose in the body
  bool modern_agent = false;  // does not pretend to be Thunderbird 1.5
};

std::string spam_message(const Request& request, const SpamMail& how) {
  Random campaign(request.campaign != 0 ? request.campaign : request.seed);
  Random random(request.seed * 1000003 + 18);
  Draft draft = modern(request, random);
  const bool modern_agent = how.modern_agent || request.modern;
  draft.agent = modern_agent ? draft.agent : Agent::kThunderbird2007;
  draft.time = modern_agent ? draft.time : kWaveStart + random.between(0, 55 * 86400);
  // Nobody knows whether the forgers got the time in the Message-ID right; half of them do here.
  if (random.chance(0.5)) draft.id_time = draft.time - random.between(1000, 9000000);
  const std::string to = draft.to.substr(0, draft.to.find('@'));
  std::string base = random_name(random);
  const double subject = random.unit();
  if (subject < 0.25) base = to + "_report";
  const std::string file = base + std::string(how.extension);
  draft.subject = subject < 0.25  ? "Fw: " + file
                  : subject < 0.8 ? file
                  : subject < 0.9 ? ""
                                  : random.text(8, "abcdefgh ");
  const std::string pdf = spam_pdf(how.shape, campaign, random);
  const std::string body = how.body_text ? sentences(4, random) : random.chance(0.5) ? "\n" : " \n\n";
  if (how.uuencode) {
    draft.parts = {text_part(body + "\n" + uuencoded(pdf, file))};
    return compose(draft, random);
  }
  draft.parts = {text_part(body)};
  if (how.zipped) {
    draft.parts.push_back(attachment("application/zip", base + ".zip", zip_stored(file, pdf)));
  } else {
    draft.parts.push_back(attachment(how.type, file, pdf));
    if (how.type == "application/pdf") draft.parts.back().disposition.replace(0, 10, "inline");
  }
  return compose(draft, random);
}

template <class Change>
std::string variant(const Request& request, Change change) {
  SpamMail how;
  change(how);
  return spam_message(request, how);
}

std::string file_name(std::string_view pattern, Random& random) {
  std::string out;
  for (const char c : pattern) {
    if (c == '%')
      out += random.text(8, "0123456789");
    else
      out += c;
  }
  return out;
}

std::string scan_mail(const Request& request, bool blank) {
  Random random(request.seed + 300);
  const Scanner& how = scanner(request.seed - 1);
  const std::string pdf = scan_pdf(how, random.chance(0.6) ? 1 : random.between(2, 3), random);
  return wrap_pdf(pdf, file_name(how.file_name, random), blank, request);
}

std::string device_scan(const Request& request) {  // straight from the scanner to the mailbox
  Random random(request.seed + 400);
  const Scanner& how = scanner(request.seed - 1);
  Draft draft = modern(request, random);
  draft.agent = Agent::kScanner;
  draft.from_name = "";
  if (request.from.empty()) draft.from = "scanner@example.org";
  const std::string file = file_name(how.file_name, random);
  draft.subject =
      random.chance(0.5) ? "Message from " + std::string(how.creator.empty() ? "scanner" : how.creator) : file;
  draft.parts = {text_part(random.chance(0.5) ? "\n" : "Device: " + random.text(10, "0123456789ABCDEF") + "\n"),
                 attachment("application/pdf", file, scan_pdf(how, 1, random))};
  return compose(draft, random);
}

std::string invoice(const Request& request) {
  Random random(request.seed + 500);
  return wrap_pdf(invoice_pdf(random), file_name("invoice-%.pdf", random), false, request);
}

std::string other_pdf(const Request& request, std::string (*make)(Random&), std::string_view pattern, bool blank) {
  Random random(request.seed + 600);
  const std::string pdf = make(random);
  return wrap_pdf(pdf, file_name(pattern, random), blank, request);
}

std::string photos(Random& random) { return photo_pdf(random.between(1, 3), random); }
std::string fax(Random& random) {
  return scan_pdf({"FAX Server 4.2", "", "1.2", "", 96, true, "Flate"}, random.between(1, 2), random);
}
std::string report(Random& random) { return text_pdf(random.between(1, 6), random); }
std::string phone_page(Random& random) {  // a phone's "print to PDF" of a photographed receipt
  const bool unscaled = random.chance(0.5);
  return scan_pdf({"iOS Version 17.5.1 (Build 21F90) Quartz PDFContext", "", "1.3", "", 120, false, "DCT", unscaled},
                  1, random);
}

// The escalations of the wave, each alone.
const std::vector<Kind>& escalations() {
  using R = const Request&;
  using S = SpamMail&;
  static const std::vector<Kind> kAll{
      {"spam-lzw", true, "LZW picture", [](R r) { return variant(r, [](S s) { s.shape.filter = "LZW"; }); }},
      {"spam-flate", true, "Flate picture", [](R r) { return variant(r, [](S s) { s.shape.filter = "Flate"; }); }},
      {"spam-dots", true, "dots on 3 %", [](R r) { return variant(r, [](S s) { s.shape.dots = 0.03; }); }},
      {"spam-border", true, "noise as border", [](R r) { return variant(r, [](S s) { s.shape.border = 0.05; }); }},
      {"spam-colours", true, "other colours", [](R r) { return variant(r, [](S s) { s.shape.colour_shift = 40; }); }},
      {"spam-scaled", true, "other sizes", [](R r) { return variant(r, [](S s) { s.shape.scaling = true; }); }},
      {"spam-pages", true, "other page sizes",
       [](R r) { return variant(r, [](S s) { s.shape.page_sizes = true; }); }},
      {"spam-tiles", true, "picture in tiles", [](R r) { return variant(r, [](S s) { s.shape.tiles = 4; }); }},
      {"spam-filler", true, "pitch, then 9 pages of random characters",
       [](R r) { return variant(r, [](S s) { s.shape.filler_pages = 9; }); }},
      {"spam-text", true, "harmless text below the picture",
       [](R r) { return variant(r, [](S s) { s.shape.decoy_text = true; }); }},
      {"spam-white-text", true, "white text below the picture",
       [](R r) { return variant(r, [](S s) { s.shape.white_text = true; }); }},
      {"spam-body-text", true, "harmless text in the mail",
       [](R r) { return variant(r, [](S s) { s.body_text = true; }); }},
      {"spam-forged", true, "claims a known producer",
       [](R r) { return variant(r, [](S s) { s.shape.forged_metadata = true; }); }},
      {"spam-encrypted", true, "encrypted, empty password",
       [](R r) { return variant(r, [](S s) { s.shape.encrypted = true; }); }},
      {"spam-scan", true, "disguised as a scan",
       [](R r) { return variant(r, [](S s) { s.shape.scanner_disguise = true; }); }},
      {"spam-zip", true, "PDF in a zip file", [](R r) { return variant(r, [](S s) { s.zipped = true; }); }},
      {"spam-fdf", true, "named .fdf",
       [](R r) {
         return variant(r, [](S s) {
           s.extension = ".fdf";
           s.type = "application/vnd.fdf";
         });
       }},
      {"spam-octets", true, "application/octet-stream",
       [](R r) { return variant(r, [](S s) { s.type = "application/octet-stream"; }); }},
      {"spam-as-jpeg", true, "says image/jpeg", [](R r) { return variant(r, [](S s) { s.type = "image/jpeg"; }); }},
      {"spam-uuencode", true, "uuencoded in the text",
       [](R r) { return variant(r, [](S s) { s.uuencode = true; }); }},
      {"spam-modern", true, "from a mailer of today",
       [](R r) { return variant(r, [](S s) { s.modern_agent = true; }); }},
      {"spam-all", true, "dots, border, colours, scaling, page sizes",
       [](R r) {
         return variant(r, [](S s) {
           s.shape.dots = 0.03;
           s.shape.border = 0.05;
           s.shape.colour_shift = 40;
           s.shape.scaling = s.shape.page_sizes = true;
         });
       }},
  };
  return kAll;
}

}  // namespace

std::string wrap_pdf(std::string_view bytes, std::string_view name, bool blank, const Request& request) {
  Random random(request.seed * 31 + 7);
  Draft draft = modern(request, random);
  draft.reply = !blank;
  draft.subject =
      blank ? std::string(name) : "Re: " + std::string(random.chance(0.5) ? "documents" : "your question");
  draft.parts = {
      text_part(blank ? "\n" : "Hello,\n\n" + sentences(3, random) + "\nRegards\n" + draft.from_name + "\n"),
      attachment("application/pdf", name, bytes)};
  return compose(draft, random);
}

const std::vector<Kind>& kinds() {
  using R = const Request&;
  static const std::vector<Kind> kAll{
      {"clean", false, "an ordinary text mail", clean},
      {"newsletter", false, "multipart/alternative, text and HTML", newsletter},
      {"outbound", false, "a mail from user@example.com to a partner", outbound},
      {"scan", false, "a scanned letter with some words", [](R r) { return scan_mail(r, false); }},
      {"scan-blank", false, "a scanned letter, blank body, file name as Subject",
       [](R r) { return scan_mail(r, true); }},
      {"scan-device", false, "a scan mailed by the scanner itself", device_scan},
      {"invoice", false, "an invoice with a logo", invoice},
      {"photos", false, "photographs in a PDF", [](R r) { return other_pdf(r, photos, "Photos %.pdf", false); }},
      {"photos-blank", false, "the same, blank body", [](R r) { return other_pdf(r, photos, "Photos %.pdf", true); }},
      {"fax-blank", false, "a fax, blank body", [](R r) { return other_pdf(r, fax, "FAX%.pdf", true); }},
      {"phone-blank", false, "a phone's print to PDF, blank body",
       [](R r) { return other_pdf(r, phone_page, "IMG_%.pdf", true); }},
      {"flyer-blank", false, "a concert's poster, blank body",
       [](R r) { return other_pdf(r, flyer_pdf, "flyer-%.pdf", true); }},
      {"report", false, "pages of text", [](R r) { return other_pdf(r, report, "report-%.pdf", false); }},
      {"report-blank", false, "pages of text, blank body",
       [](R r) { return other_pdf(r, report, "report-%.pdf", true); }},
      {"spam-2007", true, "PDF image spam of summer 2007", [](R r) { return spam_message(r, {}); }},
  };
  static const std::vector<Kind> kWithEscalations = [] {
    std::vector<Kind> all = kAll;
    all.insert(all.end(), escalations().begin(), escalations().end());
    return all;
  }();
  return kWithEscalations;
}

const Kind* find_kind(std::string_view name) {
  const auto& all = kinds();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Kind& kind) { return kind.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace postern::testdata
