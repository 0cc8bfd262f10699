// Expressions: what they mean, what they fail with and where, and that they end.
//
// The tables were compared with the conformance data of CEL's specification, google/cel-spec.
#include "policy/expression.h"

#include <catch2/catch.hpp>

#include "base/limits.h"
#include "base/time.h"
#include "policy/cel_evaluator.h"
#include "tests/support/json.h"

namespace touchstone::policy {
namespace {

using formats::Json;
using support::json;

const Json& predicate() {
  static const Json value = json(R"({
    "result":"PASSED","count":3,"ratio":0.5,"big":9223372036854775807,"beyond":9223372036854775808,
    "low":-9223372036854775808,"yes":true,"none":null,"empty":[],"list":[1,2,3],
    "nested":{"a":{"b":"c"}},"two words":1,"in":2,"when":"2026-01-02T03:04:05Z",
    "tests":[{"name":"a","ok":true},{"name":"b","ok":false}],
    "people":{"ann":1,"bob":2},"text":"\u00e9t\u00e9","huge":[18446744073709551615,1]})");
  return value;
}

Result<bool> run(const std::string& text, const Json& over = predicate()) {
  static const Json subject = json(R"([{"name":"s","digest":{"sha256":"ab"}}])");
  static const Json image =
      json(R"({"repository":"r.example/app","tag":"1.0","digest":"sha256:ab"})");
  TS_TRY(const Expression expression, Expression::parse(text));
  return expression.evaluate({.predicate = &over,
                              .subject = &subject,
                              .image = &image,
                              .now = *parse_rfc3339("2026-01-03T00:00:00Z")});
}

// With a small budget: whatever does not end takes long to use up a large one.
Result<bool> run_within(const cel::Budget& budget, const std::string& text, const Json& over) {
  TS_TRY(const auto program, cel::parse_program(text));
  TS_TRY(cel::Value value, cel::Value::of(over));
  TS_TRY(const cel::Value result,
         cel::evaluate(*program, {std::move(value), cel::Value(), cel::Value(), cel::Value()},
                       budget));
  REQUIRE(result.boolean() != nullptr);
  return *result.boolean();
}

std::string repeated(const std::string& part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

}  // namespace

TEST_CASE("an expression has the value that CEL gives it", "[expression]") {
  const auto text = GENERATE(values<std::string>({
      // Literals.
      "true",
      "!false",
      "null == null",
      "0xFF == 255 && -0x10 == -16 && 0X1 == 1",
      "9223372036854775807 > 0 && -9223372036854775808 < 0",
      "1.5 == 15e-1 && .5 == 0.5 && 1e3 == 1000.0",
      R"('a' == "a" && '''a'b''' == "a'b" && """a"b""" == 'a"b')",
      "'''a\nb''' == 'a\\nb'",
      R"('\x41\u0042\U00000043\104' == 'ABCD')",
      R"('\a\b\f\n\r\t\v\\\?\"\'\`' == "\a\b\f\n\r\t\v\\\?\"\'\`")",
      R"(r'\n' == '\\n' && R"\d" == '\\d')",
      R"('\u00e9' == 'é' && '\u20ac' == '€' && '\U0001F431' == '🐱')",
      "[] == [] && [1, 'a', true] == [1, 'a', true,]",
      "true // a comment",
      "1 +\n  1 == // and on\n 2",
      // What can be named.
      "predicate.result == 'PASSED'",
      "subject[0].digest.sha256 == 'ab'",
      "image.repository == 'r.example/app' && image.tag.startsWith('1.') && 'digest' in image",
      "now == timestamp('2026-01-03T00:00:00Z')",
      "predicate.nested.a.b == 'c' && predicate['nested']['a'].b == 'c'",
      "predicate['two words'] == 1 && predicate['in'] == 2",
      "predicate.none == null",
      // Members that may be missing; null is there.
      "has(predicate.count) && !has(predicate.other) && has(predicate.none)",
      "has(predicate.nested.a.b) && !has(predicate.nested.a.c)",
      "!has(predicate.other) || predicate.other == 1",
      // Comparison; of different types all are different, but int and double.
      "1 == 1.0 && 1.0 == 1 && 1 != 1.5 && 2 > 1.5 && 1.5 < 2 && 2 >= 2.0 && 2.0 <= 2",
      "predicate.big < 9223372036854775808.0 && predicate.low >= -9223372036854775808.0",
      "predicate.big != 9223372036854775808.0 && 9223372036854775808.0 > predicate.big",
      "predicate.low > -9223372036854777856.0",
      "1 != '1' && true != 1 && null != false && [] != 'a' && null != 0",
      "[1, 2] != [1] && [1, 2] != [2, 1] && [1, [2]] == [1.0, [2.0]]",
      "predicate.nested == predicate.nested && predicate.nested != predicate.people",
      "predicate.people != predicate.nested.a && predicate.tests[0] != predicate.tests[1]",
      "'a' < 'b' && 'a' < 'aa' && 'Z' < 'a' && 'é' > 'z' && '' < 'a'",
      "false < true && !(true < true) && true >= false",
      "!(double('NaN') == double('NaN')) && double('NaN') != 1 && !(1 < double('NaN'))",
      "!(double('NaN') >= 1) && !(1 >= double('nan')) && double('inf') > 1",
      // Membership.
      "2 in predicate.list && 2.0 in predicate.list && !(4 in predicate.list)",
      "'ann' in predicate.people && !('eve' in predicate.people) && !(1 in predicate.people)",
      "!('a' in [1, 2]) && [1] in [[1]]",
      // Arithmetic.
      "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 - 2 - 1 == 4 && 8 / 4 / 2 == 1",
      "7 / 2 == 3 && -7 / 2 == -3 && 7 % 3 == 1 && -7 % 3 == -1 && 7 % -3 == 1",
      "-predicate.count == -3 && --3 == 3 && -(-3) == 3 && -0.5 == -predicate.ratio",
      "0.5 + 0.25 == 0.75 && 1.0 - 0.5 == 0.5 && 2.0 * 0.5 == 1.0 && 1.0 / 4.0 == 0.25",
      "1.0 / 0.0 == double('inf')",
      "'a' + 'b' == 'ab' && [1] + [2] == [1, 2] && predicate.list + [] == [1, 2, 3]",
      "9223372036854775806 + 1 == predicate.big && -9223372036854775807 - 1 == predicate.low",
      // && and || want one side; errors on the other do not matter.
      "true || predicate.other",
      "predicate.other || true",
      "!(false && predicate.other) && !(predicate.other && false)",
      "!(1 && false) && ('a' || true)",
      "1 / 0 == 1 || 2 == 2",
      "true && true && true || false && false",
      "false && true || true",
      "predicate.other == 1 || false || true || 1 / 0 == 0",
      // Choice: only what is chosen is looked at.
      "true ? true : predicate.other",
      "false ? predicate.other : true",
      "(true ? false : true) ? false : true",
      "false ? false : true ? true : false",
      "(predicate.count > 2 ? 'many' : 'few') == 'many'",
      // Strings.
      "'abc'.startsWith('ab') && !'abc'.startsWith('b') && 'abc'.startsWith('')",
      "'abc'.endsWith('bc') && !'abc'.endsWith('b') && ''.endsWith('')",
      "'abc'.contains('b') && !'abc'.contains('ba') && 'abc'.contains('') && !''.contains('a')",
      "'abc'.matches('b') && 'abc'.matches('^a.c$') && !'abc'.matches('^b')",
      "'abc'.matches('B' == 'b' ? 'x' : 'b+') && !'a'.matches(predicate.result)",
      "size('abc') == 3 && predicate.text.size() == 3 && size('🐱') == 1 && size('') == 0",
      "size(predicate.list) == 3 && predicate.people.size() == 2 && [1, 2].size() == 2",
      // Conversions.
      "int('42') == 42 && int('-42') == -42 && int('+7') == 7 && int(3.9) == 3 && int(-3.9) == -3",
      "int(5) == 5 && int(timestamp('1970-01-01T00:01:00Z')) == 60",
      "double('1.5') == 1.5 && double(2) == 2.0 && double(1.5) == 1.5 && double('-1e3') == -1000.0",
      "string(42) == '42' && string(1.5) == '1.5' && string(true) == 'true' && string('a') == 'a'",
      "string(false) == 'false' && string(-7) == '-7'",
      "string(timestamp('2026-01-02T03:04:05.250Z')) == '2026-01-02T03:04:05.25Z'",
      "string(timestamp('2026-01-02T03:04:05Z')) == '2026-01-02T03:04:05Z'",
      "string(duration('1h30m')) == '5400s' && string(duration('-1.5s')) == '-1.5s'",
      "timestamp(predicate.when) < now && timestamp(0) == timestamp('1970-01-01T00:00:00Z')",
      "timestamp('2026-01-02T04:04:05+01:00') == timestamp(predicate.when)",
      "timestamp(now) == now && duration(duration('1s')) == duration('1000ms')",
      "duration('1h') == duration('60m') && duration('1us') == duration('0.001ms')",
      "duration('1m30.5s') == duration('90500ms') && duration('0') == duration('0s')",
      "duration('+1s') == duration('1s') && duration('.5h') == duration('30m')",
      "duration('1.h') == duration('1h')",
      "duration('1µs') == duration('1us')",
      "now - timestamp(predicate.when) < duration('24h')",
      "now - duration('1h') + duration('1h') == now && duration('1h') + now > now",
      "duration('1h') - duration('30m') == duration('30m') && -1 < 0",
      "duration('1h') + duration('1h') >= duration('2h') && duration('1s') < duration('2s')",
      // Macros, over lists and the keys of maps.
      "predicate.list.all(x, x > 0) && !predicate.list.all(x, x > 1) && [].all(x, false)",
      "predicate.list.exists(x, x == 2) && !predicate.list.exists(x, x == 4) && ![].exists(x, "
      "true)",
      "predicate.list.exists_one(x, x > 2) && !predicate.list.exists_one(x, x > 1)",
      "![].exists_one(x, true)",
      "predicate.list.filter(x, x > 1) == [2, 3] && [].filter(x, true) == []",
      "predicate.list.map(x, x * 2) == [2, 4, 6]",
      "predicate.list.map(x, x > 1, x * 2) == [4, 6]",
      "predicate.people.all(k, k.startsWith('a') || predicate.people[k] == 2)",
      "predicate.people.map(k, k) == ['ann', 'bob'] && predicate.people.filter(k, k > 'b') == "
      "['bob']",
      "predicate.tests.filter(t, !t.ok).map(t, t.name) == ['b']",
      "[[1, 2], [3]].all(l, l.all(x, x > 0)) && [[1], [2]].exists(l, l.exists(x, x == 2))",
      "[1, 2].all(x, [3, 4].all(x, x > 2)) && [1].all(x, [2].all(y, x < y) && x == 1)",
      "[1].exists(predicate, predicate == 1)",
      "[1, 2].map(x, [x, x]).all(p, p[0] == p[1])",
      // Errors in loops do not matter once the outcome is decided.
      "[1, 'a', 2].exists(x, x == 2) && ![1, 0].all(x, 1 / x == 0 && false)",
      "[0, 1].exists(x, 1 / x == 1) && [1, 0].exists(x, 1 / x == 1)",
      "![0, 1].all(x, 1 / x != 1)",
      "predicate.list[0] == 1 && predicate.list[2.0] == 3",
      "predicate.yes",
      "predicate.huge[1] == 1",
  }));
  CAPTURE(text);
  const auto result = run(text);
  if (!result) FAIL(result.error().message);
  CHECK(*result);
}

