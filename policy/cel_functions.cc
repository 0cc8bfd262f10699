#include "policy/cel_functions.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/text.h"
#include "formats/predicate_time.h"

namespace touchstone::policy::cel {
namespace {

using Arguments = std::span<const Value>;
using std::chrono::microseconds;

constexpr std::size_t max_pattern_bytes = 4096;
constexpr std::int64_t max_pattern_memory = 1 << 20;       // for RE2's automaton
constexpr std::size_t steps_per_pattern = 5000;            // a millisecond at worst
constexpr std::int64_t micros = 1'000'000;                 // of a second
constexpr std::int64_t latest_second = 253'402'300'799;    // of the year 9999
constexpr std::int64_t longest_seconds = 315'576'000'000;  // of a duration: 10,000 years
constexpr double two_to_63 = 9223372036854775808.0;

Error no_overload(std::string_view what, Arguments arguments) {
  std::vector<std::string> types;
  for (const Value& argument : arguments) types.emplace_back(argument.type_name());
  return failure("\"" + std::string(what) + "\" does not take (" + join(types, ", ") + ")");
}

Error overflow() { return failure("the result does not fit its type"); }

// Times and durations stay within what RFC 3339 and CEL can write.
Result<Value> checked_time(microseconds since_epoch) {
  if (since_epoch.count() < 0 || since_epoch.count() / micros > latest_second) return overflow();
  return Value(Instant(since_epoch));
}

Result<Value> checked_duration(std::int64_t count) {
  if (count / micros > longest_seconds || count / micros < -longest_seconds) return overflow();
  return Value(Duration(count));
}

// Arithmetic. Both arguments are of one type, but for times.

using IntegerStep = bool (*)(std::int64_t, std::int64_t, std::int64_t*);  // true: overflow

Result<Value> integer_result(IntegerStep step, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (step(a, b, &result)) return overflow();
  return Value(result);
}

bool add_overflows(std::int64_t a, std::int64_t b, std::int64_t* result) {
  return __builtin_add_overflow(a, b, result);
}
bool subtract_overflows(std::int64_t a, std::int64_t b, std::int64_t* result) {
  return __builtin_sub_overflow(a, b, result);
}
bool multiply_overflows(std::int64_t a, std::int64_t b, std::int64_t* result) {
  return __builtin_mul_overflow(a, b, result);
}

Result<Value> joined_lists(const Value& a, const Value& b, Meter& meter) {
  const std::size_t size = a.list_size() + b.list_size();
  TS_CHECK(meter.allocate(size * sizeof(Value)));
  Value::Elements elements;
  elements.reserve(size);
  for (const Value* list : {&a, &b}) {
    for (std::size_t i = 0; i < list->list_size(); ++i) {
      TS_TRY(Value element, list->element(i));
      elements.push_back(std::move(element));
    }
  }
  return Value::list(std::move(elements));
}

Result<Value> add_times(const Value& a, const Value& b) {
  if (a.duration() && b.duration()) {
    return checked_duration(a.duration()->count() + b.duration()->count());
  }
  const Value& time = a.time() ? a : b;
  const Value& duration = a.time() ? b : a;
  if (!time.time() || !duration.duration()) return no_overload("+", std::array{a, b});
  return checked_time(time.time()->time_since_epoch() + *duration.duration());
}

Result<Value> add(Arguments arguments, Meter& meter) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (a.integer() && b.integer()) return integer_result(add_overflows, *a.integer(), *b.integer());
  if (a.real() && b.real()) return Value(*a.real() + *b.real());
  if (a.string() && b.string()) {
    TS_CHECK(meter.allocate(a.string()->size() + b.string()->size()));
    return Value::text(std::string(*a.string()) + std::string(*b.string()));
  }
  if (a.is_list() && b.is_list()) return joined_lists(a, b, meter);
  return add_times(a, b);
}

Result<Value> subtract(Arguments arguments, Meter&) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (a.integer() && b.integer()) {
    return integer_result(subtract_overflows, *a.integer(), *b.integer());
  }
  if (a.real() && b.real()) return Value(*a.real() - *b.real());
  if (a.time() && b.time()) return checked_duration((*a.time() - *b.time()).count());
  if (a.time() && b.duration()) {
    return checked_time(a.time()->time_since_epoch() - *b.duration());
  }
  if (a.duration() && b.duration()) {
    return checked_duration(a.duration()->count() - b.duration()->count());
  }
  return no_overload("-", arguments);
}

