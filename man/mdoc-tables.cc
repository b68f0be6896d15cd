// SPDX-License-Identifier: GPL-2.0-or-later
// Prints a manual page's source with the line @SETTINGS@ replaced by the table of settings, and @FACTS@ by the table
// of facts, so that manual and program cannot disagree; @NETWORKS@ becomes the file networks.inc.mdoc beside it.
// Usage: mdoc-tables FILE.in, or mdoc-tables --sample for a settings file that shows every default.
#include <fstream>
#include <iostream>
#include <string>

#include "base/strings.h"
#include "conf/sample.h"
#include "conf/settings.h"
#include "policy/fact_names.h"

namespace {

using namespace postern;

// Text for mdoc: a backslash, and a dot or quote at the start of a line, have meaning there; a sentence
// starts a line.
std::string mdoc(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool new_sentence = text[i] == ' ' && i > 0 && text[i - 1] == '.';
    out += text[i] == '\\' ? "\\e" : std::string(1, new_sentence ? '\n' : text[i]);
  }
  return out.empty() || (out[0] != '.' && out[0] != '\'') ? out : "\\&" + out;
}

void print_settings() {
  std::cout << ".Bl -tag -width Ds\n";
  for (const SettingInfo& row : setting_table()) {
    const bool host_name = row.name == "node";
    std::cout << ".It Cm " << row.name << "\n"
              << mdoc(row.help) << "\n.br\nValue: " << mdoc(row.expected) << ".\n.br\n";
    if (host_name) {
      std::cout << "Default: the host name.\n";
    } else {
      std::cout << "Default: " << (row.default_text.empty() ? "empty" : mdoc(row.default_text)) << ".\n";
    }
    std::cout << (row.reloadable ? "" : ".br\nA change needs a restart.\n");
  }
  std::cout << ".El\n";
}

void print_facts() {
  std::cout << ".Bl -tag -width Ds\n";
  for (const FactInfo& fact : fact_table()) {
    std::cout << ".It Cm " << fact.name << " Pq " << to_string(fact.type) << "\n" << mdoc(fact.help) << ".\n";
  }
  std::cout << ".El\n";
}

// The lines of a section that is a file of its own, without its comments; false if it cannot be read.
bool print_section(const std::string& path) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(".\\\"")) std::cout << line << "\n";
  }
  return in.eof();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--sample") {
    std::cout << sample_settings({});
    return 0;
  }
  std::ifstream in(argc == 2 ? argv[1] : "");
  if (!in) {
    std::cerr << "usage: mdoc-tables FILE.in | --sample\n";
    return 2;
  }
  for (std::string line; std::getline(in, line);) {
    if (line == "@SETTINGS@") {
      print_settings();
    } else if (line == "@FACTS@") {
      print_facts();
    } else if (line == "@NETWORKS@") {
      const std::string page = argv[1];
      const std::string section = page.substr(0, page.rfind('/') + 1) + "networks.inc.mdoc";
      if (!print_section(section)) {
        std::cerr << "mdoc-tables: " << section << " cannot be read\n";
        return 1;
      }
    } else {
      std::cout << line << "\n";
    }
  }
  return 0;
}
