#include "policy/read.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/limits.h"
#include "policy/grammar.h"
#include "tests/policy/policy_text.h"

namespace touchstone::policy {
namespace {

using test::whole_policy;
using test::world;

// The whole policy with one piece of text replaced by another.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = whole_policy;
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  REQUIRE(text.find(from, at + 1) == text.npos);
  return text.replace(at, from.size(), to);
}

// Takes "^^" out of the text and says where it stood.
Place taken_mark(std::string& text) {
  const std::size_t at = text.find("^^");
  REQUIRE(at != text.npos);
  text.erase(at, 2);
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  const std::size_t begin = at == 0 ? text.npos : text.rfind('\n', at - 1);
  return {static_cast<std::size_t>(line) + 1, at - (begin == text.npos ? 0 : begin + 1) + 1};
}

std::string rule_of(const std::string& pattern, const std::string& require = "deny") {
  return "  - {name: \"" + pattern + "\", match: {images: [\"" + pattern +
         "\"]}, require: " + require + "}\n";
}

const std::string keys_root =
    "roots: {r: {keys: [{id: a, file: alice.pub}, {id: b, file: bob.pub}]}, "
    "ci: {store: sigstore}, m: {store: yubico}, ca: {certificates: [{file: ca.pem}]}, "
    "r2: {keys: [{id: c, file: alice.crt}]}}\n";

// A policy with that requirement for all images.
std::string requiring(const std::string& require) {
  return "version: 1\n" + keys_root +
         "rules:\n  - name: all\n    match: {images: \"**\"}\n    require: " + require + "\n";
}

Document whole() {
  auto document = world().read(whole_policy);
  if (!document) FAIL(document.error().message);
  return *document;
}

}  // namespace

TEST_CASE("a policy with all that the language has is read", "[policy]") {
  const Document document = whole();
  CHECK(document.name == "acme");
  CHECK(document.serial == 42);
  CHECK(document.expires);
  CHECK(document.source == "policy.yaml");
  REQUIRE(document.rules.size() == 4);
  const Rule& release = document.rules[0];
  CHECK(release.tags == Tags::require_digest);
  CHECK(release.subject == Subject::either);
  CHECK(release.platforms.size() == 2);
  CHECK(release.freshness.max_signature_age == std::chrono::hours(180 * 24));
  CHECK(release.freshness.require_timestamp);
  REQUIRE(release.exceptions);
  CHECK(release.exceptions->count == 2);
  CHECK(release.exceptions->max_duration == std::chrono::hours(24));
  const auto& parts = std::get<AllOf>(release.require.kind).parts;
  std::vector<std::string> kinds;
  for (const Requirement& part : parts) kinds.emplace_back(kind_name(part));
  CHECK(kinds == std::vector<std::string>{"signatures", "threshold", "provenance", "sbom",
                                          "vulnerabilities", "predicate", "vsa", "base_image",
                                          "image"});
}

TEST_CASE("signers are complete when they are read", "[policy]") {
  const Document document = whole();
  const auto& parts = std::get<AllOf>(document.rules[0].require.kind).parts;
  const auto& signatures = std::get<Signatures>(parts[0].kind);
  CHECK(signatures.count == 2);
  CHECK(signatures.distinct == Distinct::device);
  CHECK(signatures.formats == std::vector{verify::SignatureFormat::sigstore});
  const verify::Demand& demand = signatures.signer.demand;
  REQUIRE(demand.signers.size() == 3);
  CHECK(demand.signers[0].trusted.owner == "alice");
  CHECK(demand.signers[0].trusted.not_before);
  CHECK(demand.signers[0].source == "root \"release\"");
  CHECK(demand.signers[2].trusted.attestation.size() == 2);
  REQUIRE(demand.hardware);
  CHECK(demand.hardware->touch);
  CHECK_FALSE(demand.hardware->pin);
  CHECK(demand.hardware->firmware == Firmware{5, 7, 0});
  CHECK(demand.hardware->serials == std::vector<std::uint32_t>{12345678});
  CHECK(demand.hardware->vendors == std::vector<std::string>{"maker"});
  REQUIRE(demand.vendors.size() == 1);
  const auto& threshold = std::get<Threshold>(parts[1].kind);
  CHECK(threshold.distinct == Distinct::identity);
  const auto& alice = std::get<Signatures>(threshold.parts[0].kind).signer.demand;
  REQUIRE(alice.signers.size() == 1);
  CHECK(alice.signers[0].trusted.owner == "alice");
  const auto& holder = std::get<Signatures>(threshold.parts[1].kind).signer.demand;
  CHECK(holder.authorities.size() == 1);
  REQUIRE(holder.identities.size() == 1);
  CHECK(holder.identities[0].subject.matches("release@acme.example"));
}

