// SPDX-License-Identifier: GPL-2.0-or-later
// Writes PDF files object by object, in the order of the calls, so that a test decides the exact layout.
// It checks nothing: broken files are wanted as well.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postern::testdata {

class PdfWriter {
 public:
  explicit PdfWriter(std::string_view version, std::string_view binary_mark = "%\xe2\xe3\xcf\xd3\n");
  // Everything added from now on is encrypted (RC4, 40 bits); with no user password anybody can open the file.
  void encrypt(std::string_view user_password, std::string_view owner_password);
  int reserve() { return ++last_; }  // the next object number
  void add(int number, std::string_view body);
  void add_stream(int number, std::string_view entries, std::string_view data);
  // A literal string for use inside object `number`, encrypted if the file is.
  std::string literal(int number, std::string_view text) const;
  void raw(std::string_view bytes) { out_ += bytes; }
  std::string finish(int root, int info = 0);  // cross-reference table and trailer; 0: no Info
  // The same after a page tree of one level with these pages, and a catalog that has nothing else.
  std::string finish_pages(int root, int tree, const std::vector<int>& pages, int info = 0);

 private:
  std::string object_key(int number) const;
  std::string out_;
  std::map<int, size_t> offsets_;
  int last_ = 0;
  std::string key_;
  std::string encrypt_entries_;
  std::string id_;
};

}  // namespace postern::testdata
