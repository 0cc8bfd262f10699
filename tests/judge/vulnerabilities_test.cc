// Scans under a requirement: how old, how bad, and what excuses.
#include <catch2/catch.hpp>

#include "formats/vulnerability_report.h"
#include "judge/requirements.h"
#include "tests/judge/evidence.h"

namespace touchstone::judge {
namespace {

using namespace test;
using Attached = std::vector<verify::Finding>;
using formats::Severity;

const PrivateKey key = make_key();
const PrivateKey vex_key = make_key();
const PrivateKey stranger = make_key();
constexpr std::string_view type = formats::vulnerabilities_cosign;
constexpr std::string_view vex_type = "https://openvex.dev/ns/v0.2.0";

policy::Vulnerabilities wanted() {
  return {.signer = signer_of({&key}), .max_age = 24h, .denied_from = Severity::high};
}

policy::Vulnerabilities with_vex() {
  policy::Vulnerabilities requirement = wanted();
  requirement.vex = policy::Vex{signer_of({&vex_key})};
  return requirement;
}

Judgement judge(const policy::Vulnerabilities& requirement, Attached scans, Attached vex = {}) {
  const Surroundings around;
  return judge_vulnerabilities(requirement, scans, vex, around.context(), {});
}

std::string found(const std::string& id, const std::string& severity,
                  const std::string& fixed = "2") {
  return R"({"VulnerabilityID":")" + id + R"(","PkgName":"openssl","InstalledVersion":"1",)" +
         R"("PkgIdentifier":{"PURL":"pkg:deb/debian/openssl@1?arch=amd64"},"Severity":")" +
         severity + R"(","FixedVersion":")" + fixed + "\"}";
}

std::string report(const std::string& findings,
                   const std::string& finished = "2027-01-15T07:00:00Z",
                   const std::string& database = "2027-01-15T00:00:00Z") {
  return R"({"scanner":{"uri":"trivy","db":{"lastUpdate":")" + database +
         R"("},"result":{"SchemaVersion":2,"Results":[{"Vulnerabilities":[)" + findings +
         R"(]}]}},"metadata":{"scanFinishedOn":")" + finished + "\"}}";
}

verify::Finding scan(const std::string& findings,
                     const std::string& finished = "2027-01-15T07:00:00Z") {
  return states(key, type, report(findings, finished));
}

const verify::Finding critical = scan(found("CVE-1", "CRITICAL"));

verify::Finding vex(const std::string& status, const PrivateKey& by = vex_key,
                    const std::string& products = "[]", const std::string& time = "2027-01-01") {
  return states(by, vex_type,
                R"({"timestamp":")" + time +
                    R"(T00:00:00Z","statements":[{"vulnerability":{"name":"CVE-1"},"status":")" +
                    status + R"(","justification":"x","products":)" + products + "}]}");
}

}  // namespace

TEST_CASE("a recent scan without what is denied meets the requirement", "[judge-vulnerabilities]") {
  policy::Vulnerabilities requirement = wanted();
  requirement.database_max_age = 12h;
  const Judgement judgement = judge(requirement, {scan(found("CVE-1", "MEDIUM"))});
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.kind == "vulnerabilities");
  CHECK(judgement.by == std::vector{key.public_key().fingerprint()});
  CHECK(judgement.valid_until == now + 4h);  // the database's age
  CHECK(judgement.wanted ==
        "a scan signed under root \"test\", at most 24 h old, without vulnerabilities that are "
        "high or worse");
  requirement.database_max_age.reset();
  CHECK(judge(requirement, {scan("")}).valid_until == now + 23h);
}

TEST_CASE("how bad a vulnerability may be is the rule's", "[judge-vulnerabilities]") {
  struct Row {
    std::string severity;
    std::optional<Severity> denied_from;
    bool accepted;
  };
  const auto row = GENERATE(values<Row>({
      {"CRITICAL", Severity::critical, false},
      {"HIGH", Severity::critical, true},
      {"HIGH", Severity::high, false},
      {"MEDIUM", Severity::high, true},
      {"LOW", Severity::low, false},
      {"NONE", Severity::low, true},
      {"NONE", Severity::none, false},
      {"CRITICAL", std::nullopt, true},
      {"UNKNOWN", Severity::critical, false},  // counts as the highest
      {"", Severity::critical, false},
      {"UNKNOWN", std::nullopt, true},
  }));
  CAPTURE(row.severity);
  policy::Vulnerabilities requirement = wanted();
  requirement.denied_from = row.denied_from;
  CHECK(reason_of(judge(requirement, {scan(found("CVE-1", row.severity))})) ==
        (row.accepted ? std::nullopt : std::optional(Code::vulnerability_found)));
}

