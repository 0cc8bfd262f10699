// Bills of materials under a requirement.
#include <catch2/catch.hpp>

#include "judge/requirements.h"
#include "tests/judge/evidence.h"

namespace touchstone::judge {
namespace {

using namespace test;
using Attached = std::vector<verify::Finding>;
using verify::TextMatch;

const PrivateKey key = make_key();
const PrivateKey stranger = make_key();
constexpr std::string_view spdx = "https://spdx.dev/Document";
constexpr std::string_view cyclonedx = "https://cyclonedx.org/bom";

policy::Sbom wanted() { return {.signer = signer_of({&key})}; }

Judgement judge(const policy::Sbom& requirement, Attached findings) {
  const Surroundings around;
  return judge_sbom(requirement, findings, around.context(), {});
}

std::string spdx_text(const std::string& packages,
                      const std::string& created = "2027-01-15T07:00:00Z") {
  return R"({"spdxVersion":"SPDX-2.3","creationInfo":{"created":")" + created +
         R"("},"packages":[)" + packages + "]}";
}

std::string cyclonedx_text(const std::string& components,
                           const std::string& created = "2027-01-15T07:00:00Z") {
  return R"({"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"timestamp":")" + created +
         R"("},"components":[)" + components + "]}";
}

const std::string packages = R"(
    {"name":"openssl","versionInfo":"3.0.1","licenseConcluded":"Apache-2.0",
     "externalRefs":[{"referenceType":"purl",
                      "referenceLocator":"pkg:deb/debian/openssl@3.0.1?arch=amd64#x"}]},
    {"name":"left-pad","licenseDeclared":"MIT OR GPL-2.0-only"},
    {"name":"glibc","licenseConcluded":"LGPL-2.1-only AND GPL-2.0-only WITH Linux-syscall-note"})";

policy::PackagePattern exactly(const std::string& text) { return {text, TextMatch::exact(text)}; }
policy::PackagePattern glob(const std::string& text) { return {text, *TextMatch::glob(text)}; }

}  // namespace

TEST_CASE("a bill of materials meets the requirement in either form", "[judge-sbom]") {
  policy::Sbom requirement = wanted();
  requirement.max_age = 2h;
  const auto row = GENERATE(table<std::string_view, std::string>(
      {{spdx, spdx_text(packages)}, {cyclonedx, cyclonedx_text(R"({"name":"a"})")}}));
  const Judgement judgement = judge(requirement, {states(key, std::get<0>(row), std::get<1>(row))});
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.kind == "sbom");
  CHECK(judgement.by == std::vector{key.public_key().fingerprint()});
  CHECK(judgement.valid_until == now + 1h);
  CHECK(judgement.wanted == "a bill of materials signed under root \"test\", at most 2 h old");
}

TEST_CASE("packages are denied and required by name, version and package URL", "[judge-sbom]") {
  struct Row {
    policy::PackagePattern pattern;
    bool named;
  };
  const auto row = GENERATE(values<Row>({
      {exactly("openssl"), true},
      {exactly("openssl@3.0.1"), true},
      {glob("openssl@3.*"), true},
      {glob("open*"), true},
      {exactly("pkg:deb/debian/openssl"), true},
      {exactly("pkg:deb/debian/openssl@3.0.1"), true},
      {exactly("pkg:deb/debian/openssl@3.0.1?arch=amd64#x"), true},
      {glob("pkg:deb/**"), true},
      {exactly("left-pad"), true},
      {exactly("openssl@3.0.2"), false},
      {exactly("OpenSSL"), false},
      {exactly("ssl"), false},
      {exactly("left-pad@"), false},
      {exactly("pkg:deb/debian/open"), false},
      {exactly("pkg:deb/debian/openssl@3.0"), false},
      {exactly("deb/debian/openssl"), false},
  }));
  CAPTURE(row.pattern.text);
  const verify::Finding sbom = states(key, spdx, spdx_text(packages));
  policy::Sbom denied = wanted();
  denied.denied = {exactly("other"), row.pattern};
  CHECK(reason_of(judge(denied, {sbom})) ==
        (row.named ? std::optional(Code::sbom_package) : std::nullopt));
  policy::Sbom required = wanted();
  required.required = {exactly("glibc"), row.pattern};
  CHECK(reason_of(judge(required, {sbom})) ==
        (row.named ? std::nullopt : std::optional(Code::sbom_package)));
}

