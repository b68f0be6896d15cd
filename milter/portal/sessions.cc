// SPDX-License-Identifier: GPL-2.0-or-later
#include "portal/sessions.h"

#include <sodium.h>

#include <cstdlib>
#include <iterator>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kBytes = 32;
constexpr size_t kNameLength = 2 * kBytes;

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string random_bytes(size_t count) {
  std::string out(count, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

// Keyed BLAKE2b of `purpose` and `text`: different purposes give values that tell nothing of each other.
std::string keyed(std::string_view key, std::string_view purpose, std::string_view text) {
  std::string out(kBytes, '\0');
  const std::string all = std::string(purpose) + '\0' + std::string(text);
  crypto_generichash(bytes(out), out.size(), bytes(all), all.size(), bytes(key), key.size());
  return out;
}

std::string sealed(std::string_view key, std::string_view text) {
  std::string out = random_bytes(crypto_secretbox_NONCEBYTES);
  std::string box(text.size() + crypto_secretbox_MACBYTES, '\0');
  crypto_secretbox_easy(bytes(box), bytes(text), text.size(), bytes(out), bytes(key));
  return out + box;
}

std::string unsealed(std::string_view key, std::string_view text) {
  constexpr size_t kOverhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (text.size() < kOverhead) return "";
  std::string out(text.size() - kOverhead, '\0');
  const std::string_view box = text.substr(crypto_secretbox_NONCEBYTES);
  const int fault = crypto_secretbox_open_easy(bytes(out), bytes(box), box.size(), bytes(text), bytes(key));
  return fault == 0 ? out : "";
}

}  // namespace

std::string random_name() { return hex(random_bytes(kBytes)); }

Sessions::Sessions(const SessionLimits& limits) : limits_(limits) {
  if (sodium_init() < 0) std::abort();  // no source of randomness
  secret_ = random_bytes(kBytes);
}

void Sessions::drop(Place place) {
  index_.erase(place->hash);
  order_.erase(place);
}

std::string Sessions::open(const SessionUser& user, UnixTime now) {
  std::string name = random_name();
  Session session{keyed(secret_, "session", name), user, sealed(keyed(secret_, "password", name), user.password), now,
                  now};
  session.user.password.clear();
  const std::lock_guard lock(mutex_);
  size_t his = 0;
  for (auto each = order_.begin(); each != order_.end();) {
    const auto present = each++;
    const bool old = now - present->used > limits_.idle || now - present->opened > limits_.life;
    const bool same = present->user.name == user.name;
    if (old || (same && ++his >= limits_.of_one)) drop(present);
  }
  if (order_.size() >= limits_.sessions) drop(std::prev(order_.end()));
  order_.push_front(std::move(session));
  index_.emplace(order_.front().hash, order_.begin());
  return name;
}

std::optional<SessionUser> Sessions::find(std::string_view name, UnixTime now) {
  if (name.size() != kNameLength) return std::nullopt;
  const std::string hash = keyed(secret_, "session", name);
  const std::string key = keyed(secret_, "password", name);
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(hash);
  if (found == index_.end()) return std::nullopt;
  const Place place = found->second;
  if (now - place->used > limits_.idle || now - place->opened > limits_.life) {
    drop(place);
    return std::nullopt;
  }
  place->used = now;
  order_.splice(order_.begin(), order_, place);
  SessionUser user = place->user;
  user.password = unsealed(key, place->sealed);
  return user;
}

void Sessions::close(std::string_view name) {
  const std::string hash = keyed(secret_, "session", name);
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(hash);
  if (found != index_.end()) drop(found->second);
}

size_t Sessions::size() const {
  const std::lock_guard lock(mutex_);
  return order_.size();
}

std::string Sessions::form_token(std::string_view name) const { return hex(keyed(secret_, "form", name)); }

bool Sessions::is_form_token(std::string_view name, std::string_view token) const {
  const std::string wanted = form_token(name);
  return !name.empty() && token.size() == wanted.size() &&
         sodium_memcmp(wanted.data(), token.data(), wanted.size()) == 0;
}

}  // namespace postern
