// SPDX-License-Identifier: GPL-2.0-or-later
// The stamp parser on any text: nothing but what was made is valid, and parsing loses nothing.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "bounce/stamp.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postern;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const KeyTable keys{{"k1", {new_key_secret(), 0, true}}};
  constexpr UnixTime kNow = 1795521600;
  const StampCheck check = check_stamp(keys, text, "alice@example.com", kNow, Millis(864000000));
  if (check == StampCheck::kValid) std::abort();
  const auto stamp = parse_stamp(text);
  if (stamp.ok() == (check == StampCheck::kMalformed)) std::abort();
  if (stamp.ok() && (stamp->mac.size() != 22 || stamp->random.size() != 16 || stamp->day < 0)) std::abort();
  return 0;
}
