// SPDX-License-Identifier: GPL-2.0-or-later
// Which pictures are worth their decoding: a RuleProgram run while facts of some pictures are still unknown.  Each
// condition then holds, does not hold, or may hold, and the score lies between two bounds.
#include "policy/rule_run.h"

namespace postern {
namespace {

enum Truth : int8_t { kNo = 0, kMaybe = 1, kYes = 2 };
Truth truth_of(bool holds) { return holds ? kYes : kNo; }

using Pictures = std::vector<bool>;
void join(Pictures& into, const Pictures& from) {
  for (size_t i = 0; i < from.size(); ++i) into[i] = into[i] || from[i];
}

}  // namespace

class PictureRun : private RuleRun {
 public:
  PictureRun(const RuleProgram& program, const Facts& facts, bool may_be_blocked)
      : RuleRun(program, facts, true), may_be_blocked_(may_be_blocked), rules_(program.rules_.size()) {
    for_each_picture(facts.body, [this](const ImageFacts& picture) { skipped_.push_back(picture.skipped); });
  }

  Pictures wanted(std::span<const double> limits) {
    double least = 0;
    for_each_called([&](uint32_t index) {
      const RuleProgram::Rule& rule = program_.rules_[index];
      if (!rule.pixels && holds_rule(index)) least += rule.score;
    });
    double most = least;
    Pictures always(skipped_.size()), perhaps(skipped_.size());
    for (const uint32_t index : program_.pixel_rules_) {
      const RuleProgram::Rule& rule = program_.rules_[index];
      const Answer& answer = answer_of(index);
      if (answer.truth != kMaybe || rule.score <= 0) least += answer.truth == kNo ? 0 : rule.score;
      if (answer.truth != kMaybe || rule.score >= 0) most += answer.truth == kNo ? 0 : rule.score;
      if (answer.truth != kMaybe || (rule.name.front() == '_' && rule.score == 0 && !rule.bounce)) continue;
      join(rule.sightings || rule.bounce || rule.score == 0 ? always : perhaps, answer.pictures);
    }
    constexpr double kRounding = 1e-6;  // sums in another order
    const bool open = std::any_of(limits.begin(), limits.end(), [&](double limit) {
      return least < limit + kRounding && limit <= most + kRounding;
    });
    if (open) join(always, perhaps);
    return always;
  }

 private:
  struct Answer {
    bool known = false;
    Truth truth = kNo;
    Pictures pictures;  // kMaybe: whose pixels would decide
  };

  const Answer& answer_of(uint32_t index) {
    if (rules_[index].known) return rules_[index];
    const ptrdiff_t attachment = attachment_, pdf = pdf_, image = image_;
    Pictures pictures(skipped_.size());
    std::swap(pictures, pictures_);
    const Truth truth = try_rule(program_.rules_[index]);
    std::swap(pictures, pictures_);
    attachment_ = attachment;
    pdf_ = pdf;
    image_ = image;
    rules_[index] = {true, truth, std::move(pictures)};
    return rules_[index];
  }

  Truth try_rule(const RuleProgram::Rule& rule) {
    if (rule.off || (rule.attachments && attachments_ == 0)) return kNo;
    if (rule.axis == RuleProgram::Axis::kPdf && pdfs_ == 0) return kNo;
    if (rule.axis >= RuleProgram::Axis::kImage && images_.empty()) return kNo;
    Truth truth = all(rule.message);
    if (truth != kNo) truth = std::min(truth, best_attachment(rule));
    return truth == kNo ? kNo : std::min(truth, best_object(rule));
  }

  Truth best_attachment(const RuleProgram::Rule& rule) {
    Truth best = rule.attachments ? kNo : kYes;
    for (size_t i = 0; rule.attachments && i < attachments_; ++i) {
      attachment_ = static_cast<ptrdiff_t>(i);
      best = std::max(best, all(rule.attachment));
    }
    return best;
  }

  Truth best_object(const RuleProgram::Rule& rule) {
    if (rule.axis == RuleProgram::Axis::kNone) return kYes;
    Truth best = kNo;
    const bool pdfs = rule.axis == RuleProgram::Axis::kPdf;
    for (size_t i = 0; i < (pdfs ? pdfs_ : images_.size()); ++i) {
      if (rule.axis == RuleProgram::Axis::kPdfImage && images_[i].pdf < 0) continue;
      image_ = pdfs ? image_ : static_cast<ptrdiff_t>(i);
      pdf_ = pdfs ? static_cast<ptrdiff_t>(i) : images_[i].pdf;
      const Pictures before = pictures_;
      const Truth truth = all(rule.object);
      if (truth == kNo) pictures_ = before;  // what it would have asked decides nothing
      best = std::max(best, truth);
    }
    return best;
  }

  Truth all(const std::vector<uint32_t>& parts) {
    Truth truth = kYes;
    for (size_t i = 0; i < parts.size() && truth != kNo; ++i) {
      truth = std::min(truth, truth_of_node(program_.nodes_[parts[i]]));
    }
    return truth;
  }

  Truth truth_of_node(const RuleProgram::Node& node) {
    if (node.kind == Expr::Kind::kTest) return truth_of_test(node.ref);
    if (node.kind == Expr::Kind::kRule) {
      const Answer& answer = answer_of(node.ref);
      if (answer.truth == kMaybe) join(pictures_, answer.pictures);
      return answer.truth;
    }
    const auto child = [&](uint32_t i) { return truth_of_node(program_.nodes_[program_.kids_[node.first + i]]); };
    if (node.kind == Expr::Kind::kNot) return static_cast<Truth>(kYes - child(0));
    const bool both = node.kind == Expr::Kind::kAnd;
    Truth truth = both ? kYes : kNo;
    for (uint32_t i = 0; i < node.count && truth != (both ? kNo : kYes); ++i) {
      truth = both ? std::min(truth, child(i)) : std::max(truth, child(i));
    }
    return truth;
  }

  Truth truth_of_test(uint32_t index) {
    const RuleProgram::Test& test = program_.tests_[index];
    if (test.unknown == PixelFact::kNone || !skipped_[static_cast<size_t>(image_)]) return truth_of(holds_test(index));
    if (test.unknown == PixelFact::kBlocked && !may_be_blocked_) return truth_of(holds_test(index));
    pictures_[static_cast<size_t>(image_)] = true;
    return kMaybe;
  }

  const bool may_be_blocked_;
  Pictures skipped_;
  Pictures pictures_;  // that the rule in hand asked about
  std::vector<Answer> rules_;
};

std::vector<bool> wanted_pictures(const RuleProgram& program, const Facts& facts, std::span<const double> limits,
                                  bool may_be_blocked) {
  return PictureRun(program, facts, may_be_blocked).wanted(limits);
}

}  // namespace postern
