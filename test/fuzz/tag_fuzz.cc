// SPDX-License-Identifier: GPL-2.0-or-later
// The envelope tag's parser on any recipient: nothing but what was made is valid, and an address that can carry a tag
// comes back from it as it was.
#include <cstdint>
#include <string>
#include <string_view>

#include "bounce/stamp.h"
#include "bounce/tag.h"
#include "mail/address.h"
#include "test/fuzz/demand.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace postern;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const KeyTable keys{{"k1", {new_key_secret(), 0, true}}, {"k11", {new_key_secret(), 0, false}}};
  constexpr UnixTime kNow = 1795521600;
  constexpr Millis kLife{864'000'000};
  const auto tag = parse_tag(text);
  const TagAnswer answer = check_tag(keys, text, kNow);
  demand(tag.has_value() == (answer.check != TagCheck::kNone));
  demand(answer.check == TagCheck::kNone || answer.check == TagCheck::kWrong);
  demand(answer.address.empty());
  if (tag) demand(tag->mac.size() == 6 && tag->day >= 0 && tag->day < 1000 && !domain_of(tag->address).empty());
  const auto made = make_tag(keys, text, kNow, kLife);
  if (!made) return 0;
  demand(local_of(*made).size() <= 64);
  const TagAnswer back = check_tag(keys, *made, kNow);
  demand(back.check == TagCheck::kValid && back.address == clean_address(text));
  demand(check_tag(keys, *made, kNow + 12 * 86400).check == TagCheck::kExpired);
  return 0;
}