Result<Value> multiply(Arguments arguments, Meter&) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (a.integer() && b.integer()) {
    return integer_result(multiply_overflows, *a.integer(), *b.integer());
  }
  if (a.real() && b.real()) return Value(*a.real() * *b.real());
  return no_overload("*", arguments);
}

// Whether a / b and a % b exist.
Status check_division(std::int64_t a, std::int64_t b) {
  if (b == 0) return failure("a division by zero");
  if (a == std::numeric_limits<std::int64_t>::min() && b == -1) return overflow();
  return ok();
}

Result<Value> divide(Arguments arguments, Meter&) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (a.real() && b.real()) return Value(*a.real() / *b.real());
  if (!a.integer() || !b.integer()) return no_overload("/", arguments);
  TS_CHECK(check_division(*a.integer(), *b.integer()));
  return Value(*a.integer() / *b.integer());
}

Result<Value> remainder(Arguments arguments, Meter&) {
  const Value& a = arguments[0];
  const Value& b = arguments[1];
  if (!a.integer() || !b.integer()) return no_overload("%", arguments);
  TS_CHECK(check_division(*a.integer(), *b.integer()));
  return Value(*a.integer() % *b.integer());
}

Result<Value> negate(Arguments arguments, Meter&) {
  const Value& a = arguments[0];
  if (a.integer()) return integer_result(subtract_overflows, 0, *a.integer());
  if (a.real()) return Value(-*a.real());
  return no_overload("-", arguments);
}

Result<Value> invert(Arguments arguments, Meter&) {
  if (!arguments[0].boolean()) return no_overload("!", arguments);
  return Value(!*arguments[0].boolean());
}

// Comparison.

Result<Value> equals(Arguments arguments, Meter& meter) {
  TS_TRY(const bool same, equal(arguments[0], arguments[1], meter));
  return Value(same);
}

Result<Value> differs(Arguments arguments, Meter& meter) {
  TS_TRY(const bool same, equal(arguments[0], arguments[1], meter));
  return Value(!same);
}

template <bool (*holds)(std::partial_ordering)>
Result<Value> ordered(Arguments arguments, Meter& meter) {
  TS_TRY(const auto order, compare(arguments[0], arguments[1], meter));
  return Value(holds(order));
}

bool is_less(std::partial_ordering order) { return order < 0; }
bool is_less_equal(std::partial_ordering order) { return order <= 0; }
bool is_greater(std::partial_ordering order) { return order > 0; }
bool is_greater_equal(std::partial_ordering order) { return order >= 0; }

// Lists and maps.

Result<Value> is_in(Arguments arguments, Meter& meter) {
  const Value& wanted = arguments[0];
  const Value& container = arguments[1];
  if (container.map() != nullptr) {
    if (!wanted.string()) return Value(false);
    TS_TRY(const auto* member, find_member(*container.map(), *wanted.string(), meter));
    return Value(member != nullptr);
  }
  if (!container.is_list()) return no_overload("in", arguments);
  for (std::size_t i = 0; i < container.list_size(); ++i) {
    TS_TRY(const Value element, container.element(i));
    TS_TRY(const bool same, equal(wanted, element, meter));
    if (same) return Value(true);
  }
  return Value(false);
}

// A place in a list: an int, or a double that is whole.
std::optional<std::size_t> place_in(const Value& list, const Value& index) {
  double place = -1;
  if (index.integer()) place = static_cast<double>(*index.integer());
  if (index.real() && std::trunc(*index.real()) == *index.real()) place = *index.real();
  if (!(place >= 0 && place < static_cast<double>(list.list_size()))) return std::nullopt;
  return static_cast<std::size_t>(place);
}

Result<Value> at_index(Arguments arguments, Meter& meter) {
  const Value& container = arguments[0];
  const Value& index = arguments[1];
  if (container.is_list()) {
    const auto place = place_in(container, index);
    if (!place)
      return failure("there is no such place in a list of " +
                     std::to_string(container.list_size()));
    return container.element(*place);
  }
  if (container.map() == nullptr || !index.string()) return no_overload("[]", arguments);
  TS_TRY(const auto* member, find_member(*container.map(), *index.string(), meter));
  if (member == nullptr) return failure("no member \"" + printable(*index.string()) + "\"");
  return Value::of(*member);
}

