// SPDX-License-Identifier: GPL-2.0-or-later
#include "test/data/pdf_writer.h"

#include <cstdint>
#include <cstdio>

#include "test/data/codec.h"

namespace postern::testdata {

namespace {

constexpr std::string_view kPad =
    "\x28\xbf\x4e\x5e\x4e\x75\x8a\x41\x64\x00\x4e\x56\xff\xfa\x01\x08"
    "\x2e\x2e\x00\xb6\xd0\x68\x3e\x80\x2f\x0c\xa9\xfe\x64\x53\x69\x7a";

std::string padded(std::string_view password) {
  return (std::string(password) + std::string(kPad.data(), 32)).substr(0, 32);
}

std::string hex_string(std::string_view bytes) {
  std::string out = "<";
  for (const char c : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<uint8_t>(c)));
    out += two;
  }
  return out + ">";
}

}  // namespace

PdfWriter::PdfWriter(std::string_view version, std::string_view binary_mark) {
  out_ = "%PDF-" + std::string(version) + "\n" + std::string(binary_mark);
}

// PDF 1.7 section 7.6.3, algorithms 2 to 4 for revision 2.
void PdfWriter::encrypt(std::string_view user_password, std::string_view owner_password) {
  id_ = md5(out_ + std::string(user_password) + std::string(owner_password));
  const std::string owner_key = md5(padded(owner_password)).substr(0, 5);
  const std::string owner = rc4(owner_key, padded(user_password));
  const std::string permissions("\xc0\xff\xff\xff", 4);  // -64
  key_ = md5(padded(user_password) + owner + permissions + id_).substr(0, 5);
  const std::string user = rc4(key_, padded(""));
  encrypt_entries_ = "/Encrypt <</Filter /Standard /V 1 /R 2 /O " + hex_string(owner) + " /U " + hex_string(user) +
                     " /P -64>> /ID [" + hex_string(id_) + hex_string(id_) + "]";
}

std::string PdfWriter::object_key(int number) const {
  std::string salted = key_;
  for (int i = 0; i < 3; ++i) salted += static_cast<char>(number >> (8 * i));
  return md5(salted + std::string(2, '\0')).substr(0, 10);
}

void PdfWriter::add(int number, std::string_view body) {
  offsets_[number] = out_.size();
  out_ += std::to_string(number) + " 0 obj\n" + std::string(body) + "\nendobj\n";
}

void PdfWriter::add_stream(int number, std::string_view entries, std::string_view data) {
  std::string body = "<<\n" + std::string(entries);
  if (!entries.empty() && entries.back() != '\n') body += "\n";
  body += "/Length " + std::to_string(data.size()) + "\n>>\nstream\n";
  body += key_.empty() ? std::string(data) : rc4(object_key(number), data);
  add(number, body + "\nendstream");
}

std::string PdfWriter::literal(int number, std::string_view text) const {
  if (!key_.empty()) return hex_string(rc4(object_key(number), text));
  std::string out = "(";
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') out += '\\';
    out += c;
  }
  return out + ")";
}

std::string PdfWriter::finish(int root, int info) {
  const size_t start = out_.size();
  const int size = offsets_.empty() ? 1 : offsets_.rbegin()->first + 1;
  out_ += "xref\n0 " + std::to_string(size) + "\n0000000000 65535 f \n";
  for (int i = 1; i < size; ++i) {
    const auto found = offsets_.find(i);
    char row[32];
    std::snprintf(row, sizeof row, "%010zu %05d %c \n", found == offsets_.end() ? 0 : found->second,
                  found == offsets_.end() ? 65535 : 0, found == offsets_.end() ? 'f' : 'n');
    out_ += row;
  }
  out_ += "trailer\n<<\n/Size " + std::to_string(size) + "\n/Root " + std::to_string(root) + " 0 R\n";
  if (info > 0) out_ += "/Info " + std::to_string(info) + " 0 R\n";
  if (!encrypt_entries_.empty()) out_ += encrypt_entries_ + "\n";
  out_ += ">>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
  return std::move(out_);
}

std::string PdfWriter::finish_pages(int root, int tree, const std::vector<int>& pages, int info) {
  std::string kids;
  for (const int page : pages) kids += std::to_string(page) + " 0 R ";
  add(tree, "<< /Type /Pages /Count " + std::to_string(pages.size()) + " /Kids [" + kids + "] >>");
  add(root, "<< /Type /Catalog /Pages " + std::to_string(tree) + " 0 R >>");
  return finish(root, info);
}

}  // namespace postern::testdata
