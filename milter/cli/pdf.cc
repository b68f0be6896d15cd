// SPDX-License-Identifier: GPL-2.0-or-later
// postern pdf: explains a PDF, or the PDFs of a saved message: every fact with what it means, and the rules that hit.
#include "cli/pdf.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "base/strings.h"
#include "cli/admin_setup.h"
#include "cli/facts_json.h"
#include "cli/judge_setup.h"
#include "cli/message_file.h"
#include "cli/thumbnail.h"
#include "judge/session.h"
#include "store/rows.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kBase64Line = 57;     // bytes, 76 characters (RFC 2045 section 6.8)
constexpr size_t kHeaderPlace = 1024;  // readers accept a PDF's header so far from its start

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const size_t left = std::min<size_t>(3, bytes.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) group = group << 8 | (i < left ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (size_t i = 0; i < 4; ++i) out += i <= left ? kDigits[group >> (18 - 6 * i) & 63] : '=';
    if ((at + 3) % kBase64Line == 0) out += "\r\n";
  }
  return out;
}

// The PDF as the only attachment of an otherwise blank mail.
std::string wrapped(const std::string& file, std::string_view bytes) {
  const std::string name = printable(std::filesystem::path(file).filename().string());
  return "From: sender@example.org\r\nTo: recipient@example.com\r\nSubject: \r\nMIME-Version: 1.0\r\n"
         "Content-Type: application/pdf; name=\"" +
         name + "\"\r\nContent-Disposition: attachment; filename=\"" + name +
         "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64(bytes) + "\r\n";
}

struct Explained {
  std::string message;  // the file, or the mail around it
  Facts facts;
  Judgement judgement;
  bool bare = false;  // the file was a PDF, not a message
};

Explained explain(Judge& judge, const std::string& file, const std::string& bytes) {
  Explained out;
  const size_t header = bytes.find("%PDF-");
  const bool mail =
      starts_nocase(bytes, "From") || starts_nocase(bytes, "Received") || starts_nocase(bytes, "Return-");
  out.bare = header != std::string::npos && header < kHeaderPlace && !mail;
  out.message = out.bare ? wrapped(file, bytes) : bytes;
  const MessageView message(out.message);
  const Envelope envelope = guess_envelope(message);
  Session session(judge, Client{}, new_session_id());
  Transaction transaction(session, envelope.sender, "");
  for (const std::string& recipient : envelope.recipients) transaction.recipient(recipient);
  feed(transaction, message);
  out.judgement = transaction.end_of_message("").judgement;
  out.facts = transaction.facts();
  return out;
}

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

std::string shown(const Json& value) {
  if (value.is_string()) return "\"" + printable(value.get<std::string>(), 100) + "\"";
  if (value.is_number_float()) return short_number(value.get<double>());
  if (!value.is_array()) return value.dump();
  std::vector<std::string> parts;
  for (const Json& each : value) parts.push_back(shown(each));
  return parts.empty() ? "none" : join(parts, ", ");
}

// What is there to tell: a fact that is false, zero or empty says the usual.
bool worth_a_line(const Json& value) {
  return !(value.is_boolean() && !value.get<bool>()) && !(value.is_number() && value == 0) &&
         !(value.is_string() && value.get<std::string>().empty()) && !(value.is_array() && value.empty());
}

template <class F>
void print_facts(const F& facts, const std::string& indent) {
  std::vector<std::vector<std::string>> rows;
  F::each(facts, [&](const char* name, const auto& value, const char* help) {
    const Json json = value;
    if (worth_a_line(json)) rows.push_back({indent + name, shown(json), help});
  });
  std::cout << columns(rows);
}

void print_text(const std::string& file, const Explained& all) {
  std::cout << printable(file) << ": " << all.facts.body.pdfs.size() << " PDF"
            << (all.facts.body.pdfs.size() == 1 ? "" : "s") << "\n";
  if (all.facts.body.timeout) std::cout << "  the inspector ran out of time or memory: facts are missing\n";
  for (const PdfFacts& pdf : all.facts.body.pdfs) {
    std::cout << "\n" << (pdf.name.empty() ? "PDF" : printable(pdf.name)) << "\n";
    print_facts(pdf, "  ");
    size_t number = 0;
    for (const ImageFacts& image : pdf.images) {
      std::cout << "  picture " << ++number << "\n";
      print_facts(image, "    ");
    }
  }
  std::cout << "\n"
            << (all.bare ? "As the only attachment of a blank mail: " : "The message: ")
            << to_string(all.judgement.verdict) << ", score " << shown(all.judgement.rules.score) << "\n";
  std::vector<std::vector<std::string>> rows;
  for (const RuleHit& hit : all.judgement.rules.hits) {
    rows.push_back({"  " + printable(hit.name), shown(hit.score), printable(hit.reason)});
  }
  std::cout << columns(rows);
}

void print_json(const std::string& file, const Explained& all) {
  Json json{
      {"file", file},           {"verdict", to_string(all.judgement.verdict)}, {"score", all.judgement.rules.score},
      {"rules", Json::array()}, {"timeout", all.facts.body.timeout},           {"pdfs", Json::array()}};
  for (const RuleHit& hit : all.judgement.rules.hits) {
    json["rules"].push_back({{"name", hit.name}, {"score", hit.score}, {"reason", hit.reason}});
  }
  for (const PdfFacts& pdf : all.facts.body.pdfs) {
    Json facts = facts_json(pdf);
    facts["images"] = Json::array();
    for (const ImageFacts& image : pdf.images) facts["images"].push_back(facts_json(image));
    json["pdfs"].push_back(std::move(facts));
  }
  std::cout << dump_json(json) << "\n";
}

}  // namespace

int run_pdf(const CommandContext& context, const PdfOptions& options) {
  const std::string& file = options.file;
  const auto bytes = read_input(file);
  if (!bytes) return complain(bytes.error());
  auto setup = set_up_judge(context, true);
  if (!setup) return complain(setup.error());
  const Explained all = explain(setup.value()->judge, file, *bytes);
  if (all.facts.body.pdfs.empty() && !all.facts.body.timeout) {
    return complain(invalid(file + ": expected a PDF, or a message with one in it"));
  }
  context.json ? print_json(file, all) : print_text(file, all);
  if (!options.thumbnail.empty()) {
    const Deadline deadline = Deadline::after(context.settings.message_timeout);
    const Status made = write_thumbnail(*setup.value()->inspector, all.message, options.thumbnail, deadline);
    if (!made) return complain(made.error());
  }
  return all.judgement.verdict == Verdict::kClean ? 0 : 1;
}

}  // namespace postern
