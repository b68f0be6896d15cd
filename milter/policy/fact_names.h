// SPDX-License-Identifier: GPL-2.0-or-later
// The facts by name, made from the each() lists in policy/facts.h: what rules may name, and how a value is reached.
// Nothing is listed twice: a fact added to each() is known here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/facts.h"

namespace postern {

enum class FactType : uint8_t { kFlag, kCount, kNumber, kText, kList };
enum class FactScope : uint8_t { kMessage, kBody, kReport, kAttachment, kPdf, kImage, kHeader };

struct FactInfo {
  std::string name;  // as rules write it: "subject", "pdf.pages"
  FactType type;
  std::string_view help;
  FactScope scope;
  uint32_t index;  // position in its each() list
};

// All facts with a fixed name (header.NAME has none), in the order of the man page.
const std::vector<FactInfo>& fact_table();
const FactInfo* find_fact(std::string_view name);  // null: there is none; any case
// What a picture must be decoded for: what it looks like, and what the store knows of its fingerprint.
enum class PixelFact : uint8_t { kNone, kLook, kSighting, kBlocked };
PixelFact pixel_fact(std::string_view name);  // of a fact by its name in lower case
std::string_view to_string(FactType type);         // "flag", "count", "number", "text", "list of texts"

// A borrowed value of one fact: reads as false, 0, "" or an empty list when there is none.
class FactValue {
 public:
  FactValue() = default;
  explicit FactValue(const bool& value) : type_(FactType::kFlag), at_(&value) {}
  explicit FactValue(const uint64_t& value) : type_(FactType::kCount), at_(&value) {}
  explicit FactValue(const double& value) : type_(FactType::kNumber), at_(&value) {}
  explicit FactValue(const std::string& value) : type_(FactType::kText), at_(&value) {}
  explicit FactValue(const std::vector<std::string>& value) : type_(FactType::kList), at_(&value) {}

  bool flag() const { return at_ != nullptr && type_ == FactType::kFlag && *static_cast<const bool*>(at_); }
  double number() const {
    if (at_ == nullptr) return 0;
    if (type_ == FactType::kCount) return static_cast<double>(*static_cast<const uint64_t*>(at_));
    return type_ == FactType::kNumber ? *static_cast<const double*>(at_) : 0;
  }
  // How many texts there are to look at: one for a text (even an empty one), any number for a list.
  size_t texts() const {
    if (at_ == nullptr) return 0;
    if (type_ == FactType::kList) return static_cast<const std::vector<std::string>*>(at_)->size();
    return type_ == FactType::kText ? 1 : 0;
  }
  std::string_view text(size_t i) const {
    if (type_ == FactType::kList) return (*static_cast<const std::vector<std::string>*>(at_))[i];
    return *static_cast<const std::string*>(at_);
  }

 private:
  FactType type_ = FactType::kFlag;
  const void* at_ = nullptr;
};

// Appends the values of one structure in the order of its each() list.
template <class Facts>
void append_values(const Facts& facts, std::vector<FactValue>& values) {
  Facts::each(facts,
              [&values](std::string_view, const auto& member, std::string_view) { values.emplace_back(member); });
}

}  // namespace postern