TEST_CASE("what goes wrong is an error, with its place, and never true", "[expression]") {
  struct Row {
    std::string text;
    std::string place;
  };
  const auto row = GENERATE(values<Row>({
      {"predicate.other", "column 11"},
      {"predicate.none.a == 1", "column 16"},
      {"predicate.result.a == 1", "column 18"},
      {"has(predicate.other.a)", "column 15"},
      {"has(predicate.list.a)", "column 20"},
      {"predicate['other'] == 1", "column 10"},
      {"predicate[0] == 1", "column 10"},
      {"predicate.list['a'] == 1", "column 15"},
      {"predicate.list[3] == 1", "column 15"},
      {"predicate.list[-1] == 1", "column 15"},
      {"predicate.list[0.5] == 1", "column 15"},
      {"predicate.count[0] == 1", "column 16"},
      {"predicate.beyond == 1", "column 11"},
      {"predicate.huge[0] == 1", "column 15"},
      {"predicate.huge == predicate.huge", "column 16"},
      {"predicate.huge.all(x, x != 0)", "column 16"},
      {"predicate.big + 1 == 0", "column 15"},
      {"predicate.low - 1 == 0", "column 15"},
      {"predicate.big * 2 == 0", "column 15"},
      {"-predicate.low == 0", "column 1"},
      {"predicate.low / -1 == 0", "column 15"},
      {"predicate.low % -1 == 0", "column 15"},
      {"1 / 0 == 0", "column 3"},
      {"1 % 0 == 0", "column 3"},
      {"1.0 % 1.0 == 0.0", "column 5"},
      {"1 + 1.0 == 2", "column 3"},
      {"1 - 1.0 == 0", "column 3"},
      {"1 * 1.0 == 1", "column 3"},
      {"1 / 1.0 == 1", "column 3"},
      {"1 + 'a' == 1", "column 3"},
      {"'a' + 1 == 1", "column 5"},
      {"'a' - 'b' == 1", "column 5"},
      {"now + now == now", "column 5"},
      {"duration('1s') - now == now", "column 16"},
      {"[1] + 1 == [1]", "column 5"},
      {"-'a' == 1", "column 1"},
      {"!predicate.count", "column 1"},
      {"!null", "column 1"},
      {"1 < 'a'", "column 3"},
      {"null < null", "column 6"},
      {"[1] < [2]", "column 5"},
      {"true < 1", "column 6"},
      {"1 in 1", "column 3"},
      {"'a' in 'abc'", "column 5"},
      {"true && predicate.count", "column 19"},
      {"predicate.count || false", "column 11"},
      {"false || predicate.other", "column 20"},
      {"true && predicate.other", "column 19"},
      {"predicate.count ? true : true", "column 11"},
      {"predicate.other ? true : true", "column 11"},
      {"predicate.count", ""},
      {"predicate.none", ""},
      {"predicate.yes ? predicate.count : true", ""},
      {"predicate.count.startsWith('a')", "column 17"},
      {"'a'.startsWith(1)", "column 5"},
      {"'a'.matches(1)", "column 5"},
      {"predicate.count.matches('a')", "column 17"},
      {"predicate.count.matches(predicate.result)", "column 17"},
      {"'a'.matches('(' + predicate.result)", "column 5"},
      {"size(1) == 1", "column 1"},
      {"size(null) == 1", "column 1"},
      {"int('a') == 1", "column 1"},
      {"int('') == 1", "column 1"},
      {"int('1.5') == 1", "column 1"},
      {"int('+-1') == 1", "column 1"},
      {"int(' 1') == 1", "column 1"},
      {"int('9223372036854775808') == 1", "column 1"},
      {"int(9223372036854775808.0) == 1", "column 1"},
      {"int(-9223372036854775808.0) == 1", "column 1"},
      {"int(double('NaN')) == 1", "column 1"},
      {"int(true) == 1", "column 1"},
      {"double('a') == 1.0", "column 1"},
      {"double(true) == 1.0", "column 1"},
      {"string([]) == ''", "column 1"},
      {"string(null) == ''", "column 1"},
      {"timestamp('2026-01-02') == now", "column 1"},
      {"timestamp('1969-12-31T23:59:59Z') == now", "column 1"},
      {"timestamp('1970-01-01T00:00:00+01:00') == now", "column 1"},
      {"timestamp(-1) == now", "column 1"},
      {"timestamp(253402300800) == now", "column 1"},
      {"timestamp(1.0) == now", "column 1"},
      {"timestamp(true) == now", "column 1"},
      {"timestamp('9999-12-31T23:59:59Z') + duration('1s') == now", "column 35"},
      {"timestamp(0) - duration('1s') == now", "column 14"},
      {"duration('') == duration('0')", "column 1"},
      {"duration('1') == duration('0')", "column 1"},
      {"duration('s') == duration('0')", "column 1"},
      {"duration('-') == duration('0')", "column 1"},
      {"duration('1d') == duration('0')", "column 1"},
      {"duration('1.1.1s') == duration('0')", "column 1"},
      {"duration('.s') == duration('0')", "column 1"},
      {"duration('1000ns') == duration('0')", "column 1"},
      {"duration('0.1us') == duration('0')", "column 1"},
      {"duration('1.0000005s') == duration('0')", "column 1"},
      {"duration('1h ') == duration('0')", "column 1"},
      {"duration('9999999999999999h') == duration('0')", "column 1"},
      {"duration('99999999999999h') == duration('0')", "column 1"},
      {"duration('87660001h') == duration('0')", "column 1"},
      {"duration('-87660001h') == duration('0')", "column 1"},
      {"duration('87660000h') + duration('1s') == duration('0')", "column 23"},
      {"duration('-87660000h') - duration('1s') == duration('0')", "column 24"},
      {"duration(1) == duration('0')", "column 1"},
      {"predicate.count.all(x, true)", "column 17"},
      {"predicate.none.exists(x, true)", "column 16"},
      {"[1].all(x, x)", "column 12"},
      {"[0].all(x, 1 / x == 1)", "column 14"},
      {"[0, 1].exists(x, 1 / x == 2)", "column 20"},
      {"[0, 1].exists_one(x, 1 / x == 1)", "column 24"},
      {"[1].exists_one(x, x)", "column 19"},
      {"[0].filter(x, 1 / x == 1) == []", "column 17"},
      {"[1].filter(x, x) == []", "column 15"},
      {"[0].map(x, 1 / x) == []", "column 14"},
      {"[0].map(x, 1 / x == 1, x) == []", "column 14"},
      {"[1].map(x, x, x) == []", "column 12"},
      {"true &&\n  predicate.other", "line 2, column 13"},
      {"'é' == 'é' && predicate.other", "column 25"},
  }));
  CAPTURE(row.text);
  const auto result = run(row.text);
  REQUIRE_FALSE(result);
  CAPTURE(result.error().message);
  CHECK(result.error().code == Code::expression_failed);
  CHECK(result.error().message.starts_with(row.place.empty() ? "the result" : row.place + ": "));
}