TEST_CASE("requirements on attestations are complete when they are read", "[policy]") {
  const Document document = whole();
  const auto& parts = std::get<AllOf>(document.rules[0].require.kind).parts;
  const auto& provenance = std::get<Provenance>(parts[2].kind);
  REQUIRE(provenance.builders.size() == 1);
  CHECK(provenance.builders[0]->name == "github");
  CHECK(provenance.builders[0]->level == 2);
  CHECK(provenance.builders[0]->signer.demand.instances.size() == 1);
  CHECK(provenance.min_level == 2);
  CHECK(provenance.source->matches("github.com/acme/app"));
  CHECK_FALSE(provenance.source->matches("github.com/evil/app"));
  CHECK(provenance.ref->matches("refs/tags/v1"));
  CHECK(provenance.versioned_tag == "v1.2");
  CHECK(provenance.build_types.size() == 1);
  CHECK(provenance.parameters.at("jobs") == formats::Json(std::uint64_t{4}));
  CHECK(provenance.ignored_parameters == std::vector<std::string>{"inputs"});
  CHECK_FALSE(provenance.allow_extra_parameters);
  CHECK(provenance.max_age == std::chrono::hours(720));
  const auto& sbom = std::get<Sbom>(parts[3].kind);
  CHECK(sbom.spdx);
  CHECK_FALSE(sbom.cyclonedx);
  REQUIRE(sbom.denied.size() == 1);
  CHECK(sbom.denied[0].name.matches("pkg:npm/left-pad@1.3.0"));
  CHECK(sbom.required.at(0).name.matches("openssl"));
  CHECK(sbom.denied_licenses.at(0).matches("AGPL-3.0-only"));
  const auto& scan = std::get<Vulnerabilities>(parts[4].kind);
  CHECK(scan.max_age == std::chrono::hours(24));
  CHECK(scan.database_max_age == std::chrono::hours(48));
  CHECK(scan.denied_from == Severity::high);
  CHECK(scan.fixable_only);
  REQUIRE(scan.ignored.size() == 1);
  CHECK(scan.ignored[0].until == std::chrono::sys_days(std::chrono::year(2027) / 3 / 2));
  REQUIRE(scan.vex);
  CHECK(scan.vex->not_affected);
  CHECK_FALSE(scan.vex->fixed);
  CHECK(std::get<PredicateCheck>(parts[5].kind).type.starts_with("https://openvex.dev/ns"));
  CHECK(std::get<Summary>(parts[6].kind).levels == std::vector<std::string>{"SLSA_BUILD_LEVEL_3"});
  const auto& base = std::get<BaseImage>(parts[7].kind);
  CHECK(base.verified);
  CHECK(base.images.at(0).text() == "docker.io/library/debian:12*");
  const auto& image = std::get<ImageConfiguration>(parts[8].kind);
  CHECK(image.not_root);
  CHECK(image.labels.size() == 2);
  CHECK_FALSE(image.labels[1].value);
  CHECK(image.platforms.size() == 1);
}

TEST_CASE("a rule inherits the requirement of another, and defaults hold", "[policy]") {
  const Document document = whole();
  const Rule& staging = document.rules[1];
  CHECK(staging.mode == Mode::audit);
  CHECK(staging.on_error == OnError::allow);
  const auto& parts = std::get<AllOf>(staging.require.kind).parts;
  REQUIRE(parts.size() == 2);
  CHECK(kind_name(parts[0]) == "any_of");
  CHECK(kind_name(parts[1]) == "signatures");
  const auto audited = world().read(changed("defaults: {mode: enforce", "defaults: {mode: audit"));
  REQUIRE(audited);
  CHECK(audited->rules[2].mode == Mode::audit);
}

TEST_CASE("an image has the most specific rule", "[policy]") {
  const Document document = whole();
  const auto digest = *Digest::parse("sha256:" + std::string(64, 'a'));
  const auto rule = [&](const char* image) {
    return rule_for(document, *Reference::parse(image), digest).name;
  };
  CHECK(rule("registry.example.com/prod/a/b:1") == "release images");
  CHECK(rule("debian") == "base");
  CHECK(rule("registry.example.com.evil.test/prod/a") == "everything else");
  CHECK(rule("oci-layout:/tmp/x") == "everything else");
}

