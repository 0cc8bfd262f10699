// Bundles that services of a sigstore instance vouch for: made, checked, and refused where a
// verifier would.
#include "sign/service_witnesses.h"

#include <catch2/catch.hpp>
#include <functional>

#include "crypto/timestamp_token.h"
#include "net/curl_client.h"
#include "sign/ephemeral_key.h"
#include "tests/support/memory_device.h"
#include "tests/support/pretend_services.h"
#include "verify/examine.h"

namespace touchstone::sign {
namespace {

using namespace std::chrono_literals;
using crypto::KeyKind;
using test::MemoryDevice;
using test::PretendLog;
using test::PretendServices;
using test::PretendSigstore;
using test::RootChoice;
using Version = TransparencyLogService::Version;

PretendSigstore& sigstore() {
  static PretendSigstore instance;
  return instance;
}

const Bytes contents = to_bytes("contents");
const verify::Artifact& artifact() {
  static const verify::Artifact file = verify::Artifact::of(contents);
  return file;
}

ServiceAddress address(const std::string& url) {
  auto parsed = ServiceAddress::parse(url);
  REQUIRE(parsed);
  return *std::move(parsed);
}

enum class Over : std::uint8_t { rekor1, rekor2, both };

struct World {
  explicit World(Over over = Over::rekor2) : services(sigstore()) {
    wanted.authority = address(services.authority());
    if (over != Over::rekor2) {
      wanted.logs.push_back({address(services.log(PretendLog::Kind::rekor1)), Version::rekor1});
    }
    if (over != Over::rekor1) {
      wanted.logs.push_back({address(services.log(PretendLog::Kind::rekor2)), Version::rekor2});
      wanted.timestamp_authorities.push_back(address(services.timestamp_authority()));
    }
  }

  verify::TrustedInstance instance() const {
    auto root = formats::TrustedRoot::parse(as_bytes(sigstore().root_text(root_choice)));
    REQUIRE(root);
    return {std::make_shared<formats::TrustedRoot>(*std::move(root)), "root \"pretend\""};
  }

  ServiceWitnesses witnesses() { return {http, wanted, instance()}; }

  Status certify(ServiceWitnesses& by, KeyDevice& device, const crypto::PublicKey& key) {
    const auto token =
        IdentityToken::parse(Secret::holding(test::identity_token()), PretendSigstore::now);
    REQUIRE(token);
    return by.certify(*token, device, key);
  }

  // Signs the file or a statement about it, keyless or by the key alone.
  Result<MadeBundle> sign(KeyDevice& device, const crypto::PublicKey& key, bool keyless,
                          bool envelope) {
    ServiceWitnesses by = witnesses();
    if (keyless) {
      TS_CHECK(certify(by, device, key));
    }
    return make_bundle({device, key, {}, &by}, what(envelope));
  }

  static ToSign what(bool envelope) {
    ToSign out{artifact(), {verify::WantedContent::Kind::file_signature, {}}, {}};
    if (envelope) {
      out.content.kind = verify::WantedContent::Kind::image_signature;
      out.statement = to_bytes(formats::write_image_signature_statement(artifact().names()[0], {}));
    }
    return out;
  }

