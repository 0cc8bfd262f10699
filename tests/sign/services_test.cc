// The services that signers ask, over HTTP, right and wrong.
#include <catch2/catch.hpp>
#include <functional>

#include "crypto/timestamp_token.h"
#include "net/curl_client.h"
#include "sign/certificate_service.h"
#include "sign/log_service.h"
#include "sign/timestamp_service.h"
#include "tests/support/memory_device.h"
#include "tests/support/pretend_services.h"
#include "verify/transparency.h"

namespace touchstone::sign {
namespace {

using crypto::KeyKind;
using test::PretendLog;
using test::PretendServices;
using test::PretendSigstore;
using test::Reply;
using Version = TransparencyLogService::Version;

PretendSigstore& sigstore() {
  static PretendSigstore instance;
  return instance;
}

ServiceAddress address(const std::string& url) {
  auto parsed = ServiceAddress::parse(url);
  REQUIRE(parsed);
  return *std::move(parsed);
}

TransparencyLogService log_of(const PretendServices& services, Version version) {
  return {address(services.log(version == Version::rekor1 ? PretendLog::Kind::rekor1
                                                          : PretendLog::Kind::rekor2)),
          version};
}

IdentityToken token() {
  auto parsed = IdentityToken::parse(Secret::holding(test::identity_token()), PretendSigstore::now);
  REQUIRE(parsed);
  return *std::move(parsed);
}

const Bytes contents = to_bytes("contents");

// A signature over a file or an envelope, by a key.
struct Signature {
  explicit Signature(bool in_envelope, KeyKind kind = KeyKind::p256)
      : key(crypto::PrivateKey::generate(kind)),
        artifact(verify::Artifact::of(contents)),
        envelope{"application/vnd.in-toto+json", to_bytes("{}"), {}},
        content(in_envelope ? verify::SignedContent(envelope) : verify::SignedContent(artifact)),
        signature(*key.sign(key.public_key().signing_scheme(),
                            in_envelope ? formats::pre_authentication_encoding(
                                              envelope.payload_type, envelope.payload)
                                        : contents)) {}

  verify::LoggedSignature logged() const { return {content, signature, &key.public_key()}; }

