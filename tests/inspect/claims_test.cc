#include "inspect/claims.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "base/time.h"
#include "formats/json.h"
#include "tests/support/authority.h"
#include "tests/support/pretend_registry.h"
#include "tests/support/signing.h"
#include "tests/support/timestamp_authority.h"
#include "tests/support/vectors.h"

using namespace touchstone;
using namespace touchstone::test;
using formats::Json;
using inspect::Claims;

namespace {

constexpr std::string_view envelope_type = "application/vnd.dsse.envelope.v1+json";
const Digest image = crypto::digest_of(as_bytes("an image"));
const Digest other = crypto::digest_of(as_bytes("another image"));

const crypto::PrivateKey& key() {
  static const auto made = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  return made;
}

Json parsed(const std::string& text) {
  const auto document = formats::parse_json(as_bytes(text), 1 << 20);
  REQUIRE(document);
  return *document;
}

Claims claims_of(std::string_view media_type, const std::string& content,
                 const std::map<std::string, std::string>& annotations = {}) {
  formats::Descriptor layer = describe(media_type, content);
  layer.annotations = annotations;
  return inspect::read_claims(layer, as_bytes(content), image);
}

Claims bundle_claims(const std::string& content) {
  return claims_of(formats::media_type::bundle_v03, content);
}

std::vector<std::string> codes(const Claims& claims) {
  std::vector<std::string> slugs;
  for (const Error& fault : claims.faults) slugs.emplace_back(slug(fault.code));
  return slugs;
}

Json log_entry(const std::string& integrated) {
  Json entry;
  entry.set("logIndex", Json("25"));
  Json id;
  id.set("keyId", Json(to_base64(to_bytes("the log"))));
  entry.set("logId", id);
  Json kind;
  kind.set("kind", Json("dsse"));
  kind.set("version", Json("0.0.1"));
  entry.set("kindVersion", kind);
  entry.set("integratedTime", Json(integrated));
  Json promise;
  promise.set("signedEntryTimestamp", Json(to_base64(to_bytes("promise"))));
  entry.set("inclusionPromise", promise);
  entry.set("canonicalizedBody", Json(to_base64(to_bytes("{}"))));
  return entry;
}

// A bundle with these members in its verification material.
std::string with_material(const std::string& bundle, const std::string& name, Json value) {
  Json document = parsed(bundle);
  Json material = *document.find("verificationMaterial");
  material.set(name, std::move(value));
  document.set("verificationMaterial", std::move(material));
  return to_text(document);
}

std::string signed_statement(const Digest& subject) {
  return bundle(key(), formats::write_image_signature_statement(subject, {{"env", "prod"}}));
}

}  // namespace

TEST_CASE("a bundle's claims are told", "[inspect]") {
  const Claims claims = bundle_claims(signed_statement(image));
  CHECK(claims.form == "sigstore bundle 0.3");
  CHECK(claims.key_hint == key().public_key().hint());
  CHECK(claims.payload_type == formats::in_toto_payload_type);
  CHECK(claims.certificates.empty());
  CHECK(claims.faults.empty());
  REQUIRE(claims.statement);
  CHECK(claims.statement->type == formats::image_signature_predicate);
  CHECK(claims.statement->about_subject);
  CHECK(claims.statement->annotations == std::map<std::string, std::string>{{"env", "prod"}});
  REQUIRE(claims.statement->subjects.size() == 1);
  CHECK(claims.statement->subjects[0].digests.at("sha256") == image.hex());
}

TEST_CASE("a statement about something else is told from one about this", "[inspect]") {
  const Claims claims = bundle_claims(signed_statement(other));
  REQUIRE(claims.statement);
  CHECK_FALSE(claims.statement->about_subject);
  CHECK(claims.statement->subjects[0].digests.at("sha256") == other.hex());
  CHECK(claims.statement->annotations.empty());
}

