// The table of error codes is a contract: slugs, exit statuses and their classes.
#include "base/error.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace touchstone {
namespace {

using namespace std::string_literals;

// The exit statuses that each class of slugs may have.
const std::map<std::string, std::set<int>, std::less<>> classes = {
    {"usage", {2}},     {"reference", {2}},  {"policy", {2}},        {"format", {1, 2, 3}},
    {"image", {1, 3}},  {"network", {3}},    {"auth", {3}},          {"limit", {3}},
    {"digest", {3}},    {"trust", {3}},      {"time", {1, 3}},       {"evidence", {1}},
    {"signature", {1}}, {"binding", {1}},    {"identity", {1}},      {"certificate", {1}},
    {"hardware", {1}},  {"device", {4}},     {"internal", {5, 130}}, {"rule", {1}},
    {"predicate", {1}}, {"provenance", {1}}, {"sbom", {1}},          {"vulnerability", {1}},
    {"summary", {1}},   {"base", {1}},       {"expression", {1, 3}},
};

TEST_CASE("Every code has a slug of its own, a class, a status and a sentence", "[error]") {
  std::set<std::string_view> seen;
  for (const CodeInfo& info : all_codes()) {
    CAPTURE(info.slug);
    CHECK(seen.insert(info.slug).second);
    CHECK(std::ranges::all_of(info.slug, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    }));
    CHECK(std::ranges::count(info.slug, '.') == 1);
    const auto found = classes.find(info.slug.substr(0, info.slug.find('.')));
    REQUIRE(found != classes.end());
    CHECK(found->second.contains(info.exit_status));
    CHECK(info.sentence.ends_with('.'));
    CHECK_FALSE(info.hint.ends_with('.'));
    CHECK(code_by_slug(info.slug) == info.code);
    CHECK(slug(info.code) == info.slug);
    CHECK(exit_status(info.code) == info.exit_status);
  }
  CHECK(seen.size() == all_codes().size());
}

TEST_CASE("Statuses that scripts rely on", "[error]") {
  CHECK(exit_status(Code::time_clock) == 3);
  CHECK(exit_status(Code::image_not_found) == 3);
  CHECK(exit_status(Code::format_manifest) == 3);
  CHECK(exit_status(Code::format_bundle) == 1);
  CHECK(exit_status(Code::format_key) == 2);
  CHECK(exit_status(Code::interrupted) == 130);
}

TEST_CASE("code_by_slug knows no other words", "[error]") {
  const auto text = GENERATE(""s, "digest"s, "digest."s, "Digest.mismatch"s, "digest.mismatch "s,
                             "digest_mismatch"s, "digest.mismatch\0"s);
  CHECK_FALSE(code_by_slug(text));
}

TEST_CASE("in_context renames a failure, but for limits and internal errors", "[error]") {
  struct Row {
    Code from;
    Code to;
  };
  const auto row = GENERATE(values<Row>({
      {Code::format_json, Code::trust_corrupt},
      {Code::digest_malformed, Code::trust_corrupt},
      {Code::limit_size, Code::limit_size},
      {Code::limit_depth, Code::limit_depth},
      {Code::internal_error, Code::internal_error},
      {Code::interrupted, Code::interrupted},
  }));

  const Error error = in_context(Error{row.from, "why", "hint"}, Code::trust_corrupt, "file");

  CHECK(error.code == row.to);
  CHECK(error.message == "file: why");
  CHECK(error.hint == "hint");
}

Result<int> half(int number) {
  if (number % 2 != 0) return Error{Code::internal_error, "odd", ""};
  return number / 2;
}

Result<int> quarter(int number) {
  TS_TRY(const int first, half(number));
  TS_TRY(const int second, half(first));
  return second;
}

Status is_even(int number) {
  TS_CHECK(half(number));
  return ok();
}

TEST_CASE("TS_TRY and TS_CHECK give the value or return the error", "[result]") {
  CHECK(*quarter(8) == 2);
  CHECK(quarter(6).error().message == "odd");
  CHECK(is_even(2));
  CHECK(is_even(3).error().code == Code::internal_error);
}

TEST_CASE("Reading the absent side of a Result stops, and is never undefined", "[result]") {
  const Result<int> good = 1;
  const Result<int> bad = Error{Code::internal_error, "", ""};
  CHECK_THROWS(*bad);
  CHECK_THROWS(good.error());
}

TEST_CASE("The value of a Result is reached by -> and moved out by *", "[result]") {
  const Result<std::string> text = std::string("x");
  CHECK(text->size() == 1);
  Result<std::vector<int>> list = std::vector<int>{1, 2};
  CHECK((*std::move(list)).size() == 2);
}

}  // namespace
}  // namespace touchstone
