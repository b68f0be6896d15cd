// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/message_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "base/strings.h"
#include "mail/address.h"

namespace postern {
namespace {

namespace fs = std::filesystem;

bool read_stream(std::istream& in, std::string& bytes) {
  bytes.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  return !in.bad();
}

bool is_mbox(const std::string& file) { return file.size() > 5 && file.substr(file.size() - 5) == ".mbox"; }

// Cuts an mbox at each "From " line after an empty line (RFC 4155).
void each_of_mbox(const std::string& name, std::string_view bytes,
                  const std::function<void(const SavedMessage&)>& visit) {
  size_t start = 0;
  size_t number = 0;
  while (start < bytes.size()) {
    size_t end = bytes.find("\n\nFrom ", start);
    end = end == std::string_view::npos ? bytes.size() : end + 2;
    visit({name + "#" + std::to_string(++number), std::string(bytes.substr(start, end - start))});
    start = end;
  }
}

// False if the file cannot be read.
bool visit_file(const std::string& file, const std::function<void(const SavedMessage&)>& visit) {
  SavedMessage message{file, ""};
  if (file == "-") {
    message.name = "stdin";
    if (!read_stream(std::cin, message.bytes)) return false;
  } else {
    std::ifstream in(file, std::ios::binary);
    if (!in || !read_stream(in, message.bytes)) return false;
  }
  if (is_mbox(file)) {
    each_of_mbox(file, message.bytes, visit);
  } else {
    visit(message);
  }
  return true;
}

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code fault;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, fault), end;
       !fault && at != end; at.increment(fault)) {
    if (at->is_regular_file(fault)) files.push_back(at->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

size_t line_end(std::string_view text, size_t from) {
  const size_t end = text.find_first_of("\r\n", from);
  if (end == std::string_view::npos) return text.size();
  return text.compare(end, 2, "\r\n") == 0 ? end + 2 : end + 1;
}

// The value of a field with LF line ends, as a milter is given it.
std::string milter_value(std::string_view raw) {
  std::string value;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\r') {
      if (i + 1 < raw.size() && raw[i + 1] == '\n') continue;
      value += '\n';
    } else {
      value += raw[i];
    }
  }
  return value;
}

std::string crlf(std::string_view body) {
  std::string out;
  out.reserve(body.size() + body.size() / 32);
  size_t start = 0;
  for (size_t at = body.find('\n'); at != std::string_view::npos; at = body.find('\n', start)) {
    const bool bare = at == 0 || body[at - 1] != '\r';
    out.append(body.substr(start, at - start));
    out += bare ? "\r\n" : "\n";
    start = at + 1;
  }
  out.append(body.substr(start));
  return out;
}

void add_addresses(const MessageView& message, std::string_view name, std::vector<std::string>& to) {
  for (const Field& field : message.header.fields) {
    if (!equal_nocase(field.name, name)) continue;
    for (std::string& address : find_addresses(field.raw)) {
      if (std::find(to.begin(), to.end(), address) == to.end()) to.push_back(std::move(address));
    }
  }
}

}  // namespace

size_t each_message(const std::vector<std::string>& files, const std::function<void(const SavedMessage&)>& visit,
                    const std::function<void(size_t done, size_t all)>& done) {
  std::vector<std::string> all;
  for (const std::string& file : files) {
    std::error_code fault;
    const bool folder = file != "-" && fs::is_directory(file, fault);
    for (std::string& each : folder ? files_below(file) : std::vector<std::string>{file})
      all.push_back(std::move(each));
  }
  size_t unread = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!visit_file(all[i], visit)) {
      std::cerr << "postern: " << all[i] << ": cannot be read\n";
      ++unread;
    }
    if (done) done(i + 1, all.size());
  }
  return unread;
}

MessageView::MessageView(std::string_view text) {
  if (text.substr(0, 5) == "From ") {
    const size_t end = line_end(text, 0);
    mbox_line = trim(text.substr(0, end));
    text.remove_prefix(end);
  }
  header = parse_header_block(text);
  header_text = text.substr(0, header.size);
  body = text.substr(header.size);
}

Envelope guess_envelope(const MessageView& message) {
  Envelope envelope;
  if (message.header.find("Return-Path") != nullptr) {
    envelope.sender = clean_address(message.header.value("Return-Path"));
  } else if (!message.mbox_line.empty()) {
    const auto parts = words(message.mbox_line);
    envelope.sender = parts.size() > 1 ? clean_address(parts[1]) : "";
  } else {
    envelope.sender = field_address(message.header.value("From"));
  }
  for (const std::string_view name : {"Delivered-To", "X-Original-To", "Envelope-To"}) {
    if (envelope.recipients.empty()) add_addresses(message, name, envelope.recipients);
  }
  if (envelope.recipients.empty()) {
    add_addresses(message, "To", envelope.recipients);
    add_addresses(message, "Cc", envelope.recipients);
  }
  if (envelope.recipients.empty()) envelope.recipients.emplace_back("postmaster@localhost");
  return envelope;
}

void feed(Transaction& transaction, const MessageView& message) {
  for (const Field& field : message.header.fields) transaction.header(field.name, milter_value(field.raw));
  if (!transaction.end_of_headers()) return;
  constexpr size_t kPiece = 65535;   // what libmilter hands over at most
  const std::string body = crlf(message.body);
  for (size_t at = 0; at < body.size(); at += kPiece) {
    if (!transaction.body(std::string_view(body).substr(at, kPiece))) return;
  }
}

std::string apply_edits(const MessageView& message, const std::vector<HeaderEdit>& edits) {
  const std::string newline = message.header_text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n";
  std::string top;
  std::map<std::pair<std::string, unsigned>, const HeaderEdit*> changed;
  for (const HeaderEdit& edit : edits) {
    if (edit.kind == HeaderEdit::Kind::kInsert) {
      std::string line = edit.name + ": " + edit.value + "\n";
      for (const char c : line) top += c == '\n' ? newline : std::string(1, c);
    } else {
      changed[{lower(edit.name), edit.index}] = &edit;
    }
  }
  std::string out = message.mbox_line.empty() ? "" : std::string(message.mbox_line) + newline;
  out += top;
  std::map<std::string, unsigned> seen;
  for (const Field& field : message.header.fields) {
    const std::string name = lower(field.name);
    const auto edit = changed.find({name, ++seen[name]});
    if (edit == changed.end()) {
      out += std::string(field.name) + ":" + std::string(field.raw) + newline;
    } else if (edit->second->kind == HeaderEdit::Kind::kChange) {
      out += std::string(field.name) + ": " + edit->second->value + newline;
    }
  }
  out += newline;
  return out.append(message.body);
}

}  // namespace postern
