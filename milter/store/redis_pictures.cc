// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/redis_pictures.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/strings.h"
#include "store/picture_index.h"

namespace postern {
namespace {

// ARGV: 1 fingerprint (raw), 2 its id (8 raw bytes), 3 client (8 raw bytes), 4 recipients, 5 now, 6 outbound (0 or
// 1; "look" to change nothing), 7 ... the 16-bit values of its bands.  Returns messages, clients, recipients, learned
// (0 or 1).
constexpr std::string_view kScript = R"lua(
local fp, id, client = ARGV[1], ARGV[2], ARGV[3]
local recipients, now, outbound = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
local look = ARGV[6] == 'look'
local day, hour = math.floor(now / 86400), math.floor(now / 3600)
local base = 'postern:image:'
local keep = outbound and 30 * 86400 or 25 * 3600
local function hexed(s) return (s:gsub('.', function(c) return string.format('%02x', c:byte()) end)) end
local function distance(a, b)
  local d = 0
  for i = 1, #a do
    local x = bit.bxor(a:byte(i), b:byte(i))
    while x > 0 do d = d + 1; x = bit.band(x, x - 1) end
  end
  return d
end
local function slot(prefix, band)
  local value = tonumber(ARGV[band])
  return base .. prefix .. (band - 7) .. ':' .. math.floor(value / 256), string.char(value % 256)
end
local mine = outbound and 'l:' or 'b:' .. day .. ':'
local prefixes = {'b:' .. day .. ':', 'b:' .. (day - 1) .. ':', 'l:'}
local best, best_distance, listed = nil, math.floor(#fp * 8 / 10) + 1, false
local tried = {}
for _, prefix in ipairs(prefixes) do
  for band = 7, #ARGV do
    local key, field = slot(prefix, band)
    local ids = redis.call('HGET', key, field) or ''
    for i = 1, #ids, 8 do
      local other = ids:sub(i, i + 7)
      if not tried[other] then
        local bytes = redis.call('HGET', base .. 'c:' .. hexed(other), 'f') or ''
        tried[other] = #bytes == #fp and distance(bytes, fp) or 99999
      end
      if tried[other] < best_distance then best, best_distance = other, tried[other] end
      if other == best and prefix == mine then listed = true end
    end
  end
end
local picture = best or id
if look and not best then return {1, 1, recipients, 0} end
if not listed and not look then
  local bytes = best and redis.call('HGET', base .. 'c:' .. hexed(best), 'f') or fp
  for band = 7, #ARGV do
    local value = bytes:byte(2 * (band - 7) + 1) * 256 + (bytes:byte(2 * (band - 7) + 2) or 0)
    local key, field = base .. mine .. (band - 7) .. ':' .. math.floor(value / 256), string.char(value % 256)
    local ids = redis.call('HGET', key, field) or ''
    redis.call('HSET', key, field, (picture .. ids):sub(1, 64))
    redis.call('EXPIRE', key, outbound and keep or 50 * 3600)
  end
end
local counts, clients = base .. 'c:' .. hexed(picture), base .. 'w:' .. hexed(picture)
if not best then redis.call('DEL', counts, clients); redis.call('HSET', counts, 'f', fp) end
if outbound then redis.call('HSET', counts, 'o', now) end
local messages, all, learned = 0, 0, 0
local rows = redis.call('HGETALL', counts)
local present = {0, 0}
for i = 1, #rows, 2 do
  local h = tonumber(rows[i])
  if rows[i] == 'o' then
    if now - tonumber(rows[i + 1]) < 30 * 86400 then learned = 1 end
  elseif h and h <= hour - 24 then
    if not look then redis.call('HDEL', counts, rows[i]) end
  elseif h then
    local m, r = rows[i + 1]:match('(%d+) (%d+)')
    if h == hour then present = {tonumber(m), tonumber(r)}
    else messages, all = messages + tonumber(m), all + tonumber(r) end
  end
end
present = {present[1] + 1, present[2] + recipients}
if look then
  local others, number = redis.call('ZREVRANGE', clients, 0, -1, 'WITHSCORES'), 1
  for i = 1, #others, 2 do
    if others[i] ~= client and tonumber(others[i + 1]) > now - 86400 then number = number + 1 end
  end
  return {messages + present[1], number, all + present[2], learned}
end
redis.call('HSET', counts, hour, string.format('%d %d', present[1], present[2]))
redis.call('ZADD', clients, now, client)
redis.call('ZREMRANGEBYSCORE', clients, '-inf', now - 86400)
redis.call('ZREMRANGEBYRANK', clients, 0, -1001)
redis.call('EXPIRE', counts, (learned == 1) and 30 * 86400 or keep)
redis.call('EXPIRE', clients, 25 * 3600)
return {messages + present[1], redis.call('ZCARD', clients), all + present[2], learned}
)lua";

std::string raw_number(uint64_t number) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
  return out;
}

std::string id_of(const std::string& bytes) {
  std::array<unsigned char, 16> out{};
  crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                     nullptr, 0);
  return {reinterpret_cast<const char*>(out.data()), 8};
}

// EVAL and not EVALSHA: Redis knows the text by heart after the first time, and a forgotten script (SCRIPT FLUSH, a
// restart, a failover) costs no second round trip.
RedisCommand command_of(const ImageSighting& image, const std::string& bytes, UnixTime now) {
  RedisCommand command{"EVAL",
                       std::string(kScript),
                       "0",
                       bytes,
                       id_of(bytes),
                       raw_number(client_number(image.client)),
                       std::to_string(image.recipients),
                       std::to_string(now),
                       !image.counted   ? "look"
                       : image.outbound ? "1"
                                        : "0"};
  for (const uint16_t band : picture_bands(bytes)) command.push_back(std::to_string(band));
  return command;
}

ImageCount count_of(const redisReply& reply) {
  ImageCount out;
  const auto numbers = elements_of(reply);
  if (numbers.size() != 4) return out;
  const auto number = [&numbers](size_t i) { return static_cast<uint64_t>(std::max(0LL, numbers[i]->integer)); };
  out.messages = number(0);
  out.clients = number(1);
  out.recipients = number(2);
  out.allowed = number(3) == 1;
  return out;
}

}  // namespace

Result<std::pair<std::string, std::string>> picture_keys(std::string_view fingerprint) {
  const auto bytes = fingerprint_bytes(fingerprint);
  if (!bytes) return invalid("expected a fingerprint: an even number of at most 128 hexadecimal digits");
  const std::string id = hex(id_of(*bytes));
  return std::pair("postern:image:c:" + id, "postern:image:w:" + id);
}

Result<std::vector<ImageCount>> RedisPictures::count(std::span<const ImageSighting> images, UnixTime now,
                                                     Deadline deadline) {
  std::vector<ImageCount> out(images.size());
  std::vector<RedisCommand> commands;
  std::vector<size_t> places;
  for (size_t i = 0; i < images.size(); ++i) {
    const auto bytes = fingerprint_bytes(images[i].fingerprint);
    if (!bytes) continue;
    commands.push_back(command_of(images[i], *bytes, now));
    places.push_back(i);
  }
  if (commands.empty()) return out;
  const auto replies = pool_.run(commands, deadline);
  if (!replies.ok()) return replies.error();
  for (size_t i = 0; i < places.size(); ++i) {
    const redisReply& reply = *(*replies)[i];
    if (reply.type == REDIS_REPLY_ERROR) return error_of(reply);
    out[places[i]] = count_of(reply);
  }
  return out;
}

}  // namespace postern
