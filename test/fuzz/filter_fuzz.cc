// SPDX-License-Identifier: GPL-2.0-or-later
// A whole message, on any bytes, goes the daemon's way.  Where that spares the inspector, the inspector is asked all
// the same, and must have found nothing that counts: no attachment, picture, PDF, archive or report, and no other
// verdict of the built-in rules than without it.
#include <cstdint>
#include <string>
#include <string_view>

#include "bounce/verify.h"
#include "inspect/examine.h"
#include "judge/transaction.h"
#include "mail/header.h"
#include "test/fuzz/demand.h"
#include "test/unit/judge/fakes.h"

namespace {

using namespace postern;

constexpr size_t kPiece = 65535;  // of the first piece of a text the daemon is the judge

InspectRequest request_of(const Facts& facts, std::string_view body) {
  InspectRequest request;
  for (const HeaderField& field : facts.headers) request.header += field.name + ": " + field.value + "\r\n";
  request.body = body;
  request.time_limit = Millis(2000);
  return request;
}

void demand_same_judgement(const RuleSet& rules, const Facts& without, const Facts& with) {
  const RuleResult a = rules.evaluate(without);
  const RuleResult b = rules.evaluate(with);
  demand(a.score == b.score && a.hits.size() == b.hits.size() && a.bounce_kind == b.bounce_kind);
  for (size_t i = 0; i < a.hits.size(); ++i) demand(a.hits[i].name == b.hits[i].name);
  demand(bounce_kind(without, a.bounce_kind) == bounce_kind(with, b.bounce_kind));
}

void demand_nothing_missed(const RuleSet& rules, const Facts& facts, std::string_view body) {
  Facts with = facts;
  with.body = examine(request_of(facts, body));
  if (with.body.timeout) return;
  demand(with.body.attachments.empty() && with.body.pdfs.empty() && with.body.images.empty());
  demand(with.body.pdf_count == 0 && with.body.unopened == 0 && with.body.report.shape.empty());
  demand_same_judgement(rules, facts, with);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static FakeStore store;
  static FakeInspector inspector;
  static Judge judge;
  if (judge.store == nullptr) {
    store.state->rules = RuleSet(default_rules(), nullptr);
    judge.store = &store;
    judge.inspector = &inspector;
    judge.settings = std::make_shared<const Settings>(default_settings());
  }
  inspector.requests.clear();
  store.bounces.clear();
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const HeaderBlock header = parse_header_block(message);
  const std::string_view body = message.substr(header.size, kPiece);
  Client client;
  client.address = parse_ip("192.0.2.1").value();
  Session session(judge, client, "SFUZZ");
  Transaction transaction(session, "<anna@example.org>", "");
  transaction.recipient("<alice@example.com>");
  for (const Field& field : header.fields) transaction.header(field.name, field.raw);
  if (transaction.end_of_headers()) transaction.body(body);
  const Facts facts = transaction.facts();
  transaction.end_of_message("4F1");
  if (inspector.requests.empty() && !body.empty()) demand_nothing_missed(store.state->rules, facts, body);
  return 0;
}
