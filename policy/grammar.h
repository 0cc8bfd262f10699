// The keys that a policy may have, and what each takes: one table for the reader, the schema and
// the page docs/reference/policy.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace touchstone::policy {

enum class Kind : std::uint8_t {
  text,
  integer,
  boolean,
  age,           // 30m, 24h, 180d
  time,          // 2027-01-01T00:00:00Z
  date_or_time,  // 2026-12-31, which means all of that day
  choice,        // one of the words in `of`
  choices,       // a list of these
  texts,         // a text, or a list of texts
  integers,      // a list
  text_map,      // any name to a text
  value_map,     // any name to any value
  match,         // a text, {glob: TEXT} or {regex: TEXT}
  matches,       // one of these, or a list
  match_map,     // any name to one of these, or to nothing
  object,        // a mapping of the kind `of`
  objects,       // a list of these
  object_map,    // any name to one of these
  requirement,   // a mapping with one key, or a word
  requirements,  // a list of these
};

struct Key {
  std::string_view name;
  Kind kind;
  bool required;
  std::string_view help;     // for editors
  std::string_view of = "";  // an object's name, or words with '|' between
};

struct ObjectKind {
  std::string_view name;  // "rule"
  std::span<const Key> keys;
};

// All of them, the whole policy first.
std::span<const ObjectKind> object_kinds();

// The one of that name, which is there.
const ObjectKind& object_kind(std::string_view name);

// What a requirement can be, each with the value that stands under its key; "deny" and "allow"
// stand alone.
std::span<const Key> requirement_keys();

}  // namespace touchstone::policy