TEST_CASE("a component is named with and without its group", "[judge-sbom]") {
  const verify::Finding sbom = states(
      key, cyclonedx, cyclonedx_text(R"({"group":"org.example","name":"log","version":"2"})"));
  const auto name =
      GENERATE(as<std::string>(), "log", "log@2", "org.example/log", "org.example/log@2");
  CAPTURE(name);
  policy::Sbom requirement = wanted();
  requirement.denied = {exactly(name)};
  CHECK(reason_of(judge(requirement, {sbom})) == Code::sbom_package);
}

TEST_CASE("licences are allowed and denied as expressions have them", "[judge-sbom]") {
  struct Row {
    const char* why;
    std::vector<std::string> allowed;
    std::vector<std::string> denied;
    bool accepted;
  };
  const auto row = GENERATE(values<Row>({
      {"all are allowed", {"Apache-2.0", "MIT", "LGPL-2.1-only", "GPL-2.0-only"}, {}, true},
      {"one exception is allowed",
       {"Apache-2.0", "MIT", "LGPL-2.1-only", "GPL-2.0-only WITH Linux-syscall-note"},
       {},
       true},
      {"another licence is denied", {}, {"AGPL-3.0-only"}, true},
      {"a choice is left", {}, {"MIT"}, true},
      {"no choice is left", {}, {"MIT", "GPL-2.0-only"}, false},
      {"one is not allowed", {"Apache-2.0", "MIT"}, {}, false},
      {"one is denied", {}, {"Apache-2.0"}, false},
      {"an exception is denied", {}, {"GPL-2.0-only WITH Linux-syscall-note"}, false},
      {"what is allowed is denied",
       {"Apache-2.0", "MIT", "LGPL-2.1-only", "GPL-2.0-only"},
       {"LGPL-2.1-only"},
       false},
  }));
  CAPTURE(row.why);
  policy::Sbom requirement = wanted();
  for (const auto& text : row.allowed) {
    requirement.allowed_licenses.push_back(TextMatch::exact(text));
  }
  for (const auto& text : row.denied) requirement.denied_licenses.push_back(TextMatch::exact(text));
  CHECK(reason_of(judge(requirement, {states(key, spdx, spdx_text(packages))})) ==
        (row.accepted ? std::nullopt : std::optional(Code::sbom_license)));
}

TEST_CASE("a licence that nobody knows has to be allowed as such", "[judge-sbom]") {
  const verify::Finding sbom = states(key, spdx, spdx_text(R"({"name":"a"})"));
  policy::Sbom requirement = wanted();
  CHECK_FALSE(reason_of(judge(requirement, {sbom})));
  requirement.allowed_licenses = {TextMatch::exact("MIT")};
  CHECK(reason_of(judge(requirement, {sbom})) == Code::sbom_license);
  requirement.allowed_licenses.push_back(TextMatch::exact("NOASSERTION"));
  CHECK_FALSE(reason_of(judge(requirement, {sbom})));
}