// Of a string its characters, not its bytes.
Result<Value> size_of(Arguments arguments, Meter& meter) {
  const Value& value = arguments[0];
  std::size_t size = 0;
  if (const auto text = value.string()) {
    TS_CHECK(meter.spend_on_bytes(text->size()));
    size = static_cast<std::size_t>(std::ranges::count_if(
        *text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  } else if (value.is_list()) {
    size = value.list_size();
  } else if (value.map() != nullptr) {
    size = value.map()->size();
  } else {
    return no_overload("size", arguments);
  }
  return Value(static_cast<std::int64_t>(size));
}

// Strings.

template <bool (*holds)(std::string_view text, std::string_view part)>
Result<Value> string_test(Arguments arguments, Meter& meter) {
  const auto text = arguments[0].string();
  const auto part = arguments[1].string();
  if (!text || !part) return no_overload("a test of strings", arguments);
  TS_CHECK(meter.spend_on_bytes(text->size() + part->size()));
  return Value(holds(*text, *part));
}

bool starts_with(std::string_view text, std::string_view part) { return text.starts_with(part); }
bool ends_with(std::string_view text, std::string_view part) { return text.ends_with(part); }

// memmem() takes linear time, where std::string_view::find() takes the product of both sizes.
bool holds_text(std::string_view text, std::string_view part) {
  return part.empty() || memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
}

Result<Value> matches(Arguments arguments, Meter& meter) {
  const auto pattern = arguments[1].string();
  if (!arguments[0].string() || !pattern) return no_overload("matches", arguments);
  TS_CHECK(meter.spend(steps_per_pattern));
  const auto compiled = compile_pattern(*pattern);
  if (!compiled) return failure("\"" + printable(*pattern) + "\" is no pattern");
  return match_pattern(arguments[0], *compiled, meter);
}

// Conversions.

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Error no_such(std::string_view what, std::string_view text) {
  return failure("\"" + printable(text) + "\" is no " + std::string(what));
}

Result<Value> to_int(Arguments arguments, Meter&) {
  const Value& value = arguments[0];
  if (value.integer()) return value;
  if (value.time()) {
    return Value(static_cast<std::int64_t>(value.time()->time_since_epoch().count() / micros));
  }
  if (const double* real = value.real()) {
    if (!(*real > -two_to_63 && *real < two_to_63)) return overflow();
    return Value(static_cast<std::int64_t>(*real));
  }
  if (!value.string()) return no_overload("int", arguments);
  const auto number = parse_number<std::int64_t>(*value.string());
  if (!number) return no_such("int", *value.string());
  return Value(*number);
}

Result<Value> to_double(Arguments arguments, Meter&) {
  const Value& value = arguments[0];
  if (value.real()) return value;
  if (value.integer()) return Value(static_cast<double>(*value.integer()));
  if (!value.string()) return no_overload("double", arguments);
  const auto number = parse_number<double>(*value.string());
  if (!number) return no_such("double", *value.string());
  return Value(*number);
}

std::string real_text(double real) {
  std::array<char, 32> buffer{};
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), real).ptr};
}

// ".5" for half a second; nothing for none.
std::string fraction_text(std::int64_t part) {
  if (part == 0) return "";
  std::string text = std::to_string(micros + part).substr(1);
  text.erase(text.find_last_not_of('0') + 1);
  return "." + text;
}

std::string time_text(Instant time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  std::string text = to_rfc3339(whole);
  text.insert(text.size() - 1, fraction_text((time - whole).count()));
  return text;
}

std::string duration_text(Duration duration) {
  const std::int64_t count = std::abs(duration.count());
  return (duration.count() < 0 ? "-" : "") + std::to_string(count / micros) +
         fraction_text(count % micros) + "s";
}

std::optional<std::string> text_of(const Value& value) {
  if (value.boolean()) return *value.boolean() ? "true" : "false";
  if (value.integer()) return std::to_string(*value.integer());
  if (value.real()) return real_text(*value.real());
  if (value.time()) return time_text(*value.time());
  if (value.duration()) return duration_text(*value.duration());
  return std::nullopt;
}

Result<Value> to_string(Arguments arguments, Meter& meter) {
  if (arguments[0].string()) return arguments[0];
  auto text = text_of(arguments[0]);
  if (!text) return no_overload("string", arguments);
  TS_CHECK(meter.allocate(text->size()));
  return Value::text(*std::move(text));
}

Result<Value> to_timestamp(Arguments arguments, Meter&) {
  const Value& value = arguments[0];
  if (value.time()) return value;
  if (const std::int64_t* seconds = value.integer()) {
    if (*seconds < 0 || *seconds > latest_second) return overflow();
    return Value(Instant(std::chrono::seconds(*seconds)));
  }
  if (!value.string()) return no_overload("timestamp", arguments);
  const auto time = formats::parse_any_offset(*value.string());
  if (!time) return no_such("timestamp", *value.string());
  return checked_time(time->time_since_epoch());
}

