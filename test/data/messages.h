// SPDX-License-Identifier: GPL-2.0-or-later
// The messages of the test data generator, by name: the same request gives the same bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "test/data/mail.h"

namespace postern::testdata {

struct Kind {
  std::string_view name;
  bool spam;
  std::string_view help;
  std::string (*make)(const Request&);
};

const std::vector<Kind>& kinds();
const Kind* find_kind(std::string_view name);
// PDF bytes alone as a message: in an ordinary reply with text, or in a blank mail with the file name as Subject.
std::string wrap_pdf(std::string_view bytes, std::string_view name, bool blank, const Request& request);

enum class Quote { kWhole, kHeader, kText };  // message/rfc822, text/rfc822-headers, or inline
struct BounceShape {
  std::string sender;     // the bounce goes to this address
  std::string recipient;  // the address that failed; empty: the original's To
  Quote quote = Quote::kWhole;
  uint64_t seed = 1;
};
// A delivery report about `original`, in the shape that Postfix gives it.
std::string make_bounce(std::string_view original, const BounceShape& shape);

}  // namespace postern::testdata
