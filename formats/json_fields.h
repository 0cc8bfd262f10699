// Typed reading of JSON objects. Every getter checks kind and range, and its error names the path:
// `signatures[2].keyid: expected a string, found null`.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/json.h"

namespace touchstone::formats {

// An object and where it stands. Refers to the Json it was made from.
class Fields {
 public:
  // Errors: format.json when `value` is no object.
  static Result<Fields> of(const Json& value, std::string path = "");

  const std::string& path() const { return path_; }

  // Whether the member is there; with `null` it counts as absent.
  bool has(std::string_view name) const { return present(name) != nullptr; }

  // Required members.
  Result<std::string> string(std::string_view name) const;
  Result<std::uint64_t> unsigned_integer(std::string_view name) const;
  Result<Fields> object(std::string_view name) const;
  Result<const Json::Array*> array(std::string_view name) const;

  // Members that may be absent (or null); wrong kinds are errors all the same.
  Result<std::string> string_or(std::string_view name, std::string_view fallback) const;
  Result<std::optional<Fields>> optional_object(std::string_view name) const;
  Result<const Json::Array*> array_or_empty(std::string_view name) const;
  Result<std::map<std::string, std::string>> string_map_or_empty(std::string_view name) const;

  // Objects of an array member that may be absent, at most `most`.
  // Errors: format.json, limit.count.
  Result<std::vector<Fields>> objects_or_empty(std::string_view name, std::size_t most) const;

  // Refuses members outside the list. Errors: format.json.
  Status only(std::initializer_list<std::string_view> names) const;

  const Json& json() const { return *value_; }
  Error error(std::string_view name, std::string_view why) const;  // format.json at path.name

 private:
  Fields(const Json& value, std::string path) : value_(&value), path_(std::move(path)) {}
  const Json* present(std::string_view name) const;
  std::string path_of(std::string_view name) const;

  const Json* value_;
  std::string path_;
};

}  // namespace touchstone::formats