TEST_CASE("a policy's digest is the same in YAML and JSON, whatever its order", "[policy]") {
  const auto yaml = world().read("version: 1\nname: \"n\u00fc\"\nrules:\n" + rule_of("**"));
  const auto json = world().read(
      R"({"rules": [{"require": "deny", "name": "**", "match": {"images": ["**"]}}], "name": "n)"
      "\u00fc"
      R"(", "version": 1})");
  REQUIRE(yaml);
  REQUIRE(json);
  CHECK(yaml->digest == json->digest);
  const auto other = world().read("version: 1\nname: m\nrules:\n" + rule_of("**"));
  REQUIRE(other);
  CHECK(other->digest != yaml->digest);
}

TEST_CASE("the digest of materials follows the keys, and not where they lie", "[policy]") {
  const auto material = [](const test::World& files) { return files.read(whole_policy)->material; };
  test::World other = world();
  CHECK(material(other) == material(world()));
  other.files["bob.pub"] = test::World::key();
  CHECK(material(other) != material(world()));
  const auto later = world().read(changed("not_before: 2025-01-01", "not_before: 2025-02-01"));
  REQUIRE(later);
  CHECK(later->material != whole().material);
}

TEST_CASE("what is wrong with a policy is told with its place", "[policy]") {
  struct Row {
    const char* why;
    std::string from;
    std::string to;
    Code code;
    const char* hint = "";
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"a tab", "name: acme", "name: ^^\tacme", Code::policy_syntax},
      {"an anchor", "name: acme", "name: &a ^^acme", Code::policy_syntax},
      {"a key twice", "serial: 42", "serial: 42\n^^serial: 43", Code::policy_syntax},
      {"an unknown key", "serial: 42", "^^seriel: 42", Code::policy_unknown_key, "\"serial\""},
      {"a far unknown key", "serial: 42", "^^zzz: 42", Code::policy_unknown_key, "here can stand"},
      {"an unknown key, deeper", "touch: true", "^^tuch: true", Code::policy_unknown_key,
       "\"touch\""},
      {"an unknown requirement", "- sbom: {", "- ^^sbon: {", Code::policy_unknown_key, "\"sbom\""},
      {"no name", "  - name: base\n", "  - ^^tags: pin\n", Code::policy_missing_key},
      {"another version", "version: 1", "version: ^^2", Code::policy_value},
      {"a version in quotes", "version: 1", "version: ^^\"1\"", Code::policy_value},
      {"no version", "version: 1\n", "^^", Code::policy_missing_key},
      {"a negative serial", "serial: 42", "serial: ^^-1", Code::policy_value},
      {"a date for a time", "expires: 2027-06-01T00:00:00Z", "expires: ^^2027-06-01",
       Code::policy_value, "2026-12-31T23:59:59Z"},
      {"a time of no calendar", "expires: 2027-06-01T00:00:00Z", "expires: ^^2027-02-30T00:00:00Z",
       Code::policy_value},
      {"another zone", "expires: 2027-06-01T00:00:00Z", "expires: ^^2027-06-01T00:00:00+01:00",
       Code::policy_value},
      {"yes", "touch: true", "touch: ^^yes", Code::policy_value, ""},
      {"a wrong word", "defaults: {mode: enforce", "defaults: {mode: ^^enforced",
       Code::policy_value, "\"enforce\""},
      {"a number for a name", "name: acme", "name: ^^5", Code::policy_value, "quotes"},
      {"an empty name", "name: acme", "name: ^^\"\"", Code::policy_empty},
      {"nothing for a name", "name: acme", "^^name:", Code::policy_empty},
      {"an age without a unit", "max_age: 24h", "max_age: ^^24", Code::policy_value, "24h"},
      {"an age in weeks", "max_age: 24h", "max_age: ^^2w", Code::policy_value, "24h"},
      {"an age with blanks", "max_age: 24h", "max_age: ^^\"24 h\"", Code::policy_value, "24h"},
      {"an age of nothing", "max_age: 24h", "max_age: ^^0h", Code::policy_value, "24h"},
      {"a negative age", "max_age: 24h", "max_age: ^^-24h", Code::policy_value, "24h"},
      {"an age of ages", "max_age: 24h", "max_age: ^^99999999d", Code::policy_value, "24h"},
      {"a list for a mapping",
       "defaults: {mode: enforce, on_error: deny, tags: pin, subject: index}", "defaults: ^^[]",
       Code::policy_value},
      // Roots.
      {"a root of two kinds", "scanner: {keys", "scanner: ^^{store: x, keys",
       Code::policy_root_kind},
      {"a root of no kind", "sigstore: {store: sigstore}", "other: ^^{}", Code::policy_root_kind},
      {"a root with a wrong name", "  scanner: {keys", "  ^^Scanner: {keys",
       Code::policy_root_name},
      {"a root with a built-in's name", "sigstore: {store: sigstore}",
       "^^sigstore: {keys: [{id: a, file: bob.pub}]}", Code::policy_root_name},
      {"no such file", "file: scan.pub", "file: ^^nowhere.pub", Code::usage_file},
      {"a file that is no key", "file: scan.pub", "file: ^^rubbish", Code::format_key},
      {"a file that is no certificate", "file: ca.pem", "file: ^^rubbish",
       Code::format_certificate},
      {"a certificate of no authority", "{certificates: [{file: ca.pem}]}",
       "^^{certificates: [{file: leaf.pem}]}", Code::policy_authority},
      {"an id twice", "{id: bob, file", "{id: ^^alice, file", Code::policy_duplicate},
      {"a key twice in a root", "file: bob.pub", "file: ^^alice.pub", Code::policy_duplicate,
       "counts once"},
      {"a key in a certificate once more [XP-07]", "file: bob.pub", "file: ^^alice.crt",
       Code::policy_duplicate, "counts once"},
      {"an attestation of another key", "file: carol.pub, attestation: carol-attest.pem",
       "file: scan.pub, attestation: ^^carol-attest.pem", Code::policy_value},
      {"an attestation that is none", "attestation: carol-attest.pem", "attestation: ^^rubbish",
       Code::policy_value},
      {"a validity that ends first", "not_before: 2025-01-01T00:00:00Z",
       "not_before: 2025-01-01T00:00:00Z, not_after: ^^2024-01-01T00:00:00Z", Code::policy_value},
      {"no such root in the store", "sigstore: {store: sigstore}", "shop: {store: ^^nowhere}",
       Code::policy_unknown_root},
      {"no such root", "vex: {signer: {root: scanner}", "vex: {signer: {root: ^^scaner}",
       Code::policy_reference, "\"scanner\""},
      {"no such key", "keys: [alice]", "keys: ^^[alicia]", Code::policy_reference, "\"alice\""},
      {"a maker who signs", "vex: {signer: {root: scanner}", "vex: {signer: {root: ^^maker}",
       Code::policy_root_kind, "hardware"},
      {"signers who make devices", "hardware: {root: maker", "hardware: {root: ^^scanner",
       Code::policy_root_kind},
      {"a firmware that is no version", "min_firmware: \"5.7.0\"", "min_firmware: ^^\"5.7\"",
       Code::policy_value},
      {"a device twice", "serials: [12345678]", "serials: [1, ^^1]", Code::policy_duplicate},
      {"no devices", "serials: [12345678]", "serials: ^^[]", Code::policy_empty},
      // Builders and provenance.
      {"no such builder", "builder: github", "builder: ^^gitlab", Code::policy_reference},
      {"a level that none reaches", "min_level: 2", "min_level: ^^3", Code::policy_value},
      {"a level that is none", "level: 2\n\nrules", "level: ^^4\n\nrules", Code::policy_value},
      {"every builder", "id: \"https://github.com/actions/runner/github-hosted\"",
       "id: ^^{glob: \"**\"}", Code::policy_pattern},
      {"a source with a scheme", "{uri: {glob: \"github.com/acme/**\"}",
       "{uri: ^^{glob: \"https://github.com/acme/**\"}", Code::policy_value,
       "\"github.com/acme/**\""},
      {"a source with .git", "{uri: {glob: \"github.com/acme/**\"}",
       "{uri: ^^git+https://github.com/acme/app.git", Code::policy_value,
       "\"github.com/acme/app\""},
      {"a star in a plain text", "{uri: {glob: \"github.com/acme/**\"}",
       "{uri: ^^github.com/acme/**", Code::policy_value, "{glob: \"github.com/acme/**\"}"},
      {"a version that is none", "versioned_tag: v1.2", "versioned_tag: ^^1.2.x",
       Code::policy_value},
      {"a parameter twice", "ignore: [inputs]", "ignore: ^^[target]", Code::policy_value},
      // Vulnerabilities, predicates and the like.
      {"an ignore without an end", "until: 2027-03-01, reason", "reason", Code::policy_missing_key,
       ""},
      {"an ignore without a reason", ", reason: \"not reachable, see SEC-77\"", "",
       Code::policy_missing_key, ""},
      {"an ignore twice", "ignore: [{id: CVE-2026-1234",
       "ignore: [{id: CVE-2026-1234, until: 2027-03-01, reason: x}, {id: ^^CVE-2026-1234",
       Code::policy_duplicate},
      {"an unknown severity", "severity: high", "severity: ^^hi", Code::policy_value, "\"high\""},
      {"an expression that is none", "expression: 'predicate.result == \"PASSED\"'",
       "expression: ^^'predicate.'", Code::policy_expression},
      {"an unknown type", "type: openvex", "type: ^^nosuchtype", Code::policy_value},
      {"a pattern twice", "\"registry.example.com/stage/**\"",
       "^^\"registry.example.com/staging/**\"", Code::policy_duplicate},
      {"a wrong pattern", "\"registry.example.com/stage/**\"", "^^\"registry.example.com*/**\"",
       Code::policy_value},
      {"an empty list", "platforms: [linux/amd64, linux/arm64]", "platforms: ^^[]",
       Code::policy_empty},
      {"a platform that is none", "platforms: [linux/amd64, linux/arm64]", "platforms: ^^[linux]",
       Code::policy_value},
      {"platforms of an index", "subject: either\n    platforms: [linux", "platforms: ^^[linux",
       Code::policy_value},
      {"nothing in any_of",
       "any_of: [{signatures: {root: scanner}}, {signatures: {root: release}}]", "any_of: ^^[]",
       Code::policy_empty},
      {"more than there are", "count: 1\n            of", "count: ^^3\n            of",
       Code::policy_value},
      {"more keys than there are", "exceptions: {signer: {root: release}, count: 2",
       "exceptions: {signer: {root: release}, count: ^^4", Code::policy_value},
      {"exceptions by devices without attestations",
       "exceptions: {signer: {root: release}, count: 2",
       "exceptions: {signer: {root: release}, distinct: ^^device, count: 2", Code::policy_value},
      {"an exception of a week", "max_duration: 24h", "max_duration: ^^7d", Code::policy_value},
      // Rules.
      {"fail open without consent", "    mode: audit\n    on_error: allow", "    on_error: ^^allow",
       Code::policy_fail_open},
      {"a rule's name twice", "name: base\n", "name: ^^staging\n", Code::policy_duplicate},
      {"inheriting from nobody", "inherit: base", "inherit: ^^bass", Code::policy_reference,
       "\"base\""},
      {"inheriting from itself", "inherit: base", "inherit: ^^staging", Code::policy_value},
      {"a tie", "\"docker.io/library/debian\"]", "\"registry.example.com/prod/**\"]",
       Code::policy_ambiguous, ""},
      {"no final rule", "images: [\"**\"]}\n    require: deny",
       "images: [\"docker.io/**\"]}\n    require: deny", Code::policy_final_rule, ""},
      {"the final rule too early", "\"docker.io/library/debian\"]", "\"**\"]",
       Code::policy_ambiguous, ""},
  }));
  CAPTURE(row.why);
  std::string text = changed(row.from, row.to);
  const bool marked = text.contains("^^");
  const Place place = marked ? taken_mark(text) : Place{};
  const auto document = world().read(text);
  REQUIRE_FALSE(document);
  CAPTURE(document.error().message, document.error().hint);
  CHECK(document.error().code == row.code);
  CHECK(document.error().hint.contains(row.hint));
  if (marked) CHECK(document.error().message.starts_with("policy.yaml:" + to_string(place) + ": "));
}

