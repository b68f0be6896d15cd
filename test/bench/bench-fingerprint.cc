// SPDX-License-Identifier: GPL-2.0-or-later
// How well fingerprints find copies of a picture and keep different pictures apart: for each distortion, how many
// bits differ between a picture and its distorted, re-encoded copy, and how many copies the store's index finds; for
// each sort of picture, the same between strangers, which it should not find.
// Usage: bench-fingerprint [PAIRS [JPEG...]]   (default 1000 for each line; the files count as strangers)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "pdf/fingerprint.h"
#include "pdf/pdf.h"
#include "store/picture_index.h"
#include "test/data/documents.h"
#include "test/data/picture.h"

namespace {

using namespace postern;
using testdata::Picture;
using testdata::Random;

constexpr UnixTime kNow = 1'700'000'000;

Fingerprint print_of(std::string_view jpeg) {
  ImageFacts facts = jpeg_facts(jpeg, {}, Deadline::after(Millis(10000)));
  return {std::move(facts.fingerprint), std::move(facts.moved)};
}

Fingerprint print_of(const Picture& picture, int quality) {
  return print_of(testdata::encode_jpeg(picture, quality));
}

// The least difference between what is stored for one picture and what is looked up for the other.
unsigned distance(const Fingerprint& stored, const Fingerprint& looked_up) {
  unsigned least = fingerprint_distance(stored.whole, looked_up.whole);
  for (const auto& moved : looked_up.moved) least = std::min(least, fingerprint_distance(stored.whole, moved));
  return least;
}

// How often the memory has seen such a picture, this time included.
uint64_t seen(PictureMemory& memory, const Fingerprint& print) {
  return memory.count({print.whole, print.moved, {}, "", 1, ImageSighting::Purpose::kCount}, kNow).messages;
}

void report(const char* name, std::vector<unsigned>& distances, double found) {
  std::sort(distances.begin(), distances.end());
  const auto at = [&](double part) {
    return distances[static_cast<size_t>(part * static_cast<double>(distances.size() - 1))];
  };
  const auto inside = std::upper_bound(distances.begin(), distances.end(), 32U) - distances.begin();
  std::printf(
      "%-22s pairs %7zu  bits: min %3u  0.01%% %3u  1%% %3u  50%% %3u  97%% %3u  99%% %3u  max %3u"
      "  near %.6f  found %.4f\n",
      name, distances.size(), at(0), at(0.0001), at(0.01), at(0.5), at(0.97), at(0.99), at(1),
      static_cast<double>(inside) / static_cast<double>(distances.size()), found);
  std::fflush(stdout);
}

void copies(const char* name, unsigned pairs, const std::function<Picture(Picture, Random&)>& distort) {
  std::vector<unsigned> distances;
  unsigned found = 0;
  for (unsigned i = 0; i < pairs; ++i) {
    Random random(i + 1);
    const Picture original = testdata::pitch(random);
    const Fingerprint print = print_of(original, 80);
    const Fingerprint copy = print_of(distort(original, random), random.between(35, 95));
    distances.push_back(distance(print, copy));
    PictureMemory memory;
    seen(memory, print);
    if (seen(memory, copy) == 2) ++found;
  }
  report(name, distances, static_cast<double>(found) / pairs);
}

// Each with each; "found" is the part that a store which knows all those before it takes for one of them.
void strangers(const char* name, const std::vector<Fingerprint>& prints) {
  std::vector<unsigned> distances;
  PictureMemory memory;
  unsigned found = 0;
  for (size_t i = 0; i < prints.size(); ++i) {
    for (size_t j = 0; j < i; ++j) distances.push_back(distance(prints[j], prints[i]));
    if (seen(memory, prints[i]) > 1) ++found;
  }
  if (!distances.empty()) report(name, distances, static_cast<double>(found) / static_cast<double>(prints.size()));
}

void strangers(const char* name, unsigned pictures, const std::function<Picture(Random&)>& draw) {
  std::vector<Fingerprint> prints;
  for (unsigned i = 0; i < pictures; ++i) {
    Random random(i * 7919 + 3);
    prints.push_back(print_of(draw(random), 75));
  }
  strangers(name, prints);
}

void files(const std::vector<const char*>& names) {
  std::vector<Fingerprint> prints;
  for (const char* name : names) {
    std::ifstream in(name, std::ios::binary);
    Fingerprint print = print_of(std::string(std::istreambuf_iterator<char>(in), {}));
    if (!print.whole.empty()) prints.push_back(std::move(print));
  }
  strangers("files", prints);
}

// A page full of small print, which differs from other such pages in its words only.
Picture page_of_text(Random& random) {
  Picture page(620, 877, {252, 252, 250});
  int y = 50;
  while (y < 830) {
    page.text(50, y, 1.2, {30, 30, 34},
              random.text(static_cast<size_t>(random.between(40, 72)), "etaoin shrdlu cmfwyp vbgkjq xz  "));
    y += random.chance(0.12) ? 26 : 13;
  }
  return page;
}

Picture cropped_by(const Picture& picture, double left, double top, double right, double bottom) {
  const auto part = [](double of, int pixels) { return static_cast<int>(of * pixels + 0.5); };
  const int x = part(left, picture.width()), y = part(top, picture.height());
  return testdata::cut(picture, x, y, picture.width() - x - part(right, picture.width()),
                       picture.height() - y - part(bottom, picture.height()));
}

Picture everything(Picture picture, Random& random) {
  picture = testdata::scaled(testdata::cropped(picture, 0.02), random.between(0.8, 1.25));
  testdata::shift_colours(picture, 30, random);
  testdata::add_dots(picture, 0.03, random);
  testdata::add_border(picture, 0.05, random);
  return picture;
}

}  // namespace