TEST_CASE("an expression that cannot mean anything is refused before it is used", "[expression]") {
  struct Row {
    std::string text;
    std::string place;
  };
  const auto row = GENERATE(values<Row>({
      {"", "column 1"},
      {" ", "column 2"},
      {"1 +", "column 4"},
      {"(true", "column 6"},
      {"true)", "column 5"},
      {"true true", "column 6"},
      {"[true", "column 6"},
      {"[,]", "column 2"},
      {"[1,,2] == []", "column 4"},
      {"size(1,) == 1", "column 8"},
      {"a == 1", "column 1"},
      {"x.all(x, true)", "column 1"},
      {"[1].all(x, true) && x", "column 21"},
      {"predicate.", "column 11"},
      {"predicate.1", "column 10"},
      {"predicate.in == 1", "column 11"},
      {"predicate.true == 1", "column 11"},
      {"predicate[1", "column 12"},
      {"predicate[] == 1", "column 11"},
      {"predicate {}", "column 11"},
      {"{'a': 1} == 1", "column 1"},
      {"if", "column 1"},
      {"while == 1", "column 1"},
      {"true ? true", "column 12"},
      {"true ? : true", "column 8"},
      {"a = 1", "column 3"},
      {"true & true", "column 6"},
      {"#", "column 1"},
      {"1u == 1", "column 1"},
      {"0x == 1", "column 1"},
      {"0xg == 1", "column 1"},
      {"1a == 1", "column 1"},
      {"1e == 1", "column 1"},
      {"1.5.5 == 1", "column 4"},
      {"9223372036854775808 == 1", "column 1"},
      {"-9223372036854775809 == 1", "column 2"},
      {"0x8000000000000000 == 1", "column 1"},
      {"1e999 == 1.0", "column 1"},
      {"1e-999 == 1.0", "column 1"},
      {"'a", "column 1"},
      {"'a\nb' == ''", "column 1"},
      {"'''a'' == ''", "column 1"},
      {"'\\", "column 2"},
      {"'\\q' == ''", "column 2"},
      {"'\\x4' == ''", "column 2"},
      {"'\\x4", "column 2"},
      {"'\\u12g4' == ''", "column 2"},
      {"'\\uD800' == ''", "column 2"},
      {"'\\U00110000' == ''", "column 2"},
      {"'\\x00' == ''", "column 2"},
      {"'\\400' == ''", "column 2"},
      {"'\\189' == ''", "column 2"},
      {"b'a' == b'a'", "column 1"},
      {"f(1)", "column 1"},
      {"uint(1) == 1", "column 1"},
      {"startsWith('a')", "column 1"},
      {"matches('a', 'a')", "column 1"},
      {"'a'.int() == 1", "column 5"},
      {"'a'.toLower() == 'a'", "column 5"},
      {"size() == 1", "column 1"},
      {"size(1, 2) == 1", "column 1"},
      {"'a'.size(1) == 1", "column 5"},
      {"'a'.startsWith()", "column 5"},
      {"'a'.startsWith('a', 'b')", "column 5"},
      {"'a'.matches()", "column 5"},
      {"'a'.matches('a', 'b')", "column 5"},
      {"'a'.matches('(')", "column 13"},
      {"'a'.matches('a{2000}')", "column 13"},
      {"has(predicate)", "column 1"},
      {"has(predicate['a'])", "column 1"},
      {"has(1)", "column 1"},
      {"has()", "column 5"},
      {"has(predicate.a, predicate.b)", "column 16"},
      {"[1].all(1, true)", "column 9"},
      {"[1].all(true, true)", "column 9"},
      {"[1].all(x)", "column 10"},
      {"[1].all()", "column 9"},
      {"[1].all(x, true, true)", "column 5"},
      {"[1].map(x, 1, 2, 3) == []", "column 5"},
      {"all([1], x, true)", "column 10"},
      {"!-1 == 1", "column 2"},
      {"-!true", "column 2"},
      // Results that are no bool.
      {"1", "column 1"},
      {"'true'", "column 1"},
      {"null", "column 1"},
      {"[true]", "column 1"},
      {"1 + 1", "column 3"},
      {"-predicate.count", "column 1"},
      {"size(predicate.list)", "column 1"},
      {"string(true)", "column 1"},
      {"now", "column 1"},
      {"subject", "column 1"},
      {"image", "column 1"},
      {"[1].map(x, true)", "column 5"},
      {"[1].filter(x, true)", "column 5"},
      {"true ? 1 : true", "column 6"},
      {"true ? true : 'a'", "column 6"},
      {"true &&\n  1 +", "line 2, column 6"},
      {"\xff", "column 1"},
      // The limits on what is written.
      {repeated("(", 70) + "true" + repeated(")", 70), "column 65"},
      {repeated("[", 70) + repeated("]", 70) + " == 1", "column 65"},
      {repeated("!", 70) + "true", "column 64"},
      {"predicate" + repeated(".a", 70), "column 137"},
      {repeated("1+", 70) + "1 == 1", "column 128"},
      {repeated("true ? true : ", 70) + "true", "column 897"},
      {"true || " + repeated(" ", limits::max_expression_bytes), "column 1"},
      {"[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))", "column 38"},
  }));
  CAPTURE(row.text);
  const auto expression = Expression::parse(row.text);
  REQUIRE_FALSE(expression);
  CAPTURE(expression.error().message);
  CHECK(expression.error().code == Code::policy_expression);
  CHECK(expression.error().message.starts_with(row.place + ": "));
}

