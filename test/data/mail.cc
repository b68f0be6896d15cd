// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/data/mail.h"

#include <array>
#include <cctype>
#include <cstdio>
#include <ctime>

#include "test/data/codec.h"

namespace postern::testdata {

namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kHex = "0123456789ABCDEF";
constexpr const char* kDigits = "0123456789";
constexpr const char* kSmall = "abcdefghijklmnopqrstuvwxyz0123456789";

std::string host_of(std::string_view address) {
  const size_t at = address.rfind('@');
  return at == std::string_view::npos ? "example.com" : std::string(address.substr(at + 1));
}

std::string old_thunderbird_id(int64_t time, const std::string& host, Random& random) {
  char word[16];
  std::snprintf(word, sizeof word, "%08X", static_cast<unsigned>(time));
  const std::array<size_t, 3> lengths{3, 5, 7};
  return "<" + std::string(word) + "." + random.text(random.pick(lengths), kDigits) + "@" + host + ">";
}

std::string message_id(const Draft& draft, Random& random) {
  const std::string host = host_of(draft.from);
  switch (draft.agent) {
    case Agent::kThunderbird2007:
      return old_thunderbird_id(draft.id_time != 0 ? draft.id_time : draft.time, host, random);
    case Agent::kOutlook:
      return "<" + random.text(4, kSmall) + "01d9" + random.text(4, kSmall) + "$" + random.text(8, kSmall) + "$" +
             random.text(8, kSmall) + "@" + host + ">";
    case Agent::kAppleMail:
    case Agent::kPhone:
    case Agent::kThunderbird:
      return "<" + random.text(8, kHex) + "-" + random.text(4, kHex) + "-4" + random.text(3, kHex) + "-A" +
             random.text(3, kHex) + "-" + random.text(12, kHex) + "@" + host + ">";
    case Agent::kGmail:
      return "<CA" + random.text(48, kSmall) + "@mail.example.com>";
    case Agent::kScanner:
      return "<" + random.text(14, kDigits) + "." + random.text(6, kHex) + "@" + host + ">";
  }
  return {};
}

std::string boundary(Agent agent, Random& random) {
  switch (agent) {
    case Agent::kThunderbird2007: {
      std::string out = "------------";
      for (int i = 0; i < 12; ++i) out += std::string("0") + random.text(1, kDigits);
      return out;
    }
    case Agent::kThunderbird:
      return "------------" + random.text(24, kSmall);
    case Agent::kOutlook:
      return "----=_NextPart_000_" + random.text(4, kHex) + "_01D9" + random.text(4, kHex) + "." +
             random.text(8, kHex);
    case Agent::kAppleMail:
      return "Apple-Mail=_" + random.text(8, kHex) + "-" + random.text(4, kHex);
    case Agent::kPhone:
      return "Apple-Mail-" + random.text(8, kHex);
    case Agent::kGmail:
      return "000000000000" + random.text(16, kSmall);
    case Agent::kScanner:
      return "MFP_" + random.text(20, kDigits);
  }
  return {};
}

std::string agent_field(Agent agent) {
  switch (agent) {
    case Agent::kThunderbird2007:
      return "Thunderbird 1.5.0.12 (Windows/20070509)";
    case Agent::kThunderbird:
      return "Mozilla Thunderbird";
    case Agent::kOutlook:
      return "Microsoft Outlook 16.0";
    case Agent::kAppleMail:
      return "Apple Mail (2.3774.600.62)";
    case Agent::kPhone:
      return "iPhone Mail (21F90)";
    case Agent::kGmail:
    case Agent::kScanner:
      return {};
  }
  return {};
}

bool uses_user_agent(Agent agent) { return agent == Agent::kThunderbird2007 || agent == Agent::kThunderbird; }

std::string field(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value) + "\n";
}

std::string part_text(const Part& part, bool top) {
  std::string out;
  if (top) out += field("MIME-Version", "1.0");
  out += field("Content-Type", part.type);
  if (!part.encoding.empty()) out += field("Content-Transfer-Encoding", part.encoding);
  if (!part.disposition.empty()) out += field("Content-Disposition", part.disposition);
  return out + "\n" + part.content;
}

}  // namespace

