// SPDX-License-Identifier: GPL-2.0-or-later
// What one connection of the MTA carries from callback to callback.  One object per connection, made when it is
// negotiated, handed from thread to thread by libmilter, freed at close; never shared, so it needs no lock.
#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "filter/negotiate.h"
#include "judge/session.h"
#include "judge/transaction.h"

namespace postern {

// How many connections and messages are in hand: what a shutdown waits for.
struct Traffic {
  std::atomic<int> connections{0};
  std::atomic<int> messages{0};
};
Traffic& traffic();

class Connection {
 public:
  explicit Connection(const Negotiated& agreed) : agreed_(agreed) { ++traffic().connections; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    end_message();
    --traffic().connections;
  }

  void begin_message(std::string_view sender, std::string_view authenticated);
  void end_message();
  // The end of the headers is the first body piece or the end of the message, whichever comes first.
  void end_headers();

  const Negotiated& agreed() const { return agreed_; }
  std::optional<Session> session;
  std::optional<Refusal> refusal;  // the gate's at connect, given at MAIL if connect could not answer
  std::optional<Refusal> late;     // this message's, given at its end since MAIL could not answer
  Transaction* message() { return message_ ? &*message_ : nullptr; }
  bool wants_body() const { return wants_body_; }
  void body_is_enough() { wants_body_ = false; }
  // A callback that cannot answer has failed: the message is refused for now at its end.
  void fail() { failed_ = true; }
  bool failed() const { return failed_; }

 private:
  Negotiated agreed_;
  std::optional<Transaction> message_;
  bool headers_ended_ = false;
  bool wants_body_ = true;
  bool failed_ = false;
};

}  // namespace postern
