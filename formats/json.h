// JSON, strictly: the one way in.
//
// Spec: RFC 8259 with the restrictions of RFC 7493 (I-JSON). Refused with format.json: duplicate
// members (however they are spelled), a byte order mark, invalid UTF-8, NUL in any string, anything
// after the value, integers over 64 bits, -0. Numbers with a fraction or exponent are kept as such:
// predicates hold them, and no getter of formats/json_fields.h takes one for an integer.
// Refused with limit.*: more bytes than `max_bytes`, nesting over limits::max_json_depth, more than
// limits::max_json_values values.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::formats {

// A parsed value. Members keep the order they had.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;  // null
  explicit Json(bool value) : value_(value) {}
  explicit Json(std::int64_t value) : value_(value) {}
  explicit Json(std::uint64_t value) : value_(value) {}
  explicit Json(double value) : value_(value) {}
  explicit Json(std::string value) : value_(std::move(value)) {}
  explicit Json(std::string_view value) : value_(std::string(value)) {}
  explicit Json(const char* value) : value_(std::string(value)) {}
  explicit Json(Array value) : value_(std::move(value)) {}
  explicit Json(Object value) : value_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::int64_t* negative() const { return std::get_if<std::int64_t>(&value_); }
  const std::uint64_t* unsigned_integer() const { return std::get_if<std::uint64_t>(&value_); }
  const double* fraction() const { return std::get_if<double>(&value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  Array* array() { return std::get_if<Array>(&value_); }
  Object* object() { return std::get_if<Object>(&value_); }

  // The member of that name; null when there is none or this is no object.
  const Json* find(std::string_view name) const;

  // Sets a member of an object (which a null becomes), in place or at the end.
  void set(std::string_view name, Json value);

  std::string_view kind_name() const;  // "an object", "a string", ...

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      value_;
};

// Errors: format.json, limit.size, limit.depth, limit.count.
Result<Json> parse_json(ByteView bytes, std::uint64_t max_bytes);

// Compact JSON with members in their order, strings escaped as little as RFC 8259 allows. For what
// we write; what was received is never written again to be verified.
std::string to_text(const Json& value);

}  // namespace touchstone::formats
