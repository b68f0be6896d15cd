// SPDX-License-Identifier: GPL-2.0-or-later
// Builds mail messages for the test data generator, with the header shapes of the programs it imitates.
// Lines end in "\n", as in a saved message; with_crlf() gives the form that goes over SMTP.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "test/data/random.h"

namespace postern::testdata {

// Who asks for which message: the seed chooses everything that is left open, the campaign what copies share.
struct Request {
  uint64_t seed = 1;
  uint64_t campaign = 0;  // 0: the seed
  std::string from;       // empty: chosen
  std::string to;         // empty: user@example.com
  bool modern = false;    // spam too comes from a mailer of today
};

struct Part {
  std::string type;         // value of Content-Type; folded as given
  std::string encoding;     // 7bit, 8bit, base64, quoted-printable
  std::string disposition;  // value of Content-Disposition, or empty
  std::string content;      // already encoded
};

enum class Agent { kThunderbird2007, kThunderbird, kOutlook, kAppleMail, kGmail, kPhone, kScanner };

struct Draft {
  Agent agent = Agent::kThunderbird;
  std::string from_name, from, to, subject;
  int64_t time = 0;               // seconds since 1970
  int64_t id_time = 0;            // what an old Thunderbird's Message-ID says; 0: the same
  std::vector<Part> parts;        // one: not a multipart
  std::string subtype = "mixed";  // of the multipart
  bool reply = false;
};

std::string compose(const Draft& draft, Random& random);
std::string with_crlf(std::string_view message);
Part text_part(std::string_view text);
Part html_part(std::string_view html);
Part attachment(std::string_view type, std::string_view name, std::string_view bytes);
std::string mail_date(int64_t time);  // RFC 5322, +0000
std::string person(Random& random);   // "Jane Miller"
std::string address_of(std::string_view person, std::string_view domain);
std::string sentences(int count, Random& random);  // plain business prose, wrapped at 72
// One header field of a finished message, unfolded; empty if it is not there.
std::string header_value(std::string_view message, std::string_view name);

}  // namespace postern::testdata
