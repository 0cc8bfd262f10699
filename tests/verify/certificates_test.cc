// Signatures by certificates of own authorities, from bundle to verdict.
#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/authority.h"
#include "tests/support/signing.h"
#include "verify/decide.h"
#include "verify/examine.h"
#include "verify/report.h"

namespace touchstone::verify {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr std::chrono::sys_seconds now{1'800'000'000s};

TrustedAuthority authority_of(const Entity& entity) {
  return {trust::TrustedCertificate{entity.certificate(), "", {}, {}, ""}, "root \"shop\""};
}

// What every row changes in one place; the unchanged one is accepted in the same test.
struct World {
  Entity root = issue(CertificateText::authority("Root"), nullptr);
  Entity middle = issue(CertificateText::authority("Middle"), &root);
  CertificateText leaf_text = CertificateText::leaf();
  Entity leaf = issue(leaf_text, &middle);
  Bytes manifest = to_bytes("a manifest");
  Digest digest = crypto::digest_of(manifest);
  Artifact image = Artifact::of(manifest);
  std::string statement = formats::write_image_signature_statement(digest, {{"env", "prod"}});
  std::vector<Entity> carried = {middle};  // beside the leaf
  std::vector<TrustedSigner> signers;
  std::vector<TrustedAuthority> authorities = {authority_of(root)};
  std::chrono::sys_seconds at = now;

