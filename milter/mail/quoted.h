// SPDX-License-Identifier: GPL-2.0-or-later
// Finds what a text quotes of another message's header: runs of header lines, plain, indented, or behind "> " or
// "| ", and single fields anywhere.  Helper of the report reader; finds, and believes nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mail/header.h"

namespace postern {

// A run of header lines that looks like the header of a message.
struct QuotedBlock {
  std::string text;    // its lines without their prefix, one line feed each: for parse_header_block()
  size_t start = 0;    // where it starts in the text that was searched
  bool ended = false;  // an empty line followed
};
std::vector<QuotedBlock> find_quoted_blocks(std::string_view text, size_t max = 4);

// Whether these fields are those of a message, not of a report or of prose: two that every message has, one of them
// Message-ID, Received, From or Return-Path.
bool looks_like_message_header(const HeaderBlock& block);
// Whether nothing seems to have been left out of the header.
bool looks_whole(const HeaderBlock& block);

// Values of "X-Postern-ID:" and "Message-ID:" (also Original-Message-ID and the like) anywhere in a text, folded and
// quoted ones too.  Found in any bytes; scanning costs little where there is no '-'.
struct LooseFields {
  std::vector<std::string> stamps;
  std::vector<std::string> message_ids;
};
void find_loose_fields(std::string_view text, size_t max_each, LooseFields& out);

}  // namespace postern