TEST_CASE("who may sign is said whole", "[policy][SIG-36][XP-07]") {
  struct Row {
    const char* why;
    std::string signer;
    Code code;
  };
  const auto row = GENERATE(Catch::Generators::values<Row>({
      {"a subject without an issuer", "{root: ci, subject: a@b.example}", Code::policy_identity},
      {"an issuer without a subject", "{root: ci, issuer: \"https://i.example\"}",
       Code::policy_identity},
      {"anybody of an instance", "{root: ci}", Code::policy_identity},
      {"anybody of an instance beside keys", "{root: [r, ci]}", Code::policy_identity},
      {"a subject of keys", "{root: r, subject: a@b.example}", Code::policy_identity},
      {"an issuer of one's own authority", "{root: ca, subject: a@b.example, issuer: x}",
       Code::policy_identity},
      {"a log that nobody names", "{root: r, require_log: true}", Code::policy_identity},
      {"every name", "{root: ci, subject: {regex: \".*\"}, issuer: \"https://i.example\"}",
       Code::policy_pattern},
      {"every name by a glob", "{root: ci, subject: {glob: \"**\"}, issuer: \"https://i.example\"}",
       Code::policy_pattern},
      {"every issuer", "{root: ci, subject: a@b.example, issuer: {regex: \".+\"}}",
       Code::policy_pattern},
      {"a pattern that RE2 refuses", "{root: ca, subject: {regex: \"(a\"}}", Code::policy_pattern},
      {"two forms of a name", "{root: ca, subject: {regex: a, glob: a}}", Code::policy_value},
      {"an unknown form", "{root: ca, subject: {wildcard: a}}", Code::policy_value},
      {"a key in two roots [XP-07]", "{root: [r, r2]}", Code::policy_duplicate},
      {"ids of no keys", "{root: ca, keys: [a]}", Code::policy_value},
      {"devices without attestations", "{root: r, count: 2, distinct: device}", Code::policy_value},
      {"three of two keys", "{root: r, count: 3}", Code::policy_value},
      {"none of two keys", "{root: r, count: 0}", Code::policy_value},
      {"no root", "{count: 1}", Code::policy_missing_key},
      {"an annotation that is no text", "{root: r, annotations: {a: 1}}", Code::policy_value},
  }));
  CAPTURE(row.why);
  const auto document = world().read(requiring("{signatures: " + row.signer + "}"));
  REQUIRE_FALSE(document);
  CAPTURE(document.error().message);
  CHECK(document.error().code == row.code);
}

