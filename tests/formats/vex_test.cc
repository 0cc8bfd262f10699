// Statements about vulnerabilities, read as OpenVEX has them.
#include "formats/vex.h"

#include <catch2/catch.hpp>

#include "base/time.h"
#include "tests/support/json.h"

namespace touchstone::formats {
namespace {

using support::json;
using Names = std::vector<std::string>;
using State = VexStatement::Status;

std::string document(const std::string& statement) {
  return R"({"@context":"https://openvex.dev/ns/v0.2.0","timestamp":"2026-01-01T00:00:00Z",
             "statements":[)" +
         statement + "]}";
}

}  // namespace

TEST_CASE("statements are read", "[vex]") {
  const auto vex = VexDocument::parse(json(document(R"(
    {"vulnerability":{"@id":"https://x/CVE-1","name":"CVE-1","aliases":["GHSA-1"]},
     "products":[{"@id":"pkg:oci/app@sha256%3Aab","identifiers":{"purl":"pkg:oci/app"},
                  "hashes":{"sha-256":"AB"},
                  "subcomponents":[{"@id":"pkg:apk/openssl@1"},{"identifiers":{"purl":"p"}}]}],
     "status":"not_affected","justification":"component_not_present",
     "timestamp":"2026-01-02T00:00:00Z"},
    {"vulnerability":"CVE-2","products":["pkg:oci/app"],"status":"fixed"},
    {"vulnerability":{"name":"CVE-3"},"status":"affected"},
    {"vulnerability":{"name":"CVE-4"},"status":"under_investigation"},
    {"vulnerability":{"name":"CVE-5"},"status":"not_affected","impact_statement":"dead code",
     "products":[{"@id":"a","subcomponents":["b"]}]})")));
  REQUIRE(vex);
  REQUIRE(vex->statements.size() == 5);
  const VexStatement& first = vex->statements[0];
  CHECK(first.vulnerabilities == Names{"GHSA-1", "CVE-1", "https://x/CVE-1"});
  CHECK(first.status == State::not_affected);
  CHECK(first.justification == "component_not_present");
  CHECK(first.time == parse_rfc3339("2026-01-02T00:00:00Z"));
  REQUIRE(first.products.size() == 1);
  CHECK(first.products[0].names == Names{"pkg:oci/app@sha256%3Aab", "pkg:oci/app"});
  CHECK(first.products[0].hashes == Names{"ab"});
  CHECK(first.products[0].subcomponents ==
        std::vector<Names>{Names{"pkg:apk/openssl@1"}, Names{"p"}});
  CHECK(vex->statements[1].vulnerabilities == Names{"CVE-2"});
  CHECK(vex->statements[1].status == State::fixed);
  CHECK(vex->statements[1].products[0].names == Names{"pkg:oci/app"});
  CHECK(vex->statements[1].time == parse_rfc3339("2026-01-01T00:00:00Z"));
  CHECK(vex->statements[2].status == State::affected);
  CHECK(vex->statements[2].products.empty());
  CHECK(vex->statements[3].status == State::under_investigation);
  CHECK(vex->statements[4].products[0].subcomponents == std::vector<Names>{Names{"b"}});
  CHECK(status_name(first.status) == "not_affected");
  CHECK(status_name(State::under_investigation) == "under_investigation");
}

TEST_CASE("parts beside the products are parts of each", "[vex]") {
  const auto vex = VexDocument::parse(json(document(R"(
    {"vulnerability":"CVE-1","products":["a","b"],"subcomponents":["x","y"],"status":"fixed"})")));
  REQUIRE(vex);
  REQUIRE(vex->statements.at(0).products.size() == 2);
  for (const VexProduct& product : vex->statements[0].products) {
    CHECK(product.subcomponents == std::vector<Names>{Names{"x"}, Names{"y"}});
  }
}

TEST_CASE("a document that is malformed is refused", "[vex]") {
  struct Row {
    const char* why;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"a list", "[]"},
      {"no statements", R"({"timestamp":"2026-01-01T00:00:00Z"})"},
      {"statements that are an object", R"({"statements":{}})"},
      {"a time that is none", R"({"timestamp":"x","statements":[]})"},
      {"no vulnerability", document(R"({"status":"fixed"})")},
      {"a vulnerability without a name", document(R"({"vulnerability":{},"status":"fixed"})")},
      {"a name that is a number", document(R"({"vulnerability":{"name":1},"status":"fixed"})")},
      {"other names that are numbers",
       document(R"({"vulnerability":{"name":"a","aliases":[1]},"status":"fixed"})")},
      {"no state", document(R"({"vulnerability":"a"})")},
      {"an unknown state", document(R"({"vulnerability":"a","status":"Fixed"})")},
      {"not affected, without a reason",
       document(R"({"vulnerability":"a","status":"not_affected"})")},
      {"a reason that is a number",
       document(R"({"vulnerability":"a","status":"not_affected","justification":1})")},
      {"an impact that is a number",
       document(R"({"vulnerability":"a","status":"not_affected","impact_statement":1})")},
      {"products that are an object",
       document(R"({"vulnerability":"a","status":"fixed","products":{}})")},
      {"a product that is a number",
       document(R"({"vulnerability":"a","status":"fixed","products":[1]})")},
      {"an id that is a number",
       document(R"({"vulnerability":"a","status":"fixed","products":[{"@id":1}]})")},
      {"identifiers that are numbers",
       document(R"({"vulnerability":"a","status":"fixed","products":[{"identifiers":{"a":1}}]})")},
      {"hashes that are numbers",
       document(R"({"vulnerability":"a","status":"fixed","products":[{"hashes":{"a":1}}]})")},
      {"a part that is a number",
       document(R"({"vulnerability":"a","status":"fixed","products":[{"subcomponents":[1]}]})")},
      {"parts of no product",
       document(R"({"vulnerability":"a","status":"fixed","subcomponents":["x"]})")},
      {"parts that are numbers",
       document(R"({"vulnerability":"a","status":"fixed","products":["a"],"subcomponents":[1]})")},
      {"a statement's time that is none",
       document(R"({"vulnerability":"a","status":"fixed","timestamp":"x"})")},
  }));
  CAPTURE(row.why);
  const auto vex = VexDocument::parse(json(row.text));
  REQUIRE_FALSE(vex);
  CHECK(vex.error().code == Code::predicate_malformed);
}

TEST_CASE("types of VEX documents may have a version behind them", "[vex]") {
  CHECK(VexDocument::is_type("https://openvex.dev/ns"));
  CHECK(VexDocument::is_type("https://openvex.dev/ns/v0.2.0"));
  CHECK_FALSE(VexDocument::is_type("https://openvex.dev/nss"));
}

}  // namespace touchstone::formats