TEST_CASE("a scan has to be of a time that is known, past and recent", "[judge-vulnerabilities]") {
  struct Row {
    const char* why;
    std::string text;
    Code code;
  };
  std::string endless = report("");
  endless.replace(endless.find("scanFinishedOn"), 14, "scanEndedOn");
  std::string no_database = report("");
  no_database.replace(no_database.find("lastUpdate"), 10, "x");
  const auto row = GENERATE_COPY(values<Row>({
      {"too old", report("", "2027-01-14T07:59:59Z"), Code::time_too_old},
      {"of no time", endless, Code::time_too_old},
      {"to come", report("", "2027-01-15T08:05:01Z"), Code::time_future},
      {"the database too old", report("", "2027-01-15T07:00:00Z", "2027-01-13T07:59:59Z"),
       Code::time_too_old},
      {"the database of no time", no_database, Code::time_too_old},
      {"the database to come", report("", "2027-01-15T07:00:00Z", "2027-01-15T09:00:00Z"),
       Code::time_future},
  }));
  CAPTURE(row.why);
  policy::Vulnerabilities requirement = wanted();
  requirement.database_max_age = 48h;
  CHECK(reason_of(judge(requirement, {states(key, type, row.text)})) == row.code);
}

TEST_CASE("a scan within the clocks' difference counts", "[judge-vulnerabilities]") {
  CHECK_FALSE(reason_of(judge(wanted(), {scan("", "2027-01-15T08:05:00Z")})));
  CHECK_FALSE(reason_of(judge(wanted(), {scan("", "2027-01-14T08:00:00Z")})));
}

TEST_CASE("the newest scan decides", "[judge-vulnerabilities]") {
  const auto clean_old = scan("", "2027-01-15T01:00:00Z");
  const auto clean_new = scan("", "2027-01-15T07:30:00Z");
  const auto future = scan("", "2027-01-16T00:00:00Z");
  CHECK(reason_of(judge(wanted(), {clean_old, critical})) == Code::vulnerability_found);
  CHECK(reason_of(judge(wanted(), {critical, clean_old})) == Code::vulnerability_found);
  CHECK_FALSE(reason_of(judge(wanted(), {critical, clean_new})));
  CHECK(reason_of(judge(wanted(), {critical, future})) == Code::vulnerability_found);
  const auto clean_same = scan("");  // of the same second
  CHECK(reason_of(judge(wanted(), {critical, clean_same})) == Code::vulnerability_found);
  CHECK(reason_of(judge(wanted(), {clean_same, critical})) == Code::vulnerability_found);
}

TEST_CASE("what has no fix may be let pass", "[judge-vulnerabilities]") {
  policy::Vulnerabilities requirement = wanted();
  requirement.fixable_only = true;
  CHECK(reason_of(judge(requirement, {critical})) == Code::vulnerability_found);
  CHECK_FALSE(reason_of(judge(requirement, {scan(found("CVE-1", "CRITICAL", ""))})));
  // A scanner that does not say whether there is one.
  const auto unsaid = states(key, formats::vulnerabilities_v02, R"({"scanner":{"result":[
      {"id":"CVE-1"}]},"metadata":{"scanFinishedOn":"2027-01-15T07:00:00Z"}})");
  CHECK(reason_of(judge(requirement, {unsaid})) == Code::vulnerability_found);
  CHECK(judge(requirement, {}).wanted ==
        "a scan signed under root \"test\", at most 24 h old, without fixable vulnerabilities "
        "that are high or worse");
}

TEST_CASE("what is ignored counts again when that ends", "[judge-vulnerabilities]") {
  policy::Vulnerabilities requirement = wanted();
  requirement.ignored = {{"CVE-1", now + 1s, "not reachable"}};
  const Judgement judgement = judge(requirement, {critical});
  CHECK_FALSE(reason_of(judgement));
  CHECK(judgement.valid_until == now + 1s);
  CHECK(judge(requirement, {scan("")}).valid_until == now + 23h);  // not relied on
  requirement.ignored = {{"CVE-1", now, "not reachable"}};
  CHECK(reason_of(judge(requirement, {critical})) == Code::vulnerability_found);
  requirement.ignored = {{"CVE-10", now + 24h, "another"},
                         {"CVE-1", now - 1h, "ended"},
                         {"CVE-1", now + 24h, "renewed"}};
  CHECK_FALSE(reason_of(judge(requirement, {critical})));
  requirement.ignored = {{"CVE-10", now + 24h, "another"}};
  CHECK(reason_of(judge(requirement, {critical})) == Code::vulnerability_found);
}

