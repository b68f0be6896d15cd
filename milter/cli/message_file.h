// SPDX-License-Identifier: GPL-2.0-or-later
// Saved messages for `postern scan` and `postern stamp`: finds them, cuts them into header and body, and guesses the
// envelope that a file no longer has.  Never changes a file.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "judge/transaction.h"
#include "mail/header.h"

namespace postern {

// One message of a file.  `name` is the file's, with "#3" for the third message of an mbox.
struct SavedMessage {
  std::string name;
  std::string bytes;
};

// Calls `visit` for each message of the files: a message, an mbox (by the name ending .mbox), a folder or Maildir with
// all that is in it, or "-" for standard input.  Goes on after a file that cannot be read, and returns how many those
// were; each is named on standard error.  `done`, if given, is told after each file how many of how many that was.
size_t each_message(const std::vector<std::string>& files, const std::function<void(const SavedMessage&)>& visit,
                    const std::function<void(size_t done, size_t all)>& done = nullptr);

// A view of a message's parts; `text` must outlive it.
struct MessageView {
  explicit MessageView(std::string_view text);
  HeaderBlock header;
  std::string_view mbox_line;   // "From user date", or empty
  std::string_view header_text; // without the mbox line, with the empty line that ends it
  std::string_view body;
};

struct Envelope {
  std::string sender;
  std::vector<std::string> recipients;
};
// Return-Path, the mbox line or From; Delivered-To, X-Original-To, Envelope-To, or To and Cc.
Envelope guess_envelope(const MessageView& message);

// Feeds headers and body as the MTA would: bodies with CRLF line ends.
void feed(Transaction& transaction, const MessageView& message);

// The message with the edits made; inserted fields go to the top, where the MTA's Received field would stand above.
std::string apply_edits(const MessageView& message, const std::vector<HeaderEdit>& edits);

}  // namespace postern
