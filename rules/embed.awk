# SPDX-License-Identifier: GPL-2.0-or-later
# Makes milter/policy/default_rules_data.cc out of the files named on the command line: one C string a line of text.
function begin(path) {
  sub(/.*\//, "", path)
  printf "%s    {\"rules/%s\",\n     \"\"", files++ ? "},\n" : "", path
}
BEGIN {
  print "// Made by rules/embed.awk: edit rules/*.rules instead."
  print "#include \"policy/default_rules.h\"\n\nnamespace postern {\n"
  print "const EmbeddedFile* embedded_rules() {\n  static const EmbeddedFile files[] = {"
}
FNR == 1 { begin(FILENAME) }
{
  gsub(/\\/, "&&")
  gsub(/"/, "\\\"")
  printf "\n     \"%s\\n\"", $0
}
END { print (files ? "}," : "") "\n    {nullptr, nullptr}};\n  return files;\n}\n\n}  // namespace postern" }