std::string mail_date(int64_t time) {
  const auto seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char out[64];
  std::snprintf(out, sizeof out, "%s, %02d %s %d %02d:%02d:%02d +0000", kDays[static_cast<size_t>(parts.tm_wday)],
                parts.tm_mday, kMonths[static_cast<size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return out;
}

std::string compose(const Draft& draft, Random& random) {
  std::string out;
  const std::string sender = draft.from_name.empty() ? draft.from : draft.from_name + " <" + draft.from + ">";
  out += field("Message-ID", message_id(draft, random));
  out += field("Date", mail_date(draft.time));
  out += field("From", sender);
  if (uses_user_agent(draft.agent)) out += field("User-Agent", agent_field(draft.agent));
  out += field("To", draft.to);
  out += field("Subject", draft.subject);
  if (draft.reply) {
    const std::string id = "<" + random.text(16, kSmall) + "@" + host_of(draft.to) + ">";
    out += field("References", id) + field("In-Reply-To", id);
  }
  const std::string agent = agent_field(draft.agent);
  if (!agent.empty() && !uses_user_agent(draft.agent)) out += field("X-Mailer", agent);
  if (draft.parts.size() == 1) return out + part_text(draft.parts[0], true);
  const std::string mark = boundary(draft.agent, random);
  out += field("MIME-Version", "1.0");
  out += field("Content-Type", "multipart/" + draft.subtype + ";\n boundary=\"" + mark + "\"") + "\n";
  if (draft.agent != Agent::kGmail) out += "This is a multi-part message in MIME format.\n";
  for (const Part& part : draft.parts) out += "--" + mark + "\n" + part_text(part, false) + "\n";
  return out + "--" + mark + "--\n";
}

std::string with_crlf(std::string_view message) {
  std::string out;
  for (const char c : message) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

Part text_part(std::string_view text) {
  return {"text/plain; charset=ISO-8859-1; format=flowed", "7bit", "", std::string(text)};
}

Part html_part(std::string_view html) { return {"text/html; charset=UTF-8", "8bit", "", std::string(html)}; }

Part attachment(std::string_view type, std::string_view name, std::string_view bytes) {
  const std::string quoted = "\"" + std::string(name) + "\"";
  return {std::string(type) + ";\n name=" + quoted, "base64", "attachment;\n filename=" + quoted, base64(bytes, 72)};
}

std::string person(Random& random) {
  static constexpr std::array<const char*, 16> kFirst{"Anna",  "Ben",  "Clara", "David", "Eva",   "Frank",
                                                      "Greta", "Hugo", "Ida",   "Jonas", "Karin", "Leo",
                                                      "Maria", "Nils", "Olga",  "Paul"};
  static constexpr std::array<const char*, 12> kLast{"Archer", "Baker", "Carter", "Draper", "Fisher", "Glover",
                                                     "Hunter", "Mason", "Miller", "Potter", "Sawyer", "Weaver"};
  return std::string(random.pick(kFirst)) + " " + random.pick(kLast);
}

std::string address_of(std::string_view person, std::string_view domain) {
  std::string out;
  for (const char c : person) out += c == ' ' ? '.' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out + "@" + std::string(domain);
}

std::string sentences(int count, Random& random) {
  static constexpr std::array<const char*, 10> kWho{
      "The team",     "Our office",   "The supplier", "Everybody here", "The workshop",
      "My colleague", "The landlord", "The carrier",  "The front desk", "The school"};
  static constexpr std::array<const char*, 10> kDoes{
      "has looked at", "is waiting for", "would like to discuss",    "has confirmed", "sent back",
      "is preparing",  "agrees with",    "has some questions about", "will print",    "has archived"};
  static constexpr std::array<const char*, 12> kWhat{
      "the new schedule", "last month's figures", "the signed contract",
      "the drawings",     "your order",           "the travel plan",
      "the report",       "the delivery note",    "the minutes of the meeting",
      "the repair list",  "the price list",       "the menu for Friday"};
  static constexpr std::array<const char*, 8> kMore{"and will call you tomorrow",     "before the end of the week",
                                                    "as we agreed on the phone",      "so please have a look",
                                                    "because the deadline was moved", "for the second floor",
                                                    "with a few small changes",       "after lunch"};
  std::string out;
  size_t column = 0;
  const auto add = [&](const std::string& words) {
    if (column + words.size() > 70) {
      out += "\n";
      column = 0;
    } else if (column > 0) {
      out += " ";
      ++column;
    }
    out += words;
    column += words.size();
  };
  for (int i = 0; i < count; ++i) {
    add(random.pick(kWho));
    add(random.pick(kDoes));
    add(random.pick(kWhat));
    add(std::string(random.pick(kMore)) + ".");
  }
  return out + "\n";
}

std::string header_value(std::string_view message, std::string_view name) {
  for (size_t at = 0; at < message.size() && message[at] != '\n' && message[at] != '\r';) {
    size_t end = message.find('\n', at);
    while (end != std::string_view::npos && end + 1 < message.size() &&
           (message[end + 1] == ' ' || message[end + 1] == '\t')) {
      end = message.find('\n', end + 1);
    }
    if (end == std::string_view::npos) end = message.size();
    const std::string_view line = message.substr(at, end - at);
    bool same = line.size() > name.size() && line[name.size()] == ':';
    for (size_t i = 0; same && i < name.size(); ++i) {
      same = std::tolower(static_cast<unsigned char>(line[i])) == std::tolower(static_cast<unsigned char>(name[i]));
    }
    if (same) {
      std::string value;
      for (const char c : line.substr(name.size() + 1)) {
        if (c != '\r' && c != '\n') value += c;
      }
      const size_t first = value.find_first_not_of(" \t");
      return first == std::string::npos ? "" : value.substr(first);
    }
    at = end + 1;
  }
  return {};
}

}  // namespace postern::testdata