  crypto::PrivateKey key;
  verify::Artifact artifact;
  formats::DsseEnvelope envelope;
  verify::SignedContent content;
  Bytes signature;
};

std::string code_of(const auto& result) {
  return result ? "none" : std::string(slug(result.error().code));
}

TEST_CASE("services are asked over https, or plainly on loopback", "[services]") {
  for (const char* good : {"https://log.example", "https://log.example:8443/rekor/",
                           "http://127.0.0.1:3000", "http://localhost:3000/", "http://[::1]"}) {
    CAPTURE(good);
    CHECK(ServiceAddress::parse(good));
  }
  for (const char* bad :
       {"", "log.example", "http://log.example", "ftp://log.example", "https://user@log.example",
        "https://log.example?x=y", "http://127.0.0.1.example", "https://log.example/#top"}) {
    CAPTURE(bad);
    CHECK(code_of(ServiceAddress::parse(bad)) == "usage.arguments");
  }
  CHECK(address("https://log.example/").at("/api") == "https://log.example/api");
}

TEST_CASE("a timestamp authority stamps the signature", "[services]") {
  PretendServices services(sigstore());
  net::CurlClient http;
  const auto stamp = ask_for_timestamp(http, address(services.timestamp_authority()), contents);
  REQUIRE(stamp);
  const auto parsed = crypto::TimestampToken::parse(*stamp);
  REQUIRE(parsed);
  CHECK(crypto::verify_timestamp(*parsed, contents, sigstore().timestamp_authority(0).trusted()));
  const auto again = ask_for_timestamp(http, address(services.timestamp_authority()), contents);
  REQUIRE(again);
  CHECK(parsed->nonce() != crypto::TimestampToken::parse(*again)->nonce());
  const auto requests = services.requests();
  CHECK(requests.at(0).header("content-type") == "application/timestamp-query");
}

TEST_CASE("a timestamp that is not what was asked for is refused", "[services]") {
  struct Row {
    const char* why;
    const char* code;
    std::function<void(PretendServices::Faults&)> change;
  };
  const auto row = GENERATE(values<Row>({
      {"of other bytes", "binding.timestamp",
       [](auto& faults) { faults.stamp.of = to_bytes("other"); }},
      {"by another hash", "binding.timestamp",
       [](auto& faults) {
         faults.stamp.change = [](test::TimestampParts& parts) {
           parts.imprint = test::message_imprint(crypto::Hash::sha512, contents);
         };
       }},
      {"to another question", "binding.timestamp", [](auto& faults) { faults.other_nonce = true; }},
      {"nothing", "signature.timestamp",
       [](auto& faults) { faults.timestamp = [](Reply& reply) { reply.body = ""; }; }},
      {"a page", "signature.timestamp",
       [](auto& faults) { faults.timestamp = [](Reply& reply) { reply.body = "<html>"; }; }},
      {"too long", "limit.size",
       [](auto& faults) {
         faults.timestamp = [](Reply& reply) {
           reply.body = std::string(limits::max_timestamp_bytes + 1, 'x');
         };
       }},
      {"an error", "network.status",
       [](auto& faults) { faults.timestamp = [](Reply& reply) { reply.status = 500; }; }},
      {"a redirect", "network.status",
       [](auto& faults) {
         faults.timestamp = [](Reply& reply) {
           reply.status = 302;
           reply.headers = {{"Location", "https://other.example/"}};
         };
       }},
      {"too often", "network.throttled",
       [](auto& faults) { faults.timestamp = [](Reply& reply) { reply.status = 429; }; }},
  }));
  CAPTURE(row.why);
  PretendServices services(sigstore());
  row.change(services.faults);
  net::CurlClient http;
  const auto stamp = ask_for_timestamp(http, address(services.timestamp_authority()), contents);
  CHECK(code_of(stamp) == row.code);
  if (row.why == std::string("of other bytes")) {
    CHECK(stamp.error().message.contains("stamped other bytes"));
  }
}

TEST_CASE("a log's entry is what a verifier accepts", "[services]") {
  const auto version = GENERATE(Version::rekor1, Version::rekor2);
  const bool envelope = GENERATE(false, true);
  const auto kind = GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa);
  if (version == Version::rekor1 && envelope && (kind == KeyKind::p384 || kind == KeyKind::p521)) {
    return;  // not taken
  }
  CAPTURE(static_cast<int>(version), envelope, static_cast<int>(kind));
  PretendServices services(sigstore());
  services.faults.log_holds_it = kind == KeyKind::rsa;  // its signatures are always the same
  net::CurlClient http;
  const Signature made(envelope, kind);
  const auto entry = log_signature(http, log_of(services, version), made.logged());
  if (!entry) FAIL(entry.error().message);
  const auto root = formats::TrustedRoot::parse(as_bytes(sigstore().root_text()));
  REQUIRE(root);
  const auto fact =
      verify::check_log_entry(*entry, *root, made.logged(), verify::ProofDemand::inclusion);
  if (!fact) FAIL(fact.error().message);
  CHECK(fact->has_value());
  CHECK((*fact)->promised.has_value() == (version == Version::rekor1));
}

TEST_CASE("an entry that is not the one asked for is refused", "[services][SIG-40]") {
  struct Row {
    const char* why;
    const char* code;
    std::function<void(PretendServices::Faults&)> change;
    bool first = true;   // whether version 1 can do so
    bool second = true;  // and version 2
  };
  // Text put behind the first place of `before` in the answer.
  const auto spoiled = [](std::string before, std::string more) {
    return [before = std::move(before), more = std::move(more)](PretendServices::Faults& faults) {
      faults.log = [before, more](Reply& reply) {
        const std::size_t place = reply.body.find(before);
        REQUIRE(place != std::string::npos);
        reply.body.insert(place + before.size(), more);
      };
    };
  };
  std::string many_hashes;
  for (std::size_t i = 0; i <= limits::max_proof_hashes; ++i) many_hashes += "\"\",";
  const auto row = GENERATE_COPY(values<Row>({
      {"another artifact", "binding.log-entry",
       [](auto& faults) { faults.entry.digest = Bytes(32, 1); }},
      {"another signature", "binding.log-entry",
       [](auto& faults) { faults.entry.signature = Bytes(70, 1); }},
      {"another signer", "binding.log-entry",
       [](auto& faults) {
         faults.entry.signer = crypto::PrivateKey::generate(KeyKind::p256).public_key().der();
       }},
      {"another kind", "binding.log-entry",
       [](auto& faults) {
         test::Logged logged;
         logged.digest = Bytes(32, 1);
         logged.signature = logged.signer = {1};
         faults.entry.body = test::envelope_body(logged);
       }},
      {"an unknown kind", "network.protocol",
       [](auto& faults) {
         faults.entry.body = R"({"apiVersion":"0.0.1","kind":"tuf","spec":{}})";
       }},
      {"a body that is no JSON", "network.protocol",
       [](auto& faults) { faults.entry.body = "body"; }},
      {"no promise", "signature.log-promise",
       [](auto& faults) { faults.entry.faults.no_promise = true; }, true, false},
      {"no proof", "signature.log-proof",
       [](auto& faults) { faults.entry.faults.no_proof = true; }},
      {"no checkpoint", "signature.log-proof",
       [](auto& faults) { faults.entry.faults.no_checkpoint = true; }},
      {"no JSON", "network.protocol",
       [](auto& faults) { faults.log = [](Reply& reply) { reply.body = "<html>"; }; }},
      {"no entry", "network.protocol",
       [](auto& faults) { faults.log = [](Reply& reply) { reply.body = "{}"; }; }},
      {"a list", "network.protocol",
       [](auto& faults) { faults.log = [](Reply& reply) { reply.body = "[]"; }; }},
      {"two entries", "network.protocol",
       [](auto& faults) {
         faults.log = [](Reply& reply) { reply.body = R"({"b":{},)" + reply.body.substr(1); };
       },
       true, false},
      {"a body that is no base64", "network.protocol", spoiled(R"("body":")", "*"), true, false},
      {"a log that is no hex", "network.protocol", spoiled(R"("logID":")", "x"), true, false},
      {"a hash that is no hex", "network.protocol", spoiled(R"("hashes":[)", "\"x\","), true,
       false},
      {"too many hashes", "network.protocol", spoiled(R"("hashes":[)", many_hashes), true, false},
      {"too many hashes of version 2", "limit.count", spoiled(R"("hashes":[)", many_hashes), false,
       true},
      {"holds it at a name that is too long", "network.protocol",
       [](auto& faults) {
         faults.log_holds_it = true;
         faults.log = [](Reply& reply) {
           reply.headers = {{"Location", "/api/v1/log/entries/" + std::string(130, 'a')}};
         };
       },
       true, false},
      {"deep JSON", "limit.depth",
       [](auto& faults) {
         faults.log = [](Reply& reply) { reply.body = std::string(1000, '['); };
       }},
      {"too long", "limit.size",
       [](auto& faults) {
         faults.log = [](Reply& reply) {
           reply.body = std::string(limits::max_service_answer_bytes + 1, ' ');
         };
       }},
      {"a refusal", "network.status",
       [](auto& faults) { faults.log = [](Reply& reply) { reply.status = 400; }; }},
      {"holds it, and does not say where", "network.protocol",
       [](auto& faults) {
         faults.log_holds_it = true;
         faults.log = [](Reply& reply) { reply.headers.clear(); };
       },
       true, false},
      {"holds it elsewhere", "network.protocol",
       [](auto& faults) {
         faults.log_holds_it = true;
         faults.log = [](Reply& reply) {
           reply.headers = {{"Location", "https://other.example/../../x"}};
         };
       },
       true, false},
      {"holds it, of version 2", "network.status",
       [](auto& faults) { faults.log = [](Reply& reply) { reply.status = 409; }; }, false, true},
  }));
  CAPTURE(row.why);
  PretendServices services(sigstore());
  row.change(services.faults);
  net::CurlClient http;
  const Signature made(false);
  if (row.first) {
    CHECK(code_of(log_signature(http, log_of(services, Version::rekor1), made.logged())) ==
          row.code);
  }
  if (row.second) {
    CHECK(code_of(log_signature(http, log_of(services, Version::rekor2), made.logged())) ==
          row.code);
  }
}

TEST_CASE("an entry that differs in its kind alone is refused", "[services]") {
  PretendServices services(sigstore());
  net::CurlClient http;
  const Signature made(false);
  test::Logged logged;
  logged.digest = crypto::hash(crypto::Hash::sha256, contents);
  logged.signature = made.signature;
  logged.by_certificate = false;
  logged.signer = made.key.public_key().der();
  const auto answered = [&](Version version, const std::string& body) {
    services.faults.entry.body = body;
    const auto entry = log_signature(http, log_of(services, version), made.logged());
    return entry ? "held" : code_of(entry);
  };
  CHECK(answered(Version::rekor1, test::hashed_body(logged)) == "held");
  CHECK(answered(Version::rekor2, test::hashed_body_2(logged)) == "held");
  CHECK(answered(Version::rekor2, test::hashed_body(logged)) == "binding.log-entry");
  logged.by_certificate = true;
  CHECK(answered(Version::rekor2, test::hashed_body_2(logged)) == "binding.log-entry");
}

TEST_CASE("what a log cannot hold is known beforehand", "[services]") {
  PretendServices services(sigstore());
  const auto ed25519 = crypto::PrivateKey::generate(KeyKind::ed25519).public_key();
  const auto odd = crypto::PrivateKey::generate(KeyKind::rsa, 2304).public_key();
  const auto first = log_of(services, Version::rekor1);
  const auto second = log_of(services, Version::rekor2);
  for (const KeyKind long_hash : {KeyKind::p384, KeyKind::p521}) {
    const auto key = crypto::PrivateKey::generate(long_hash).public_key();
    CHECK(code_of(can_log(first, key, true)) == "usage.arguments");
    CHECK(can_log(first, key, false));
    CHECK(can_log(second, key, true));
  }
  CHECK(can_log(first, ed25519, true));
  CHECK(code_of(can_log(first, ed25519, false)) == "usage.arguments");
  CHECK(code_of(can_log(second, ed25519, true)) == "usage.arguments");
  CHECK(can_log(first, odd, false));
  CHECK(code_of(can_log(second, odd, true)) == "usage.arguments");
  net::CurlClient http;
  const Signature made(true, KeyKind::ed25519);
  CHECK(code_of(log_signature(http, second, made.logged())) == "usage.arguments");
  CHECK(log_signature(http, first, made.logged()));
  CHECK(services.requests().size() == 1);
}

TEST_CASE("an address says which version a log speaks, or the log does", "[services]") {
  PretendServices services(sigstore());
  net::CurlClient http;
  const auto version = [&](const std::string& url) {
    const auto found = find_log_service(http, url);
    return found ? static_cast<int>(found->version) : 0;
  };
  CHECK(version(services.log(PretendLog::Kind::rekor1)) == 1);
  CHECK(version(services.log(PretendLog::Kind::rekor2)) == 2);
  CHECK(services.requests().size() == 2);
  CHECK(version("https://log.example/api/v1/") == 1);
  CHECK(version("https://log.example/api/v2") == 2);
  CHECK(find_log_service(http, "https://log.example/api/v2")->address.url() ==
        "https://log.example");
  CHECK(services.requests().size() == 2);
  CHECK(code_of(find_log_service(http, "log.example")) == "usage.arguments");
  CHECK(code_of(find_log_service(http, "http://127.0.0.1:1")) == "network.unreachable");
}

TEST_CASE("a certificate is for the key that proved itself", "[services]") {
  const auto kind = GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::rsa, KeyKind::ed25519);
  PretendServices services(sigstore());
  net::CurlClient http;
  test::MemoryDevice device(kind);
  const auto certificate =
      ask_for_certificate(http, address(services.authority()), token(), device, device.key());
  if (!certificate) FAIL(certificate.error().message);
  CHECK(certificate->key() == device.key());
  CHECK(certificate->alternative_names().at(0).value == "release@shop.example");
  CHECK(device.signatures == 1);
}

TEST_CASE("a certificate that is not what was asked for is refused", "[services]") {
  const auto replaced = [](std::string what, std::string by) {
    return [what = std::move(what), by = std::move(by)](PretendServices::Faults& faults) {
      faults.certificate = [what, by](Reply& reply) {
        const std::size_t place = reply.body.find(what);
        REQUIRE(place != std::string::npos);
        reply.body.replace(place, what.size(), by);
      };
    };
  };
  const auto answers = [](int status, std::string body) {
    return [status, body = std::move(body)](PretendServices::Faults& faults) {
      faults.certificate = [status, body](Reply& reply) {
        reply.status = status;
        reply.body = body;
      };
    };
  };
  struct Row {
    const char* why;
    const char* code;
    std::function<void(PretendServices::Faults&)> change;
  };
  const auto row = GENERATE_COPY(values<Row>({
      {"for another key", "network.protocol",
       [](auto& faults) { faults.certify_other_key = true; }},
      {"seen by no log", "network.protocol", replaced("Embedded", "Detached")},
      {"of another name", "network.protocol", replaced("signedCertificate", "certificate")},
      {"seen by no log, and by one", "network.protocol",
       replaced("\"signedCertificateEmbeddedSct\"",
                R"("signedCertificateDetachedSct":{},"signedCertificateEmbeddedSct")")},
      {"no chain", "network.protocol", replaced("chain", "chains")},
      {"no certificates", "network.protocol",
       answers(200, R"({"signedCertificateEmbeddedSct":{"chain":{"certificates":[]}}})")},
      {"a number", "network.protocol",
       answers(200, R"({"signedCertificateEmbeddedSct":{"chain":{"certificates":[1]}}})")},
      {"not a certificate", "network.protocol",
       answers(200, R"({"signedCertificateEmbeddedSct":{"chain":{"certificates":["x"]}}})")},
      {"something else in PEM", "network.protocol",
       [](PretendServices::Faults& faults) {
         faults.certificate = [](Reply& reply) {
           for (const char* mark : {"BEGIN CERTIFICATE", "END CERTIFICATE"}) {
             reply.body.replace(reply.body.find(mark) + std::string(mark).size() - 11, 11,
                                "PUBLIC KEYS");
           }
         };
       }},
      {"PEM of nothing", "network.protocol",
       answers(200, R"({"signedCertificateEmbeddedSct":{"chain":{"certificates":[)"
                    R"("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]}}})")},
      {"no JSON", "network.protocol", answers(200, "<html>")},
      {"too long", "limit.size",
       answers(200, std::string(limits::max_service_answer_bytes + 1, ' '))},
      {"no token wanted", "auth.identity-token", answers(401, "")},
      {"no right", "auth.identity-token", answers(403, "")},
      {"a bad token", "auth.identity-token",
       answers(400, R"({"code":3,"message":"There was an error processing the identity token"})")},
      {"a bad request", "network.status", answers(400, R"({"message":"no such algorithm"})")},
      {"a bad request in a number", "network.status", answers(400, R"({"message":1})")},
      {"broken", "network.status", answers(500, "")},
  }));
  CAPTURE(row.why);
  PretendServices services(sigstore());
  row.change(services.faults);
  net::CurlClient http;
  test::MemoryDevice device;
  const auto certificate =
      ask_for_certificate(http, address(services.authority()), token(), device, device.key());
  CHECK(code_of(certificate) == row.code);
  const std::string secret = test::identity_token();
  CHECK_FALSE(certificate.error().message.contains(secret.substr(0, 20)));
}

