// SPDX-License-Identifier: GPL-2.0-or-later
// Fuzz target of the rule language.  The input is a rules file, an empty line with "%%", and the text of a message.
// Whatever the bytes are: nothing throws or reads out of bounds, what is accepted can be read again, and the literal
// index gives the same answer as trying every rule.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/rules.h"

namespace {

using namespace postern;

Facts make_facts(std::string_view text) {
  Facts facts;
  facts.message.subject = text.substr(0, 200);
  facts.message.from = text.substr(text.size() / 2);
  facts.message.null_sender = text.size() % 2 == 0;
  facts.message.bytes = text.size();
  facts.headers.push_back({"X-Mailer", std::string(text.substr(text.size() / 3))});
  facts.body.text = text;
  facts.body.report.failed_recipients = {std::string(text.substr(0, 30)), "a@example.com"};
  PdfFacts pdf;
  pdf.name = text.substr(text.size() / 4);
  pdf.pages = text.size() % 5;
  pdf.images.resize(2);
  pdf.images[1].filter = "DCT";
  pdf.images[1].width = text.size();
  facts.body.pdfs.push_back(pdf);
  facts.body.images.resize(1);
  facts.body.attachments.resize(2);
  facts.body.attachments[1].name = text;
  return facts;
}

bool same_answer(const RuleResult& one, const RuleResult& other) {
  return one.bounce_kind == other.bounce_kind &&
         std::equal(one.hits.begin(), one.hits.end(), other.hits.begin(), other.hits.end(),
                    [](const RuleHit& a, const RuleHit& b) { return a.name == b.name; });
}

void fail(const char* what) {
  std::fprintf(stderr, "rules_fuzz: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t cut = input.find("\n%%\n");
  const std::string_view message = cut == std::string_view::npos ? input : input.substr(cut + 4);
  std::vector<std::pair<std::string, std::string>> faults;
  const auto rows = read_rules_file("fuzz.rules", input.substr(0, cut), faults);
  for (const auto& [name, reason] : faults) {
    if (reason.rfind("fuzz.rules:", 0) != 0) fail("a fault without its place");
  }
  for (const RuleSet::Row& row : rows) {
    const auto again = parse_rule_row(row.name, row.text);
    if (!again || again->name != row.name) fail("a row that is accepted in a file is refused in the hash");
  }
  faults.clear();
  const RuleSet rules(rows, &faults);
  const Facts facts = make_facts(message);
  const RuleResult fast = rules.evaluate(facts);
  const RuleResult slow = rules.evaluate_all(facts);
  if (!same_answer(fast, slow)) fail("the index gives another answer than trying every rule");
  Facts headers = facts;
  headers.body = {};
  const HeadAnswer head = rules.evaluate_head(headers);
  if (head.needs_body && !rules.needs_every_body()) fail("needs_body without needs_every_body");
  if (!head.result) return 0;
  headers.message.bytes += 1000;
  if (!same_answer(*head.result, rules.evaluate(headers))) fail("another answer at the end than after the headers");
  return 0;
}
