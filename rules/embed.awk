# SPDX-License-Identifier: GPL-2.0-or-later
# Makes a source file that holds the files named on the command line, one C string a line of text, as the array that
# name() gives.  Variables: source (what to edit instead), header, type and name; folder goes before each file's name.
function begin(path) {
  sub(/.*\//, "", path)
  printf "%s    {\"%s%s\",\n     \"\"", files++ ? "},\n" : "", folder, path
}
BEGIN {
  print "// Made by rules/embed.awk: edit " source " instead."
  print "#include \"" header "\"\n\nnamespace postern {\n"
  print "const " type "* " name "() {\n  static const " type " files[] = {"
}
FNR == 1 { begin(FILENAME) }
{
  gsub(/\\/, "&&")
  gsub(/"/, "\\\"")
  printf "\n     \"%s\\n\"", $0
}
END { print (files ? "}," : "") "\n    {nullptr, nullptr}};\n  return files;\n}\n\n}  // namespace postern" }
