// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/picture_index.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/strings.h"

namespace postern {
namespace {

constexpr size_t kMaxBytes = 64;
constexpr size_t kCandidates = 64;  // for each band value
constexpr size_t kClientsAnHour = 1000;
constexpr size_t kMostMoved = 16;

uint32_t band_key(size_t band, uint16_t value) { return static_cast<uint32_t>(band << 16) | value; }

}  // namespace

std::optional<std::string> fingerprint_bytes(std::string_view fingerprint) {
  if (fingerprint.empty() || fingerprint.size() > 2 * kMaxBytes) return std::nullopt;
  return unhex(fingerprint);
}

unsigned hamming_distance(std::string_view a, std::string_view b) {
  unsigned distance = 0;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    distance += static_cast<unsigned>(std::popcount(static_cast<unsigned char>(a[i] ^ b[i])));
  }
  return distance;
}

bool is_near(std::string_view a, std::string_view b) {
  return a.size() == b.size() && hamming_distance(a, b) <= a.size();  // of 8 bits for each byte
}

std::vector<uint16_t> picture_bands(std::string_view bytes) {
  std::vector<uint16_t> bands;
  for (size_t i = 0; i < bytes.size() && bands.size() < kPictureBands; i += 2) {
    const auto high = static_cast<unsigned char>(bytes[i]);
    const auto low = static_cast<unsigned char>(i + 1 < bytes.size() ? bytes[i + 1] : 0);
    bands.push_back(static_cast<uint16_t>(high << 8 | low));
  }
  return bands;
}

std::vector<std::string> picture_probes(const ImageSighting& sighting) {
  std::vector<std::string> probes;
  auto own = fingerprint_bytes(sighting.fingerprint);
  if (!own) return probes;
  probes.push_back(std::move(*own));
  for (const std::string& moved : sighting.moved) {
    auto bytes = fingerprint_bytes(moved);
    if (bytes && bytes->size() == probes.front().size() && probes.size() <= kMostMoved) {
      probes.push_back(std::move(*bytes));
    }
  }
  return probes;
}

uint64_t client_number(const IpAddress& client) { return client.is_ipv4() ? client.low : client.high; }

PictureList::PictureList(const TableRows& rows, std::vector<BadRow>* bad) {
  for (const auto& [key, value] : rows) {
    const auto bytes = fingerprint_bytes(key);
    const auto word = words(value);
    const bool known = !word.empty() && (word[0] == "allow" || word[0] == "block");
    if (bytes && known) {
      entries_.emplace_back(*bytes, word[0] == "block");
    } else if (bad != nullptr) {
      bad->push_back({"pictures", key,
                      bytes ? "expected allow or block, and perhaps a note"
                            : "expected a fingerprint of at most 128 hexadecimal digits"});
    }
  }
}

bool PictureList::blocks() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& entry) { return entry.second; });
}

void PictureList::judge(const ImageSighting& sighting, ImageCount& count) const {
  if (entries_.empty()) return;
  const auto probes = picture_probes(sighting);
  for (const auto& entry : entries_) {
    const bool near = std::any_of(probes.begin(), probes.end(),
                                  [&](const std::string& probe) { return is_near(entry.first, probe); });
    if (near) (entry.second ? count.blocked : count.allowed) = true;
  }
}

PictureMemory::Picture* PictureMemory::find_near(const std::vector<std::string>& probes) {
  Picture* best = nullptr;
  unsigned best_distance = 0;
  for (const std::string& probe : probes) {
    std::unordered_set<uint64_t> tried;
    const auto bands = picture_bands(probe);
    for (size_t band = 0; band < bands.size(); ++band) {
      const auto ids = candidates_.find(band_key(band, bands[band]));
      if (ids == candidates_.end()) continue;
      for (const uint64_t id : ids->second) {
        if (!tried.insert(id).second) continue;
        Picture& picture = pictures_.at(id);
        if (!is_near(picture.bytes, probe)) continue;
        const unsigned distance = hamming_distance(picture.bytes, probe);
        if (best == nullptr || distance < best_distance) best = &picture, best_distance = distance;
      }
    }
  }
  return best;
}

void PictureMemory::forget(uint64_t id) {
  const auto picture = pictures_.find(id);
  const auto bands = picture_bands(picture->second.bytes);
  for (size_t band = 0; band < bands.size(); ++band) {
    const auto ids = candidates_.find(band_key(band, bands[band]));
    if (ids == candidates_.end()) continue;
    std::erase(ids->second, id);
    if (ids->second.empty()) candidates_.erase(ids);
  }
  pictures_.erase(picture);
}

PictureMemory::Picture& PictureMemory::add(std::string bytes) {
  while (!pictures_.empty() && pictures_.size() >= limit_) forget(pictures_.begin()->first);
  const uint64_t id = next_++;
  const auto bands = picture_bands(bytes);
  for (size_t band = 0; band < bands.size(); ++band) {
    auto& ids = candidates_[band_key(band, bands[band])];
    ids.push_front(id);
    if (ids.size() > kCandidates) ids.pop_back();
  }
  Picture& picture = pictures_[id];
  picture.bytes = std::move(bytes);
  return picture;
}

void PictureMemory::learn(Picture& picture, const std::string& sender, UnixTime now) {
  if (sender.empty()) return;
  const int64_t day = now / 86400;
  std::erase_if(picture.senders, [day](const auto& each) { return each.first <= day - kLearnedDays; });
  if (picture.senders[day].size() < kSendersADay) picture.senders[day].insert(sender);
  std::unordered_set<std::string> all;
  for (const auto& [when, senders] : picture.senders) all.insert(senders.begin(), senders.end());
  if (picture.senders.size() >= kHarmlessDays && all.size() >= kHarmlessSenders) picture.learned = now;
}

ImageCount PictureMemory::count(const ImageSighting& sighting, UnixTime now) {
  ImageCount out;
  auto probes = picture_probes(sighting);
  if (probes.empty()) return out;
  Picture* picture = find_near(probes);
  if (sighting.purpose == ImageSighting::Purpose::kHarmless) {
    if (picture != nullptr) learn(*picture, sighting.sender, now);
    return out;
  }
  if (picture == nullptr) picture = &add(std::move(probes.front()));
  if (sighting.purpose == ImageSighting::Purpose::kSent) picture->learned = now;
  auto& hours = picture->hours;
  const int64_t hour = now / 3600;
  while (!hours.empty() && hours.front().hour <= hour - kPictureHours) hours.pop_front();
  if (hours.empty() || hours.back().hour < hour) hours.push_back({hour, 0, 0, {}});
  Hour& present = hours.back();
  ++present.messages;
  present.recipients += sighting.recipients;
  if (present.clients.size() < kClientsAnHour) present.clients.insert(client_number(sighting.client));
  std::unordered_set<uint64_t> clients;
  for (const Hour& each : hours) {
    out.messages += each.messages;
    out.recipients += each.recipients;
    clients.insert(each.clients.begin(), each.clients.end());
  }
  out.clients = clients.size();
  out.allowed = picture->learned > 0 && now - picture->learned < kLearnedDays * 86400;
  return out;
}

}  // namespace postern
