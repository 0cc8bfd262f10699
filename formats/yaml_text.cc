#include "formats/yaml_text.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/text.h"

namespace touchstone::formats {
namespace {

// Where the character at `offset` of a line stands.
TextPlace place_in_line(std::size_t line, std::string_view text, std::size_t offset) {
  const auto starts_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  const auto before = std::ranges::count_if(text.substr(0, offset), starts_character);
  return {line, static_cast<std::size_t>(before) + 1};
}

// A tag that takes the library long: the time it needs grows with the square of its escapes.
std::size_t find_long_tag(std::string_view line) {
  for (std::size_t begin = line.find('!'); begin != line.npos; begin = line.find('!', begin)) {
    const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
    const auto escapes = std::ranges::count(line.substr(begin, end - begin), '%');
    if (std::cmp_greater(escapes, limits::max_yaml_tag_escapes)) return begin;
    begin = end;
  }
  return line.npos;
}

// Line ends for readers of YAML 1.1 (go-yaml: kubectl, compose), text for those of 1.2: one may
// read a list item where the other reads a comment.
std::size_t find_old_line_end(std::string_view line) {
  std::size_t first = line.npos;
  for (const std::string_view end : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    first = std::min(first, line.find(end));
  }
  return first;
}

// What neither dialect has, or would cost the library more than it is worth. It stops at bytes
// that are no UTF-8 as if the text ended there, without a word.
Status check_line(std::size_t number, std::string_view line) {
  const auto at = [&](std::size_t offset) { return place_in_line(number, line, offset); };
  if (const std::size_t nul = line.find('\0'); nul != line.npos) {
    return yaml_error(at(nul), "holds a NUL byte");
  }
  if (!is_valid_utf8(line)) return yaml_error(at(printable_prefix(line)), "is no UTF-8");
  if (const std::size_t end = find_old_line_end(line); end != line.npos) {
    return Error{
        Code::format_file,
        to_string(at(end)) + ": U+0085, U+2028 or U+2029, which some take for a line's end",
        "leave it out, or write it as an escape in double quotes"};
  }
  if (line.starts_with('%')) return yaml_error(at(0), "a directive (%...) is not taken");
  if (const std::size_t tag = find_long_tag(line); tag != line.npos) {
    return yaml_error(at(tag), "a tag with too many escapes", Code::limit_size);
  }
  const auto is_mark = [](char c) { return std::string_view("[]{},&*!").contains(c); };
  if (std::cmp_greater(std::ranges::count_if(line, is_mark), limits::max_yaml_line_marks)) {
    return yaml_error(at(0), "more of []{},&*! on one line than may be", Code::limit_count);
  }
  return ok();
}

// What the restricted dialect does not have. What cannot be seen could make a reviewer read
// something else than the program reads.
Status check_restricted_line(std::size_t number, std::string_view line) {
  const std::size_t seen = printable_prefix(line);
  if (seen == line.size()) return ok();
  const TextPlace place = place_in_line(number, line, seen);
  if (line[seen] == '\t') return yaml_error(place, "a tab; indent with blanks");
  if (line.substr(seen).starts_with("\xEF\xBB\xBF")) return yaml_error(place, "a byte order mark");
  return yaml_error(place, "a character that cannot be seen");
}

}  // namespace

Error yaml_error(TextPlace place, const std::string& why, Code code) {
  return Error{code, to_string(place) + ": " + why, ""};
}

Status check_yaml_text(std::string_view text, YamlDialect dialect) {
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    TS_CHECK(check_line(number, line));
    if (dialect == YamlDialect::restricted) TS_CHECK(check_restricted_line(number, line));
  }
  return ok();
}

}  // namespace touchstone::formats
