// SPDX-License-Identifier: GPL-2.0-or-later
// One message under a RuleProgram: the values of its facts, and what holds of them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/strings.h"
#include "policy/rule_program.h"

namespace postern {

class RuleRun {
 public:
  RuleRun(const RuleProgram& program, const Facts& facts, bool use_index)
      : program_(program),
        use_index_(use_index),
        found_(program.tests_.size() / 64 + 1),
        known_tests_(program.tests_.size(), kUnknown),
        known_rules_(program.rules_.size(), kUnknown) {
    gather_message(facts);
    gather_objects(facts.body);
    if (use_index_) scan();
  }

  RuleResult run() {
    RuleResult result;
    for_each_called([&](uint32_t index) {
      if (holds_rule(index)) note(program_.rules_[index], result);
    });
    return result;
  }

  bool looks_at_size() const { return program_.looks_at_size_; }
  bool needs_body() {
    return std::any_of(program_.body_alone_.begin(), program_.body_alone_.end(),
                       [this](uint32_t index) { return all_hold(program_.rules_[index].before_body); });
  }

 protected:
  static constexpr int8_t kUnknown = -1;

  // One thing that parts of a rule are bound to: its values in a flat list.
  struct Image {
    size_t at = 0;       // first value in image_values_
    ptrdiff_t pdf = -1;  // the PDF it is in, if it is in one
  };

  // The rules that the message's words call up, in their order.
  template <class Visit>
  void for_each_called(Visit&& visit) {
    std::vector<uint64_t> wanted(program_.rules_.size() / 64 + 1, use_index_ ? 0 : ~uint64_t{0});
    if (use_index_) call_up(wanted);
    for (size_t word = 0; word < wanted.size(); ++word) {
      for (uint64_t left = wanted[word]; left != 0; left &= left - 1) {
        const auto index = static_cast<uint32_t>(word * 64 + static_cast<size_t>(std::countr_zero(left)));
        if (index < program_.rules_.size()) visit(index);
      }
    }
  }

  void gather_message(const Facts& facts) {
    static const std::string empty;
    constexpr size_t kRoom = 60;  // under a kilobyte, which malloc() finds at once
    std::vector<FactValue> message, body, report;
    for (auto* values : {&message, &body, &report}) values->reserve(kRoom);
    append_values(facts.message, message);
    append_values(facts.body, body);
    append_values(facts.body.report, report);
    values_.reserve(program_.slots_.size());
    for (const RuleProgram::Slot& slot : program_.slots_) {
      switch (slot.fact.scope) {
        case FactScope::kMessage:
          values_.push_back(message[slot.fact.index]);
          break;
        case FactScope::kBody:
          values_.push_back(body[slot.fact.index]);
          break;
        case FactScope::kReport:
          values_.push_back(report[slot.fact.index]);
          break;
        default:
          values_.emplace_back(empty);
          break;  // a header field that may not be there
      }
    }
    if (program_.header_slots_.empty()) return;
    for (auto field = facts.headers.rbegin(); field != facts.headers.rend();
         ++field) {  // so that the first one stays
      const std::string name = lower(field->name);
      const auto found = std::lower_bound(program_.header_slots_.begin(), program_.header_slots_.end(), name,
                                          [](const auto& slot, const std::string& key) { return slot.first < key; });
      if (found != program_.header_slots_.end() && found->first == name) {
        values_[found->second] = FactValue(field->value);
      }
    }
  }

  void gather_objects(const BodyFacts& body) {
    for (const AttachmentFacts& each : body.attachments) append_values(each, attachment_values_);
    attachments_ = body.attachments.size();
    attachment_size_ = attachments_ == 0 ? 0 : attachment_values_.size() / attachments_;
    for (const PdfFacts& each : body.pdfs) append_values(each, pdf_values_);
    pdfs_ = body.pdfs.size();
    pdf_size_ = pdfs_ == 0 ? 0 : pdf_values_.size() / pdfs_;
    const auto add_images = [this](const std::vector<ImageFacts>& images, ptrdiff_t pdf) {
      for (const ImageFacts& each : images) {
        images_.push_back({image_values_.size(), pdf});
        append_values(each, image_values_);
      }
    };
    for (size_t i = 0; i < pdfs_; ++i) add_images(body.pdfs[i].images, static_cast<ptrdiff_t>(i));
    add_images(body.images, -1);
  }

  void look_up(const LiteralIndex& literals, const FactValue& value) {
    for (size_t i = 0; i < value.texts(); ++i) {
      const std::string_view text = value.text(i);
      if (!text.empty()) literals.find(fold(text), found_);
    }
  }

  void scan() {
    for (size_t i = 0; i < values_.size(); ++i) {
      if (!program_.slots_[i].literals.empty()) look_up(program_.slots_[i].literals, values_[i]);
    }
    for (const RuleProgram::Slot& slot : program_.attachment_slots_) {
      for (size_t i = 0; i < attachments_; ++i) {
        look_up(slot.literals, attachment_values_[i * attachment_size_ + slot.fact.index]);
      }
    }
    for (const RuleProgram::Slot& slot : program_.pdf_slots_) {
      for (size_t i = 0; i < pdfs_; ++i) look_up(slot.literals, pdf_values_[i * pdf_size_ + slot.fact.index]);
    }
    for (const RuleProgram::Slot& slot : program_.image_slots_) {
      for (const Image& image : images_) look_up(slot.literals, image_values_[image.at + slot.fact.index]);
    }
  }

