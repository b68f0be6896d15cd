// SPDX-License-Identifier: GPL-2.0-or-later
// What a message pays as the table of rules grows: compile time, time to evaluate with the literal index, time to try
// every rule, and what PCRE2 alone takes for the same patterns (the floor of an engine that runs them one by one),
// for 10 to 10,000 rules of several kinds.  Usage: rules_bench [MAX_RULES]
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "policy/rules.h"

namespace {

using namespace postern;

std::mt19937_64 g_random(1);

// Processor time of this thread, so that others on the machine count less.
double cpu_micros() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

size_t below(size_t limit) { return static_cast<size_t>(g_random() % limit); }

std::string word() {
  static const char* const kParts[] = {"ba", "ke", "lo", "mi",  "nu",  "ra",  "se",
                                       "ti", "vo", "zu", "cha", "pre", "stro"};
  std::string out;
  for (size_t i = 0; i < 2 + below(3); ++i) out += kParts[below(std::size(kParts))];
  return out;
}

// Six kilobytes of words, as a plain message has; and one small PDF if asked for.
Facts message(bool pdf) {
  Facts facts;
  facts.message.subject = word() + " " + word() + " " + word();
  facts.message.from = word() + " <" + word() + "@example.com>";
  facts.message.from_address = word() + "@example.com";
  facts.message.bytes = 7000;
  facts.headers = {{"Received", "from mail.example.net by mx.example.com"}, {"X-Mailer", "Mailer 1.0"}};
  facts.body.inspected = true;
  while (facts.body.text.size() < 6000) facts.body.text += word() + (below(12) == 0 ? ".\n" : " ");
  facts.body.visible_chars = 5000;
  if (!pdf) return facts;
  facts.body.pdfs.resize(1);
  facts.body.pdfs[0].pages = 1;
  facts.body.pdfs[0].producer = "Example PDF 1.0";
  facts.body.pdfs[0].images.resize(2);
  facts.body.attachments.resize(1);
  return facts;
}

struct Kind {
  const char* name;
  std::string (*text)();
};

std::string phrase() { return word() + " " + word() + word(); }

const Kind kKinds[] = {
    {"body phrase, pattern", [] { return "0.1 body.text =~ /\\b" + phrase() + "\\s+\\w+/i"; }},
    {"subject or body words",
     [] { return "0.1 subject contains \"" + phrase() + "\" or body.text =~ /" + phrase() + "|" + phrase() + "/i"; }},
    {"sender equal", [] { return "0.1 from_address == \"" + word() + word() + "@" + word() + ".example\""; }},
    {"numbers only",
     [] { return "0.1 bytes > " + std::to_string(100'000 + below(1'000'000)) + " and recipients > 3"; }},
    {"PDF facts",
     [] {
       return "0.1 pdf.pages == 1 and pdf.bytes > " + std::to_string(below(90'000)) + " and image.width > " +
              std::to_string(1 + below(900));
     }},
    {"pattern without literal",
     [] { return "0.1 subject =~ /^[a-z]{" + std::to_string(1 + below(500)) + ",}\\d/i"; }},
};

// The rows' patterns and nothing else: each is run on the text that its rule looks at.
class Pcre2Alone {
 public:
  explicit Pcre2Alone(const std::vector<RuleSet::Row>& rows) {
    for (const RuleSet::Row& row : rows) {
      const size_t at = row.text.find("=~ /"), end = row.text.rfind("/i");
      if (at == std::string::npos || end == std::string::npos) continue;
      const std::string pattern = row.text.substr(at + 4, end - at - 4);
      int code = 0;
      PCRE2_SIZE offset = 0;
      pcre2_code* const made = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                             PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_CASELESS, &code, &offset,
                                             nullptr);
      if (made == nullptr || pcre2_jit_compile(made, PCRE2_JIT_COMPLETE) != 0) std::abort();
      patterns_.push_back({made, row.text.find("body.text") != std::string::npos});
    }
  }
  Pcre2Alone(const Pcre2Alone&) = delete;
  Pcre2Alone& operator=(const Pcre2Alone&) = delete;
  ~Pcre2Alone() {
    for (const Each& each : patterns_) pcre2_code_free(each.code);
    pcre2_match_data_free(data_);
  }
  bool empty() const { return patterns_.empty(); }
  int matches(const Facts& facts) const {
    int count = 0;
    for (const Each& each : patterns_) {
      const std::string& text = each.body ? facts.body.text : facts.message.subject;
      count += pcre2_match(each.code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, data_, nullptr) > 0;
    }
    return count;
  }

 private:
  struct Each {
    pcre2_code* code;
    bool body;
  };
  std::vector<Each> patterns_;
  pcre2_match_data* data_ = pcre2_match_data_create(8, nullptr);
};

// Median microseconds of one call over the messages.
template <class Call>
double measure(const std::vector<Facts>& messages, Call&& call) {
  std::vector<double> rounds;
  for (int round = 0; round < 5; ++round) {
    const double start = cpu_micros();
    size_t calls = 0;
    do {
      for (const Facts& each : messages) call(each);
      calls += messages.size();
    } while (cpu_micros() - start < 40'000);
    rounds.push_back((cpu_micros() - start) / static_cast<double>(calls));
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[rounds.size() / 2];
}

void run(const Kind& kind, size_t count, const std::vector<Facts>& plain, const std::vector<Facts>& pdf) {
  std::vector<RuleSet::Row> rows;
  for (size_t i = 0; i < count; ++i) rows.push_back({"R" + std::to_string(i), kind.text()});
  std::vector<std::pair<std::string, std::string>> faults;
  const double start = cpu_micros();
  const RuleSet rules(rows, &faults);
  const double compiled = cpu_micros() - start;
  if (!faults.empty()) std::printf("fault: %s\n", faults[0].second.c_str());
  volatile double sink = 0;
  const double fast = measure(plain, [&](const Facts& each) { sink = rules.evaluate(each).score; });
  const double with_pdf = measure(pdf, [&](const Facts& each) { sink = rules.evaluate(each).score; });
  const double slow =
      measure({plain.begin(), plain.begin() + 1}, [&](const Facts& each) { sink = rules.evaluate_all(each).score; });
  const Pcre2Alone alone(rows);
  const double bare = alone.empty() ? 0 : measure({plain.begin(), plain.begin() + 1}, [&](const Facts& each) {
    sink = alone.matches(each);
  });
  std::printf("%-26s %7zu %11.1f %11.1f %11.1f %11.1f %11.1f\n", kind.name, count, compiled / 1000, fast, with_pdf,
              slow, bare);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const size_t most = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 10'000;
  std::vector<Facts> plain, pdf;
  for (int i = 0; i < 16; ++i) {
    plain.push_back(message(false));
    pdf.push_back(message(true));
  }
  std::printf("%-26s %7s %11s %11s %11s %11s %11s\n", "kind of rule", "rules", "compile ms", "plain us", "PDF us",
              "each us", "PCRE2 us");
  for (const Kind& kind : kKinds) {
    for (size_t count = 10; count <= most; count *= 10) run(kind, count, plain, pdf);
  }
  std::vector<std::pair<std::string, std::string>> faults;
  const RuleSet built_in(default_rules(), &faults);
  volatile double sink = 0;
  std::printf("built-in rules: plain %.2f us, PDF %.2f us\n",
              measure(plain, [&](const Facts& each) { sink = built_in.evaluate(each).score; }),
              measure(pdf, [&](const Facts& each) { sink = built_in.evaluate(each).score; }));
  return 0;
}
