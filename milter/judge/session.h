// SPDX-License-Identifier: GPL-2.0-or-later
// One connection, connect to close: the client, the gate's judgement of it, and the tables in force.  The gate is
// judged at connect and enforced at MAIL, where AUTH is first known (or at connect with gate-stage = "connect").
#pragma once

#include <optional>
#include <string>

#include "base/ip.h"
#include "judge/judge.h"
#include "policy/networks.h"

namespace postern {

struct Client {
  std::optional<IpAddress> address;  // none: a local pipe (Sendmail's submission)
  std::string name;                  // as the MTA gives it
  bool local_submission = false;     // sendmail(1): Postfix shows 127.0.0.1 port 0, Sendmail no address
};

// An SMTP refusal: "550", "5.7.1", text without codes.
struct Refusal {
  std::string code, status, text;
};

class Session {
 public:
  Session(Judge& judge, Client client, std::string id);

  // Called for each MAIL: takes the newest tables and settings, so that edits count from the next message on.
  void refresh();
  // The refusal that the gate demands at this stage, if it does.  Counts and logs a refused client.
  std::optional<Refusal> gate_at_connect();
  std::optional<Refusal> gate_at_mail(const std::string& authenticated);

  const Client& client() const { return client_; }
  const std::string& id() const { return id_; }  // stands for the queue ID until there is one
  const Settings& settings() const { return *settings_; }
  const TablesPtr& tables() const { return tables_; }
  // For how many seconds it has not been known that these tables are the newest; nothing while it is.
  std::optional<uint64_t> stale_seconds() const { return stale_seconds_; }
  const NetworkAnswer& network() const { return network_; }
  // Whether the MTA takes another envelope sender; true until said otherwise.
  bool may_change_sender() const { return may_change_sender_; }
  void forbid_sender_change() { may_change_sender_ = false; }
  // Whether the MTA takes a recipient about whom nobody gets a report; true until said otherwise.
  bool may_archive() const { return may_archive_; }
  void forbid_archive() { may_archive_ = false; }
  Judge& judge() const { return judge_; }

 private:
  std::optional<Refusal> refuse();

  Judge& judge_;
  Client client_;
  std::string id_;
  SettingsPtr settings_;
  TablesPtr tables_;
  std::optional<uint64_t> stale_seconds_;
  NetworkAnswer network_;
  bool may_change_sender_ = true;
  bool may_archive_ = true;
};

// A new session ID: 'S' and 11 characters of base32, unique on this host for its life.
std::string new_session_id();

}  // namespace postern
