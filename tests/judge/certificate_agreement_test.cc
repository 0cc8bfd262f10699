// What provenance says beside what its signer's certificate says.
#include "judge/certificate_agreement.h"

#include <catch2/catch.hpp>

namespace touchstone::judge {
namespace {

using formats::Provenance;

const std::string signer = "https://github.com/acme/app/.github/workflows/r.yml@refs/tags/v1";

Provenance provenance() {
  Provenance made;
  made.builder_id = signer;
  made.source = {"github.com/acme/app", "refs/tags/v1", "abc", ".github/workflows/r.yml"};
  return made;
}

CertificateClaims claims() {
  return {{"source-repository-uri", "https://github.com/acme/app"},
          {"source-repository-ref", "refs/tags/v1"},
          {"source-repository-digest", "abc"},
          {"build-signer-uri", signer},
          {"build-config-uri", signer}};
}

}  // namespace

TEST_CASE("provenance that agrees with the certificate counts", "[certificate-agreement]") {
  Provenance whole = provenance();
  CHECK(agree(claims(), whole));
  CHECK(agree({}, whole));
  CHECK(agree({{"github-workflow-repository", "acme/app"},
               {"github-workflow-ref", "refs/tags/v1"},
               {"github-workflow-sha", "abc"}},
              whole));

  Provenance elsewhere = provenance();  // a builder that is no workflow, another build file
  elsewhere.builder_id = "https://github.com/actions/runner/github-hosted";
  elsewhere.source.path = "Dockerfile";
  CHECK(agree(claims(), elsewhere));
}

TEST_CASE("provenance that contradicts the certificate does not count",
          "[certificate-agreement][ATT-17]") {
  struct Row {
    const char* claim;
    const char* value;
  };
  const auto row = GENERATE(values<Row>({
      {"source-repository-uri", "https://github.com/evil/app"},
      {"source-repository-uri", "https://github.com/acme/app2"},
      {"source-repository-uri", "https://github.com@evil.example/acme/app"},
      {"source-repository-ref", "refs/heads/main"},
      {"source-repository-digest", "abd"},
      {"build-signer-uri", "https://github.com/evil/app/.github/workflows/r.yml@refs/tags/v1"},
      {"build-config-uri", "https://github.com/acme/app/.github/workflows/x.yml@refs/tags/v1"},
  }));
  CAPTURE(row.claim, row.value);
  CertificateClaims changed = claims();
  changed[row.claim] = row.value;
  Provenance whole = provenance();
  const Status status = agree(changed, whole);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::provenance_mismatch);
}

TEST_CASE("old certificates are compared by their own names", "[certificate-agreement]") {
  struct Row {
    const char* claim;
    const char* value;
  };
  const auto row = GENERATE(values<Row>({{"github-workflow-repository", "evil/app"},
                                         {"github-workflow-ref", "refs/heads/main"},
                                         {"github-workflow-sha", "abd"}}));
  CAPTURE(row.claim);
  Provenance whole = provenance();
  const Status status = agree({{row.claim, row.value}}, whole);
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Code::provenance_mismatch);
}

TEST_CASE("a certificate's newer name of the repository is the one that counts",
          "[certificate-agreement]") {
  CertificateClaims both = claims();
  both["github-workflow-repository"] = "evil/app";
  Provenance whole = provenance();
  CHECK(agree(both, whole));
}

TEST_CASE("what provenance leaves open is taken from the certificate", "[certificate-agreement]") {
  Provenance open = provenance();
  open.source = {"github.com/acme/app", "", "", ""};
  REQUIRE(agree(claims(), open));
  CHECK(open.source.ref == "refs/tags/v1");
  CHECK(open.source.commit == "abc");

  Provenance nowhere = provenance();  // of no known repository
  nowhere.source = {};
  REQUIRE(agree(claims(), nowhere));
  CHECK(nowhere.source.ref.empty());
  CHECK(nowhere.source.commit.empty());

  REQUIRE(agree({{"source-repository-ref", "refs/tags/v1"}}, nowhere));
  CHECK(nowhere.source.ref.empty());

  Provenance silent = provenance();  // the certificate names no repository
  silent.source = {"github.com/acme/app", "", "", ""};
  REQUIRE(agree({{"source-repository-ref", "refs/tags/v1"}}, silent));
  CHECK(silent.source.ref.empty());

  Provenance kept = provenance();
  REQUIRE(agree({{"source-repository-uri", "https://github.com/acme/app"}}, kept));
  CHECK(kept.source.ref == "refs/tags/v1");
}

}  // namespace touchstone::judge