TEST_CASE("certificates, log entries and timestamps are told as they claim", "[inspect]") {
  const Entity root = issue(CertificateText::authority("root"), nullptr);
  const Entity leaf =
      issue(CertificateText::leaf()
                .with("subjectAltName", "critical,URI:https://shop.example/release")
                .with("1.3.6.1.4.1.57264.1.8", "ASN1:UTF8String:https://issuer.example"),
            &root);
  const std::string statement = formats::write_image_signature_statement(image, {});
  std::string text = formats::write_bundle(formats::CertificateChain{{leaf.der, root.der}},
                                           formats::in_toto_payload_type, to_bytes(statement),
                                           to_bytes("signature"));
  text = with_material(text, "tlogEntries", Json(Json::Array{log_entry("1700000000")}));
  const TimestampAuthority authority;
  Json stamp;
  stamp.set("signedTimestamp",
            Json(to_base64(authority.stamp(as_bytes("anything"), "20240102030405Z"))));
  Json stamps;
  stamps.set("rfc3161Timestamps", Json(Json::Array{stamp}));
  text = with_material(text, "timestampVerificationData", stamps);

  const Claims claims = bundle_claims(text);
  CHECK(codes(claims).empty());
  CHECK_FALSE(claims.key_hint);
  REQUIRE(claims.certificates.size() == 2);
  const auto& signer = claims.certificates[0];
  CHECK(signer.fingerprint == leaf.certificate().fingerprint());
  CHECK(signer.names == std::vector<std::string>{"https://shop.example/release"});
  CHECK(signer.issuer == root.certificate().subject());
  CHECK(signer.vouched_by == "https://issuer.example");
  CHECK(signer.not_before == certificate_begin);
  CHECK(signer.not_after == certificate_end);
  REQUIRE(claims.logs.size() == 1);
  CHECK(claims.logs[0].index == 25);
  CHECK(claims.logs[0].kind == "dsse 0.0.1");
  CHECK(claims.logs[0].log_id == to_hex(as_bytes("the log")));
  CHECK(to_rfc3339(claims.logs[0].integrated.value()) == "2023-11-14T22:13:20Z");
  CHECK(claims.logs[0].has_promise);
  CHECK_FALSE(claims.logs[0].has_proof);
  REQUIRE(claims.timestamps.size() == 1);
  CHECK(to_rfc3339(claims.timestamps[0]) == "2024-01-02T03:04:05Z");
}

TEST_CASE("a bare message signature is told by what it signs", "[inspect]") {
  const Claims claims = bundle_claims(message_bundle(key(), as_bytes("file")));
  CHECK(claims.faults.empty());
  CHECK_FALSE(claims.statement);
  REQUIRE(claims.message);
  CHECK(claims.message->digests.at("sha256") == crypto::digest_of(as_bytes("file")).hex());
}

TEST_CASE("what is malformed in a bundle is shown as that, and the rest all the same",
          "[inspect]") {
  const std::string good = signed_statement(image);
  Json damaged_stamp;
  damaged_stamp.set("signedTimestamp", Json(to_base64(to_bytes("no timestamp"))));
  Json stamps;
  stamps.set("rfc3161Timestamps", Json(Json::Array{damaged_stamp}));
  struct Row {
    const char* why;
    std::string text;
    const char* code;
    bool has_statement;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"no JSON", "{", "format.bundle", false},
      {"no bundle", "{}", "format.bundle", false},
      {"timestamp", with_material(good, "timestampVerificationData", stamps), "signature.timestamp",
       true},
      {"time", with_material(good, "tlogEntries", Json(Json::Array{log_entry("253402300800")})),
       "format.bundle", true},
      {"statement", bundle(key(), "{}"), "format.statement", false},
      {"certificate",
       formats::write_bundle(
           formats::CertificateChain{{to_bytes("no certificate")}}, formats::in_toto_payload_type,
           to_bytes(formats::write_image_signature_statement(image, {})), to_bytes("signature")),
       "certificate.malformed", true},
  }));
  CAPTURE(row.why);
  const Claims claims = bundle_claims(row.text);
  CHECK(codes(claims) == std::vector<std::string>{row.code});
  CHECK(claims.statement.has_value() == row.has_statement);
  CHECK(claims.form.starts_with("sigstore bundle"));
}

TEST_CASE("a payload that is no statement is told by its type", "[inspect]") {
  const Claims claims = bundle_claims(bundle(key(), "text", "text/plain"));
  CHECK(claims.payload_type == "text/plain");
  CHECK_FALSE(claims.statement);
  CHECK(claims.faults.empty());
}

TEST_CASE("cosign's layers are told by payload and annotations", "[inspect]") {
  const Entity root = issue(CertificateText::authority("root"), nullptr);
  const Entity leaf = issue(CertificateText::leaf(), &root);
  const TimestampAuthority authority;
  Json stamp;
  stamp.set("SignedRFC3161Timestamp",
            Json(to_base64(authority.stamp(as_bytes("anything"), "20240102030405Z"))));
  const std::string log =
      R"({"SignedEntryTimestamp":"cHJvbWlzZQ==","Payload":{"body":"eyJraW5kIjoiaGFzaGVkcmVrb3JkIiwiYXBpVmVyc2lvbiI6IjAuMC4xIiwic3BlYyI6e319","integratedTime":1700000000,"logIndex":7,"logID":")" +
      std::string(64, 'a') + R"("}})";
  const std::string payload =
      formats::write_simple_signing(image, "registry.example/shop", {{"env", "prod"}});
  const Claims claims = claims_of(formats::media_type::simple_signing, payload,
                                  {{std::string(formats::signature_annotation), "c2ln"},
                                   {std::string(formats::certificate_annotation), leaf.pem()},
                                   {std::string(formats::chain_annotation), root.pem()},
                                   {std::string(formats::timestamp_annotation), to_text(stamp)},
                                   {std::string(formats::log_annotation), log}});
  CHECK(codes(claims).empty());
  CHECK(claims.form == "cosign signature");
  REQUIRE(claims.statement);
  CHECK(claims.statement->type == formats::image_signature_type);
  CHECK(claims.statement->about_subject);
  CHECK(claims.statement->subjects[0].name == "registry.example/shop");
  CHECK(claims.statement->annotations.at("env") == "prod");
  CHECK(claims.certificates.size() == 2);
  CHECK(claims.timestamps.size() == 1);
  REQUIRE(claims.logs.size() == 1);
  CHECK(claims.logs[0].index == 7);
}

