// SPDX-License-Identifier: GPL-2.0-or-later
// The settings of postern-portal.
#include <algorithm>

#include "base/ip.h"
#include "conf/rows.h"

namespace postern {
namespace {

bool all_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// Empty, imaps://HOST[:PORT], or imap:// to this host only: passwords go over it.  `scheme` is "imap".
bool is_url_of(std::string_view text, std::string_view scheme) {
  if (text.empty()) return true;
  if (!text.starts_with(scheme)) return false;
  text.remove_prefix(scheme.size());
  const bool tls = text.starts_with("s://");
  if (!tls && !text.starts_with("://")) return false;
  const std::string_view place = text.substr(tls ? 4 : 3);
  const bool six = place.starts_with('[');
  const size_t host_end = six ? place.find(']') : std::min(place.find(':'), place.size());
  if (host_end == std::string_view::npos || host_end == 0) return false;
  const std::string_view host = six ? place.substr(1, host_end - 1) : place.substr(0, host_end);
  const std::string_view rest = place.substr(six ? host_end + 1 : host_end);
  if (!rest.empty() && (!rest.starts_with(':') || !to_uint(rest.substr(1), 65535))) return false;
  const auto address = parse_ip(host);
  if (!tls) return host == "localhost" || (address && address->is_loopback());
  return address.ok() || std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

bool is_domain_or_empty(std::string_view text) {
  return text.size() < 254 && all_printable(text) && text.find_first_of(" @\"\\/") == std::string_view::npos;
}
bool is_folder(std::string_view text) {
  return !text.empty() && text.size() < 200 && all_printable(text) &&
         text.find_first_of("\"\\*%") == std::string_view::npos;
}
bool is_any(std::string_view text) { return text.size() < 4000; }

bool is_imap_url(std::string_view text) { return is_url_of(text, "imap"); }
bool is_web_url(std::string_view text) { return is_url_of(text, "http"); }

// A plain address: nothing that would need quotes in a header field or look like an option of sendmail(1).
bool is_plain_address(std::string_view text) {
  if (text.empty()) return true;
  const size_t at = text.find('@');
  return text.size() < 255 && at != 0 && at != std::string_view::npos && at + 1 < text.size() &&
         at == text.rfind('@') && text.front() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("@.+_=-").find(c) != std::string_view::npos;
         });
}

constexpr Millis kDay{86'400'000};

// What is done for users who are not signed in.
std::vector<SettingRow> digest_rows() {
  return {
      text_row(
          "portal-imap-master", &Settings::portal_imap_master, "", is_any, "empty or a path", false,
          "A file with one line NAME:PASSWORD: a master user of portal-imap, who may read each user's quarantine "
          "for digests and feeds. Others must not be able to read it. Empty: there are neither."),
      text_row("portal-url", &Settings::portal_url, "", is_web_url,
               "empty, https://HOST[:PORT], or http://ADDRESS[:PORT] with an address of this host", false,
               "Where users find the portal: what links in digests and feeds begin with. Empty: there are neither."),
      duration_row(
          "portal-quarantine-life", &Settings::portal_quarantine_life, "30d", Millis{0}, 3650 * kDay, false,
          "After how long the IMAP server deletes quarantined mail (Dovecot's autoexpunge), for digests to tell. "
          "0s: they do not tell."),
      text_row("digest-users", &Settings::digest_users, "", is_any, "empty or a path", false,
               "Who gets digests: a file with a user a line, up to the first colon or blank, such as Dovecot's "
               "passwd-file or Postfix' virtual_mailbox_maps."),
      text_row("digest-from", &Settings::digest_from, "", is_plain_address, "empty or a mail address", false,
               "The address in the From field of digests. Empty: postmaster at the domain of the user."),
      text_row("digest-sender", &Settings::digest_sender, "", is_plain_address, "empty or a mail address", false,
               "The envelope sender of digests. Empty: the null sender, to which nothing bounces."),
      text_row("digest-sendmail", &Settings::digest_sendmail, "/usr/sbin/sendmail", is_path,
               "an absolute or relative path", false, "The program that takes digests: sendmail(1) of the MTA."),
  };
}

}  // namespace

std::vector<SettingRow> portal_rows() {
  std::vector<SettingRow> rows = {
      text_row(
          "portal-listen", &Settings::portal_listen, "unix:/run/postern-portal/http.sock", is_listen_address,
          "inet:PORT@ADDRESS, inet6:PORT@ADDRESS or unix:PATH", false,
          "Where postern-portal takes HTTP. A unix socket stands behind a reverse proxy; other addresses than those "
          "of this host need portal-certificate."),
      text_row("portal-certificate", &Settings::portal_certificate, "", is_any, "empty or a path", false,
               "The portal's certificate chain, PEM. Empty: no TLS."),
      text_row("portal-key", &Settings::portal_key, "", is_any, "empty or a path", false,
               "The certificate's private key, PEM."),
      text_row("portal-imap", &Settings::portal_imap, "", is_imap_url,
               "empty, imaps://HOST[:PORT], or imap://ADDRESS[:PORT] with an address of this host", false,
               "The IMAP server that knows users' passwords and holds their quarantine. Empty: nobody signs in."),
      text_row(
          "portal-domain", &Settings::portal_domain, "", is_domain_or_empty, "empty or a domain", false,
          "Where the IMAP server knows users without a domain: the domain of their addresses. Names with another "
          "one are then refused."),
      text_row("portal-admins", &Settings::portal_admins, "", is_any, "mail addresses with blanks or commas between",
               false, "Users who administer tables in the portal."),
      text_row("portal-quarantine", &Settings::portal_quarantine, "quarantine", is_folder,
               "the name of a mailbox in ASCII", false, "The mailbox of each user that holds quarantined mail."),
      count_row("portal-rate", &Settings::portal_rate, "10", 0, 1'000'000, false,
                "How many pages a second one address may ask the portal for, in the long run. 0: any number."),
  };
  for (SettingRow& each : digest_rows()) rows.push_back(std::move(each));
  return rows;
}

}  // namespace postern