TEST_CASE("who may sign is taken as it is said", "[policy]") {
  const auto signer = GENERATE(Catch::Generators::values<std::string>({
      "{root: r}",
      "{root: [r, ca]}",
      "{root: r, keys: [b]}",
      "{root: ca}",
      "{root: ca, subject: a@b.example}",
      "{root: ci, subject: a@b.example, issuer: \"https://i.example\"}",
      "{root: [r, ci], require_log: true}",
      "{root: r, count: 2, distinct: device, hardware: {}}",
      "{root: r, hardware: {root: m}}",
      "{root: r, annotations: {stage: prod}}",
      "{root: ci, subject: {regex: \"a|b\"}, issuer: {glob: \"https://*.example\"}}",
  }));
  CAPTURE(signer);
  const auto document = world().read(requiring("{signatures: " + signer + "}"));
  if (!document) FAIL(document.error().message);
  SUCCEED();
}

TEST_CASE("requirements that ask for nothing, or nest too deep, are refused", "[policy]") {
  std::string deep = "{signatures: {root: r}}";
  for (std::size_t i = 0; i < limits::max_requirement_depth; ++i) deep = "{all_of: [" + deep + "]}";
  CHECK(world().read(requiring(deep)));
  struct Row {
    const char* why;
    std::string require;
    Code code;
  };
  const auto row = GENERATE_COPY(Catch::Generators::values<Row>({
      {"too deep", "{any_of: [" + deep + "]}", Code::policy_value},
      {"several in a mapping", "{signatures: {root: r}, sbom: {signer: {root: r}}}",
       Code::policy_value},
      {"none in a mapping", "{}", Code::policy_value},
      {"another word", "denied", Code::policy_value},
      {"a list", "[deny]", Code::policy_value},
      {"nothing of an image", "{image: {}}", Code::policy_empty},
      {"nothing of an image, said", "{image: {not_root: false}}", Code::policy_empty},
      {"nothing of a base", "{base_image: {}}", Code::policy_empty},
      {"parts that are no list", "{all_of: {signatures: {root: r}}}", Code::policy_value},
      {"a threshold without parts", "{threshold: {count: 1, of: []}}", Code::policy_empty},
      {"no negation", "{not: {signatures: {root: r}}}", Code::policy_unknown_key},
  }));
  CAPTURE(row.why);
  const auto document = world().read(requiring(row.require));
  REQUIRE_FALSE(document);
  CHECK(document.error().code == row.code);
}

