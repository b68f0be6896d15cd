// SPDX-License-Identifier: GPL-2.0-or-later
// Writes test messages: everything Postern must let through, and what it must catch.  See --help.
#include <getopt.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "test/data/hostile.h"
#include "test/data/messages.h"

namespace {

using namespace postern::testdata;

constexpr const char* kUsage =
    "Usage: postern-testdata DIRECTORY                        writes one file of each kind, KIND.eml\n"
    "       postern-testdata --kind KIND [--count N] [DIRECTORY]  one message to standard output, or N files\n"
    "       postern-testdata --bounce-of FILE --to SENDER     a delivery report about the message in FILE\n"
    "       postern-testdata --wrap FILE [--blank]            a mail that carries the PDF in FILE\n"
    "       postern-testdata --hostile DIRECTORY              PDF files made to hurt a reader\n"
    "       postern-testdata --list                           the kinds\n"
    "Options: --seed N (default 1), --campaign N (what copies share; default: the seed), --from ADDRESS,\n"
    "         --modern (spam from a mailer of today), --to ADDRESS, --failed ADDRESS (whom the report is about), "
    "--quote whole|header|text, --crlf\n";

struct Options {
  Request request;
  std::string kind, bounce_of, wrap, failed, quote = "whole", directory;
  uint64_t count = 1;
  bool blank = false, hostile = false, crlf = false, list = false;
};

[[noreturn]] void fail(const std::string& text) {
  std::cerr << "postern-testdata: " << text << "\n";
  std::exit(2);
}

uint64_t number(const char* text, const char* option) {
  char* end = nullptr;
  const auto value = std::strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0') fail(std::string(option) + ": expected a whole number, not \"" + text + "\"");
  return value;
}

std::string read_file(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path + ": cannot be read");
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  if (!out.flush()) fail(path.string() + ": cannot be written");
}

Options parse(int argc, char** argv) {
  static const option kLong[] = {{"kind", required_argument, nullptr, 'k'},
                                 {"seed", required_argument, nullptr, 's'},
                                 {"campaign", required_argument, nullptr, 'c'},
                                 {"from", required_argument, nullptr, 'f'},
                                 {"to", required_argument, nullptr, 't'},
                                 {"bounce-of", required_argument, nullptr, 'b'},
                                 {"wrap", required_argument, nullptr, 'w'},
                                 {"blank", no_argument, nullptr, 'B'},
                                 {"failed", required_argument, nullptr, 'F'},
                                 {"quote", required_argument, nullptr, 'q'},
                                 {"count", required_argument, nullptr, 'n'},
                                 {"crlf", no_argument, nullptr, 'C'},
                                 {"list", no_argument, nullptr, 'l'},
                                 {"hostile", no_argument, nullptr, 'H'},
                                 {"modern", no_argument, nullptr, 'M'},
                                 {"help", no_argument, nullptr, 'h'},
                                 {nullptr, 0, nullptr, 0}};
  Options options;
  for (int c; (c = getopt_long(argc, argv, "", kLong, nullptr)) != -1;) {
    switch (c) {
      case 'k':
        options.kind = optarg;
        break;
      case 's':
        options.request.seed = number(optarg, "--seed");
        break;
      case 'c':
        options.request.campaign = number(optarg, "--campaign");
        break;
      case 'f':
        options.request.from = optarg;
        break;
      case 't':
        options.request.to = optarg;
        break;
      case 'b':
        options.bounce_of = optarg;
        break;
      case 'w':
        options.wrap = optarg;
        break;
      case 'B':
        options.blank = true;
        break;
      case 'F':
        options.failed = optarg;
        break;
      case 'q':
        options.quote = optarg;
        break;
      case 'n':
        options.count = number(optarg, "--count");
        break;
      case 'C':
        options.crlf = true;
        break;
      case 'M':
        options.request.modern = true;
        break;
      case 'H':
        options.hostile = true;
        break;
      case 'l':
        options.list = true;
        break;
      case 'h':
        std::cout << kUsage;
        std::exit(0);
      default:
        std::cerr << kUsage;
        std::exit(2);
    }
  }
  if (optind < argc) options.directory = argv[optind++];
  if (optind < argc) fail(std::string("unexpected argument ") + argv[optind]);
  return options;
}

std::string bounce(const Options& options) {
  if (options.request.to.empty()) fail("--bounce-of needs --to SENDER, the address that the report goes to");
  BounceShape shape{options.request.to, options.failed, Quote::kWhole, options.request.seed};
  if (options.quote == "header")
    shape.quote = Quote::kHeader;
  else if (options.quote == "text")
    shape.quote = Quote::kText;
  else if (options.quote != "whole")
    fail("--quote: expected whole, header or text");
  return make_bounce(read_file(options.bounce_of), shape);
}

void write_hostile(const std::string& directory) {
  std::filesystem::create_directories(directory);
  for (const Hostile& hostile : hostile_pdfs()) {
    write_file(std::filesystem::path(directory) / (std::string(hostile.name) + ".pdf"), hostile.make());
  }
}

void write_all(const Options& options, const auto& finished) {
  std::filesystem::create_directories(options.directory);
  const std::filesystem::path directory(options.directory);
  if (options.kind.empty()) {
    for (const Kind& kind : kinds()) {
      write_file(directory / (std::string(kind.name) + ".eml"), finished(kind.make(options.request)));
    }
    return;
  }
  Request request = options.request;
  for (uint64_t i = 0; i < options.count; ++i, ++request.seed) {
    const std::string name = options.kind + "-" + std::to_string(request.seed) + ".eml";
    write_file(directory / name, finished(find_kind(options.kind)->make(request)));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  const auto finished = [&](const std::string& text) { return options.crlf ? with_crlf(text) : text; };
  if (options.list) {
    for (const Kind& kind : kinds())
      std::cout << kind.name << (kind.spam ? "\tspam\t" : "\tham\t") << kind.help << "\n";
    return 0;
  }
  if (!options.kind.empty() && find_kind(options.kind) == nullptr) {
    fail("--kind: there is no \"" + options.kind + "\"; --list shows the kinds");
  }
  if (!options.bounce_of.empty()) {
    std::cout << finished(bounce(options));
  } else if (!options.wrap.empty()) {
    const std::string name = std::filesystem::path(options.wrap).filename().string();
    std::cout << finished(wrap_pdf(read_file(options.wrap), name, options.blank, options.request));
  } else if (!options.directory.empty() && options.hostile) {
    write_hostile(options.directory);
  } else if (!options.directory.empty()) {
    write_all(options, finished);
  } else if (!options.kind.empty()) {
    std::cout << finished(find_kind(options.kind)->make(options.request));
  } else {
    std::cerr << kUsage;
    return 2;
  }
  return std::cout.flush() ? 0 : 2;
}