TEST_CASE("the newest bill of materials decides", "[judge-sbom]") {
  policy::Sbom requirement = wanted();
  requirement.denied = {exactly("bad")};
  const auto sbom = [](const char* name, const char* created) {
    return states(key, spdx, spdx_text(R"({"name":")" + std::string(name) + "\"}", created));
  };
  const auto good_old = sbom("good", "2027-01-01T00:00:00Z");
  const auto bad_new = sbom("bad", "2027-01-02T00:00:00Z");
  const auto good_newest = sbom("good", "2027-01-03T00:00:00Z");
  const auto bad_undated = sbom("bad", "0001-01-01T00:00:00Z");
  const auto bad_future = sbom("bad", "2028-01-01T00:00:00Z");
  CHECK(reason_of(judge(requirement, {good_old, bad_new})) == Code::sbom_package);
  CHECK(reason_of(judge(requirement, {bad_new, good_old})) == Code::sbom_package);
  CHECK_FALSE(reason_of(judge(requirement, {good_old, good_newest, bad_new})));
  CHECK_FALSE(reason_of(judge(requirement, {bad_undated, good_old})));
  const auto good_undated = sbom("good", "0001-01-01T00:00:00Z");
  CHECK(reason_of(judge(requirement, {good_undated, bad_undated})) == Code::sbom_package);
  CHECK(reason_of(judge(requirement, {bad_undated, good_undated})) == Code::sbom_package);
  CHECK_FALSE(reason_of(judge(requirement, {good_old, bad_future})));
  CHECK(reason_of(judge(requirement, {bad_future})) == Code::time_future);
}

TEST_CASE("a licence without an exception is under none", "[judge-sbom]") {
  policy::Sbom requirement = wanted();
  requirement.denied_licenses = {*TextMatch::glob("* WITH *")};
  const auto licensed = [](const char* license) {
    return states(key, spdx,
                  spdx_text(R"({"name":"a","licenseConcluded":")" + std::string(license) + "\"}"));
  };
  CHECK_FALSE(reason_of(judge(requirement, {licensed("MIT")})));
  CHECK(reason_of(judge(requirement, {licensed("GPL-2.0-only WITH Linux-syscall-note")})) ==
        Code::sbom_license);
}

TEST_CASE("a bill of materials without a time is as old as its signature", "[judge-sbom]") {
  policy::Sbom requirement = wanted();
  requirement.max_age = 2h;
  verify::Finding undated = states(key, spdx, spdx_text("", "0001-01-01T00:00:00Z"));
  CHECK(reason_of(judge(requirement, {undated})) == Code::time_too_old);
  std::get<verify::Evidence>(undated.result).witnesses.times = {{now - 1h, "clock"}};
  CHECK_FALSE(reason_of(judge(requirement, {undated})));
  const auto old = states(key, spdx, spdx_text("", "2027-01-15T05:00:00Z"));
  CHECK(reason_of(judge(requirement, {old})) == Code::time_too_old);
}

TEST_CASE("without a bill of materials that counts the reason is told", "[judge-sbom]") {
  const auto good = states(key, spdx, spdx_text(packages));
  const auto bad_form = states(key, spdx, "{}");
  CHECK(reason_of(judge(wanted(), {})) == Code::evidence_none);
  CHECK(reason_of(judge(wanted(), {signed_by(key)})) == Code::evidence_none);
  CHECK(reason_of(judge(wanted(), {states(key, "https://example/x", spdx_text(""))})) ==
        Code::evidence_none);
  CHECK(reason_of(judge(wanted(), {states(stranger, spdx, spdx_text(""))})) ==
        Code::identity_mismatch);
  CHECK(reason_of(judge(wanted(), {bad_form})) == Code::predicate_malformed);
  CHECK_FALSE(reason_of(judge(wanted(), {bad_form, good})));
  policy::Sbom other_form = wanted();
  other_form.spdx = false;
  CHECK(reason_of(judge(other_form, {good})) == Code::evidence_none);
  CHECK_FALSE(reason_of(judge(other_form, {states(key, cyclonedx, cyclonedx_text(""))})));
  other_form = wanted();
  other_form.cyclonedx = false;
  CHECK(reason_of(judge(other_form, {states(key, cyclonedx, cyclonedx_text(""))})) ==
        Code::evidence_none);
  policy::Sbom denied = wanted();
  denied.denied = {exactly("openssl")};
  const Judgement undecided = judge(denied, {good, failed(Code::network_timeout)});
  CHECK(reason_of(undecided) == Code::network_timeout);
  CHECK(undecided.outcome == Outcome::error);
}

}  // namespace touchstone::judge
