// YAML 1.2, strictly, in two dialects; JSON is a part of both. The one way in, and the only file
// that includes libfyaml is yaml.cc.
//
// restricted: for policies. One document; no directives, anchors, aliases, tags, merge keys, keys
// that are no text or written with `?`, tabs, characters that cannot be seen, byte order mark.
// general: for manifests that others write. Several documents; anchors and aliases are resolved
// (what they expand to counts against the limits), `<<` merges; tags are skipped.
//
// Refused in both: duplicate keys (however they are spelled), NUL, invalid UTF-8, directives,
// U+0085, U+2028 and U+2029 (line ends for readers of YAML 1.1).
//
// A plain scalar is null, a boolean or an integer when it is written null (or not at all), true,
// false, or as JSON writes integers; anything else is a string: yes, 1.5, 0x10, 2027-01-01. In the
// general dialect ~, Null, NULL, True, TRUE, False and FALSE have YAML's meaning too. Integers stay
// within 2^53 (I-JSON): larger ones are refused, and strings in the general dialect.
//
// Every error begins with its place, "12:5: ".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "formats/json.h"

namespace touchstone::formats {

// Where something stands in a text. Both count from 1; a column is one character, not one byte.
struct TextPlace {
  std::size_t line = 1;
  std::size_t column = 1;

  friend auto operator<=>(const TextPlace&, const TextPlace&) = default;
};

std::string to_string(TextPlace place);  // "12:5"

struct YamlMember;

class Yaml {
 public:
  using Sequence = std::vector<Yaml>;
  using Mapping = std::vector<YamlMember>;
  using Value = std::variant<std::monostate, bool, std::int64_t, std::string, Sequence, Mapping>;

  Yaml() = default;  // null
  Yaml(Value value, TextPlace place, bool quoted = false);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  const Sequence* sequence() const { return std::get_if<Sequence>(&value_); }
  const Mapping* mapping() const { return std::get_if<Mapping>(&value_); }

  // Where its first character stands, a quote included; of an absent value, where its key stands.
  TextPlace place() const { return place_; }

  // Whether a string stands in quotes or in a block, so that its writer meant a string.
  bool quoted() const { return quoted_; }

  // The member of that name; null when there is none or this is no mapping.
  const YamlMember* find(std::string_view key) const;

  // What it is, for messages: "a mapping", "a list", "the integer 5", "the text \"yes\"".
  std::string describe() const;

  Json to_json() const;

 private:
  Value value_;
  TextPlace place_ = {};
  bool quoted_ = false;
};

struct YamlMember {
  std::string key;
  TextPlace place;  // of the key
  Yaml value;
};

struct YamlLimits {
  std::uint64_t max_bytes;  // of the text, and of what aliases expand it to
  std::size_t max_depth;
  std::size_t max_values;
};

// The whole of a policy; null when there is nothing but comments.
// Errors: format.file, limit.size, limit.depth, limit.count.
Result<Yaml> parse_restricted_yaml(ByteView bytes, const YamlLimits& limits);

// The documents of a text, those that hold nothing left out.
// Errors: as above.
Result<std::vector<Yaml>> parse_yaml(ByteView bytes, const YamlLimits& limits);

}  // namespace touchstone::formats
