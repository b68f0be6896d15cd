// SPDX-License-Identifier: GPL-2.0-or-later
#include <sodium.h>

#include <utility>

#include "store/admin.h"
#include "store/embedded_admin.h"
#include "store/embedded_store.h"
#include "store/redis_admin.h"
#include "store/redis_store.h"
#include "store/store.h"

namespace postern {

Result<std::unique_ptr<Store>> open_store(const StoreOptions& options) {
  if (sodium_init() < 0) return unavailable("libsodium cannot be started: no source of randomness");
  if (options.redis.empty()) return std::unique_ptr<Store>(std::make_unique<EmbeddedStore>(options));
  const auto url = parse_redis_url(options.redis);
  if (!url.ok()) return url.error();
  auto store = std::make_unique<RedisStore>(options, url.value());
  store->start();
  return std::unique_ptr<Store>(std::move(store));
}

Result<std::unique_ptr<Admin>> open_admin(const StoreOptions& options) {
  if (sodium_init() < 0) return unavailable("libsodium cannot be started: no source of randomness");
  if (options.redis.empty()) return std::unique_ptr<Admin>(std::make_unique<EmbeddedAdmin>(options));
  return RedisAdmin::open(options);
}

}  // namespace postern
