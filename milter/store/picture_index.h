// SPDX-License-Identifier: GPL-2.0-or-later
// Near-duplicates among image fingerprints: bit strings of a perceptual hash, where pictures that look alike differ
// in few bits.  Two fingerprints of one length are near when at most an eighth of their bits differ (32 of 256).
//
// Candidates come from bands of 16 bits, at most eight of them: fingerprints that agree in at least one whole band are
// compared.  The first 128 bits make the bands: they are the low frequencies, which change least.  A picture is stored
// under its fingerprint only, and looked up under several: as it is, and moved or zoomed by a little, so that a copy
// is found from which a strip was cut off.  Each band value keeps only its newest candidates, which bounds time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/rows.h"
#include "store/store.h"

namespace postern {

inline constexpr size_t kPictureBands = 8;    // at most, of 16 bits each
inline constexpr int64_t kPictureHours = 24;  // how far back sightings count
inline constexpr int64_t kLearnedDays = 30;   // how long a picture that we sent or learned stays allowed
// What makes a picture known as harmless: clean messages from so many senders on so many of the last 30 days.
inline constexpr size_t kHarmlessSenders = 8;
inline constexpr size_t kHarmlessDays = 4;
inline constexpr size_t kSendersADay = 8;  // more are not remembered

// Raw bytes of a fingerprint in hex; nothing if it is no hex, empty, or longer than 64 bytes.
std::optional<std::string> fingerprint_bytes(std::string_view fingerprint);
// Differing bits; both of one length.
unsigned hamming_distance(std::string_view a, std::string_view b);
bool is_near(std::string_view a, std::string_view b);
// What to look up for a picture: its own fingerprint first, then those of its moved copies that have the same length;
// nothing if it has none.
std::vector<std::string> picture_probes(const ImageSighting& sighting);
// The 16-bit values of the bands, first bits first, the last one filled up with zeros.
std::vector<uint16_t> picture_bands(std::string_view bytes);

// The administrator's own list of pictures: rows fingerprint -> "allow" or "block".  Compared one by one.
class PictureList {
 public:
  PictureList() = default;
  // Rows that are not understood are named in `bad`.
  PictureList(const TableRows& rows, std::vector<BadRow>* bad);
  void judge(const ImageSighting& sighting, ImageCount& count) const;
  bool blocks() const;  // any

 private:
  std::vector<std::pair<std::string, bool>> entries_;  // bytes, blocked
};

// Sightings in the memory of one process, bounded: the oldest pictures go first.
class PictureMemory {
 public:
  explicit PictureMemory(size_t limit = 50'000) : limit_(limit) {}
  ImageCount count(const ImageSighting& sighting, UnixTime now);
  size_t size() const { return pictures_.size(); }

 private:
  struct Hour {
    int64_t hour = 0;
    uint64_t messages = 0, recipients = 0;
    std::unordered_set<uint64_t> clients;
  };
  struct Picture {
    std::string bytes;
    std::deque<Hour> hours;
    UnixTime learned = 0;  // when it was last sent by us, or found harmless
    std::map<int64_t, std::unordered_set<std::string>> senders;  // of clean messages, by day
  };
  void learn(Picture& picture, const std::string& sender, UnixTime now);
  Picture* find_near(const std::vector<std::string>& probes);
  Picture& add(std::string bytes);
  void forget(uint64_t id);

  size_t limit_;
  uint64_t next_ = 0;
  std::map<uint64_t, Picture> pictures_;                           // by age
  std::unordered_map<uint32_t, std::deque<uint64_t>> candidates_;  // band and value -> pictures
};

// A client as a picture counter tells clients apart: an IPv4 address or an IPv6 /64.
uint64_t client_number(const IpAddress& client);

}  // namespace postern
