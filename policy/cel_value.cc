#include "policy/cel_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/limits.h"

namespace touchstone::policy::cel {
namespace {

using formats::Json;

constexpr double two_to_63 = 9223372036854775808.0;

Error over_limit(std::string_view what) {
  return Error{Code::limit_expression, "the expression takes more " + std::string(what), ""};
}

std::partial_ordering compare_numbers(std::int64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= two_to_63) return std::partial_ordering::less;
  if (b < -two_to_63) return std::partial_ordering::greater;
  const double whole = std::trunc(b);
  const auto rounded = static_cast<std::int64_t>(whole);
  if (a != rounded) return a <=> rounded;
  return 0.0 <=> b - whole;
}

std::optional<std::partial_ordering> compare_as_numbers(const Value& a, const Value& b) {
  if (a.integer() && b.integer()) return *a.integer() <=> *b.integer();
  if (a.real() && b.real()) return *a.real() <=> *b.real();
  if (a.integer() && b.real()) return compare_numbers(*a.integer(), *b.real());
  if (a.real() && b.integer()) return 0 <=> compare_numbers(*b.integer(), *a.real());
  return std::nullopt;
}

// Of types that have an order and are the same; absent for others.
std::optional<std::partial_ordering> compare_scalars(const Value& a, const Value& b) {
  if (const auto order = compare_as_numbers(a, b)) return order;
  if (a.string() && b.string()) return *a.string() <=> *b.string();
  if (a.boolean() && b.boolean()) return *a.boolean() <=> *b.boolean();
  if (a.time() && b.time()) return *a.time() <=> *b.time();
  if (a.duration() && b.duration()) return *a.duration() <=> *b.duration();
  return std::nullopt;
}

std::size_t text_size(const Value& value) { return value.string() ? value.string()->size() : 0; }

Result<bool> equal_lists(const Value& a, const Value& b, Meter& meter) {
  if (a.list_size() != b.list_size()) return false;
  for (std::size_t i = 0; i < a.list_size(); ++i) {
    TS_TRY(const Value x, a.element(i));
    TS_TRY(const Value y, b.element(i));
    TS_TRY(const bool same, equal(x, y, meter));
    if (!same) return false;
  }
  return true;
}

Result<bool> equal_maps(const Json::Object& a, const Json::Object& b, Meter& meter) {
  if (a.size() != b.size()) return false;
  for (const auto& [name, member] : a) {
    TS_TRY(const Json* other, find_member(b, name, meter));
    if (other == nullptr) return false;
    TS_TRY(const Value x, Value::of(member));
    TS_TRY(const Value y, Value::of(*other));
    TS_TRY(const bool same, equal(x, y, meter));
    if (!same) return false;
  }
  return true;
}

}  // namespace

Error failure(std::string what) { return Error{Code::expression_failed, std::move(what), ""}; }

Status Meter::spend(std::size_t steps) {
  if (steps > budget_.steps - steps_) {
    steps_ = budget_.steps;
    return over_limit("than " + std::to_string(budget_.steps) + " steps");
  }
  steps_ += steps;
  return ok();
}

Status Meter::allocate(std::size_t bytes) {
  if (bytes > budget_.bytes - bytes_) {
    bytes_ = budget_.bytes;
    return over_limit("than " + std::to_string(budget_.bytes) + " bytes");
  }
  bytes_ += bytes;
  return spend_on_bytes(bytes);
}

Value Value::borrowed(std::string_view text) {
  Value value;
  value.value_ = Text{nullptr, text};
  return value;
}

Value Value::text(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  Value value;
  value.value_ = Text{owner, *owner};
  return value;
}

Value Value::list(Elements elements) {
  Value value;
  value.value_ = std::make_shared<const Elements>(std::move(elements));
  return value;
}

Result<Value> Value::of(const Json& json) {
  if (json.boolean()) return Value(*json.boolean());
  if (json.negative()) return Value(*json.negative());
  if (json.fraction()) return Value(*json.fraction());
  if (json.string()) return borrowed(*json.string());
  Value value;
  if (json.array()) value.value_ = json.array();
  if (json.object()) value.value_ = json.object();
  if (const std::uint64_t* number = json.unsigned_integer()) {
    if (*number > std::numeric_limits<std::int64_t>::max()) {
      return failure(std::to_string(*number) + " is over 63 bits");
    }
    value.value_ = static_cast<std::int64_t>(*number);
  }
  return value;
}

std::optional<std::string_view> Value::string() const {
  const Text* text = std::get_if<Text>(&value_);
  return text == nullptr ? std::nullopt : std::optional(text->view);
}

const Json::Object* Value::map() const {
  const auto* map = std::get_if<const Json::Object*>(&value_);
  return map == nullptr ? nullptr : *map;
}

bool Value::is_list() const {
  return std::holds_alternative<const Json::Array*>(value_) ||
         std::holds_alternative<NewList>(value_);
}

std::size_t Value::list_size() const {
  if (const auto* array = std::get_if<const Json::Array*>(&value_)) return (*array)->size();
  return std::get<NewList>(value_)->size();
}

Result<Value> Value::element(std::size_t index) const {
  if (const auto* array = std::get_if<const Json::Array*>(&value_)) return of((**array)[index]);
  return (*std::get<NewList>(value_))[index];
}

std::string_view Value::type_name() const {
  constexpr std::array<std::string_view, 10> names = {
      "null", "bool", "int", "double", "string", "list", "list", "map", "timestamp", "duration"};
  return names[value_.index()];
}

Result<bool> equal(const Value& a, const Value& b, Meter& meter) {
  TS_CHECK(meter.spend_on_bytes(std::min(text_size(a), text_size(b))));
  if (const auto order = compare_scalars(a, b)) return *order == std::partial_ordering::equivalent;
  if (a.is_list() && b.is_list()) return equal_lists(a, b, meter);
  if (a.map() && b.map()) return equal_maps(*a.map(), *b.map(), meter);
  return a.is_null() && b.is_null();
}

Result<std::partial_ordering> compare(const Value& a, const Value& b, Meter& meter) {
  TS_CHECK(meter.spend_on_bytes(std::min(text_size(a), text_size(b))));
  if (const auto order = compare_scalars(a, b)) return *order;
  return failure("a " + std::string(a.type_name()) + " and a " + std::string(b.type_name()) +
                 " have no order");
}

Result<const Json*> find_member(const Json::Object& map, std::string_view name, Meter& meter) {
  TS_CHECK(meter.spend(1 + map.size() / 4));  // one after another
  const auto found = std::ranges::find(map, name, &Json::Member::first);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace touchstone::policy::cel
