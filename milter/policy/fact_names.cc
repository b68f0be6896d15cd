// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/fact_names.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/strings.h"

namespace postern {
namespace {

FactType type_of(const bool&) { return FactType::kFlag; }
FactType type_of(const uint64_t&) { return FactType::kCount; }
FactType type_of(const double&) { return FactType::kNumber; }
FactType type_of(const std::string&) { return FactType::kText; }
FactType type_of(const std::vector<std::string>&) { return FactType::kList; }

template <class Facts>
void list(std::vector<FactInfo>& table, FactScope scope, std::string_view prefix) {
  const Facts none;
  uint32_t index = 0;
  Facts::each(none, [&](std::string_view name, const auto& member, std::string_view help) {
    table.push_back({std::string(prefix) + std::string(name), type_of(member), help, scope, index++});
  });
}

std::vector<FactInfo> make_table() {
  std::vector<FactInfo> table;
  list<MessageFacts>(table, FactScope::kMessage, "");
  list<BodyFacts>(table, FactScope::kBody, "body.");
  list<ReportFacts>(table, FactScope::kReport, "report.");
  list<AttachmentFacts>(table, FactScope::kAttachment, "attachment.");
  list<PdfFacts>(table, FactScope::kPdf, "pdf.");
  list<ImageFacts>(table, FactScope::kImage, "image.");
  return table;
}

}  // namespace

const std::vector<FactInfo>& fact_table() {
  static const std::vector<FactInfo> table = make_table();
  return table;
}

const FactInfo* find_fact(std::string_view name) {
  static const std::map<std::string, const FactInfo*, std::less<>> by_name = [] {
    std::map<std::string, const FactInfo*, std::less<>> map;
    for (const FactInfo& fact : fact_table()) map.emplace(fact.name, &fact);
    return map;
  }();
  const auto found = by_name.find(lower(name));
  return found == by_name.end() ? nullptr : found->second;
}

PixelFact pixel_fact(std::string_view name) {
  static constexpr std::array<std::string_view, 11> kLook{
      "image.broken", "image.decoded", "image.skipped",      "image.colours",    "image.paper",       "image.edges",
      "image.dots",   "image.moved",   "image.border_noise", "image.text_lines", "image.line_height"};
  static constexpr std::array<std::string_view, 5> kSighting{"image.fingerprint", "image.seen", "image.seen_clients",
                                                             "image.seen_recipients", "image.allowed"};
  if (name == "image.blocked") return PixelFact::kBlocked;
  if (std::find(kSighting.begin(), kSighting.end(), name) != kSighting.end()) return PixelFact::kSighting;
  return std::find(kLook.begin(), kLook.end(), name) != kLook.end() ? PixelFact::kLook : PixelFact::kNone;
}

std::string_view to_string(FactType type) {
  switch (type) {
    case FactType::kFlag:
      return "flag";
    case FactType::kCount:
      return "count";
    case FactType::kNumber:
      return "number";
    case FactType::kText:
      return "text";
    case FactType::kList:
      return "list of texts";
  }
  return "";
}

}  // namespace postern
