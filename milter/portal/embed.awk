# SPDX-License-Identifier: GPL-2.0-or-later
# Makes milter/portal/templates_data.cc out of the files named on the command line: one C string a line of text.
function begin(path) {
  sub(/.*\//, "", path)
  printf "%s    {\"%s\",\n     \"\"", files++ ? "},\n" : "", path
}
BEGIN {
  print "// Made by milter/portal/embed.awk: edit milter/portal/templates instead."
  print "#include \"portal/templates.h\"\n\nnamespace postern {\n"
  print "const EmbeddedPage* embedded_pages() {\n  static const EmbeddedPage files[] = {"
}
FNR == 1 { begin(FILENAME) }
{
  gsub(/\\/, "&&")
  gsub(/"/, "\\\"")
  printf "\n     \"%s\\n\"", $0
}
END { print (files ? "}," : "") "\n    {nullptr, nullptr}};\n  return files;\n}\n\n}  // namespace postern" }