  PretendServices services;
  net::CurlClient http;
  Services wanted;
  RootChoice root_choice;
};

std::string code_of(const auto& result) {
  return result ? "none" : std::string(slug(result.error().code));
}

TEST_CASE("a keyless bundle is what a verifier accepts", "[witnesses]") {
  const auto over = GENERATE(Over::rekor1, Over::rekor2, Over::both);
  const bool envelope = GENERATE(false, true);
  CAPTURE(static_cast<int>(over), envelope);
  World world(over);
  MemoryDevice device;
  const auto made = world.sign(device, device.key(), true, envelope);
  if (!made) FAIL(made.error().message);
  CHECK(device.signatures == 2);

  const auto bundle = formats::SigstoreBundle::parse(made->bundle);
  REQUIRE(bundle);
  CHECK(bundle->log_entries.size() == (over == Over::both ? 2 : 1));
  CHECK(bundle->timestamps.size() == (over == Over::rekor1 ? 0 : 1));
  // The leaf alone: no root, no intermediate.
  CHECK(std::get<formats::CertificateChain>(bundle->material).certificates.size() == 1);

  verify::Demand demand;
  demand.instances = {world.instance()};
  demand.identities.push_back({verify::TextMatch::exact("release@shop.example"),
                               verify::TextMatch::exact("https://issuer.example")});
  demand.content = World::what(envelope).content;
  const auto found = verify::examine({"", made->bundle}, artifact(), demand, {});
  REQUIRE(found);
  CHECK(found->keyless);
}

TEST_CASE("a key made for the moment signs", "[witnesses]") {
  World world;
  EphemeralKey key;
  EphemeralKey other;
  CHECK(*key.public_key() != *other.public_key());
  const auto public_key = crypto::PublicKey::from_der(*key.public_key());
  CHECK(world.sign(key, *public_key, true, false));
  CHECK(world.sign(key, *public_key, true, true));
}

TEST_CASE("a key's signature is logged and stamped without a certificate", "[witnesses]") {
  const auto over = GENERATE(Over::rekor1, Over::rekor2, Over::both);
  const auto kind = GENERATE(KeyKind::p256, KeyKind::p384, KeyKind::rsa);
  const bool envelope = GENERATE(false, true);
  if (envelope && kind == KeyKind::p384 && over != Over::rekor2) return;  // not taken
  CAPTURE(static_cast<int>(over), static_cast<int>(kind), envelope);
  World world(over);
  MemoryDevice device(kind);
  const auto made = world.sign(device, device.key(), false, envelope);
  if (!made) FAIL(made.error().message);
  CHECK(device.signatures == 1);
  verify::Demand demand;
  demand.instances = {world.instance()};
  demand.signers.push_back({trust::TrustedKey{device.key(), "", {}, {}, ""}, "key"});
  demand.require_log = true;
  demand.content = World::what(envelope).content;
  CHECK(verify::examine({"", made->bundle}, artifact(), demand, {}));
}

TEST_CASE("one certificate serves several signatures", "[witnesses]") {
  World world;
  ServiceWitnesses by = world.witnesses();
  MemoryDevice device;
  REQUIRE(world.certify(by, device, device.key()));
  for (int i = 0; i < 3; ++i) {
    CHECK(make_bundle({device, device.key(), {}, &by}, World::what(true)));
  }
  CHECK(device.signatures == 4);
  const auto requests = world.services.requests();
  CHECK(std::ranges::count(requests, "/api/v2/signingCert", &test::ServedRequest::target) == 1);
}

TEST_CASE("a certificate lasts for another signature while a fifth of its time is left",
          "[witnesses]") {
  World world;
  ServiceWitnesses by = world.witnesses();
  const auto start = PretendSigstore::now;
  CHECK(by.certificate_lasts(start + 1000h));  // there is none
  MemoryDevice device;
  REQUIRE(world.certify(by, device, device.key()));
  CHECK(by.certificate_lasts(start));
  CHECK(by.certificate_lasts(start + 8min));
  CHECK_FALSE(by.certificate_lasts(start + 8min + 1s));
  CHECK_FALSE(by.certificate_lasts(start + 11min));
  world.services.faults.identity.not_after = start + 50s;
  REQUIRE(world.certify(by, device, device.key()));
  CHECK(by.certificate_lasts(start + 40s));
  CHECK_FALSE(by.certificate_lasts(start + 41s));
}

TEST_CASE("a signature behind a certificate's end is good with the next one alone", "[witnesses]") {
  World world;
  ServiceWitnesses by = world.witnesses();
  MemoryDevice device;
  REQUIRE(world.certify(by, device, device.key()));
  world.services.faults.entry.later = 11min;
  world.services.faults.stamp.later = 11min;
  CHECK(code_of(make_bundle({device, device.key(), {}, &by}, World::what(true))) ==
        "time.certificate");
  world.services.faults.identity.not_before = PretendSigstore::now + 10min;
  world.services.faults.identity.not_after = PretendSigstore::now + 20min;
  REQUIRE(world.certify(by, device, device.key()));
  CHECK(make_bundle({device, device.key(), {}, &by}, World::what(true)));
}

TEST_CASE("a key is certified again for the same holder alone", "[witnesses]") {
  const auto claims =
      GENERATE(R"({"iss":"https://issuer.example","sub":"1","email":"other@shop.example",)"
               R"("email_verified":true,"exp":1900000000})",
               R"({"iss":"https://other.example","sub":"1","email":"release@shop.example",)"
               R"("email_verified":true,"exp":1900000000})");
  CAPTURE(claims);
  World world;
  ServiceWitnesses by = world.witnesses();
  MemoryDevice device;
  REQUIRE(world.certify(by, device, device.key()));
  const auto token =
      IdentityToken::parse(Secret::holding(test::identity_token(claims)), PretendSigstore::now);
  REQUIRE(token);
  CHECK(code_of(by.certify(*token, device, device.key())) == "auth.identity-token");
  CHECK(device.signatures == 1);
  CHECK(make_bundle({device, device.key(), {}, &by}, World::what(true)));
}

TEST_CASE("a bundle that a verifier would refuse is not made", "[witnesses]") {
  struct Row {
    const char* why;
    const char* code;
    Over over;
    std::function<void(World&)> change;
    bool by_key = true;  // whether it is so for a key without a certificate as well
  };
  const auto row = GENERATE(values<Row>({
      {"wrong promise", "signature.log-promise", Over::rekor1,
       [](World& w) { w.services.faults.entry.faults.wrong_promise = true; }},
      {"wrong checkpoint", "signature.checkpoint", Over::rekor2,
       [](World& w) { w.services.faults.entry.faults.wrong_checkpoint = true; }},
      {"wrong proof", "signature.log-proof", Over::rekor2,
       [](World& w) { w.services.faults.entry.faults.wrong_hash = true; }},
      {"wrong proof of version 1", "signature.log-proof", Over::rekor1,
       [](World& w) { w.services.faults.entry.faults.wrong_hash = true; }},
      {"a strange log", "signature.log-missing", Over::rekor2,
       [](World& w) { w.services.faults.entry.by_stranger = true; }},
      {"one of two logs is strange", "signature.log-missing", Over::both,
       [](World& w) { w.root_choice.rekor2.listed = false; }},
      {"the log had ended", "time.log", Over::rekor1,
       [](World& w) { w.root_choice.rekor1.end = PretendSigstore::now; }},
      {"no log is trusted", "signature.log-missing", Over::rekor2,
       [](World& w) { w.root_choice.rekor1.listed = w.root_choice.rekor2.listed = false; }},
      {"one of two stamps is strange", "time.missing", Over::both,
       [](World& w) { w.root_choice.timestamp_authorities[0].listed = false; }},
      {"a strange certificate", "certificate.untrusted", Over::rekor2,
       [](World& w) { w.services.faults.identity.by_stranger = true; }, false},
      {"seen by no log", "certificate.transparency", Over::rekor2,
       [](World& w) { w.services.faults.identity.seen_by = 0; }, false},
      {"two holders", "certificate.identity", Over::rekor2,
       [](World& w) { w.services.faults.more_names = ",URI:https://other.example"; }, false},
      {"over before it is used", "time.certificate", Over::rekor2,
       [](World& w) { w.services.faults.identity.not_after = PretendSigstore::now; }, false},
  }));
  CAPTURE(row.why);
  World world(row.over);
  row.change(world);
  MemoryDevice device;
  CHECK(code_of(world.sign(device, device.key(), true, false)) == row.code);
  if (row.by_key) {
    CHECK(code_of(world.sign(device, device.key(), false, true)) == row.code);
  }
}

TEST_CASE("without a trusted root the answers alone are checked", "[witnesses]") {
  World world;
  world.services.faults.entry.by_stranger = true;
  MemoryDevice device;
  ServiceWitnesses by(world.http, world.wanted, std::nullopt);
  CHECK(make_bundle({device, device.key(), {}, &by}, World::what(false)));
  world.services.faults.entry.digest = Bytes(32, 1);
  CHECK(code_of(make_bundle({device, device.key(), {}, &by}, World::what(false))) ==
        "binding.log-entry");
}

TEST_CASE("a certificate of another authority is stamped and logged", "[witnesses]") {
  World world;
  const test::Entity root = test::issue(test::CertificateText::authority("root"), nullptr);
  const test::Entity leaf = test::issue(test::CertificateText::leaf(), &root);
  MemoryDevice device(leaf.private_key());
  auto certificate = SigningCertificate::create(leaf.certificate(), {root.certificate()},
                                                device.key(), PretendSigstore::now);
  REQUIRE(certificate);
  const CertificateToUse use{*std::move(certificate), PretendSigstore::now};
  ServiceWitnesses by = world.witnesses();
  const auto made = make_bundle({device, device.key(), use, &by}, World::what(true));
  if (!made) FAIL(made.error().message);
  const auto bundle = formats::SigstoreBundle::parse(made->bundle);
  CHECK(bundle->log_entries.size() == 1);
  CHECK(bundle->timestamps.size() == 1);

  world.root_choice.timestamp_authorities[0].listed = false;
  ServiceWitnesses strange = world.witnesses();
  CHECK_FALSE(make_bundle({device, device.key(), use, &strange}, World::what(true)));
  world.root_choice = {};
  world.root_choice.rekor2.listed = false;
  ServiceWitnesses unknown = world.witnesses();
  CHECK(code_of(make_bundle({device, device.key(), use, &unknown}, World::what(true))) ==
        "signature.log-missing");
}

TEST_CASE("what a certificate needs beside it is known beforehand", "[witnesses]") {
  World world(Over::both);
  CHECK(world.wanted.can_certify());
  Services wanted = world.wanted;
  wanted.authority.reset();
  CHECK(code_of(wanted.can_certify()) == "usage.arguments");
  wanted = world.wanted;
  wanted.logs.clear();
  CHECK(code_of(wanted.can_certify()) == "usage.arguments");
  wanted = world.wanted;
  wanted.timestamp_authorities.clear();
  CHECK(wanted.can_certify());  // the log of version 1 tells the time
  wanted.logs.erase(wanted.logs.begin());
  CHECK(code_of(wanted.can_certify()) == "usage.arguments");

  world.wanted = wanted;
  ServiceWitnesses by = world.witnesses();
  MemoryDevice device;
  CHECK(code_of(world.certify(by, device, device.key())) == "usage.arguments");
  CHECK(device.signatures == 0);
}

TEST_CASE("a key that a log does not take is told before it signs", "[witnesses]") {
  World world(Over::both);
  const ServiceWitnesses by = world.witnesses();
  const auto ed25519 = crypto::PrivateKey::generate(KeyKind::ed25519).public_key();
  const auto p384 = crypto::PrivateKey::generate(KeyKind::p384).public_key();
  CHECK(code_of(by.can_log(ed25519, true)) == "usage.arguments");
  CHECK(code_of(by.can_log(p384, true)) == "usage.arguments");
  CHECK(by.can_log(p384, false));
  MemoryDevice device(KeyKind::ed25519);
  CHECK(code_of(world.sign(device, device.key(), false, true)) == "usage.arguments");
  CHECK(world.services.requests().empty());
}

}  // namespace
}  // namespace touchstone::sign
