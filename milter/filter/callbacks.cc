// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/callbacks.h"

#include <netinet/in.h>

#include <exception>
#include <string>

#include "base/log.h"
#include "filter/actions.h"
#include "filter/connection.h"

namespace postern {
namespace {

Judge* g_judge = nullptr;  // set once by describe_filter()

// Null when the connection was never negotiated, or is closed already: close may come first.
Connection* connection_of(SMFICTX* context) { return static_cast<Connection*>(smfi_getpriv(context)); }

std::string macro(SMFICTX* context, const char* name) {
  const char* value = smfi_getsymval(context, const_cast<char*>(name));  // NOLINT: libmilter does not write to it
  return value == nullptr ? "" : value;
}

// The name in the log until the MTA has given a queue ID.
std::string name_of(SMFICTX* context, const Connection& connection) {
  std::string id = macro(context, "i");
  if (id.empty()) id = connection.session ? connection.session->id() : "NOQUEUE";
  return id;
}

sfsistat counted(sfsistat answer) noexcept {
  if (answer == SMFIS_TEMPFAIL && g_judge->meter != nullptr) g_judge->meter->failed();
  return answer;
}

// Runs one callback's body.  What it throws is logged; `otherwise` is answered.
template <class Body>
sfsistat guarded(SMFICTX* context, const char* step, sfsistat otherwise, Body body) noexcept {
  Connection* connection = connection_of(context);
  if (connection == nullptr || !connection->session) return counted(otherwise);
  try {
    return counted(body(*connection));
  } catch (const std::exception& fault) {
    connection->fail();
    try {
      log(LogLevel::kError, name_of(context, *connection) + ": " + step + ": " + fault.what());
    } catch (...) {  // out of memory even for the line
    }
  } catch (...) {
    connection->fail();
  }
  return counted(otherwise);
}

// The callbacks that were negotiated to be silent answer this; what they do wrong shows at the end of the message.
template <class Body>
sfsistat silent(SMFICTX* context, const char* step, Body body) noexcept {
  return guarded(context, step, SMFIS_NOREPLY, [&](Connection& connection) {
    if (connection.message() != nullptr) body(*connection.message());
    return SMFIS_NOREPLY;
  });
}

Client client_of(const char* name, const sockaddr* address) {
  Client client;
  client.address = ip_of(address);
  client.name = name == nullptr ? "" : name;
  // sendmail(1): Postfix pretends 127.0.0.1 port 0, Sendmail gives no address.
  client.local_submission = !client.address;
  if (address != nullptr && address->sa_family == AF_INET) {
    const auto* inet = reinterpret_cast<const sockaddr_in*>(address);
    client.local_submission = inet->sin_port == 0 && client.address->is_loopback();
  }
  return client;
}

// Where tables or settings change while a connection is open, a refusal may come at the end of the message.  A store
// that throws shows at MAIL.
Wishes wishes() noexcept {
  const SettingsPtr settings = g_judge->settings.load();
  Wishes wishes;
  wishes.refuse_at_connect = settings->gate_stage == GateStage::kConnect;
  try {
    const TablesPtr tables = g_judge->store->tables();
    wishes.refuse_at_mail = !wishes.refuse_at_connect && settings->mode == Mode::kEnforce &&
                            settings->gate == GateMode::kEnforce && tables->networks.enforced(g_judge->now());
    wishes.change_senders = tags_senders(tables->domains);
  } catch (...) {
    wishes.refuse_at_mail = true;
  }
  return wishes;
}

sfsistat on_negotiate(SMFICTX* context, unsigned long actions, unsigned long steps, unsigned long, unsigned long,
                      unsigned long* actions_out, unsigned long* steps_out, unsigned long* more_out,
                      unsigned long* rest_out) noexcept {
  try {
    const auto agreed = negotiate(actions, steps, wishes());
    if (!agreed) {
      log(LogLevel::kError, "cannot work with this MTA: " + agreed.error().text);
      return SMFIS_REJECT;
    }
    *actions_out = agreed->actions;
    *steps_out = agreed->steps;
    *more_out = *rest_out = 0;
    delete connection_of(context);
    smfi_setpriv(context, new Connection(*agreed));
    return SMFIS_CONTINUE;
  } catch (...) {
    return SMFIS_REJECT;
  }
}

sfsistat on_connect(SMFICTX* context, char* name, _SOCK_ADDR* address) noexcept {
  Connection* connection = connection_of(context);
  // After "quit, new connection follows" there is no second negotiation: go by the most careful terms.
  if (connection == nullptr) {
    connection = new (std::nothrow) Connection(Negotiated{});
    if (connection == nullptr) return SMFIS_TEMPFAIL;
    smfi_setpriv(context, connection);
  }
  const bool may_answer = connection->agreed().replies_to_connect;
  const sfsistat go_on = may_answer ? SMFIS_CONTINUE : SMFIS_NOREPLY;
  try {
    connection->session.emplace(*g_judge, client_of(name, address), new_session_id());
    if (!connection->agreed().change_sender) connection->session->forbid_sender_change();
    if (!connection->agreed().quiet_recipients) connection->session->forbid_archive();
    connection->refusal = connection->session->gate_at_connect();
    // No reply text can be set at this stage; Postfix shows its own.
    if (connection->refusal && may_answer) return SMFIS_REJECT;
    return go_on;
  } catch (...) {
    connection->session.reset();  // MAIL answers "try again later"
    return go_on;
  }
}

sfsistat on_mail(SMFICTX* context, char** arguments) noexcept {
  const bool may_answer = connection_of(context) == nullptr || connection_of(context)->agreed().replies_to_mail;
  return guarded(context, "MAIL", may_answer ? SMFIS_TEMPFAIL : SMFIS_NOREPLY, [&](Connection& connection) {
    connection.end_message();
    connection.session->refresh();
    const std::string authenticated = macro(context, "{auth_authen}");
    auto refusal = connection.refusal ? connection.refusal : connection.session->gate_at_mail(authenticated);
    if (refusal && may_answer) return refuse(context, *refusal);
    connection.late = std::move(refusal);
    if (!connection.late) connection.begin_message(arguments[0] == nullptr ? "" : arguments[0], authenticated);
    return static_cast<sfsistat>(may_answer ? SMFIS_CONTINUE : SMFIS_NOREPLY);
  });
}

sfsistat on_recipient(SMFICTX* context, char** arguments) noexcept {
  return silent(context, "RCPT", [&](Transaction& message) {
    if (arguments[0] != nullptr) message.recipient(arguments[0]);
  });
}

sfsistat on_header(SMFICTX* context, char* name, char* value) noexcept {
  return silent(context, "header", [&](Transaction& message) { message.header(name, value); });
}

sfsistat on_end_of_headers(SMFICTX* context) noexcept {
  return guarded(context, "end of headers", SMFIS_NOREPLY, [](Connection& connection) {
    connection.end_headers();
    return static_cast<sfsistat>(SMFIS_NOREPLY);
  });
}

sfsistat on_body(SMFICTX* context, unsigned char* bytes, size_t size) noexcept {
  return guarded(context, "body", SMFIS_NOREPLY, [&](Connection& connection) {
    if (connection.message() != nullptr && connection.wants_body() &&
        !connection.message()->body({reinterpret_cast<const char*>(bytes), size})) {
      connection.body_is_enough();
    }
    return static_cast<sfsistat>(SMFIS_NOREPLY);
  });
}

sfsistat judge_message(SMFICTX* context, Connection& connection) {
  if (connection.late) return refuse(context, *connection.late);
  if (connection.message() == nullptr || connection.failed()) return SMFIS_TEMPFAIL;
  connection.end_headers();
  const Outcome outcome = connection.message()->end_of_message(macro(context, "i"));
  const sfsistat answer = carry_out(context, outcome, connection.agreed().lead_space);
  log(LogLevel::kInfo, outcome.log_line);
  if (answer == SMFIS_TEMPFAIL) {
    log(LogLevel::kWarning, name_of(context, connection) + ": the MTA did not take the edits; it must try again");
  }
  return answer;
}

sfsistat on_end_of_message(SMFICTX* context) noexcept {
  const sfsistat answer = guarded(context, "end of message", SMFIS_TEMPFAIL,
                                  [&](Connection& connection) { return judge_message(context, connection); });
  if (Connection* connection = connection_of(context)) connection->end_message();
  return answer;
}

sfsistat on_abort(SMFICTX* context) noexcept {
  if (Connection* connection = connection_of(context)) connection->end_message();
  return SMFIS_CONTINUE;
}

sfsistat on_close(SMFICTX* context) noexcept {
  delete connection_of(context);
  smfi_setpriv(context, nullptr);
  return SMFIS_CONTINUE;
}

}  // namespace

smfiDesc describe_filter(Judge& judge) {
  g_judge = &judge;
  static char name[] = "postern";
  smfiDesc description{};
  description.xxfi_name = name;
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags =
      SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT | SMFIF_ADDRCPT_PAR | SMFIF_DELRCPT | SMFIF_QUARANTINE |
      SMFIF_CHGFROM;
  description.xxfi_connect = on_connect;
  description.xxfi_envfrom = on_mail;
  description.xxfi_envrcpt = on_recipient;
  description.xxfi_header = on_header;
  description.xxfi_eoh = on_end_of_headers;
  description.xxfi_body = on_body;
  description.xxfi_eom = on_end_of_message;
  description.xxfi_abort = on_abort;
  description.xxfi_close = on_close;
  description.xxfi_negotiate = on_negotiate;
  return description;
}

}  // namespace postern
