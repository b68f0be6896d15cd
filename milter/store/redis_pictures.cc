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

// What both scripts need; `size` is the bytes of a fingerprint.
constexpr std::string_view kTools = R"lua(
local size = tonumber(ARGV[1])
local base, bands = 'postern:image:', math.min(8, math.ceil(size / 2))
local band, shift = bit.band, bit.rshift
local function hexed(s) return (s:gsub('.', function(c) return string.format('%02x', c:byte()) end)) end
local function padded(s) return s .. ('\0'):rep(-#s % 4) end
local function distance(a, b)
  local d = 0
  for i = 1, #a, 4 do
    local x = bit.bxor((struct.unpack('>I4', a, i)), (struct.unpack('>I4', b, i)))  -- without the place behind it
    x = x - band(shift(x, 1), 0x55555555)
    x = band(x, 0x33333333) + band(shift(x, 2), 0x33333333)
    x = band(x + shift(x, 4), 0x0f0f0f0f)
    d = d + band(x + shift(x, 8) + shift(x, 16) + shift(x, 24), 0xff)
  end
  return d
end
local function slot(prefix, bytes, i)
  return base .. prefix .. i .. ':' .. bytes:byte(2 * i + 1), string.char(bytes:byte(2 * i + 2) or 0)
end
)lua";

// ARGV: 1 bytes of a fingerprint, 2 the fingerprint (raw), 3 now.  Forgets all pictures that are near it, and returns
// how many those were.
constexpr std::string_view kForget = R"lua(
local fp, day, tried, count = ARGV[2], math.floor(tonumber(ARGV[3]) / 86400), {}, 0
for _, prefix in ipairs({'b:' .. day .. ':', 'b:' .. (day - 1) .. ':', 'l:'}) do
  for i = 0, bands - 1 do
    local ids = redis.call('HGET', slot(prefix, fp, i)) or ''
    for at = 1, #ids, 8 do
      local id = ids:sub(at, at + 7)
      local key = not tried[id] and base .. 'c:' .. hexed(id)
      local other = key and redis.call('HGET', key, 'f') or ''
      tried[id] = true
      if #other == size and distance(padded(other), padded(fp)) <= size then
        redis.call('DEL', key, base .. 'w:' .. hexed(id), base .. 'h:' .. hexed(id))
        count = count + 1
      end
    end
  end
end
return count
)lua";

// ARGV: 1 bytes of a fingerprint, 2 fingerprints to look up (raw, one behind the other, the picture's own first), 3
// its id (8 raw bytes), 4 client (8 raw bytes), 5 recipients, 6 now, 7 purpose ("count", "sent", "harmless", or
// "look" to change nothing), 8 what the sender is known by.  Returns messages, clients, recipients, learned (0 or 1).
constexpr std::string_view kCount = R"lua(
local probes, id, client, sender = ARGV[2], ARGV[3], ARGV[4], ARGV[8]
local recipients, now, purpose = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local look = purpose == 'look'
local day, hour = math.floor(now / 86400), math.floor(now / 3600)
local fp = probes:sub(1, size)
local mine = (purpose == 'count' or look) and 'b:' .. day .. ':' or 'l:'
local prefixes = {'b:' .. day .. ':', 'b:' .. (day - 1) .. ':', 'l:'}
local best, best_distance, listed, known = nil, size + 1, {}, {}
for from = 1, #probes, size do
  local probe, tried = probes:sub(from, from + size - 1), {}
  local bytes = padded(probe)
  for _, prefix in ipairs(prefixes) do
    for i = 0, bands - 1 do
      local ids = redis.call('HGET', slot(prefix, probe, i)) or ''
      for at = 1, #ids, 8 do
        local other = ids:sub(at, at + 7)
        if prefix == mine then listed[other] = true end
        if not tried[other] then
          known[other] = known[other] or redis.call('HGET', base .. 'c:' .. hexed(other), 'f') or ''
          tried[other] = #known[other] == size and distance(padded(known[other]), bytes) or 99999
          if tried[other] < best_distance then best, best_distance = other, tried[other] end
        end
      end
    end
  end
  if best_distance <= size / 4 then break end
