// SPDX-License-Identifier: GPL-2.0-or-later
// `postern scan`: judges saved messages with the daemon's own session and transaction.
#include <unistd.h>

#include <iostream>

#include "base/log.h"
#include "base/strings.h"
#include "cli/commands.h"
#include "cli/facts_json.h"
#include "cli/judge_setup.h"
#include "cli/message_file.h"
#include "cli/progress.h"
#include "cli/scan_summary.h"
#include "judge/message_log.h"
#include "judge/session.h"

namespace postern {
namespace {

using Json = nlohmann::ordered_json;

struct ScanResult {
  std::string file;
  Outcome outcome;
  Facts facts;
  bool outbound = false;
  int64_t micros = 0;
};

class Scanner {
 public:
  Scanner(const CommandContext& context, const ScanOptions& options, Judge& judge, Client client)
      : context_(context), options_(options), judge_(judge), client_(std::move(client)) {}

  void scan(const SavedMessage& saved) {
    const int64_t started = steady_micros();
    const MessageView message(saved.bytes);
    Envelope envelope = guess_envelope(message);
    if (!options_.from.empty()) envelope.sender = options_.from;
    if (!options_.recipients.empty()) envelope.recipients = options_.recipients;
    ScanResult result;
    result.file = saved.name;
    Session session(judge_, client_, new_session_id());
    auto refusal = session.gate_at_connect();
    if (!refusal) refusal = session.gate_at_mail(options_.auth);
    if (refusal) {
      block(*refusal, envelope, result);
    } else {
      Transaction transaction(session, envelope.sender, options_.auth);
      for (const std::string& recipient : envelope.recipients) transaction.recipient(recipient);
      feed(transaction, message);
      result.outcome = transaction.end_of_message("");
      result.facts = transaction.facts();
      result.outbound = transaction.outbound();
    }
    result.micros = steady_micros() - started;
    summary_.add(result.outcome.judgement, result.micros);
    progress_.clear();
    print(result);
  }

  bool all_clean() const { return summary_.all_clean(); }

  void tell_progress(size_t done, size_t all) { progress_.at(done, all, "files"); }

  // In words after the lines; a table on a terminal.  Lines of JSON are left as they are.
  void summary() {
    progress_.clear();
    if (context_.json || summary_.messages() < 2) return;
    std::cout << "\n" << (isatty(STDOUT_FILENO) == 1 ? summary_.table() : summary_.line());
  }

 private:
  static void block(const Refusal& refusal, const Envelope& envelope, ScanResult& result) {
    result.outcome.judgement.verdict = Verdict::kBlocked;
    result.outcome.judgement.reason = refusal.code + " " + refusal.status + " " + refusal.text;
    result.outcome.plan.final = ActionPlan::Final::kReject;
    for (const std::string& recipient : envelope.recipients) {
      result.outcome.plan.recipients.push_back({recipient, Action::kReject, "gate"});
    }
  }

  void print(const ScanResult& result) const {
    if (context_.json) {
      std::cout << dump_json(to_json(result)) << "\n" << std::flush;
    } else {
      print_line(result);
    }
  }

  static Json bounce_json(const BounceJudgement& bounce) {
    if (bounce.kind == BounceKind::kNone) return nullptr;
    return {{"kind", to_string(bounce.kind)},
            {"evidence", to_string(bounce.evidence)},
            {"state", to_string(bounce.state)},
            {"reason", bounce.reason}};
  }

  static Json to_json(const ScanResult& result) {
    const Judgement& judgement = result.outcome.judgement;
    Json json{{"file", result.file},
              {"verdict", to_string(judgement.verdict)},
              {"score", judgement.rules.score},
              {"rules", Json::array()},
              {"bounce", bounce_json(judgement.bounce)},
              {"pdfs", Json::array()}};
    for (const RuleHit& hit : judgement.rules.hits) json["rules"].push_back({{"name", hit.name}, {"score", hit.score}});
    for (const PdfFacts& pdf : result.facts.body.pdfs) {
      Json facts = facts_json(pdf);
      facts["images"] = Json::array();
      for (const ImageFacts& image : pdf.images) facts["images"].push_back(facts_json(image));
      json["pdfs"].push_back(std::move(facts));
    }
    json["actions"] = Json::object();
    for (const RecipientAction& each : result.outcome.plan.recipients) {
      json["actions"][each.recipient] = to_string(each.action);
    }
    const std::optional<std::string>& sender = result.outcome.sender;
    json["envelope"] = {{"sender", sender ? Json(*sender) : Json(nullptr)},
                        {"remove", result.outcome.plan.remove},
                        {"add", result.outcome.plan.add},
                        {"archive", result.outcome.plan.archive}};
    json["micros"] = result.micros;
    json["reason"] = judgement.reason;
    json["would_be"] = to_string(judgement.would_be);
    json["direction"] = result.outbound ? "outbound" : "inbound";
    json["inspected"] = result.facts.body.inspected;
    json["timeout"] = result.facts.body.timeout;
    json["attachments"] = Json::array();
    for (const AttachmentFacts& each : result.facts.body.attachments) json["attachments"].push_back(facts_json(each));
    return json;
  }

  std::string painted(Verdict verdict) const {
    const std::string word(to_string(verdict));
    if (!context_.color) return word;
    return (verdict == Verdict::kClean ? "\x1b[32m" : "\x1b[1;31m") + word + "\x1b[0m";
  }

  void print_line(const ScanResult& result) const {
    const Judgement& judgement = result.outcome.judgement;
    LogLine detail("");
    detail.add("score", judgement.rules.score, 1);
    std::vector<std::string> names;
    for (const RuleHit& hit : judgement.rules.hits) names.push_back(hit.name);
    if (!names.empty()) detail.add("rules", join(names, ","));
    if (judgement.bounce.kind != BounceKind::kNone) {
      detail.add("bounce", std::string(to_string(judgement.bounce.kind)) + "/" +
                               std::string(to_string(judgement.bounce.evidence)));
    }
    if (judgement.verdict != Verdict::kClean) detail.add("action", common_action(result.outcome.plan));
    if (result.outcome.sender) detail.add_address("sender", *result.outcome.sender);
    for (const std::string& each : result.outcome.plan.archive) detail.add_address("archive", each);
    detail.reason(judgement.reason);
    std::cout << result.file << ": " << painted(judgement.verdict) << detail.text().substr(1) << "\n";
  }

  const CommandContext& context_;
  const ScanOptions& options_;
  Judge& judge_;
  Client client_;
  ScanSummary summary_;
  Progress progress_;
};

}  // namespace

int run_scan(const CommandContext& context, const ScanOptions& options) {
  Client client;
  if (!options.client.empty()) {
    const auto address = parse_ip(options.client);
    if (!address) {
      std::cerr << "postern: --client: " << address.error().text << "\n";
      return 2;
    }
    client.address = address.value();
  }
  auto setup = set_up_judge(context, true);
  if (!setup) {
    std::cerr << "postern: " << setup.error().text << "\n";
    return 2;
  }
  Scanner scanner(context, options, setup.value()->judge, client);
  const std::vector<std::string> files = options.files.empty() ? std::vector<std::string>{"-"} : options.files;
  const size_t unread = each_message(files, [&](const SavedMessage& saved) { scanner.scan(saved); },
                                     [&](size_t done, size_t all) { scanner.tell_progress(done, all); });
  scanner.summary();
  if (unread > 0) return 2;
  return scanner.all_clean() ? 0 : 1;
}

}  // namespace postern
