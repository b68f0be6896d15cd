// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/mail_story.h"

#include <algorithm>
#include <map>

#include "base/strings.h"

namespace postern {
namespace {

bool is_id_byte(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// Where the ID stands as a whole word, or npos.
size_t find_word(std::string_view line, std::string_view id) {
  for (size_t at = line.find(id); at != std::string_view::npos; at = line.find(id, at + 1)) {
    const bool begins = at == 0 || !is_id_byte(line[at - 1]);
    const bool ends = at + id.size() == line.size() || !is_id_byte(line[at + id.size()]);
    if (begins && ends) return at;
  }
  return std::string_view::npos;
}

// Whether what stands before the ID is our program's name: "postern-milter: " or "postern-milter[12]: ".
bool is_ours(std::string_view before) {
  constexpr std::string_view kProgram = "postern-milter";
  const size_t at = before.rfind(kProgram);
  if (at == std::string_view::npos) return false;
  const std::string_view rest = before.substr(at + kProgram.size());
  return !rest.empty() && (rest.front() == ':' || rest.front() == '[');
}

struct Pair {
  std::string key, value;
};

// Reads "key=value, key=<a, b> other=x (words)": a value in angle brackets ends at its bracket, others at a comma or
// at white space.  Words in the outermost brackets at the end go to `words`.
std::vector<Pair> read_pairs(std::string_view text, std::string& words_found) {
  std::vector<Pair> pairs;
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_not_of(" ,"), text.size()));
    if (text.empty()) break;
    if (text.front() == '(') {
      const size_t end = text.rfind(')');
      words_found = text.substr(1, end == std::string_view::npos ? std::string_view::npos : end - 1);
      break;
    }
    const size_t equals = text.find('=');
    const size_t stop = text.find_first_of(" ,(");
    if (equals == std::string_view::npos || stop < equals) {
      text.remove_prefix(std::min(stop, text.size()));
      continue;
    }
    std::string_view value = text.substr(equals + 1);
    const bool address = !value.empty() && value.front() == '<';
    size_t end = address ? value.find('>') : value.find(' ');
    if (end != std::string_view::npos) end += address ? 1 : 0;
    if (!address && end != 0 && end != std::string_view::npos && value[end - 1] == ',') --end;
    pairs.push_back({std::string(text.substr(0, equals)), std::string(value.substr(0, end))});
    text = end == std::string_view::npos ? std::string_view() : value.substr(end);
  }
  return pairs;
}

void read_ours(MailStory& story, std::string_view rest) {
  const std::map<std::string_view, std::string*> members{
      {"client", &story.client},  {"from", &story.sender},  {"nrcpt", &story.recipient_count},
      {"verdict", &story.verdict}, {"score", &story.score}, {"rules", &story.rules},
      {"bounce", &story.bounce},   {"generation", &story.generation}, {"direction", &story.direction},
      {"would-be", &story.would_be}};
  std::string words_found;
  story.judged.clear();
  bool judged = false;  // past the verdict, to= begins a recipient's own result
  for (const Pair& pair : read_pairs(rest, words_found)) {
    const auto member = members.find(pair.key);
    if (member != members.end()) {
      *member->second = pair.value;
      judged = judged || pair.key == "verdict";
    } else if (pair.key == "to") {
      if (judged) {
        story.judged.push_back({pair.value, "", ""});
      } else {
        story.first_recipient = pair.value;
      }
    } else if (pair.key == "action") {
      (story.judged.empty() ? story.action : story.judged.back().action) = pair.value;
    } else if (pair.key == "policy" && !story.judged.empty()) {
      story.judged.back().policy = pair.value;
    }
  }
  story.reason = words_found;
}

void read_delivery(MailStory& story, std::string_view rest) {
  Delivery delivery;
  for (const Pair& pair : read_pairs(rest, delivery.reply)) {
    if (pair.key == "to") delivery.address = pair.value;
    if (pair.key == "relay") delivery.relay = pair.value;
    if (pair.key == "status" || pair.key == "stat") delivery.status = lower(pair.value);
  }
  if (delivery.address.empty() || delivery.status.empty()) return;
  const size_t next = delivery.reply.find("queued as ");
  if (next != std::string::npos) {
    const std::string_view id = std::string_view(delivery.reply).substr(next + 10);
    const auto end = std::find_if_not(id.begin(), id.end(), is_id_byte);
    story.next_ids.emplace_back(id.begin(), end);
  }
  const auto known = std::find_if(story.deliveries.begin(), story.deliveries.end(),
                                  [&](const Delivery& each) { return each.address == delivery.address; });
  if (known == story.deliveries.end()) {
    story.deliveries.push_back(std::move(delivery));
  } else {
    *known = std::move(delivery);
  }
}

std::string delivery_words(const Delivery& delivery) {
  std::string text = delivery.status;
  if (!delivery.relay.empty() && delivery.relay != "none") text += " by " + delivery.relay;
  return delivery.reply.empty() ? text : text + ": " + printable(delivery.reply, 300);
}