end
local picture = best or id
if look and not best then return {1, 1, recipients, 0} end
local counts, clients = base .. 'c:' .. hexed(picture), base .. 'w:' .. hexed(picture)
-- Whether many senders sent it in clean messages on many days; remembers this one.
local function harmless()
  local key, today, days, senders, d, s = base .. 'h:' .. hexed(picture), 0, {}, {}, 0, 0
  redis.call('HSET', key, day .. ':' .. sender, 1)
  redis.call('EXPIRE', key, 30 * 86400)
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local a, b = field:match('^(%d+):(.*)$')
    a = tonumber(a)
    if a == day then today = today + 1 end
    if a <= day - 30 or (a == day and today > 8) then
      redis.call('HDEL', key, field)
    else
      if not days[a] then days[a], d = true, d + 1 end
      if not senders[b] then senders[b], s = true, s + 1 end
    end
  end
  return d >= 4 and s >= 8
end
if purpose == 'harmless' and not (best and sender ~= '' and harmless()) then return {0, 0, 0, 0} end
if not listed[picture] and not look then
  local bytes = best and known[best] or fp
  for i = 0, bands - 1 do
    local key, field = slot(mine, bytes, i)
    redis.call('HSET', key, field, (picture .. (redis.call('HGET', key, field) or '')):sub(1, 64))
    redis.call('EXPIRE', key, purpose == 'count' and 50 * 3600 or 30 * 86400)
  end
end
if not best then redis.call('DEL', counts, clients); redis.call('HSET', counts, 'f', fp) end
if purpose ~= 'count' and not look then redis.call('HSET', counts, 'o', now) end
if purpose == 'harmless' then redis.call('EXPIRE', counts, 30 * 86400); return {0, 0, 0, 1} end
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
redis.call('EXPIRE', counts, (learned == 1) and 30 * 86400 or 25 * 3600)
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

std::string purpose_of(const ImageSighting& image) {
  if (!image.counted) return "look";
  switch (image.purpose) {
    case ImageSighting::Purpose::kSent:
      return "sent";
    case ImageSighting::Purpose::kHarmless:
      return "harmless";
    default:
      return "count";
  }
}

// EVAL and not EVALSHA: Redis knows the text by heart after the first time, and a forgotten script (SCRIPT FLUSH, a
// restart, a failover) costs no second round trip.
RedisCommand command_of(const ImageSighting& image, const std::vector<std::string>& probes, UnixTime now) {
  std::string together;
  for (const std::string& probe : probes) together += probe;
  static const std::string script = std::string(kTools) + std::string(kCount);
  return {"EVAL",
          script,
          "0",
          std::to_string(probes.front().size()),
          together,
          id_of(probes.front()),
          raw_number(client_number(image.client)),
          std::to_string(image.recipients),
          std::to_string(now),
          purpose_of(image),
          image.sender.empty() ? "" : hex(id_of(image.sender)).substr(0, 8)};
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

Result<RedisCommand> forget_command(std::string_view fingerprint, UnixTime now) {
  const auto bytes = fingerprint_bytes(fingerprint);
  if (!bytes) return invalid("expected a fingerprint: an even number of at most 128 hexadecimal digits");
  return RedisCommand{"EVAL", std::string(kTools) + std::string(kForget), "0", std::to_string(bytes->size()), *bytes,
                      std::to_string(now)};
}

Result<std::vector<ImageCount>> RedisPictures::count(std::span<const ImageSighting> images, UnixTime now,
                                                     Deadline deadline) {
  std::vector<ImageCount> out(images.size());
  std::vector<RedisCommand> commands;
  std::vector<size_t> places;
  for (size_t i = 0; i < images.size(); ++i) {
    const auto probes = picture_probes(images[i]);
    if (probes.empty()) continue;
    commands.push_back(command_of(images[i], probes, now));
    places.push_back(i);
  }
  if (commands.empty()) return out;
  const auto replies = pool_.run(commands, deadline);
  if (!replies.ok()) return replies.error();
  for (size_t i = 0; i < places.size(); ++i) {
    const redisReply& reply = *(*replies)[i];
    if (reply.type == REDIS_REPLY_ERROR) return error_of(reply, {commands[i].front(), "postern:image:*"});
    out[places[i]] = count_of(reply);
  }
  return out;
}

}  // namespace postern
