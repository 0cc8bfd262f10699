#include "crypto/distinguished_name.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "base/limits.h"
#include "base/text.h"

namespace touchstone::crypto {
namespace {

constexpr std::uint8_t utf8_string = 0x0C;
constexpr std::uint8_t printable_string = 0x13;
constexpr std::uint8_t set_of = 0x31;

// RFC 4514 section 3: the short names; RFC 5280 appendix A.1: the bounds, in characters.
struct Attribute {
  std::string_view name;
  std::array<std::uint8_t, 3> oid;  // 2.5.4.x
  std::size_t max_characters;
};
constexpr std::array attributes = {
    Attribute{"cn", {0x55, 0x04, 0x03}, 64},  Attribute{"o", {0x55, 0x04, 0x0A}, 64},
    Attribute{"ou", {0x55, 0x04, 0x0B}, 64},  Attribute{"l", {0x55, 0x04, 0x07}, 128},
    Attribute{"st", {0x55, 0x04, 0x08}, 128}, Attribute{"c", {0x55, 0x04, 0x06}, 2},
};

Error malformed(std::string_view why) {
  return Error{Code::usage_arguments, "the subject " + std::string(why),
               "as in \"CN=release,O=Example Ltd,C=DE\"; CN, O, OU, L, ST and C are known"};
}

struct Part {
  std::string type;
  std::string value;
};

// A character of a value, and whether it was escaped: blanks at the ends stay only then.
struct Character {
  char c;
  bool escaped;
};

// RFC 4514 section 2.4: '\' and one of the special characters, or two hex digits.
Result<Character> escaped(std::string_view text, std::size_t& at) {
  constexpr std::string_view special = " \"#+,;<=>\\";
  if (at + 1 < text.size() && special.contains(text[at + 1])) {
    at += 2;
    return Character{text[at - 1], true};
  }
  const auto byte =
      at + 2 < text.size() ? from_hex(ascii_lower(text.substr(at + 1, 2))) : std::optional<Bytes>();
  if (!byte) return malformed("has a broken escape");
  at += 3;
  return Character{static_cast<char>(byte->front()), true};
}

std::string trimmed(std::vector<Character> characters) {
  const auto blank = [](const Character& one) { return one.c == ' ' && !one.escaped; };
  while (!characters.empty() && blank(characters.back())) characters.pop_back();
  std::string text;
  for (const Character& one : characters) {
    if (!text.empty() || !blank(one)) text.push_back(one.c);
  }
  return text;
}

// One "TYPE=value"; `at` is left at the comma or the end.
Result<Part> next_part(std::string_view text, std::size_t& at) {
  const std::size_t equals = text.find('=', at);
  if (equals == std::string_view::npos) return malformed("has a part without '='");
  Part part;
  part.type = ascii_lower(text.substr(at, equals - at));
  part.type.erase(0, part.type.find_first_not_of(' '));
  part.type.erase(part.type.find_last_not_of(' ') + 1);
  at = equals + 1;
  std::vector<Character> value;
  while (at < text.size() && text[at] != ',') {
    if (text[at] == '\\') {
      TS_TRY(const Character one, escaped(text, at));
      value.push_back(one);
      continue;
    }
    if (std::string_view("+\";<>").contains(text[at]) || (text[at] == '#' && value.empty())) {
      return malformed("has a character that must be escaped by a backslash");
    }
    value.push_back({text[at++], false});
  }
  part.value = trimmed(std::move(value));
  return part;
}

std::size_t characters_of(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool is_country(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Result<Bytes> relative_name(const Part& part) {
  const auto known = std::ranges::find(attributes, part.type, &Attribute::name);
  if (known == attributes.end()) {
    return malformed("has the unknown part \"" + printable(part.type) + "\"");
  }
  if (part.value.empty()) return malformed("has an empty part");
  if (!is_printable(part.value)) return malformed("has characters that cannot be shown");
  const bool country = known->name == "c";
  if (country && !is_country(part.value)) return malformed("has a C that is not two capitals");
  if (characters_of(part.value) > known->max_characters) {
    return malformed("has a part that is longer than RFC 5280 allows");
  }
  const Bytes type = der::element(der::object_identifier, {ByteView(known->oid)});
  const Bytes value = der::text(country ? printable_string : utf8_string, part.value);
  const Bytes pair = der::element(der::sequence, {type, value});
  return der::element(set_of, {pair});
}

}  // namespace

Result<Bytes> parse_distinguished_name(std::string_view text) {
  if (text.size() > limits::max_printed_bytes) return malformed("is too long");
  std::vector<Bytes> names;
  std::set<std::string> seen;
  std::size_t at = 0;
  while (true) {
    TS_TRY(const Part part, next_part(text, at));
    TS_TRY(Bytes name, relative_name(part));
    if (!seen.insert(part.type).second) return malformed("has a part twice");
    names.push_back(std::move(name));
    if (at >= text.size()) break;
    ++at;  // the comma
  }
  // RFC 4514 section 2.1: "starting with the last element of the sequence and moving backwards".
  Bytes sequence;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    sequence.insert(sequence.end(), name->begin(), name->end());
  }
  return der::element(der::sequence, {sequence});
}

}  // namespace touchstone::crypto
