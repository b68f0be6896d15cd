// SPDX-License-Identifier: GPL-2.0-or-later
// A message file cut the way an MTA hands it to a milter: header fields, folded with LF, and the body.
#pragma once

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace postern::bench {

struct Field {
  std::string name, value;  // the value with its leading space, folded with LF
};

struct Mail {
  std::vector<Field> fields;
  std::string body;
};

inline Mail read_mail(const char* path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error(std::string(path) + ": cannot be read");
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  Mail mail;
  size_t at = 0;
  while (at < text.size() && text.compare(at, 2, "\r\n") != 0) {
    size_t end = text.find("\r\n", at);
    if (end == std::string::npos) throw std::runtime_error(std::string(path) + ": expected lines that end in CRLF");
    const std::string line = text.substr(at, end - at);
    at = end + 2;
    if ((line[0] == ' ' || line[0] == '\t') && !mail.fields.empty()) {
      mail.fields.back().value += "\n" + line;
      continue;
    }
    const size_t colon = line.find(':');
    if (colon == std::string::npos) throw std::runtime_error(std::string(path) + ": not a header line: " + line);
    mail.fields.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }
  mail.body = text.substr(std::min(text.size(), at + 2));
  return mail;
}

}  // namespace postern::bench