TEST_CASE("what is within the limits is taken", "[expression]") {
  const auto text = GENERATE(values<std::string>({
      repeated("(", 60) + "true" + repeated(")", 60),
      "true" + repeated(" && true", 1000),
      "false" + repeated(" || false", 1000) + " || true",
      repeated("!", 60) + "true",
      "[1].all(a, [1].all(b, [1].all(c, true) && [1].all(d, true)))",
      repeated("1+", 60) + "1 == 61",
  }));
  CAPTURE(text);
  const auto result = run(text);
  if (!result) FAIL(result.error().message);
  CHECK(*result);
}

TEST_CASE("an expression that does not end in time or memory is an error", "[expression]") {
  constexpr cel::Budget small{.steps = 20'000, .bytes = 512 << 10};
  std::string numbers = "{\"list\":[0";
  for (int i = 1; i < 300; ++i) numbers += "," + std::to_string(i);
  const Json list = json(numbers + "],\"text\":\"" + std::string(64 << 10, 'a') + "\"}");
  const auto text = GENERATE(values<std::string>({
      "predicate.list.all(a, predicate.list.all(b, predicate.list.all(c, true)))",
      "predicate.list.exists(a, predicate.list.exists(b, predicate.list.exists(c, false)))",
      "predicate.list.map(a, predicate.list.map(b, predicate.list.map(c, c))) == []",
      "predicate.list.all(a, predicate.list == predicate.list + [a] || predicate.list.all(b, "
      "predicate.list != predicate.list + [b]))",
      "predicate.list.map(a, predicate.text + predicate.text) == []",
      "predicate.list.all(a, predicate.text.contains(predicate.text))",
      "predicate.list.all(a, predicate.text == predicate.text)",
      "predicate.list.all(a, predicate.text <= predicate.text)",
      "predicate.list.all(a, predicate.text.size() > 0)",
      "predicate.list.all(a, predicate.text.startsWith(predicate.text))",
      "predicate.list.all(a, predicate.text.matches('^(a|b)*$'))",
      "predicate.list.all(a, predicate.text.matches('(a?){50}c') || true)",
      "predicate.list.all(a, 'a'.matches('a' + string(a)) || true)",
      "predicate.list.map(a, predicate.list.map(b, predicate.list)).all(x, x == x)",
      "predicate.list.map(a, predicate.list.map(b, [a, b, 0, 0, 0, 0, 0, 0])) == []",
      // A limit is never absorbed.
      "true || predicate.list.all(a, predicate.list.all(b, predicate.list.all(c, true)))",
      "predicate.list.all(a, predicate.list.all(b, predicate.list.all(c, true))) || true",
      "predicate.list.exists(z, predicate.list.all(a, predicate.list.all(b, "
      "predicate.text.contains('b') || true)) || true)",
  }));
  CAPTURE(text);
  const auto result = run_within(small, text, list);
  if (text.starts_with("true ||")) {
    CHECK((result && *result));  // the rest is not looked at
  } else {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::limit_expression);
  }
}

