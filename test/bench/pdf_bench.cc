// SPDX-License-Identifier: GPL-2.0-or-later
// What looking at PDFs costs in CPU time, beside (a) running `pdfimages -list` and `pdftotext` on each, and (b) the
// bare calls of Poppler and libjpeg-turbo that the facts need.  All take their turn in each round, so that a busy
// moment hits all alike; the figures are medians of CPU time, of the children too, never of the clock on the wall.
//   pdf_bench [-p PROGRAM] [-n ROUNDS] FILE...
// Whichever of the two tools is missing, its line is left out.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "inspect/inspector.h"
#include "pdf/pdf.h"
#include "test/bench/pdf_bare.h"
#include "test/data/codec.h"

extern char** environ;

namespace {

using namespace postern;

constexpr int kPasses = 3;  // through all files, so that starting a worker once is shared out as in a daemon

struct File {
  std::string name, bytes;
  InspectRequest request;
};

File load(const char* name) {
  std::ifstream in(name, std::ios::binary);
  File file{name, std::string(std::istreambuf_iterator<char>(in), {}), {}};
  file.request.header = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"bound\"\r\n";
  file.request.body =
      "--bound\r\nContent-Type: text/plain\r\n\r\nThe file is attached.\r\n--bound\r\n"
      "Content-Type: application/pdf; name=\"file.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
      testdata::base64(file.bytes) + "\r\n--bound--\r\n";
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
  int passes;
  std::vector<double> times{};
};

void in_the_jail(const std::string& program, const std::vector<File>& files) {
  InspectOptions options;
  options.program = program;
  options.workers = 1;
  options.timeout = Millis(60'000);  // a busy machine is no reason to give up
  const auto inspector = start_inspector(options);
  if (!inspector) {
    std::fprintf(stderr, "pdf_bench: %s\n", inspector.error().text.c_str());
    std::exit(2);
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    for (const File& file : files) (*inspector)->inspect(file.request, Deadline::after(Millis(60'000)));
  }
}

void report(std::vector<Line>& lines, size_t files) {
  const auto each = [&](const Line& line) {
    return median(line.times) / static_cast<double>(line.passes) / static_cast<double>(files);
  };
  for (const Line& line : lines) {
    std::printf("%-34s %9.3f ms of CPU for a PDF, %9.0f PDFs in a CPU second\n", line.name, each(line) * 1e3,
                1 / each(line));
  }
  const double jail = each(lines[0]), facts = each(lines[1]), bare = each(lines[2]);
  std::printf("facts against the bare calls: %.2f times (the jail and the message around it: %.2f times)\n",
              facts / bare, jail / bare);
  if (lines.size() > 3) std::printf("both tools against the jailed inspection: %.1f times\n", each(lines[3]) / jail);
}

}  // namespace

int main(int argc, char** argv) {
  std::string program = find_inspector();
  int rounds = 7;
  for (int flag = 0; (flag = ::getopt(argc, argv, "p:n:")) != -1;) {
    if (flag == 'p') program = optarg;
    if (flag == 'n') rounds = std::max(1, std::atoi(optarg));
    if (flag == '?') return 2;
  }
  std::vector<File> files;
  for (int i = optind; i < argc; ++i) files.push_back(load(argv[i]));
  if (files.empty()) {
    std::fprintf(stderr, "Usage: pdf_bench [-p PROGRAM] [-n ROUNDS] FILE...\n");
    return 2;
  }
  prepare_pdf();
  const auto passes = [&](const std::function<void(const File&)>& work) {
    return [&files, work] {
      for (int pass = 0; pass < kPasses; ++pass) std::for_each(files.begin(), files.end(), work);
    };
  };
  std::vector<Line> lines;
  lines.push_back({"inspection in the jail", [&] { in_the_jail(program, files); }, kPasses});
  lines.push_back({"facts, no jail",
                   passes([](const File& file) { pdf_facts(file.bytes, {}, Deadline::after(Millis(60'000))); }),
                   kPasses});
  lines.push_back(
      {"bare Poppler and libjpeg-turbo", passes([](const File& file) { bench::bare_calls(file.bytes); }), kPasses});
  if (run({"pdfimages", "-v"}) && run({"pdftotext", "-v"})) {
    lines.push_back({"pdfimages -list and pdftotext",
                     [&] {
                       for (const File& file : files) {
                         run({"pdfimages", "-list", file.name.c_str()});
                         run({"pdftotext", file.name.c_str(), "/dev/null"});
                       }
                     },
                     1});
  }
  for (int round = 0; round < rounds; ++round) {
    for (Line& line : lines) line.times.push_back(cpu_of(line.work));
  }
  report(lines, files.size());
  return 0;
}
