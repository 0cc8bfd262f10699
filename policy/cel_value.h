// Values of expressions, and what an evaluation may spend on them.
//
// JSON becomes values without being copied: null, booleans, strings, lists and maps (whose keys are
// strings) are what they are; integers are `int` (64 bits, signed), numbers with a fraction or
// exponent `double`. Times are kept to the microsecond.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "formats/json.h"

namespace touchstone::policy::cel {

// What one evaluation may take.
struct Budget {
  std::size_t steps = limits::max_expression_steps;
  std::size_t bytes = limits::max_expression_memory;
};

// What is left of it. Nothing is given back.
class Meter {
 public:
  explicit Meter(const Budget& budget) : budget_(budget) {}

  // Errors: limit.expression.
  Status spend(std::size_t steps);
  Status allocate(std::size_t bytes);

  // For work over so many bytes, done some at a time.
  Status spend_on_bytes(std::size_t bytes) { return spend(1 + bytes / bytes_per_step); }

 private:
  static constexpr std::size_t bytes_per_step = 16;
  Budget budget_;
  std::size_t steps_ = 0;
  std::size_t bytes_ = 0;
};

using Duration = std::chrono::microseconds;

class Value {
 public:
  using Elements = std::vector<Value>;

  Value() = default;  // null
  explicit Value(bool value) : value_(value) {}
  explicit Value(std::int64_t value) : value_(value) {}
  explicit Value(double value) : value_(value) {}
  explicit Value(Instant value) : value_(value) {}
  explicit Value(Duration value) : value_(value) {}

  // Refers to the text or JSON, which has to outlive it.
  static Value borrowed(std::string_view text);
  // Errors: expression.failed for integers over 63 bits.
  static Result<Value> of(const formats::Json& json);

  // New ones, whose size a Meter has been told.
  static Value text(std::string text);
  static Value list(Elements elements);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const Instant* time() const { return std::get_if<Instant>(&value_); }
  const Duration* duration() const { return std::get_if<Duration>(&value_); }
  std::optional<std::string_view> string() const;
  const formats::Json::Object* map() const;

  bool is_list() const;
  std::size_t list_size() const;
  Result<Value> element(std::size_t index) const;  // as of(); `index` is below list_size()

  std::string_view type_name() const;  // "int", "string", ...

 private:
  struct Text {
    std::shared_ptr<const std::string> owner;  // null when borrowed
    std::string_view view;
  };
  using NewList = std::shared_ptr<const Elements>;
  std::variant<std::monostate, bool, std::int64_t, double, Text, const formats::Json::Array*,
               NewList, const formats::Json::Object*, Instant, Duration>
      value_;
};

// Values of different types are different, but for int and double, which are numbers both.
// Errors: limit.expression, as Value::of().
Result<bool> equal(const Value& a, const Value& b, Meter& meter);

// Of two numbers, strings, booleans, times or durations. Unordered: one is no number (NaN).
// Errors: expression.failed, limit.expression.
Result<std::partial_ordering> compare(const Value& a, const Value& b, Meter& meter);

// The member of a map; null when there is none. Errors: limit.expression.
Result<const formats::Json*> find_member(const formats::Json::Object& map, std::string_view name,
                                         Meter& meter);

// What an expression fails with; `what` is safe to show. Errors: expression.failed, always.
Error failure(std::string what);

}  // namespace touchstone::policy::cel
