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

// imaps://HOST[:PORT], or imap:// to this host only: passwords go over it.
bool is_imap_url(std::string_view text) {
  if (text.empty()) return true;
  const bool tls = text.starts_with("imaps://");
  if (!tls && !text.starts_with("imap://")) return false;
  const std::string_view place = text.substr(tls ? 8 : 7);
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
  return !text.empty() && text.size() < 200 && all_printable(text) && text.find_first_of("\"\\*%") == std::string_view::npos;
}
bool is_any(std::string_view text) { return text.size() < 4000; }

}  // namespace

std::vector<SettingRow> portal_rows() {
  return {
      text_row("portal-listen", &Settings::portal_listen, "unix:/run/postern-portal/http.sock", is_listen_address,
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
      text_row("portal-domain", &Settings::portal_domain, "", is_domain_or_empty, "empty or a domain", false,
               "Where the IMAP server knows users without a domain: the domain of their addresses. Names with another "
               "one are then refused."),
      text_row("portal-admins", &Settings::portal_admins, "", is_any, "mail addresses with blanks or commas between", false,
               "Users who administer tables in the portal."),
      text_row("portal-quarantine", &Settings::portal_quarantine, "quarantine", is_folder,
               "the name of a mailbox in ASCII", false, "The mailbox of each user that holds quarantined mail."),
      count_row("portal-rate", &Settings::portal_rate, "10", 0, 1'000'000, false,
                "How many pages a second one address may ask the portal for, in the long run. 0: any number."),
  };
}

}  // namespace postern
