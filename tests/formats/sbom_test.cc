// Bills of materials in both forms, and nothing that only looks like one.
#include "formats/sbom.h"

#include <catch2/catch.hpp>

#include "base/time.h"
#include "tests/support/json.h"

namespace touchstone::formats {
namespace {

using support::json;
using Form = Sbom::Form;

std::string spdx(const std::string& packages) {
  return R"({"spdxVersion":"SPDX-2.3","creationInfo":{"created":"2026-01-02T03:04:05Z"},
             "packages":)" +
         packages + "}";
}

std::string cyclonedx(const std::string& components) {
  return R"({"bomFormat":"CycloneDX","specVersion":"1.6",
             "metadata":{"timestamp":"2026-01-02T03:04:05Z"},"components":)" +
         components + "}";
}

}  // namespace

TEST_CASE("SPDX packages are read", "[sbom]") {
  const auto sbom = Sbom::parse(Form::spdx, json(spdx(R"([
    {"name":"a","versionInfo":"1","licenseConcluded":"MIT","licenseDeclared":"GPL-2.0-only",
     "externalRefs":[{"referenceCategory":"SECURITY","referenceType":"cpe23Type",
                      "referenceLocator":"cpe:x"},
                     {"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl",
                      "referenceLocator":"pkg:npm/a@1"}]},
    {"name":"b","licenseConcluded":"NOASSERTION","licenseDeclared":"BSD-3-Clause"},
    {"name":"c","licenseConcluded":"NONE","licenseDeclared":"NOASSERTION"},
    {"name":"d"}])")));
  REQUIRE(sbom);
  CHECK(sbom->form == Form::spdx);
  CHECK(sbom->created == parse_rfc3339("2026-01-02T03:04:05Z"));
  REQUIRE(sbom->packages.size() == 4);
  CHECK(sbom->packages[0].name == "a");
  CHECK(sbom->packages[0].version == "1");
  CHECK(sbom->packages[0].licenses == std::vector<std::string>{"MIT"});
  CHECK(sbom->packages[0].purls == std::vector<std::string>{"pkg:npm/a@1"});
  CHECK(sbom->packages[1].licenses == std::vector<std::string>{"BSD-3-Clause"});
  CHECK(sbom->packages[2].licenses.empty());
  CHECK(sbom->packages[3].purls.empty());
  CHECK(sbom->packages[3].licenses.empty());
}

TEST_CASE("CycloneDX components are read, those within others too", "[sbom]") {
  const auto sbom = Sbom::parse(Form::cyclonedx, json(cyclonedx(R"([
    {"type":"library","group":"org.example","name":"a","version":"1","purl":"pkg:maven/a@1",
     "licenses":[{"license":{"id":"MIT"}},{"license":{"name":"Ours"}},{"expression":"A OR B"}],
     "components":[{"name":"inner","components":[{"name":"innermost"}]}]},
    {"name":"b"}])")));
  REQUIRE(sbom);
  CHECK(sbom->form == Form::cyclonedx);
  CHECK(sbom->created == parse_rfc3339("2026-01-02T03:04:05Z"));
  REQUIRE(sbom->packages.size() == 4);
  CHECK(sbom->packages[0].group == "org.example");
  CHECK(sbom->packages[0].version == "1");
  CHECK(sbom->packages[0].purls == std::vector<std::string>{"pkg:maven/a@1"});
  CHECK(sbom->packages[0].licenses == std::vector<std::string>{"MIT", "Ours", "A OR B"});
  CHECK(sbom->packages[1].name == "inner");
  CHECK(sbom->packages[2].name == "innermost");
  CHECK(sbom->packages[3].name == "b");
}

TEST_CASE("the parts of what CycloneDX is about are packages, and a licence is never nothing",
          "[sbom]") {
  const auto sbom = Sbom::parse(Form::cyclonedx,
                                json(R"({"bomFormat":"CycloneDX","specVersion":"1.4","components":[
        {"name":"b","licenses":[{"license":{"name":""}},{"expression":"NONE"},{"expression":"MIT"}]}],
        "metadata":{"component":{"name":"app","components":[{"name":"a"}]}}})"));
  REQUIRE(sbom);
  REQUIRE(sbom->packages.size() == 2);
  CHECK(sbom->packages[0].name == "a");
  CHECK(sbom->packages[1].licenses ==
        std::vector<std::string>{"NOASSERTION", "NOASSERTION", "MIT"});
}

TEST_CASE("SPDX is read since version 2.2", "[sbom]") {
  CHECK(Sbom::parse(Form::spdx,
                    json(R"({"spdxVersion":"SPDX-2.2","creationInfo":{},"packages":[]})")));
}

TEST_CASE("a bill of materials need not say when it was made", "[sbom]") {
  const auto text = GENERATE(
      as<std::string>(), R"({"bomFormat":"CycloneDX","specVersion":"1.4","components":[]})",
      R"({"bomFormat":"CycloneDX","specVersion":"1.4","metadata":{},"components":[]})");
  const auto sbom = Sbom::parse(Form::cyclonedx, json(text));
  REQUIRE(sbom);
  CHECK_FALSE(sbom->created);
  CHECK(sbom->packages.empty());
}

TEST_CASE("a bill of materials that is malformed is refused", "[sbom]") {
  struct Row {
    const char* why;
    Form form;
    std::string text;
  };
  const auto row = GENERATE(values<Row>({
      {"tag-value text", Form::spdx, "\"SPDXVersion: SPDX-2.3\""},
      {"no version", Form::spdx, R"({"creationInfo":{}})"},
      {"version 3", Form::spdx, R"({"spdxVersion":"SPDX-3.0","creationInfo":{}})"},
      {"no creation", Form::spdx, R"({"spdxVersion":"SPDX-2.3"})"},
      {"no time", Form::spdx, R"({"spdxVersion":"SPDX-2.3","creationInfo":{"created":"x"}})"},
      {"no packages", Form::spdx, R"({"spdxVersion":"SPDX-2.3","creationInfo":{}})"},
      {"packages that are an object", Form::spdx, spdx("{}")},
      {"a package that is a text", Form::spdx, spdx("[\"a\"]")},
      {"a package without name", Form::spdx, spdx("[{}]")},
      {"a version that is a number", Form::spdx, spdx(R"([{"name":"a","versionInfo":1}])")},
      {"a licence that is a list", Form::spdx, spdx(R"([{"name":"a","licenseConcluded":[]}])")},
      {"a declared licence that is a list", Form::spdx,
       spdx(R"([{"name":"a","licenseDeclared":[]}])")},
      {"references that are texts", Form::spdx, spdx(R"([{"name":"a","externalRefs":["x"]}])")},
      {"a reference type that is a number", Form::spdx,
       spdx(R"([{"name":"a","externalRefs":[{"referenceType":1}]}])")},
      {"a package URL that is missing", Form::spdx,
       spdx(R"([{"name":"a","externalRefs":[{"referenceType":"purl"}]}])")},
      {"CycloneDX under SPDX's type", Form::spdx, cyclonedx("[]")},
      {"SPDX under CycloneDX's type", Form::cyclonedx, spdx("[]")},
      {"a list", Form::cyclonedx, "[]"},
      {"another format", Form::cyclonedx, R"({"bomFormat":"Other","specVersion":"1.4"})"},
      {"no version", Form::cyclonedx, R"({"bomFormat":"CycloneDX"})"},
      {"version 2", Form::cyclonedx, R"({"bomFormat":"CycloneDX","specVersion":"2.0"})"},
      {"metadata that is a list", Form::cyclonedx,
       R"({"bomFormat":"CycloneDX","specVersion":"1.4","metadata":[]})"},
      {"a time that is none", Form::cyclonedx,
       R"({"bomFormat":"CycloneDX","specVersion":"1.4","metadata":{"timestamp":"x"}})"},
      {"no components", Form::cyclonedx, R"({"bomFormat":"CycloneDX","specVersion":"1.4"})"},
      {"a part of the whole without name", Form::cyclonedx,
       R"({"bomFormat":"CycloneDX","specVersion":"1.4","components":[],
           "metadata":{"component":{"name":"app","components":[{}]}}})"},
      {"components that are an object", Form::cyclonedx, cyclonedx("{}")},
      {"a component without name", Form::cyclonedx, cyclonedx("[{}]")},
      {"a group that is a number", Form::cyclonedx, cyclonedx(R"([{"name":"a","group":1}])")},
      {"a version that is a number", Form::cyclonedx, cyclonedx(R"([{"name":"a","version":1}])")},
      {"a package URL that is a number", Form::cyclonedx, cyclonedx(R"([{"name":"a","purl":1}])")},
      {"an inner component without name", Form::cyclonedx,
       cyclonedx(R"([{"name":"a","components":[{}]}])")},
      {"licences that are texts", Form::cyclonedx,
       cyclonedx(R"([{"name":"a","licenses":["MIT"]}])")},
      {"a licence of neither form", Form::cyclonedx,
       cyclonedx(R"([{"name":"a","licenses":[{}]}])")},
      {"a licence without id and name", Form::cyclonedx,
       cyclonedx(R"([{"name":"a","licenses":[{"license":{}}]}])")},
      {"an expression that is a number", Form::cyclonedx,
       cyclonedx(R"([{"name":"a","licenses":[{"expression":1}]}])")},
  }));
  CAPTURE(row.why);
  const auto sbom = Sbom::parse(row.form, json(row.text));
  REQUIRE_FALSE(sbom);
  CHECK(sbom.error().code == Code::predicate_malformed);
}

TEST_CASE("types of bills of materials may have a version behind them", "[sbom]") {
  CHECK(Sbom::form_of("https://spdx.dev/Document") == Form::spdx);
  CHECK(Sbom::form_of("https://spdx.dev/Document/v2.3") == Form::spdx);
  CHECK(Sbom::form_of("https://cyclonedx.org/bom") == Form::cyclonedx);
  CHECK(Sbom::form_of("https://cyclonedx.org/bom/v1.6") == Form::cyclonedx);
  CHECK_FALSE(Sbom::form_of("https://spdx.dev/Documents"));
  CHECK_FALSE(Sbom::form_of("https://cyclonedx.org/bomb"));
  CHECK_FALSE(Sbom::form_of(""));
}

}  // namespace touchstone::formats