struct Unit {
  std::string_view name;
  std::int64_t micros;
};
constexpr std::array<Unit, 6> units = {{{"h", 3600 * micros},  // "ms" before "m" and "s"
                                        {"ms", 1000},
                                        {"us", 1},
                                        {"\u00B5s", 1},
                                        {"m", 60 * micros},
                                        {"s", micros}}};

// Takes a number with its unit off the front, "1.5h"; absent when there is none, when it is too
// long, or when something is left below a microsecond.
std::optional<std::int64_t> take_quantity(std::string_view& text) {
  constexpr std::string_view digits = "0123456789";
  constexpr std::size_t max_digits = 15;
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, end);
  text.remove_prefix(end);
  const std::size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  const std::string_view part = point == number.npos ? "" : number.substr(point + 1);
  if (whole.size() + part.size() == 0 || whole.size() > max_digits || part.size() > max_digits ||
      part.find_first_not_of(digits) != part.npos) {
    return std::nullopt;
  }
  for (const Unit& unit : units) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    std::int64_t total = 0;
    const auto scaled = parse_number<std::int64_t>(whole.empty() ? "0" : whole);
    if (__builtin_mul_overflow(*scaled, unit.micros, &total)) return std::nullopt;
    std::int64_t rest = unit.micros;
    for (const char digit : part) {
      if (rest % 10 != 0 && digit != '0') return std::nullopt;
      rest /= 10;
      if (__builtin_add_overflow(total, (digit - '0') * rest, &total)) return std::nullopt;
    }
    return total;
  }
  return std::nullopt;
}

// Go's form: "1h30m", "-1.5s", "0".
std::optional<std::int64_t> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    const auto quantity = take_quantity(text);
    if (!quantity || __builtin_add_overflow(total, *quantity, &total)) return std::nullopt;
  }
  return negative ? -total : total;
}

Result<Value> to_duration(Arguments arguments, Meter&) {
  const Value& value = arguments[0];
  if (value.duration()) return value;
  if (!value.string()) return no_overload("duration", arguments);
  const auto count = parse_duration(*value.string());
  if (!count) return no_such("duration", *value.string());
  return checked_duration(*count);
}

constexpr std::array<Function, 26> functions = {{
    {"+", false, 2, false, add},
    {"-", false, 2, false, subtract},
    {"*", false, 2, false, multiply},
    {"/", false, 2, false, divide},
    {"%", false, 2, false, remainder},
    {"-_", false, 1, false, negate},
    {"!_", false, 1, true, invert},
    {"==", false, 2, true, equals},
    {"!=", false, 2, true, differs},
    {"<", false, 2, true, ordered<is_less>},
    {"<=", false, 2, true, ordered<is_less_equal>},
    {">", false, 2, true, ordered<is_greater>},
    {">=", false, 2, true, ordered<is_greater_equal>},
    {"in", false, 2, true, is_in},
    {"[]", false, 2, true, at_index},
    {"size", false, 1, false, size_of},
    {"size", true, 1, false, size_of},
    {"startsWith", true, 2, true, string_test<starts_with>},
    {"endsWith", true, 2, true, string_test<ends_with>},
    {"contains", true, 2, true, string_test<holds_text>},
    {"matches", true, 2, true, matches},
    {"int", false, 1, false, to_int},
    {"double", false, 1, false, to_double},
    {"string", false, 1, false, to_string},
    {"timestamp", false, 1, false, to_timestamp},
    {"duration", false, 1, false, to_duration},
}};

}  // namespace

const Function* find_function(std::string_view name, bool is_method) {
  const auto* const found = std::ranges::find_if(functions, [&](const Function& function) {
    return function.name == name && function.is_method == is_method;
  });
  return found == functions.end() ? nullptr : found;
}

std::shared_ptr<const re2::RE2> compile_pattern(std::string_view pattern) {
  if (pattern.size() > max_pattern_bytes) return nullptr;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(max_pattern_memory);
  auto compiled = std::make_shared<RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  return compiled->ok() ? compiled : nullptr;
}

// RE2's time is linear in the text, times the size of the automaton where that does not fit.
Result<Value> match_pattern(const Value& text, const re2::RE2& pattern, Meter& meter) {
  const auto subject = text.string();
  if (!subject) return failure("\"matches\" takes strings");
  const auto states = static_cast<std::size_t>(std::max(pattern.ProgramSize(), 1));
  TS_CHECK(meter.spend_on_bytes(subject->size()));
  TS_CHECK(meter.spend(subject->size() * states / 256));
  return Value(RE2::PartialMatch(re2::StringPiece(subject->data(), subject->size()), pattern));
}

}  // namespace touchstone::policy::cel