int main(int argc, char** argv) {
  const auto pairs = static_cast<unsigned>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000);
  if (pairs < 2) {
    std::fprintf(stderr, "Usage: bench-fingerprint [PAIRS [JPEG...]]\n");
    return 2;
  }
  copies("other quality", pairs, [](Picture p, Random&) { return p; });
  copies("scaled 0.8 to 1.25", pairs, [](Picture p, Random& r) { return testdata::scaled(p, r.between(0.8, 1.25)); });
  copies("dots on 3 %", pairs, [](Picture p, Random& r) {
    testdata::add_dots(p, 0.03, r);
    return p;
  });
  copies("border of 5 %", pairs, [](Picture p, Random& r) {
    testdata::add_border(p, 0.05, r);
    return p;
  });
  copies("colour shift", pairs, [](Picture p, Random& r) {
    testdata::shift_colours(p, 40, r);
    return p;
  });
  copies("cropped by 2 %", pairs, [](Picture p, Random&) { return testdata::cropped(p, 0.02); });
  copies("2 % off each side", pairs, [](Picture p, Random&) { return cropped_by(p, 0.02, 0.02, 0.02, 0.02); });
  copies("2 % off one side", pairs, [](Picture p, Random& r) {
    const int side = r.between(0, 3);
    return cropped_by(p, side == 0 ? 0.02 : 0, side == 1 ? 0.02 : 0, side == 2 ? 0.02 : 0, side == 3 ? 0.02 : 0);
  });
  copies("2 % off two sides", pairs, [](Picture p, Random&) { return cropped_by(p, 0.02, 0.02, 0, 0); });
  copies("all at once", pairs, everything);
  const unsigned pictures = std::max(2U, pairs / 10);
  strangers("other pitches", pictures, [](Random& r) { return testdata::pitch(r); });
  strangers("other letters", pictures, [](Random& r) { return testdata::office_page(60, r); });
  strangers("other pages of text", pictures, page_of_text);
  strangers("other photographs", pictures, [](Random& r) { return testdata::photograph(320, 240, r); });
  if (argc > 2) files({argv + 2, argv + argc});
  return 0;
}