TEST_CASE("what is malformed in cosign's layers is shown as that", "[inspect]") {
  const std::string payload = formats::write_simple_signing(other, "", {});
  const std::string signature(formats::signature_annotation);
  struct Row {
    const char* why;
    std::string content;
    std::map<std::string, std::string> annotations;
    const char* code;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"payload", "{}", {{signature, "c2ln"}}, "format.payload"},
      {"no signature", payload, {}, "format.signature"},
      {"certificate",
       payload,
       {{signature, "c2ln"}, {std::string(formats::certificate_annotation), "x"}},
       "certificate.malformed"},
      {"log",
       payload,
       {{signature, "c2ln"}, {std::string(formats::log_annotation), "x"}},
       "format.json"},
      {"timestamp",
       payload,
       {{signature, "c2ln"}, {std::string(formats::timestamp_annotation), "{}"}},
       "format.json"},
      {"timestamp's bytes",
       payload,
       {{signature, "c2ln"},
        {std::string(formats::timestamp_annotation), R"({"SignedRFC3161Timestamp":"eA=="})"}},
       "signature.timestamp"},
      {"timestamp's encoding",
       payload,
       {{signature, "c2ln"},
        {std::string(formats::timestamp_annotation), R"({"SignedRFC3161Timestamp":"?"})"}},
       "format.json"},
  }));
  CAPTURE(row.why);
  const Claims claims =
      claims_of(formats::media_type::simple_signing, row.content, row.annotations);
  CHECK(codes(claims) == std::vector<std::string>{row.code});
  if (claims.statement) CHECK_FALSE(claims.statement->about_subject);
}

TEST_CASE("an envelope of cosign's attestations is read", "[inspect]") {
  const std::string statement = to_base64(to_bytes(
      R"({"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://slsa.dev/provenance/v0.2","subject":[{"name":"x","digest":{"sha256":")" +
      image.hex() + R"("}}],"predicate":{}})"));
  const auto envelope = [](const std::string& payload, const std::string& signatures) {
    return R"({"payloadType":"application/vnd.in-toto+json","payload":")" + payload +
           R"(","signatures":)" + signatures + "}";
  };
  const Claims claims =
      claims_of(envelope_type, envelope(statement, R"([{"keyid":"a key","sig":"c2ln"}])"));
  CHECK(claims.faults.empty());
  CHECK(claims.form == "cosign attestation");
  CHECK(claims.key_hint == "a key");
  REQUIRE(claims.statement);
  CHECK(claims.statement->type == "https://slsa.dev/provenance/v0.2");
  CHECK(claims.statement->about_subject);
  for (const std::string& bad :
       {std::string("{"), std::string("{}"), envelope("?", "[]"), envelope(statement, "[]"),
        envelope(statement, "[7]"), envelope(statement, R"([{"keyid":7}])")}) {
    CAPTURE(bad);
    CHECK(codes(claims_of(envelope_type, bad)) == std::vector<std::string>{"format.json"});
  }
}

TEST_CASE("what others signed well is told without a fault", "[inspect]") {
  const auto folder = vectors("sigstore-conformance");
  if (!folder) {
    WARN("skipped: no vectors");
    return;
  }
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(*folder / "bundle-verify")) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with("_fail") || !entry.is_directory()) continue;
    CAPTURE(name);
    std::ifstream file(entry.path() / "bundle.sigstore.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const Claims claims = bundle_claims(text);
    CHECK(codes(claims).empty());
    CHECK(claims.key_hint.has_value() == claims.certificates.empty());
    CHECK(claims.logs.size() + claims.timestamps.size() >= 1);
    CHECK((claims.statement || claims.message));
    ++seen;
  }
  CHECK(seen >= 10);
}

TEST_CASE("what is not to be read is not read", "[inspect]") {
  for (const char* type : {"", "application/json", "application/jose+json", "text/spdx+json"}) {
    CHECK(inspect::content_kind(type) == inspect::ContentKind::other);
  }
  CHECK(claims_of("text/spdx+json", "{}").form.empty());
}