TEST_CASE("rules inherit in a line, and in no circle", "[policy]") {
  const auto rule = [](const char* name, const char* pattern, const std::string& inherit) {
    return "  - {name: " + std::string(name) + ", match: {images: [\"" + pattern +
           "\"]}, require: {signatures: {root: r}}" +
           (inherit.empty() ? "" : ", inherit: " + inherit) + "}\n";
  };
  const std::string begin = "version: 1\n" + keys_root + "rules:\n";
  const auto line = world().read(begin + rule("a", "x.example/a", "b") +
                                 rule("b", "x.example/b", "c") + rule("c", "**", ""));
  REQUIRE(line);
  CHECK(std::get<AllOf>(line->rules[0].require.kind).parts.size() == 3);
  CHECK(std::get<AllOf>(line->rules[1].require.kind).parts.size() == 2);
  CHECK(kind_name(line->rules[2].require) == "signatures");
  const auto circle = world().read(begin + rule("a", "x.example/a", "b") +
                                   rule("b", "x.example/b", "c") + rule("c", "**", "b"));
  REQUIRE_FALSE(circle);
  CHECK(circle.error().code == Code::policy_value);
}

TEST_CASE("a policy of many patterns is read in time, and of too many refused", "[policy]") {
  std::string rules;
  for (std::size_t i = 0; i < 1000; ++i) rules += rule_of("x.example/a" + std::to_string(i));
  CHECK(world().read("version: 1\nrules:\n" + rules + rule_of("**")));
  std::string images;
  for (std::size_t i = 0; i < limits::max_policy_patterns; ++i)
    images += "x.example/a" + std::to_string(i) + ", ";
  const auto many = world().read("version: 1\nrules:\n  - {name: a, match: {images: [" + images +
                                 "b]}, require: deny}\n" + rule_of("**"));
  REQUIRE_FALSE(many);
  CHECK(many.error().code == Code::limit_count);
  for (std::size_t i = 1000; i <= limits::max_policy_rules; ++i) {
    rules += rule_of("x.example/a" + std::to_string(i));
  }
  const auto rules_over = world().read("version: 1\nrules:\n" + rules + rule_of("**"));
  REQUIRE_FALSE(rules_over);
  CHECK(rules_over.error().code == Code::limit_count);
}

