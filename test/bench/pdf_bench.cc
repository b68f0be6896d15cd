// SPDX-License-Identifier: GPL-2.0-or-later
// What looking at PDFs costs in CPU time, beside (a) running `pdfimages -list` and `pdftotext` on each, and (b) the
// bare calls of Poppler and libjpeg-turbo that the facts need.  All take their turn in each round, so that a busy
// moment hits all alike; the figures are medians of CPU time, of the children too, never of the clock on the wall.
// Pictures are decoded where the built-in rules want it, as the daemon does it; PDFs come in an ordinary reply with
// text, or (-b) in a blank mail whose Subject is the file's name.
//   pdf_bench [-p PROGRAM] [-n ROUNDS] [-b] [-s] FILE...
// -s prints one line for other programs to read: microseconds of the bare calls, of the facts, and their ratio.
// Whichever of the two tools is missing, its line is left out.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "inspect/inspector.h"
#include "pdf/pdf.h"
#include "policy/rules.h"
#include "test/bench/pdf_bare.h"
#include "test/data/codec.h"

extern char** environ;

namespace {

using namespace postern;

constexpr std::array<double, 2> kLimits{5, 10};  // spam-score and surespam-score
constexpr size_t kInspections = 1500;            // in one run, so that starting a worker is shared out as in a daemon

struct File {
  std::string name, bytes;
  InspectRequest request;
  Facts message;             // as far as headers tell
  std::vector<bool> chosen;  // pictures of the PDF that are decoded
};

const RuleSet& rules() {
  static const RuleSet all(default_rules(), nullptr);
  return all;
}

std::vector<bool> choose(const Facts& message, BodyFacts body) {
  Facts facts = message;
  facts.body = std::move(body);
  return rules().wanted_pictures(facts, kLimits, false);
}

// The facts without jail and message around them.
PdfFacts facts_of(const File& file) {
  const Deadline deadline = Deadline::after(Millis(60'000));
  PdfReading reading(file.bytes, {}, deadline);
  reading.look(file.chosen, deadline);
  return std::move(reading.facts);
}

File load(const char* name, bool blank) {
  std::ifstream in(name, std::ios::binary);
  File file{name, std::string(std::istreambuf_iterator<char>(in), {}), {}, {}, {}};
  file.message.message.subject_is_attachment = blank;
  file.request.header = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"bound\"\r\n";
  file.request.body = std::string("--bound\r\nContent-Type: text/plain\r\n\r\n") +
                      (blank ? "" : "The file is attached.\r\n") +
                      "--bound\r\nContent-Type: application/pdf; name=\"file.pdf\"\r\n"
                      "Content-Transfer-Encoding: base64\r\n\r\n" +
                      testdata::base64(file.bytes) + "\r\n--bound--\r\n";
  PdfReading reading(file.bytes, {}, Deadline::after(Millis(60'000)));
  BodyFacts body;
  body.inspected = true;
  body.visible_chars = blank ? 0 : 20;
  body.pdf_count = 1;
  body.pdfs.push_back(reading.facts);
  file.chosen = choose(file.message, body);
  return file;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double used(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// CPU seconds of one call, this process and the children that ended in it.
double cpu_of(const std::function<void()>& work) {
  const double before = used(RUSAGE_SELF) + used(RUSAGE_CHILDREN);
  work();
  return used(RUSAGE_SELF) + used(RUSAGE_CHILDREN) - before;
}

// False if there is no such program.
bool run(std::vector<const char*> words) {
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, words[0], &actions, nullptr, const_cast<char**>(words.data()), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return false;
  int status = 0;
  ::waitpid(pid, &status, 0);
  return !WIFEXITED(status) || WEXITSTATUS(status) != 127;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Line {
  const char* name;
  std::function<void()> work;
  size_t passes;
  std::vector<double> times{};
};

void in_the_jail(const std::string& program, std::vector<File>& files, size_t passes) {
  InspectOptions options;
  options.program = program;
  options.workers = 1;
  options.timeout = Millis(60'000);  // a busy machine is no reason to give up
  const auto inspector = start_inspector(options);
  if (!inspector) {
    std::fprintf(stderr, "pdf_bench: %s\n", inspector.error().text.c_str());
    std::exit(2);
  }
  for (size_t pass = 0; pass < passes; ++pass) {
    for (File& file : files) (*inspector)->inspect(file.request, Deadline::after(Millis(60'000)));
  }
}

double each_of(const Line& line, size_t files) {
  return median(line.times) / static_cast<double>(line.passes) / static_cast<double>(files);
}

void report(const std::vector<Line>& lines, const std::vector<File>& files) {
  size_t decoded = 0;
  for (const File& file : files)
    decoded += static_cast<size_t>(std::count(file.chosen.begin(), file.chosen.end(), true));
  std::printf("%zu PDFs, of which %zu pictures are decoded\n", files.size(), decoded);
  for (const Line& line : lines) {
    const double each = each_of(line, files.size());
    std::printf("%-34s %9.3f ms of CPU for a PDF, %9.0f PDFs in a CPU second\n", line.name, each * 1e3, 1 / each);
  }
  const double bare = each_of(lines[0], files.size()), facts = each_of(lines[1], files.size());
  std::printf("facts against the bare calls: %.2f times", facts / bare);
  const double jail = each_of(lines[2], files.size());
  std::printf(" (with the jail and the message around it: %.2f times)\n", jail / bare);
  if (lines.size() < 4) return;
  std::printf("both tools against the jailed inspection: %.1f times\n", each_of(lines[3], files.size()) / jail);
}

// The lines that need no other process.
std::vector<Line> calls(const std::vector<File>& files, size_t passes) {
  const auto repeated = [&files, passes](const std::function<void(const File&)>& work) {
    return [&files, passes, work] {
      for (size_t pass = 0; pass < passes; ++pass) std::for_each(files.begin(), files.end(), work);
    };
  };
  return {{"bare Poppler and libjpeg-turbo",
           repeated([](const File& file) { bench::bare_calls(file.bytes, file.chosen); }), passes},
          {"facts, no jail", repeated(facts_of), passes}};
}

// The lines that an administrator would compare.
void add_programs(const std::string& program, std::vector<File>& files, size_t passes, std::vector<Line>& lines) {
  lines.push_back({"inspection in the jail", [&, passes] { in_the_jail(program, files, passes); }, passes});
  if (!run({"pdfimages", "-v"}) || !run({"pdftotext", "-v"})) return;
  lines.push_back({"pdfimages -list and pdftotext",
                   [&files] {
                     for (const File& file : files) {
                       run({"pdfimages", "-list", file.name.c_str()});
                       run({"pdftotext", file.name.c_str(), "/dev/null"});
                     }
                   },
                   1});
}

}  // namespace

int main(int argc, char** argv) {
  std::string program = find_inspector();
  int rounds = 7;
  bool blank = false, brief = false;
  for (int flag = 0; (flag = ::getopt(argc, argv, "p:n:bs")) != -1;) {
    if (flag == 'p') program = optarg;
    if (flag == 'n') rounds = std::max(1, std::atoi(optarg));
    if (flag == 'b') blank = true;
    if (flag == 's') brief = true;
    if (flag == '?') return 2;
  }
  prepare_pdf();
  std::vector<File> files;
  for (int i = optind; i < argc; ++i) files.push_back(load(argv[i], blank));
  if (files.empty()) {
    std::fprintf(stderr, "Usage: pdf_bench [-p PROGRAM] [-n ROUNDS] [-b] [-s] FILE...\n");
    return 2;
  }
  for (File& file : files) {
    file.request.choose = [&file](const BodyFacts& body) { return choose(file.message, body); };
  }
  const size_t passes = std::max<size_t>(3, kInspections / files.size());
  std::vector<Line> lines = calls(files, passes);
  if (!brief) add_programs(program, files, passes, lines);
  for (int round = 0; round < rounds; ++round) {
    for (Line& line : lines) line.times.push_back(cpu_of(line.work));
  }
  if (!brief) {
    report(lines, files);
    return 0;
  }
  const double bare = each_of(lines[0], files.size()) * 1e6, facts = each_of(lines[1], files.size()) * 1e6;
  std::printf("bare=%.1f inspector=%.1f ratio=%.2f\n", bare, facts, facts / bare);
  return 0;
}
