// SPDX-License-Identifier: GPL-2.0-or-later
#include "judge/session.h"

#include <sys/random.h>

#include <array>
#include <atomic>

#include "base/log.h"
#include "base/strings.h"

namespace postern {
namespace {

// Why the gate said no: the row that decided, or that none matched.
std::string gate_reason(const NetworkTable& networks, const NetworkAnswer& answer) {
  if (!answer.matched()) return "no listed network matches";
  const NetworkRow row = networks.row(answer.row);
  return "denied by " + to_string(row.prefix) + (row.note.empty() ? "" : ", " + row.note);
}

}  // namespace

Session::Session(Judge& judge, Client client, std::string id)
    : judge_(judge), client_(std::move(client)), id_(std::move(id)) {
  refresh();
}

void Session::refresh() {
  settings_ = judge_.settings.load();
  stale_seconds_ = judge_.store->stale_seconds();  // before the tables are taken
  tables_ = judge_.store->tables();
  network_ = client_.address ? tables_->networks.judge(*client_.address, judge_.now()) : NetworkAnswer{};
}

std::optional<Refusal> Session::gate_at_connect() {
  if (settings_->gate_stage != GateStage::kConnect || client_.local_submission) return std::nullopt;
  return refuse();
}

std::optional<Refusal> Session::gate_at_mail(const std::string& authenticated) {
  if (settings_->gate_stage != GateStage::kMail || client_.local_submission || !authenticated.empty()) {
    return std::nullopt;
  }
  return refuse();
}

std::optional<Refusal> Session::refuse() {
  if (settings_->gate == GateMode::kOff || !client_.address || !network_.enforced || network_.pass) {
    return std::nullopt;
  }
  const bool enforce = settings_->gate == GateMode::kEnforce && settings_->mode == Mode::kEnforce;
  const std::string address = to_string(*client_.address);
  judge_.store->count_refusal(*client_.address, judge_.now());
  if (judge_.meter != nullptr) judge_.meter->refused(enforce);
  LogLine line(id_);
  line.add("client", "[" + address + "]")
      .add("verdict", to_string(Verdict::kBlocked))
      .add("action", enforce ? "reject" : "monitor")
      .add("generation", tables_->generation)
      .add("digest", tables_->digest);
  if (stale_seconds_) line.add("stale", *stale_seconds_);
  line.reason(gate_reason(tables_->networks, network_));
  log(LogLevel::kInfo, line);
  if (!enforce) return std::nullopt;
  std::string text = settings_->gate_text;
  replace_all(text, "{address}", address);
  return Refusal{"550", "5.7.1", std::move(text)};
}

std::string new_session_id() {
  // A random start and a counter: unique within this process, and hardly ever met again after a restart.
  static const uint64_t start = [] {
    uint64_t value = 0;
    if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) value = 0;
    return value;
  }();
  static std::atomic<uint64_t> counter{0};
  uint64_t value = start + counter.fetch_add(1, std::memory_order_relaxed);
  std::array<char, 12> text{};
  text[0] = 'S';
  for (size_t i = text.size() - 1; i > 0; --i) {
    text.at(i) = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value & 31];
    value >>= 5;
  }
  return {text.data(), text.size()};
}

}  // namespace postern
