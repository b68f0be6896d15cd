// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/archive.h"

#include <zip.h>

#include <algorithm>
#include <memory>

#include "inspect/sniff.h"

namespace postern {
namespace {

constexpr uint64_t kFirstLook = 1029;  // where "%PDF-" may stand
constexpr uint64_t kPiece = 64 << 10;
constexpr uint64_t kSmall = 1 << 20;  // entries whose expansion does not matter

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

class Search {
 public:
  Search(const ArchiveLimits& limits, Deadline deadline, const FoundPdf& found)
      : limits_(limits),
        deadline_(deadline),
        found_(found),
        entries_left_(limits.entries),
        bytes_left_(limits.all_bytes) {}

  void archive(std::string_view bytes, unsigned depth);
  ArchiveSummary summary() const { return summary_; }

 private:
  void entry(zip_t* archive, zip_uint64_t index, unsigned depth);
  // Reads on until `size` bytes are in `into`; false on an error.
  bool read(zip_file_t* entry, std::string& into, uint64_t size);

  const ArchiveLimits& limits_;
  Deadline deadline_;
  const FoundPdf& found_;
  unsigned entries_left_;
  uint64_t bytes_left_;
  ArchiveSummary summary_;
};

void Search::archive(std::string_view bytes, unsigned depth) {
  zip_error_t fault;
  zip_error_init(&fault);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &fault);
  const Archive opened(source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &fault));
  zip_error_fini(&fault);
  if (!opened) {
    if (source != nullptr) zip_source_free(source);  // an archive that is open owns it
    ++summary_.unopened;
    return;
  }
  const zip_int64_t count = zip_get_num_entries(opened.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    if (entries_left_ == 0 || bytes_left_ == 0 || deadline_.passed()) {
      summary_.limited = true;
      return;
    }
    --entries_left_;
    entry(opened.get(), static_cast<zip_uint64_t>(i), depth);
  }
}

bool Search::read(zip_file_t* entry, std::string& into, uint64_t size) {
  while (into.size() < size && !deadline_.passed()) {
    const size_t start = into.size();
    const uint64_t piece = std::min({kPiece, size - start, bytes_left_});
    if (piece == 0) break;
    into.resize(start + piece);
    const zip_int64_t got = zip_fread(entry, into.data() + start, piece);
    into.resize(start + static_cast<size_t>(std::max<zip_int64_t>(got, 0)));
    if (got < 0) return false;
    bytes_left_ -= static_cast<uint64_t>(got);
    if (got == 0) break;
  }
  return true;
}

void Search::entry(zip_t* archive, zip_uint64_t index, unsigned depth) {
  zip_stat_t info;
  zip_stat_init(&info);
  if (zip_stat_index(archive, index, 0, &info) != 0) return;
  const Entry opened(zip_fopen_index(archive, index, 0));
  std::string bytes;
  if (!opened || !read(opened.get(), bytes, kFirstLook)) {
    ++summary_.unopened;
    return;
  }
  const FileKind kind = sniff(bytes);
  if (kind == FileKind::kContainer) ++summary_.unopened;
  if (kind == FileKind::kZip && depth + 1 >= limits_.depth) summary_.limited = true;
  if (kind != FileKind::kPdf && (kind != FileKind::kZip || depth + 1 >= limits_.depth)) return;
  // What the archive claims about sizes is used to refuse, never to allow.
  const uint64_t most = std::min(limits_.entry_bytes, std::max(kSmall, limits_.ratio * info.comp_size));
  if (!read(opened.get(), bytes, most)) ++summary_.unopened;  // damaged: what was read may do
  if (bytes.size() >= most || bytes_left_ == 0) summary_.limited = true;
  if (kind == FileKind::kZip) return this->archive(bytes, depth + 1);
  found_(info.name == nullptr ? "" : info.name, std::move(bytes));
}

}  // namespace

ArchiveSummary find_in_zip(std::string_view bytes, const ArchiveLimits& limits, Deadline deadline,
                           const FoundPdf& found) {
  Search search(limits, deadline, found);
  search.archive(bytes, 0);
  return search.summary();
}

}  // namespace postern