  std::string bundle() const {
    formats::CertificateChain chain{{leaf.der}};
    for (const Entity& entity : carried) chain.certificates.push_back(entity.der);
    const crypto::PrivateKey key = leaf.private_key();
    const auto signature = key.sign(
        key.public_key().signing_scheme(),
        formats::pre_authentication_encoding(formats::in_toto_payload_type, as_bytes(statement)));
    return formats::write_bundle(chain, formats::in_toto_payload_type, as_bytes(statement),
                                 *signature);
  }
  Result<Evidence> examined(const std::string& text) const {
    return examine({"test", to_bytes(text)}, image, {signers, {}, authorities}, at);
  }
  Result<Evidence> examined() const { return examined(bundle()); }
};

Code code_of(const Result<Evidence>& evidence) {
  REQUIRE_FALSE(evidence);
  return evidence.error().code;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

Evidence good_evidence(const World& world) {
  auto evidence = world.examined();
  if (!evidence) INFO(evidence.error().message);
  REQUIRE(evidence);
  return *std::move(evidence);
}

Verdict judged(const Demand& demand, Evidence evidence, std::chrono::sys_seconds at = now) {
  const std::vector<Finding> findings = {{"", std::move(evidence)}};
  return decide(demand, findings, at);
}

}  // namespace

TEST_CASE("a signature under an authority is evidence of who made it", "[certify]") {
  const World world;
  const Evidence evidence = good_evidence(world);
  REQUIRE(evidence.certified);
  CHECK(evidence.certified->path.certificates.size() == 3);
  CHECK(evidence.certified->path.certificates.front() == world.leaf.certificate());
  CHECK(evidence.certified->authority.trusted.certificate == world.root.certificate());
  CHECK(evidence.signer.trusted.key == world.leaf.private_key().public_key());
  CHECK(evidence.signer.source == "root \"shop\"");
  CHECK(evidence.annotations.at("env") == "prod");
}

TEST_CASE("a chain may stand in every version of bundles, a single certificate too", "[certify]") {
  World world;
  const std::string chain = world.bundle();
  for (const char* version : {"0.1", "0.2"}) {
    CHECK(world.examined(
        replaced(chain, "application/vnd.dev.sigstore.bundle.v0.3+json",
                 "application/vnd.dev.sigstore.bundle+json;version=" + std::string(version))));
  }
  world.carried.clear();
  world.authorities = {authority_of(world.middle)};
  CHECK(world.bundle().find("x509CertificateChain") == std::string::npos);
  CHECK(world.examined());
}

TEST_CASE("what no authority stands for is refused with its code", "[certify]") {
  REQUIRE(World().examined());
  struct Row {
    const char* why;
    std::function<void(World&)> change;
    Code code;
  };
  const auto leaf = [](auto change) {
    return [change](World& w) {
      change(w.leaf_text);
      w.leaf = issue(w.leaf_text, &w.middle);
    };
  };
  const std::vector<Row> rows = {
      {"only keys were asked for",
       [](World& w) {
         w.authorities.clear();
         w.signers = {signer(w.leaf.private_key())};
       },
       Code::certificate_unexpected},
      {"nobody was asked for", [](World& w) { w.authorities.clear(); },
       Code::certificate_unexpected},
      {"another authority of the same name",
       [](World& w) {
         w.authorities = {authority_of(issue(CertificateText::authority("Root"), nullptr))};
       },
       Code::certificate_untrusted},
      {"the intermediate is not carried", [](World& w) { w.carried.clear(); },
       Code::certificate_untrusted},
      {"the root is carried", [](World& w) { w.carried.push_back(w.root); },
       Code::certificate_path},
      {"a root is carried that nobody trusts",
       [](World& w) {
         w.authorities.clear();
         w.carried.push_back(w.root);
         w.authorities = {authority_of(issue(CertificateText::authority("X"), nullptr))};
       },
       Code::certificate_path},
      {"what is carried is no certificate",
       [](World& w) { w.carried.front().der = to_bytes("no certificate"); },
       Code::certificate_malformed},
      {"the signer's is malformed", leaf([](CertificateText& t) {
         t.version = 0;
         t.extensions.clear();
       }),
       Code::certificate_malformed},
      {"the signer's is not for code signing",
       leaf([](CertificateText& t) { t.extensions["extendedKeyUsage"] = "clientAuth"; }),
       Code::certificate_usage},
      {"the signer's is over SHA-1", leaf([](CertificateText& t) { t.hash = "SHA1"; }),
       Code::certificate_weak},
      {"before the signer's begins", [](World& w) { w.at = certificate_begin - 1s; },
       Code::time_certificate},
      {"after it ended", [](World& w) { w.at = certificate_end + 1s; }, Code::time_certificate},
      {"signed with another key",
       [](World& w) {
         const Entity other = issue(w.leaf_text, &w.middle);
         w.leaf.key = other.key;
       },
       Code::signature_invalid},
      {"a statement about another image",
       [](World& w) {
         w.statement =
             formats::write_image_signature_statement(crypto::digest_of(as_bytes("another")), {});
       },
       Code::binding_digest},
      {"an attestation of another kind",
       [](World& w) {
         w.statement = replaced(w.statement, "https://sigstore.dev/cosign/sign/v1",
                                "https://slsa.dev/provenance/v1");
       },
       Code::binding_type},
  };
  for (const Row& row : rows) {
    CAPTURE(row.why);
    World world;
    row.change(world);
    CHECK(code_of(world.examined()) == row.code);
  }
}

TEST_CASE("a key's signature does not count where certificates were asked for",
          "[certify][SIG-31]") {
  World world;
  const crypto::PrivateKey key = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const std::string by_key = test::bundle(key, world.statement);
  CHECK(code_of(world.examined(by_key)) == Code::certificate_missing);
  const Candidate older{"test", simple_signing_layer(key, "{}")};
  CHECK(code_of(examine(older, world.image, {{}, {}, world.authorities}, now)) ==
        Code::certificate_missing);
  world.signers = {signer(key)};
  CHECK(world.examined(by_key));
  CHECK(world.examined());
  // A trusted key in a certificate of a stranger's counts neither as key nor by its certificate.
  world.signers = {signer(world.leaf.private_key())};
  world.authorities = {authority_of(issue(CertificateText::authority("X"), nullptr))};
  CHECK(code_of(world.examined()) == Code::certificate_untrusted);
}

TEST_CASE("one key is one signer, by itself or by its certificate", "[certify][XP-07]") {
  World world;
  const crypto::PrivateKey key = world.leaf.private_key();
  world.signers = {signer(key)};
  const auto by_key = world.examined(test::bundle(key, world.statement));
  const auto by_certificate = world.examined();
  REQUIRE(by_key);
  REQUIRE(by_certificate);
  CHECK(by_key->signer.trusted.key == by_certificate->signer.trusted.key);
}

TEST_CASE("evidence under an authority is judged by the policy and the time", "[certify]") {
  const World world;
  const Evidence evidence = good_evidence(world);
  const Demand demand{{}, {}, world.authorities};
  CHECK(judged(demand, evidence).allow);
  CHECK(judged(demand, evidence, certificate_begin).allow);
  CHECK(judged(demand, evidence, certificate_end).allow);
  CHECK(judged(demand, evidence, certificate_begin - 1s).code == Code::time_certificate);
  CHECK(judged(demand, evidence, certificate_end + 1s).code == Code::time_certificate);

  const Demand other{{}, {}, {authority_of(world.middle)}};
  CHECK_FALSE(judged(other, evidence).allow);
  CHECK(judged(other, evidence).code == Code::certificate_untrusted);
  CHECK_FALSE(judged(Demand{}, evidence).allow);
  // The key is trusted, and evidence that rests on a certificate still needs the authority.
  CHECK_FALSE(judged(Demand{{signer(world.leaf.private_key())}, {}}, evidence).allow);
  CHECK(judged(Demand{{}, {{"env", "test"}}, world.authorities}, evidence).code ==
        Code::binding_annotation);
}

TEST_CASE("an authority counts within the time that the store gives it", "[certify]") {
  struct Row {
    const char* why;
    std::optional<std::chrono::sys_seconds> not_before;
    std::optional<std::chrono::sys_seconds> not_after;
    bool allow;
  };
  const auto row = GENERATE(values<Row>({
      {"begins now", now, std::nullopt, true},
      {"begins a second later", now + 1s, std::nullopt, false},
      {"ends now", std::nullopt, now, true},
      {"ended a second ago", std::nullopt, now - 1s, false},
  }));
  CAPTURE(row.why);
  World world;
  world.authorities[0].trusted.not_before = row.not_before;
  world.authorities[0].trusted.not_after = row.not_after;
  const Verdict verdict = judged(Demand{{}, {}, world.authorities}, good_evidence(world));
  CHECK(verdict.allow == row.allow);
  if (!row.allow) CHECK(verdict.code == Code::time_certificate);
}

TEST_CASE("an identity is the certificate's one alternative name, letter for letter",
          "[certify][X509-25][X509-26][X509-27][X509-28]") {
  struct Row {
    const char* why;
    std::string names;  // empty: no such extension
    std::string wanted;
    bool allow;
    Code code;
  };
  const std::string uri = "https://github.com/org/repo/.github/workflows/x.yml@refs/heads/main";
  const auto row = GENERATE_COPY(values<Row>({
      {"the e-mail address", "email:release@shop.example", "release@shop.example", true, {}},
      {"a URI", "URI:" + uri, uri, true, {}},
      {"a URI with another case", "URI:" + uri, "https://GitHub.com" + uri.substr(18), false,
       Code::identity_mismatch},
      {"the start of it", "URI:" + uri, uri.substr(0, 30), false, Code::identity_mismatch},
      {"a wildcard means itself", "DNS:*.shop.example", "ci.shop.example", false,
       Code::identity_mismatch},
      {"an expression means itself", "email:release@shop.example", ".*", false,
       Code::identity_mismatch},
      {"only a common name", "", "signer", false, Code::identity_mismatch},
      {"two, of which one is right", "email:release@shop.example,email:b@shop.example",
       "release@shop.example", false, Code::certificate_identity},
      {"an address, which is no text", "IP:127.0.0.1", "127.0.0.1", false, Code::identity_mismatch},
  }));
  CAPTURE(row.why);
  World world;
  world.leaf_text.extensions.erase("subjectAltName");
  if (!row.names.empty()) world.leaf_text.extensions["subjectAltName"] = row.names;
  world.leaf = issue(world.leaf_text, &world.middle);
  const Evidence evidence = good_evidence(world);
  CHECK(judged(Demand{{}, {}, world.authorities}, evidence).allow);
  const Verdict verdict =
      judged(Demand{{}, {}, world.authorities, {{TextMatch::exact(row.wanted)}}}, evidence);
  CHECK(verdict.allow == row.allow);
  if (!row.allow) CHECK(verdict.code == row.code);
}

TEST_CASE("reports say who, under whom and until when", "[certify]") {
  const World world;
  const Demand demand{{}, {}, world.authorities, {{TextMatch::exact("release@shop.example")}}};
  ImageReport report;
  report.reference = report.pinned = "registry.example/app@x";
  report.decision = Decision::accepted;
  report.findings = {{"origin", good_evidence(world)}};
  const auto lines = describe(report, demand);
  REQUIRE(lines.size() == 2);
  for (const char* part :
       {"release@shop.example", "CN=Middle", "2030-03-17T17:46:40Z", "root \"shop\"", "CN=Root"}) {
    CHECK(lines[1].find(part) != std::string::npos);
  }
  const std::string json = to_json({report}, demand, now);
  for (const std::string& part :
       {std::string(R"("identities":[{"subject":"\"release@shop.example\"","issuer":null}])"),
        std::string(R"("alternativeNames":["release@shop.example"])"),
        R"("fingerprint":")" + world.leaf.certificate().fingerprint() + '"',
        R"("fingerprint":")" + world.root.certificate().fingerprint() + '"',
        std::string(R"("issuer":"CN=Middle")"),
        std::string(R"("notAfter":"2030-03-17T17:46:40Z")")}) {
    CAPTURE(part);
    CHECK(json.find(part) != std::string::npos);
  }
  CHECK(json.find(R"("predicateType":"https://sigstore.dev/cosign/sign/v1")") != std::string::npos);
  report.notice = "something else";
  report.findings[0] = {"origin", [&] {
                          Evidence owned = good_evidence(world);
                          owned.certified->authority.trusted.owner = "pki@shop.example";
                          return owned;
                        }()};
  CHECK(describe(report, demand)[1] == "  note: something else");
  CHECK(describe(report, demand)[2].find("CN=Root, pki@shop.example") != std::string::npos);
  report.notice.clear();
  report.decision = Decision::refused;
  report.reason = Error{Code::identity_mismatch, "why", ""};
  CHECK(describe(report, demand)[2].find("\"release@shop.example\" certified under root") !=
        std::string::npos);
}

TEST_CASE("a holder is told by the one name that is text, or by the subject", "[certify]") {
  for (const char* names : {"email:a@shop.example,email:b@shop.example", "IP:127.0.0.1"}) {
    CAPTURE(names);
    World world;
    world.leaf_text.extensions["subjectAltName"] = names;
    world.leaf = issue(world.leaf_text, &world.middle);
    ImageReport report;
    report.decision = Decision::accepted;
    report.findings = {{"origin", good_evidence(world)}};
    const std::string line = describe(report, Demand{{}, {}, world.authorities})[1];
    CHECK(line.starts_with("  signed by " + world.leaf.certificate().subject() + ", certified by"));
  }
}

}  // namespace touchstone::verify
