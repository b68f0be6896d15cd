// SPDX-License-Identifier: GPL-2.0-or-later
// How well fingerprints find copies of a picture and keep different pictures apart: for each distortion, how many
// bits differ between a picture and its distorted, re-encoded copy; for each sort of picture, between strangers.
// Usage: bench-fingerprint [PAIRS]   (default 1000 for each line)
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "pdf/fingerprint.h"
#include "pdf/pdf.h"
#include "test/data/documents.h"
#include "test/data/picture.h"

namespace {

using namespace postern;
using testdata::Picture;
using testdata::Random;

std::string print_of(const Picture& picture, int quality) {
  return jpeg_facts(testdata::encode_jpeg(picture, quality), {}, Deadline::after(Millis(10000))).fingerprint;
}

void report(const char* name, std::vector<unsigned>& distances) {
  std::sort(distances.begin(), distances.end());
  const auto at = [&](double part) {
    return distances[static_cast<size_t>(part * static_cast<double>(distances.size() - 1))];
  };
  std::printf("%-22s pairs %6zu  min %3u  1%% %3u  50%% %3u  99%% %3u  max %3u  within", name, distances.size(),
              at(0), at(0.01), at(0.5), at(0.99), at(1));
  for (const unsigned limit : {24U, 32U, 40U, 48U, 56U, 64U}) {
    const auto inside = std::upper_bound(distances.begin(), distances.end(), limit) - distances.begin();
    std::printf(" %u:%.4f", limit, static_cast<double>(inside) / static_cast<double>(distances.size()));
  }
  std::printf("\n");
}

void copies(const char* name, unsigned pairs, const std::function<Picture(Picture, Random&)>& distort) {
  std::vector<unsigned> distances;
  for (unsigned i = 0; i < pairs; ++i) {
    Random random(i + 1);
    const Picture original = testdata::pitch(random);
    const std::string print = print_of(original, 80);
    distances.push_back(fingerprint_distance(print, print_of(distort(original, random), random.between(35, 95))));
  }
  report(name, distances);
}

// Every picture against the next hundred: many pairs for little drawing.
void strangers(const char* name, unsigned pictures, const std::function<Picture(Random&)>& draw) {
  std::vector<std::string> prints;
  for (unsigned i = 0; i < pictures; ++i) {
    Random random(i * 7919 + 3);
    prints.push_back(print_of(draw(random), 75));
  }
  std::vector<unsigned> distances;
  for (size_t i = 0; i < prints.size(); ++i) {
    for (size_t j = i + 1; j < std::min(prints.size(), i + 100); ++j) {
      distances.push_back(fingerprint_distance(prints[i], prints[j]));
    }
  }
  report(name, distances);
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
    std::fprintf(stderr, "Usage: bench-fingerprint [PAIRS]\n");
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
  copies("all at once", pairs, everything);
  const unsigned pictures = std::max(2U, pairs / 10);
  strangers("other pitches", pictures, [](Random& r) { return testdata::pitch(r); });
  strangers("other letters", pictures, [](Random& r) { return testdata::office_page(60, r); });
  strangers("other photographs", pictures, [](Random& r) { return testdata::photograph(320, 240, r); });
  return 0;
}
