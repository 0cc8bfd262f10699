// Typed reading of a policy's mappings. Every error begins with "file:line:column: " and says what
// was found, and what may have been meant.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/descriptor.h"
#include "formats/yaml.h"
#include "policy/document.h"
#include "policy/grammar.h"
#include "policy/image_pattern.h"
#include "verify/text_match.h"

namespace touchstone::policy {

// An error at a place of a file. The hint is the code's own where none is given.
Error error_at(const std::string& source, Place place, Code code, const std::string& why,
               const std::string& hint = "");

// "did you mean X?", or nothing.
std::string meant(std::string_view typed, const std::vector<std::string>& names);

// A mapping of one of the kinds of policy/grammar.h. Refers to the tree it was made from.
class Fields {
 public:
  // Errors: policy.value (no mapping), policy.unknown-key, policy.missing-key, policy.empty.
  static Result<Fields> of(const formats::Yaml& value, std::string_view object,
                           const std::string& source);

  Place place() const { return value_->place(); }
  const std::string& source() const { return *source_; }

  const formats::Yaml* find(std::string_view key) const;  // null when absent
  bool has(std::string_view key) const { return find(key) != nullptr; }

  // About the value under a key, or about the whole mapping when it is absent.
  Error error(std::string_view key, Code code, const std::string& why,
              const std::string& hint = "") const;

  // Absent when the key is. Errors, here and below: policy.value, policy.empty.
  Result<std::optional<std::string>> optional_text(std::string_view key) const;
  Result<std::optional<std::chrono::seconds>> age(std::string_view key) const;
  Result<std::optional<std::chrono::sys_seconds>> time(std::string_view key) const;
  Result<std::optional<verify::TextMatch>> match(std::string_view key) const;
  Result<std::optional<Fields>> object(std::string_view key) const;

  Result<std::string> text(std::string_view key) const;  // of a key that is required
  // `fallback` when the key is absent.
  Result<bool> boolean(std::string_view key, bool fallback = false) const;
  Result<std::uint64_t> integer(std::string_view key, std::uint64_t least, std::uint64_t most,
                                std::uint64_t fallback) const;
  // The words of the grammar, by their number; `fallback` when the key is absent.
  template <class Enum>
  Result<Enum> choice(std::string_view key, Enum fallback) const {
    TS_TRY(const auto index, choice_index(key));
    return index ? static_cast<Enum>(*index) : fallback;
  }

  // Lists; a single text is a list of one. Without the key: none. Nothing stands in them twice.
  // Errors also: policy.duplicate.
  Result<std::vector<std::string>> texts(std::string_view key) const;
  Result<std::vector<std::size_t>> choices(std::string_view key) const;
  Result<std::vector<std::uint32_t>> integers(std::string_view key) const;
  Result<std::vector<verify::TextMatch>> matches(std::string_view key) const;
  Result<std::vector<ImagePattern>> images(std::string_view key) const;
  Result<std::vector<formats::Platform>> platforms(std::string_view key) const;
  Result<std::vector<Fields>> objects(std::string_view key) const;
  Result<std::vector<const formats::Yaml*>> items(std::string_view key) const;

  // Names and what stands under them, in their order.
  Result<std::vector<const formats::YamlMember*>> members(std::string_view key) const;
  Result<std::map<std::string, std::string>> text_map(std::string_view key) const;

 private:
  Fields(const formats::Yaml& value, const ObjectKind& kind, const std::string& source)
      : value_(&value), kind_(&kind), source_(&source) {}
  const Key& key(std::string_view name) const;
  Result<std::optional<std::size_t>> choice_index(std::string_view key) const;

  const formats::Yaml* value_;
  const ObjectKind* kind_;
  const std::string* source_;
};

// Single values, for what stands in lists and maps.
Result<std::string> text_of(const formats::Yaml& value, const std::string& source);
Result<verify::TextMatch> match_of(const formats::Yaml& value, const std::string& source);

// "24h"; absent for anything else, nothing, and more than a hundred years.
std::optional<std::chrono::seconds> parse_age(std::string_view text);

}  // namespace touchstone::policy
