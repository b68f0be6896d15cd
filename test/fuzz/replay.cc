// SPDX-License-Identifier: GPL-2.0-or-later
// Stands in for libFuzzer in ordinary builds: runs a target over every file of the folders (or files) given, and
// over the empty input.  Without arguments NAME_fuzz takes $top_srcdir/test/fuzz/corpus/NAME, as `make check` starts
// it.  Fails when a folder holds nothing, so that a lost corpus is noticed.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void replay(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

std::filesystem::path own_corpus(const std::filesystem::path& program) {
  const char* top = std::getenv("top_srcdir");
  std::string name = program.filename().string();
  if (name.ends_with("_fuzz")) name.resize(name.size() - 5);
  return std::filesystem::path(top != nullptr ? top : ".") / "test/fuzz/corpus" / name;
}

}  // namespace

int main(int argc, char** argv) {
  const uint8_t none = 0;
  LLVMFuzzerTestOneInput(&none, 0);
  std::vector<std::filesystem::path> places(argv + 1, argv + argc);
  if (places.empty()) places.push_back(own_corpus(argv[0]));
  size_t count = 0;
  for (const auto& place : places) {
    if (!std::filesystem::is_directory(place)) {
      replay(place);
      ++count;
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(place)) {
      replay(entry.path());
      ++count;
    }
  }
  std::printf("%s: %zu inputs replayed\n", argv[0], count);
  return count > 0 ? 0 : 1;
}