TEST_CASE("the limits hold where nobody says others", "[expression]") {
  std::string numbers = "{\"list\":[0";
  for (int i = 1; i < 100; ++i) numbers += "," + std::to_string(i);
  const Json list = json(numbers + "],\"text\":\"" + std::string(1 << 20, 'a') + "\"}");
  for (const char* text : {"predicate.list.all(a, predicate.text == predicate.text)",
                           "predicate.list.map(a, predicate.text + predicate.text) == []"}) {
    CAPTURE(text);
    const auto result = run(text, list);
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Code::limit_expression);
  }
  CHECK(run("predicate.list.all(a, predicate.list.all(b, a + b >= 0))", list));
}

TEST_CASE("large maps cost what it takes to search them", "[expression]") {
  constexpr cel::Budget small{.steps = 20'000};
  std::string members = "{\"k\":[0";
  for (int i = 1; i < 2000; ++i) members += ",0";
  members += "]";
  for (int i = 0; i < 4000; ++i) members += ",\"m" + std::to_string(i) + "\":0";
  const Json map = json(members + "}");
  const auto text = GENERATE(values<std::string>({
      "predicate.k.all(x, predicate.m3999 == 0)",
      "predicate.k.all(x, has(predicate.m3999))",
      "predicate.k.all(x, predicate['m3999'] == 0)",
      "predicate.k.all(x, 'm3999' in predicate)",
      "predicate == predicate",
  }));
  CAPTURE(text);
  const auto result = run_within(small, text, map);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Code::limit_expression);
  CHECK(run("predicate.m3999 == 0 && size(predicate) == 4001", map));
}

TEST_CASE("what is absent is null", "[expression]") {
  const auto expression =
      Expression::parse("predicate == null && subject == null && image == null");
  REQUIRE(expression);
  const auto result = expression->evaluate({.now = {}});
  REQUIRE(result);
  CHECK(*result);
  CHECK(expression->text() == "predicate == null && subject == null && image == null");
}

TEST_CASE("what an error quotes is safe to show", "[expression]") {
  const auto result = run(R"(predicate['\x1b[31m'] == 1)");
  REQUIRE_FALSE(result);
  CHECK(result.error().message.find('\x1b') == std::string::npos);
}

}  // namespace touchstone::policy
