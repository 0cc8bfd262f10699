// Provenance that GitHub's workflows really signed, from sigstore's conformance vectors, judged by
// builder, source and ref.
#include <catch2/catch.hpp>
#include <iostream>

#include "base/files.h"
#include "crypto/hash.h"
#include "judge/requirements.h"
#include "tests/judge/evidence.h"
#include "tests/support/vectors.h"
#include "trust/built_in.h"
#include "verify/examine.h"

namespace touchstone::judge {
namespace {

using verify::TextMatch;

constexpr const char* workflow =
    "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/"
    "workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
constexpr const char* issuer = "https://token.actions.githubusercontent.com";

Bytes contents(const std::filesystem::path& path) {
  auto bytes = read_file(path.string(), 16 << 20);
  REQUIRE(bytes);
  return *std::move(bytes);
}

// A bundle of the suite, verified, and the signer who had to be asked for.
struct Signed {
  policy::Signer signer;
  verify::Finding finding;
};

Signed verified(const std::filesystem::path& folder) {
  const bool own_root = exists(folder / "trusted_root.json");
  auto root = formats::TrustedRoot::parse(own_root ? contents(folder / "trusted_root.json")
                                                   : to_bytes(trust::sigstore_trusted_root));
  REQUIRE(root);
  policy::Signer signer{{"sigstore"}, {}};
  signer.demand.instances.push_back(
      {std::make_shared<formats::TrustedRoot>(*std::move(root)), "instance"});
  signer.demand.identities.push_back({TextMatch::exact(workflow), TextMatch::exact(issuer)});
  signer.demand.content.kind = verify::WantedContent::Kind::attestation;
  const bool own_artifact = exists(folder / "artifact");
  const Bytes artifact = contents(own_artifact ? folder / "artifact" : folder / "../a.txt");
  auto evidence = verify::examine({"bundle", contents(folder / "bundle.sigstore.json")},
                                  verify::Artifact::of(artifact), signer.demand, test::now);
  REQUIRE(evidence);
  return {std::move(signer), {"bundle", *std::move(evidence)}};
}

struct Row {
  const char* why;
  std::string name;
  std::string builder;
  std::string source;
  std::string ref;
  std::optional<Code> code;
};

Judgement judge(const Signed& provenance, const Row& row) {
  const auto builder = std::make_shared<policy::Builder>(
      policy::Builder{"github", provenance.signer, TextMatch::exact(row.builder), 2});
  const policy::Provenance wanted{.builders = {builder},
                                  .min_level = 2,
                                  .source = TextMatch::exact(row.source),
                                  .ref = TextMatch::exact(row.ref)};
  const test::Surroundings around;
  return judge_provenance(wanted, std::vector<std::vector<verify::Finding>>{{provenance.finding}},
                          around.context(), {});
}

}  // namespace

TEST_CASE("provenance that GitHub signed is judged by builder, source and ref", "[github]") {
  const auto suite = touchstone::test::vectors("sigstore-conformance");
  if (!suite) {
    std::cerr << "skipped: sigstore's conformance vectors are not there\n";
    return;
  }
  const std::string hosted = "https://github.com/actions/runner/github-hosted";
  const std::string source = "github.com/sigstore/sigstore-conformance";
  const std::string ref = "refs/heads/main";
  const std::string runner = "intoto-with-custom-trust-root";
  const auto row = GENERATE_COPY(values<Row>({
      {"all is right", runner, hosted, source, ref, std::nullopt},
      {"another builder", runner, "https://github.com/actions/runner/self-hosted", source, ref,
       Code::provenance_builder},
      {"another source", runner, hosted, "github.com/sigstore/cosign", ref,
       Code::provenance_source},
      {"the start of the source", runner, hosted, "github.com/sigstore/sigstore", ref,
       Code::provenance_source},
      {"another ref", runner, hosted, source, "refs/tags/v1", Code::provenance_ref},
      // Signed by a workflow of one repository, about another's: only the certificate tells.
      {"the signer's certificate is of another repository", "happy-path-intoto-in-dsse-v3",
       "https://github.com/loosebazooka/aa-test/.github/workflows/provenance.yaml@refs/heads/main",
       "github.com/loosebazooka/aa-test", ref, Code::provenance_mismatch},
      {"no source is named", "rekor2-dsse-happy-path",
       "https://github.com/sigstore-conformance/rekor2-dsse-hashedrekord-regen",
       "github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon", ref,
       Code::provenance_source},
  }));
  CAPTURE(row.why);
  const Judgement judgement = judge(verified(*suite / "bundle-verify" / row.name), row);
  CHECK(test::reason_of(judgement) == row.code);
  if (!row.code) CHECK(judgement.build_level == 2);
}

TEST_CASE("provenance that another workflow signed does not count", "[github]") {
  const auto suite = touchstone::test::vectors("sigstore-conformance");
  if (!suite) return;  // said above
  Signed provenance = verified(*suite / "bundle-verify" / "intoto-with-custom-trust-root");
  provenance.signer.demand.identities = {
      {TextMatch::exact("https://github.com/sigstore/sigstore-conformance/.github/workflows/"
                        "conformance.yml@refs/heads/main"),
       TextMatch::exact(issuer)}};
  const Judgement judgement = judge(provenance, {"",
                                                 "",
                                                 "https://github.com/actions/runner/github-hosted",
                                                 "github.com/sigstore/sigstore-conformance",
                                                 "refs/heads/main",
                                                 {}});
  CHECK(test::reason_of(judgement) == Code::identity_mismatch);
}

}  // namespace touchstone::judge
