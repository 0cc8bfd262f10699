#include "policy/lint.h"

#include <catch2/catch.hpp>

#include "tests/policy/policy_text.h"

namespace touchstone::policy {
namespace {

const std::string roots =
    "version: 1\n"
    "roots: {r: {keys: [{id: a, file: alice.pub}, {id: b, file: bob.pub}]}, ci: {store: "
    "sigstore},\n"
    "  again: {keys: [{id: c, file: alice.crt}]}}\n";

std::vector<std::string> names(const std::string& text) {
  const auto document = test::world().read(text);
  if (!document) FAIL(document.error().message);
  std::vector<std::string> found;
  for (const Finding& each : lint(*document, test::now)) found.emplace_back(each.name);
  return found;
}

std::string requiring(const std::string& require) {
  return roots + "rules: [{name: all, match: {images: \"**\"}, require: " + require + "}]\n";
}

std::string scan_until(const std::string& until) {
  return requiring("{vulnerabilities: {signer: {root: r}, max_age: 24h, ignore: [{id: C, until: " +
                   until + ", reason: x}]}}");
}

const std::string keyless = "root: ci, issuer: \"https://i.example\", subject: ";

}  // namespace

TEST_CASE("lint finds what may not be meant, by name", "[lint]") {
  struct Row {
    const char* name;  // empty: nothing is found
    std::string text;
  };
  const std::string final_rule = "  - {name: all, match: {images: \"**\"}, require: deny}\n";
  const auto row = GENERATE_COPY(Catch::Generators::values<Row>({
      {"", requiring("{signatures: {root: r}}")},
      {"", requiring("deny")},
      {"", requiring("{signatures: {" + keyless + "ci@shop.example}}")},
      {"loose-pattern",
       requiring("{signatures: {" + keyless + "{regex: \"https://github.com.*\"}}}")},
      {"loose-pattern",
       requiring("{signatures: {root: ci, subject: a@b.example, issuer: {glob: \"https://**\"}}}")},
      {"loose-pattern",
       roots +
           "builders: {b: {signer: {root: r}, id: {glob: \"https://**\"}}}\n"
           "rules: [{name: all, match: {images: \"**\"}, require: {provenance: {builder: b}}}]\n"},
      {"unreachable-rule",
       roots +
           "rules:\n  - {name: a, match: {images: r.example/**}, require: deny}\n"
           "  - {name: b, match: {images: r.example/*/**}, require: deny}\n" +
           final_rule},
      {"unreachable-rule",
       roots +
           "rules:\n  - {name: a, match: {images: r.example/a/**}, require: deny}\n"
           "  - {name: b, match: {images: [r.example/a, r.example/a/*/**]}, require: deny}\n" +
           final_rule},
      {"", roots +
               "rules:\n  - {name: a, match: {images: r.example/a/**}, require: deny}\n"
               "  - {name: b, match: {images: [r.example/a/*/**]}, require: deny}\n" +
               final_rule},
      {"",
       roots +
           "rules:\n  - {name: a, match: {images: [r.example/a, r.example/**]}, require: deny}\n"
           "  - {name: b, match: {images: r.example/a/**}, require: deny}\n" +
           final_rule},
      {"unreachable-threshold",
       requiring("{threshold: {count: 2, of: [{signatures: {root: r, keys: [a]}}, "
                 "{signatures: {root: r, keys: [a], annotations: {x: y}}}]}}")},
      {"", requiring("{threshold: {count: 2, of: [{signatures: {root: r, keys: [a]}}, {signatures: "
                     "{root: r}}]}}")},
      {"always-met", requiring("{any_of: [{signatures: {root: r}}, allow]}")},
      {"never-met", requiring("{all_of: [{signatures: {root: r}}, deny]}")},
      {"allow", requiring("allow")},
      {"audit-mode",
       roots + "rules: [{name: all, match: {images: \"**\"}, require: deny, mode: audit}]\n"},
      {"fail-open",
       roots + "rules: [{name: all, match: {images: \"**\"}, require: deny, on_error: allow, "
               "i_accept_fail_open: true}]\n"},
      {"ignore-expired", scan_until("2027-01-14")},
      {"ignore-ends-soon", scan_until("2027-01-15")},
      {"ignore-ends-soon", scan_until("2027-01-28")},
      {"", scan_until("2027-01-30")},
      {"key-in-two-roots",
       requiring("{any_of: [{signatures: {root: r}}, {signatures: {root: again}}]}")},
      {"no-expiry", "serial: 1\n" + requiring("deny")},
      {"", "expires: 2028-01-01T00:00:00Z\nserial: 1\n" + requiring("deny")},
      {"expired", "expires: 2027-01-15T08:00:00Z\n" + requiring("deny")},
      {"expires-soon", "expires: 2027-01-15T08:00:01Z\n" + requiring("deny")},
  }));
  CAPTURE(row.name, row.text);
  const std::string name = row.name;
  CHECK(names(row.text) == (name.empty() ? std::vector<std::string>() : std::vector{name}));
}

TEST_CASE("every name that lint has is found by the test above or known", "[lint]") {
  std::vector<std::string_view> known;
  for (const FindingKind& kind : finding_kinds()) known.push_back(kind.name);
  CHECK(known.size() == 14);
}

TEST_CASE("lint tells the place, once", "[lint]") {
  const std::string text =
      roots +
      "rules:\n"
      "  - {name: a, match: {images: x.example/a}, require: deny, inherit: b}\n"
      "  - {name: b, match: {images: x.example/b}, require:\n"
      "      {any_of: [allow, {signatures: {root: r}}]}}\n"
      "  - {name: all, match: {images: \"**\"}, require: deny}\n";
  const auto document = test::world().read(text);
  REQUIRE(document);
  const auto found = lint(*document, test::now);
  REQUIRE(found.size() == 2);  // the first rule's deny beside what it inherits, and the allow
  CHECK(found[0].name == "never-met");
  CHECK(found[1].place == Place{7, 8});
}

TEST_CASE("a finding is one line, with its place and name", "[lint]") {
  CHECK(to_line({"allow", {6, 5}, "lets pass"}, "a\nb") == "a\\x0ab:6:5: lets pass [allow]");
}

}  // namespace touchstone::policy