TEST_CASE("a device that fails asks for no certificate", "[services]") {
  PretendServices services(sigstore());
  net::CurlClient http;
  test::MemoryDevice device;
  device.spoil = true;
  CHECK(code_of(ask_for_certificate(http, address(services.authority()), token(), device,
                                    device.key())) == "network.status");
}

TEST_CASE("GitHub Actions hands out a token", "[services][identity-token]") {
  std::string body = R"({"count":1,"value":")" + test::identity_token() + "\"}";
  int status = 200;
  const test::HttpServer server([&](const test::ServedRequest&) {
    Reply reply;
    reply.status = status;
    reply.body = body;
    return reply;
  });
  net::CurlClient http;
  const auto asked =
      ask_github_for_token(http, server.url("/token?api-version=2.0"), Secret("request"));
  REQUIRE(asked);
  CHECK(asked->reveal() == test::identity_token());
  CHECK(server.log().at(0).target == "/token?api-version=2.0&audience=sigstore");
  CHECK(server.log().at(0).header("authorization") == "Bearer request");
  CHECK(ask_github_for_token(http, server.url("/token"), Secret("request")));
  CHECK(server.log().at(1).target == "/token?audience=sigstore");
  body = "{}";
  CHECK(code_of(ask_github_for_token(http, server.url("/"), Secret("x"))) == "auth.identity-token");
  body = "token";
  CHECK(code_of(ask_github_for_token(http, server.url("/"), Secret("x"))) == "network.protocol");
  status = 401;
  CHECK(code_of(ask_github_for_token(http, server.url("/"), Secret("x"))) == "network.status");
  for (const char* bad : {"", "token", "http://pipelines.example/token"}) {
    CHECK(code_of(ask_github_for_token(http, bad, Secret("x"))) == "auth.identity-token");
  }
}

}  // namespace
}  // namespace touchstone::sign