  void call_up(std::vector<uint64_t>& wanted) const {
    const auto want = [&wanted](uint32_t rule) { wanted[rule / 64] |= uint64_t{1} << (rule % 64); };
    for (const uint32_t rule : program_.always_) want(rule);
    for (size_t word = 0; word < found_.size(); ++word) {
      for (uint64_t left = found_[word]; left != 0; left &= left - 1) {
        for (const uint32_t rule : program_.called_[word * 64 + static_cast<size_t>(std::countr_zero(left))])
          want(rule);
      }
    }
  }

  static void note(const RuleProgram::Rule& rule, RuleResult& result) {
    if (rule.bounce && result.bounce_kind == BounceKind::kNone) result.bounce_kind = *rule.bounce;
    result.score += rule.score;
    if (rule.name.front() != '_') result.hits.push_back({rule.name, rule.score, rule.reason});
  }

  bool holds_rule(uint32_t index) {
    int8_t& known = known_rules_[index];
    if (known != kUnknown) return known != 0;
    const ptrdiff_t attachment = attachment_;
    const ptrdiff_t pdf = pdf_;
    const ptrdiff_t image = image_;
    known = try_rule(program_.rules_[index]) ? 1 : 0;
    attachment_ = attachment;
    pdf_ = pdf;
    image_ = image;
    return known != 0;
  }

  bool try_rule(const RuleProgram::Rule& rule) {
    if (rule.off || (rule.attachments && attachments_ == 0)) return false;
    if (rule.axis == RuleProgram::Axis::kPdf && pdfs_ == 0) return false;
    if (rule.axis >= RuleProgram::Axis::kImage && images_.empty()) return false;
    return all_hold(rule.message) && some_attachment(rule) && some_object(rule);
  }

  bool some_attachment(const RuleProgram::Rule& rule) {
    if (!rule.attachments) return true;
    for (size_t i = 0; i < attachments_; ++i) {
      attachment_ = static_cast<ptrdiff_t>(i);
      if (all_hold(rule.attachment)) return true;
    }
    return false;
  }

  bool some_object(const RuleProgram::Rule& rule) {
    if (rule.axis == RuleProgram::Axis::kNone) return true;
    if (rule.axis == RuleProgram::Axis::kPdf) {
      for (size_t i = 0; i < pdfs_; ++i) {
        pdf_ = static_cast<ptrdiff_t>(i);
        if (all_hold(rule.object)) return true;
      }
      return false;
    }
    for (size_t i = 0; i < images_.size(); ++i) {
      if (rule.axis == RuleProgram::Axis::kPdfImage && images_[i].pdf < 0) continue;
      image_ = static_cast<ptrdiff_t>(i);
      pdf_ = images_[i].pdf;
      if (all_hold(rule.object)) return true;
    }
    return false;
  }

  bool all_hold(const std::vector<uint32_t>& parts) {
    return std::all_of(parts.begin(), parts.end(), [this](uint32_t part) { return holds(program_.nodes_[part]); });
  }

  bool holds(const RuleProgram::Node& node) {
    const auto child = [&](uint32_t i) { return holds(program_.nodes_[program_.kids_[node.first + i]]); };
    switch (node.kind) {
      case Expr::Kind::kTest:
        return holds_test(node.ref);
      case Expr::Kind::kRule:
        return holds_rule(node.ref);
      case Expr::Kind::kNot:
        return !child(0);
      case Expr::Kind::kAnd:
        for (uint32_t i = 0; i < node.count; ++i) {
          if (!child(i)) return false;
        }
        return true;
      case Expr::Kind::kOr:
        for (uint32_t i = 0; i < node.count; ++i) {
          if (child(i)) return true;
        }
        return false;
    }
    return false;
  }

  bool holds_test(uint32_t index) {
    const RuleProgram::Test& test = program_.tests_[index];
    if (use_index_ && test.indexed && (found_[index / 64] >> (index % 64) & 1) == 0) return false;
    switch (test.level) {
      case RuleProgram::Level::kMessage: {
        int8_t& known = known_tests_[index];
        if (known == kUnknown) known = test.condition.holds(values_[test.slot]) ? 1 : 0;
        return known != 0;
      }
      case RuleProgram::Level::kAttachment:
        return of(test, attachment_values_, attachment_, attachment_size_);
      case RuleProgram::Level::kPdf:
        return of(test, pdf_values_, pdf_, pdf_size_);
      case RuleProgram::Level::kImage:
        return test.condition.holds(image_values_[images_[static_cast<size_t>(image_)].at + test.slot]);
    }
    return false;
  }

  static bool of(const RuleProgram::Test& test, const std::vector<FactValue>& values, ptrdiff_t which, size_t size) {
    return test.condition.holds(values[static_cast<size_t>(which) * size + test.slot]);
  }

  const RuleProgram& program_;
  bool use_index_;
  std::vector<FactValue> values_;  // one for each slot of the message
  std::vector<FactValue> attachment_values_, pdf_values_, image_values_;
  std::vector<Image> images_;
  size_t attachments_ = 0, attachment_size_ = 0, pdfs_ = 0, pdf_size_ = 0;
  ptrdiff_t attachment_ = -1, pdf_ = -1, image_ = -1;  // what is being tried
  std::vector<uint64_t> found_;                        // tests whose literal stands in the message
  std::vector<int8_t> known_tests_, known_rules_;
};

}  // namespace postern
