// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>

#include "pdf/poppler.h"
#include "pdf/stream_data.h"

namespace postern {

namespace {

constexpr size_t kLeastPiece = 4096;  // bytes that are read at a time
constexpr size_t kMostPiece = 256 << 10;
constexpr size_t kMostFirst = 1 << 20;
constexpr size_t kMostRaw = 256 << 20;  // bytes of a stream before it is decoded

struct Coding {
  bool lzw = false;
  bool early = true;
  Predictor predictor;
};

// Bytes as Poppler gives them, at most `most`, beginning with a piece of so many.
Bytes read_with_poppler(Stream* stream, size_t most, size_t piece = kLeastPiece) {
  Bytes out;
  to_start(stream);
  for (; out.size() < most; piece = std::min(2 * piece, kMostPiece)) {
    const size_t start = out.size(), want = std::min(piece, most - start);
    out.resize(start + want);
    const int got = stream->doGetChars(static_cast<int>(want), reinterpret_cast<unsigned char*>(out.data() + start));
    out.resize(start + static_cast<size_t>(std::max(got, 0)));
    if (static_cast<size_t>(std::max(got, 0)) < want) break;
  }
  stream->close();
  return out;
}

// A stream that is not decoded (but decrypted), at most `most` bytes; in one piece if its length is true and modest.
Bytes read_raw(Stream* stream, size_t most) {
  const auto length = static_cast<size_t>(std::max<Goffset>(stream->getBaseStream()->getLength(), 0));
  return read_with_poppler(stream, most, std::clamp(length + 1, kLeastPiece, kMostFirst));
}

// An entry that is not there keeps its default; false if it is no number that stands in the dictionary itself.
bool read_number(const Dict& entries, const char* key, int& value) {
  const Object& entry = entries.lookupNF(key);
  if (entry.isInt()) value = entry.getInt();
  return entry.isInt() || entry.isNull();
}

// False if we do not know all about them.
bool read_parameters(const Dict& entries, Coding& coding) {
  Predictor& predictor = coding.predictor;
  int early = 1;
  if (!read_number(entries, "Predictor", predictor.kind) || !read_number(entries, "Columns", predictor.columns) ||
      !read_number(entries, "Colors", predictor.colours) ||
      !read_number(entries, "BitsPerComponent", predictor.bits) ||
      (coding.lzw && !read_number(entries, "EarlyChange", early))) {
    return false;
  }
  coding.early = early != 0;
  return (early == 0 || early == 1) && predictor.known();
}

// How a stream is coded, if by one filter that we know, and if all about it stands in the stream's own dictionary: to
// look up an object may be a fault of syntax, which counts once.
std::optional<Coding> coding_of(Stream* stream) {
  const StreamKind kind = stream->getKind();
  if ((kind != strFlate && kind != strLZW) || stream->getNextStream() != stream->getUndecodedStream()) return {};
  const Dict& entries = *stream->getDict();
  const Object& filter = entries.lookupNF("Filter");
  const Object* parameters = &entries.lookupNF("DecodeParms");
  if (entries.hasKey("F") || entries.hasKey("DP") || parameters->isRef()) return {};
  if (filter.isArray()) {
    if (filter.arrayGetLength() != 1 || !filter.arrayGetNF(0).isName()) return {};
    if (parameters->isArray())
      parameters = &parameters->arrayGetNF(0);
    else if (!parameters->isNull())
      return {};
  } else if (!filter.isName()) {
    return {};
  }
  Coding coding;
  coding.lzw = kind == strLZW;
  if (parameters->isDict())
    return read_parameters(*parameters->getDict(), coding) ? std::optional(coding) : std::nullopt;
  return parameters->isNull() ? std::optional(coding) : std::nullopt;
}

}  // namespace

std::optional<Bytes> decode_stream(Stream* stream, size_t most, bool full) {
  const std::optional<Coding> coding = coding_of(stream);
  if (!coding) return std::nullopt;
  const Predictor& predictor = coding->predictor;
  const size_t wanted = predictor.coded(most), most_raw = std::min(2 * wanted + kLeastPiece, kMostRaw);
  const Bytes raw = read_raw(stream->getNextStream(), most_raw);
  std::optional<Bytes> out =
      coding->lzw ? expand_lzw(view(raw), coding->early, wanted) : inflate(view(raw), wanted, full ? wanted : 0);
  const bool cut = raw.size() == most_raw && out && out->size() < wanted;
  if (!out || cut || !predictor.undo(*out)) return std::nullopt;
  out->resize(std::min(out->size(), most));
  return out;
}

Bytes read_stream(Stream* stream, size_t most) {
  if (stream == stream->getUndecodedStream()) return read_raw(stream, most);
  std::optional<Bytes> decoded = decode_stream(stream, most);
  return decoded ? *std::move(decoded) : read_with_poppler(stream, most);
}

}  // namespace postern