std::string action_words(const JudgedRecipient& recipient) {
  static const std::map<std::string_view, std::string_view> kWords{
      {"deliver", "delivered as it came"},
      {"tag", "delivered with a tagged Subject"},
      {"quarantine", "sent to quarantine"},
      {"delete", "deleted"},
      {"reject", "refused"}};
  const auto words_of = kWords.find(recipient.action);
  std::string text(words_of == kWords.end() ? std::string_view(recipient.action) : words_of->second);
  if (recipient.policy.empty()) return text;
  return text + ", by the policy of " + (recipient.policy == "*" ? "everybody" : printable(recipient.policy));
}

std::string verdict_words(const MailStory& story) {
  if (story.verdict.empty()) return "Postern logged no verdict under this ID.\n";
  std::string text = "Postern: " + story.verdict;
  if (!story.score.empty()) text += ", score " + story.score;
  if (!story.rules.empty() && story.rules != "-") text += ", rules " + story.rules;
  if (!story.bounce.empty()) text += ", delivery report " + story.bounce;
  if (!story.generation.empty()) text += ", tables of generation " + story.generation;
  if (!story.reason.empty()) text += "\n  why: " + printable(story.reason, 500);
  return text + "\n" + (story.action == "monitor" ? "  only watched: nothing was changed\n" : "");
}

std::string recipients_words(const MailStory& story) {
  std::string text;
  std::vector<std::string> told;
  for (const JudgedRecipient& each : story.judged) {
    text += "  " + printable(each.address) + ": " + action_words(each) + "\n";
    for (const Delivery& delivery : story.deliveries) {
      if (delivery.address != each.address) continue;
      told.push_back(delivery.address);
      text += "    the MTA: " + delivery_words(delivery) + "\n";
    }
  }
  for (const Delivery& delivery : story.deliveries) {
    if (std::find(told.begin(), told.end(), delivery.address) != told.end()) continue;
    text += "  " + printable(delivery.address) + ": the MTA: " + delivery_words(delivery) + "\n";
  }
  return text;
}

}  // namespace

bool is_queue_id(std::string_view text) {
  return text.size() >= 5 && text.size() <= 32 && std::all_of(text.begin(), text.end(), is_id_byte);
}

bool add_line(MailStory& story, std::string_view line) {
  const size_t at = find_word(line, story.id);
  if (at == std::string_view::npos) return false;
  story.lines.emplace_back(line);
  std::string_view rest = line.substr(at + story.id.size());
  if (rest.empty() || rest.front() != ':') return true;  // somebody else's line that mentions it
  rest = trim(rest.substr(1));
  if (is_ours(line.substr(0, at))) {
    if (rest.find("verdict=") != std::string_view::npos) read_ours(story, rest);
  } else if (starts_nocase(rest, "milter-")) {
    story.milter_notes.emplace_back(rest);
  } else if (starts_nocase(rest, "removed") || starts_nocase(rest, "done;")) {
    story.removed = true;
  } else {
    read_delivery(story, rest);
  }
  return true;
}

std::optional<MailStory> read_verdict(std::string_view line) {
  constexpr std::string_view kProgram = "postern-milter";
  const size_t at = line.find(kProgram);
  if (at == std::string_view::npos) return std::nullopt;
  const size_t colon = line.find(": ", at);
  if (colon == std::string_view::npos || !is_ours(line.substr(0, colon + 1))) return std::nullopt;
  line.remove_prefix(colon + 2);
  const size_t end = line.find(": ");
  if (end == std::string_view::npos || !is_queue_id(line.substr(0, end))) return std::nullopt;
  MailStory story;
  story.id = line.substr(0, end);
  read_ours(story, line.substr(end + 2));
  return story.verdict.empty() ? std::nullopt : std::optional(std::move(story));
}

std::string story_text(const MailStory& story, bool with_lines) {
  std::string text;
  if (with_lines) {
    for (const std::string& line : story.lines) text += printable(line, 4000) + "\n";
    text += "\n";
  }
  text += story.id + ": ";
  if (!story.sender.empty()) text += "from " + printable(story.sender) + " at " + printable(story.client) + ", ";
  if (story.recipient_count == "1") {
    text += "to " + printable(story.first_recipient);
  } else if (!story.recipient_count.empty()) {
    text += "to " + printable(story.recipient_count) + " recipients";
  } else {
    text += std::to_string(story.lines.size()) + " lines";
  }
  text += "\n" + verdict_words(story);
  for (const std::string& note : story.milter_notes) text += "  the MTA: " + printable(note, 500) + "\n";
  text += recipients_words(story);
  for (const std::string& next : story.next_ids) text += "  goes on as " + next + "\n";
  if (!story.removed) text += "  the MTA has not said that it is done with it\n";
  return text;
}

}  // namespace postern