TEST_CASE("the rule for all other images is the last", "[policy]") {
  const std::string begin = "version: 1\nrules:\n";
  const auto early = world().read(begin + rule_of("**") + rule_of("x.example/a"));
  REQUIRE_FALSE(early);
  CHECK(early.error().code == Code::policy_final_rule);
  CHECK(early.error().message.starts_with("policy.yaml:3:"));
  CHECK(early.error().hint.contains("at the end"));
  CHECK(world().read(begin + rule_of("x.example/a") + rule_of("**")));
}

TEST_CASE("a text that is too long or too deep could not be looked at", "[policy]") {
  const auto refusal = [](const std::string& text) {
    const auto document = world().read(text);
    REQUIRE_FALSE(document);
    return document.error().code;
  };
  CHECK(refusal(std::string(limits::max_policy_bytes + 1, '\n')) == Code::limit_size);
  CHECK(refusal("a: " + std::string(limits::max_policy_depth + 1, '[')) == Code::limit_depth);
}

TEST_CASE("the example of the reference page is read", "[policy]") {
  std::ifstream file(std::string(TOUCHSTONE_SOURCE_DIR) + "/docs/reference/policy.md");
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  const std::size_t begin = page.find("```yaml\n") + 8;
  const auto document = world().read(page.substr(begin, page.find("```", begin) - begin));
  if (!document) FAIL(document.error().message);
  CHECK(document->rules.size() == 2);
}

TEST_CASE("the reference page has every key", "[policy]") {
  std::ifstream file(std::string(TOUCHSTONE_SOURCE_DIR) + "/docs/reference/policy.md");
  const std::string page((std::istreambuf_iterator<char>(file)), {});
  for (const ObjectKind& kind : object_kinds()) {
    for (const Key& key : kind.keys) {
      CAPTURE(kind.name, key.name);
      CHECK(page.contains(key.name));
    }
  }
}

}  // namespace touchstone::policy