TEST_CASE("VEX of the right signer excuses, in the states that the rule takes",
          "[judge-vulnerabilities]") {
  policy::Vulnerabilities requirement = with_vex();
  CHECK_FALSE(reason_of(judge(requirement, {critical}, {vex("not_affected")})));
  CHECK_FALSE(reason_of(judge(requirement, {critical}, {vex("fixed")})));
  CHECK(reason_of(judge(requirement, {critical}, {vex("affected")})) == Code::vulnerability_found);
  CHECK(reason_of(judge(requirement, {critical}, {vex("under_investigation")})) ==
        Code::vulnerability_found);
  requirement.vex->not_affected = false;
  CHECK(reason_of(judge(requirement, {critical}, {vex("not_affected")})) ==
        Code::vulnerability_found);
  CHECK_FALSE(reason_of(judge(requirement, {critical}, {vex("fixed")})));
  requirement.vex->not_affected = true;
  requirement.vex->fixed = false;
  CHECK(reason_of(judge(requirement, {critical}, {vex("fixed")})) == Code::vulnerability_found);
}

TEST_CASE("VEX that does not count excuses nothing", "[judge-vulnerabilities]") {
  const policy::Vulnerabilities requirement = with_vex();
  struct Row {
    const char* why;
    verify::Finding vex;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"a stranger's", vex("not_affected", stranger)},
      {"the scanner's", vex("not_affected", key)},
      {"malformed", states(vex_key, vex_type, "{}")},
      {"of another type", states(vex_key, "https://example/x", R"({"statements":[
          {"vulnerability":"CVE-1","status":"fixed"}]})")},
      {"no statement", signed_by(vex_key)},
      {"about another image", vex("not_affected", vex_key, R"(["pkg:oci/app@sha256:00"])")},
      {"of a time to come", vex("not_affected", vex_key, "[]", "2028-01-01")},
  }));
  CAPTURE(row.why);
  CHECK(reason_of(judge(requirement, {critical}, {row.vex})) == Code::vulnerability_found);
}

TEST_CASE("VEX is not looked at where the rule does not ask for it", "[judge-vulnerabilities]") {
  CHECK(reason_of(judge(wanted(), {critical}, {vex("not_affected")})) == Code::vulnerability_found);
}

TEST_CASE("VEX that could not be looked at might have excused", "[judge-vulnerabilities]") {
  const Judgement judgement = judge(with_vex(), {critical}, {failed(Code::network_timeout)});
  CHECK(reason_of(judgement) == Code::network_timeout);
  CHECK(judgement.outcome == Outcome::error);
  CHECK_FALSE(reason_of(judge(with_vex(), {scan("")}, {failed(Code::network_timeout)})));
}

TEST_CASE("without a scan that counts the reason is told", "[judge-vulnerabilities]") {
  CHECK(reason_of(judge(wanted(), {})) == Code::evidence_none);
  CHECK(reason_of(judge(wanted(), {signed_by(key)})) == Code::evidence_none);
  CHECK(reason_of(judge(wanted(), {states(key, "https://example/x", report(""))})) ==
        Code::evidence_none);
  CHECK(reason_of(judge(wanted(), {states(stranger, type, report(""))})) ==
        Code::identity_mismatch);
  CHECK(reason_of(judge(wanted(), {states(key, type, "{}")})) == Code::predicate_malformed);
  const Judgement undecided = judge(wanted(), {critical, failed(Code::network_timeout)});
  CHECK(reason_of(undecided) == Code::network_timeout);
  CHECK(undecided.outcome == Outcome::error);
}

TEST_CASE("what was found is shown, as far as people read", "[judge-vulnerabilities]") {
  std::string many = found("CVE-0", "CRITICAL");
  for (int i = 1; i < 100; ++i) many += "," + found("CVE-" + std::to_string(i), "HIGH");
  const Judgement judgement = judge(wanted(), {scan(many)});
  CHECK(judgement.reason->message ==
        "100 that the rule does not accept, first CVE-0 (critical) in openssl 1, fixed in 2");
  CHECK(judgement.found.size() == max_found_lines + 1);
  CHECK(judgement.found[0] == "100 vulnerabilities found by trivy");
  const Judgement unknown = judge(wanted(), {scan(found("\\u001b[31m", "", ""))});
  CHECK(unknown.reason->message ==
        "1 that the rule does not accept, first \\x1b[31m (of unknown severity) in openssl 1");
}

}  // namespace touchstone::judge
