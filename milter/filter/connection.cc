// SPDX-License-Identifier: GPL-2.0-or-later
#include "filter/connection.h"

namespace postern {

Traffic& traffic() {
  static Traffic counts;
  return counts;
}

void Connection::begin_message(std::string_view sender, std::string_view authenticated) {
  end_message();  // a second MAIL without an abort between them starts clean
  message_.emplace(*session, sender, authenticated);
  ++traffic().messages;
}

void Connection::end_message() {
  if (message_) --traffic().messages;
  message_.reset();
  late.reset();
  headers_ended_ = false;
  wants_body_ = true;
  failed_ = false;
}

void Connection::end_headers() {
  if (headers_ended_ || !message_) return;
  headers_ended_ = true;
  wants_body_ = message_->end_of_headers();
}

}  // namespace postern
