// SPDX-License-Identifier: GPL-2.0-or-later
// Many rules made ready to run: equal conditions are shared, literals are indexed, and each rule knows which finds
// can make it true, so that a message pays for the rules that its words call up and not for the whole table.
//
// A rule is a list of parts that must all hold.  Parts about the message hold once; parts about attachments must all
// hold for one attachment; parts about PDFs and pictures for one PDF, picture, or picture with its PDF.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/literal_index.h"
#include "policy/rule_syntax.h"
#include "policy/rules.h"

namespace postern {

class RuleProgram {
 public:
  using Faults = std::vector<std::pair<std::string, std::string>>;  // (rule, reason)
  RuleProgram() = default;
  // Rules with a fault are left out, and so are those that refer to them.
  RuleProgram(const std::vector<RuleSet::Row>& rows, Faults& faults);
  // Whether some rule might hit a message without attachments by what its body says.
  bool looks_at_body_alone() const { return !body_alone_.empty(); }

 private:
  friend class RuleCompiler;
  friend class RuleRun;
  friend class PictureRun;

  // What a rule is tried on, besides the message.
  enum class Axis : uint8_t { kNone, kPdf, kImage, kPdfImage };
  enum class Level : uint8_t { kMessage, kAttachment, kPdf, kImage };

  struct Node {
    Expr::Kind kind = Expr::Kind::kTest;
    uint32_t ref = 0;               // kTest: test; kRule: rule
    uint32_t first = 0, count = 0;  // children, in kids_
  };
  struct Test {
    Condition condition;
    Level level = Level::kMessage;
    uint32_t slot = 0;     // kMessage: in slots_; else the fact's index
    PixelFact unknown = PixelFact::kNone;  // until the picture is decoded
    bool indexed = false;  // false unless its literal was found
  };
  struct Slot {
    FactRef fact;
    LiteralIndex literals;
  };
  struct Rule {
    std::string name;
    std::string reason;
    double score = 0;
    std::optional<BounceKind> bounce;
    bool off = false;
    bool attachments = false;  // has parts about attachments
    Axis axis = Axis::kNone;
    std::vector<uint32_t> message, attachment, object;  // parts: nodes, cheap ones first
    bool pixels = false;                // depends on facts that only a decoded picture has
    bool sightings = false;             // among them how often it was seen, or whether it is allowed or blocked
    bool body_alone = false;            // might hit a message without attachments, depending on its body
    std::vector<uint32_t> before_body;  // body_alone: the parts that the headers decide
  };

  std::vector<Rule> rules_;
  std::vector<Test> tests_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> kids_;
  std::vector<Slot> slots_;                                       // facts of the message that tests look at
  std::vector<Slot> attachment_slots_, pdf_slots_, image_slots_;  // those with literals
  std::vector<std::pair<std::string, uint32_t>> header_slots_;    // sorted: lower-case field name -> slot
  std::vector<std::vector<uint32_t>> called_;                     // test -> rules that it can make true
  std::vector<uint32_t> always_;                                  // rules without such tests
  std::vector<uint32_t> body_alone_;
  bool looks_at_size_ = false;                                    // some test is about the message's size
  std::vector<uint32_t> pixel_rules_;
};

// Answers about one message.  `use_index` false tries every rule: slow, for tests.
RuleResult run_rules(const RuleProgram& program, const Facts& facts, bool use_index = true);
HeadAnswer run_rules_on_head(const RuleProgram& program, const Facts& facts);
// As RuleSet::wanted_pictures().
std::vector<bool> wanted_pictures(const RuleProgram& program, const Facts& facts, std::span<const double> limits,
                                  bool may_be_blocked);

}  // namespace postern
