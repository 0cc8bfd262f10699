// Signatures under a sigstore instance: who counts, and what lies beside a signature in every form.
#include "verify/keyless.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "base/encoding.h"
#include "base/text.h"
#include "formats/simple_signing.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/pretend_sigstore.h"
#include "tests/support/signing.h"
#include "verify/decide.h"
#include "verify/examine.h"
#include "verify/report.h"
#include "verify/verify_image.h"

namespace touchstone::verify {
namespace {

using formats::SigstoreBundle;
using test::BundleChoice;
using test::Entity;
using test::LogChoice;
using test::PretendLog;
using test::PretendSigstore;
using test::RootChoice;
using namespace std::chrono_literals;

PretendSigstore& sigstore() {
  static PretendSigstore instance;
  return instance;
}

TrustedInstance instance(const RootChoice& choice = {}) {
  auto root = formats::TrustedRoot::parse(as_bytes(sigstore().root_text(choice)));
  REQUIRE(root);
  return {std::make_shared<formats::TrustedRoot>(*std::move(root)), "root \"pretend\""};
}

const WantedIdentity release{TextMatch::exact("release@shop.example"),
                             TextMatch::exact("https://issuer.example")};

Demand demand(const RootChoice& choice = {}) {
  Demand demand;
  demand.identities = {release};
  demand.instances = {instance(choice)};
  demand.content.kind = WantedContent::Kind::file_signature;
  return demand;
}

const Bytes contents = to_bytes("contents");

Result<Evidence> judge(const SigstoreBundle& bundle, const Demand& demand) {
  return examine({"test", to_bytes(test::bundle_text(bundle))}, Artifact::of(contents), demand,
                 PretendSigstore::now);
}

SigstoreBundle signed_file(const BundleChoice& choice = {}) {
  return sigstore().sign_file(contents, choice);
}

// The verdict about one signature, and its code.
std::optional<Code> refusal(const Result<Evidence>& found, const Demand& demand) {
  const Finding finding = found ? Finding{"test", *found} : Finding{"test", found.error()};
  const Verdict verdict = decide(demand, std::span(&finding, 1), PretendSigstore::now);
  return verdict.allow ? std::nullopt : std::optional(verdict.code);
}

std::optional<Code> refusal(const SigstoreBundle& bundle, const Demand& demand) {
  return refusal(judge(bundle, demand), demand);
}

// The pretend instance's own certificates as those of an authority.
TrustedAuthority pretend_authority() {
  return {trust::TrustedCertificate{sigstore().issuing_certificate().certificate(), "", {}, {}, ""},
          "root \"authority\""};
}

TrustedSigner key_of(const Entity& signer) {
  return {trust::TrustedKey{signer.certificate().key(), "", {}, {}, ""}, "key"};
}

}  // namespace

TEST_CASE("the holder of a certificate counts when it is the one asked for", "[keyless][SIG-12]") {
  const SigstoreBundle bundle = signed_file();
  const Demand good = demand();
  CHECK_FALSE(refusal(bundle, good));
  const auto with = [&](std::vector<WantedIdentity> identities) {
    Demand other = good;
    other.identities = std::move(identities);
    return refusal(bundle, other);
  };
  const auto exact = [](const char* text) { return TextMatch::exact(text); };
  CHECK(with({{exact("other@shop.example"), release.issuer}}) == Code::identity_mismatch);
  CHECK(with({{release.subject, exact("https://other.example")}}) == Code::identity_mismatch);
  CHECK(with({{exact("https://issuer.example"), exact("release@shop.example")}}) ==
        Code::identity_mismatch);
  // One of several, and not a mix of two.
  CHECK_FALSE(with({{exact("other@shop.example"), exact("https://x")}, release}));
  CHECK(with({{exact("other@shop.example"), release.issuer},
              {release.subject, exact("https://other.example")}}) == Code::identity_mismatch);
  CHECK_FALSE(with({{*TextMatch::pattern(".*@shop\\.example"), release.issuer}}));
  CHECK(with({{*TextMatch::pattern("release@shop"), release.issuer}}) == Code::identity_mismatch);

  // What is told: who it is for, or who vouched when that alone is wrong.
  const auto told = [&](std::vector<WantedIdentity> identities) {
    Demand other = good;
    other.identities = std::move(identities);
    const Finding finding{"", *judge(bundle, good)};
    return decide(other, std::span(&finding, 1), PretendSigstore::now).message;
  };
  const WantedIdentity other_issuer{release.subject, exact("https://other.example")};
  CHECK(told({other_issuer}).contains("vouched for by \"https://issuer.example\""));
  CHECK(told({{exact("other@shop.example"), release.issuer}}).contains("is for"));
  CHECK(told({{exact("other@shop.example")}, other_issuer}).contains("is for"));
}

TEST_CASE("under an instance, nobody in particular is nobody", "[keyless]") {
  const SigstoreBundle bundle = signed_file();
  Demand nobody = demand();
  const auto found = judge(bundle, nobody);
  REQUIRE(found);
  nobody.identities.clear();
  CHECK(refusal(found, nobody) == Code::identity_mismatch);
  CHECK(refusal(bundle, nobody) == Code::certificate_unexpected);
}

TEST_CASE("evidence of one policy is none for another", "[keyless]") {
  const auto found = judge(signed_file(), demand());
  REQUIRE(found);
  Demand other = demand();
  other.instances.front().source = "root \"other\"";
  CHECK(refusal(found, other) == Code::certificate_untrusted);
  other.instances.clear();
  CHECK(refusal(found, other) == Code::certificate_untrusted);
  Demand more = demand();
  more.thresholds.logs = 2;
  CHECK(refusal(found, more) == Code::signature_log_missing);
  more.thresholds = {1, 2, 1};
  CHECK(refusal(found, more) == Code::time_missing);
}

TEST_CASE("a log that is asked for is asked of everybody", "[keyless]") {
  RootChoice unlogged;
  unlogged.rekor1.listed = unlogged.rekor2.listed = false;
  Demand asked = demand(unlogged);
  const auto under_instance = judge(signed_file(), asked);
  CHECK_FALSE(refusal(under_instance, asked));
  asked.require_log = true;
  CHECK(refusal(under_instance, asked) == Code::signature_log_missing);

  Demand authority = demand();
  authority.authorities = {pretend_authority()};
  const auto under_authority = judge(signed_file(), authority);
  REQUIRE(under_authority);
  CHECK(under_authority->certified);
  CHECK_FALSE(refusal(under_authority, authority));
  authority.require_log = true;
  CHECK(refusal(under_authority, authority) == Code::signature_log_missing);
}

TEST_CASE("nothing counts without a time", "[keyless]") {
  BundleChoice choice;
  choice.timestamps.clear();
  Demand timeless = demand();
  timeless.thresholds.times = 0;
  CHECK(refusal(signed_file(choice), timeless) == Code::time_missing);
}

TEST_CASE("a time that a log claims must fit, signed or not", "[keyless]") {
  BundleChoice choice = BundleChoice::by_rekor1();
  choice.timestamps = {{}};
  choice.logs.front().faults.no_promise = true;
  CHECK_FALSE(refusal(signed_file(choice), demand()));
  choice.logs.front().later = 1h;
  CHECK(refusal(signed_file(choice), demand()) == Code::time_certificate);
}

TEST_CASE("a certificate names one holder, and one who vouches", "[keyless]") {
  BundleChoice choice;
  SECTION("two alternative names") {
    choice.certificate.names = "email:release@shop.example,URI:https://shop.example";
    CHECK(refusal(signed_file(choice), demand()) == Code::certificate_identity);
  }
  SECTION("two issuers that differ") {
    choice.certificate.old_issuer = "https://other.example";
    CHECK(refusal(signed_file(choice), demand()) == Code::certificate_issuer);
  }
  SECTION("no issuer") {
    choice.certificate.issuer.reset();
    choice.certificate.old_issuer.reset();
    CHECK(refusal(signed_file(choice), demand()) == Code::certificate_issuer);
  }
  SECTION("the old issuer alone") {
    choice.certificate.issuer.reset();
    CHECK_FALSE(refusal(signed_file(choice), demand()));
  }
}

TEST_CASE("what else a bundle carries lies between at most", "[keyless]") {
  BundleChoice choice;
  choice.with_issuer = true;
  SECTION("version 0.3 has no chain for an instance") {
    CHECK(refusal(signed_file(choice), demand()) == Code::format_bundle);
    Demand authority = demand();  // but for an authority
    authority.authorities = {pretend_authority()};
    CHECK_FALSE(refusal(signed_file(choice), authority));
  }
  SECTION("version 0.2 has one") {
    choice.minor_version = 2;
    CHECK_FALSE(refusal(signed_file(choice), demand()));
  }
  SECTION("but no root in it") {
    choice.minor_version = 2;
    choice.with_root = true;
    CHECK(refusal(signed_file(choice), demand()) == Code::certificate_path);
  }
}

TEST_CASE("an instance without logs asks for none, and always for a time", "[keyless]") {
  RootChoice root;
  root.rekor1.listed = root.rekor2.listed = false;
  root.certificate_logs[0].listed = root.certificate_logs[1].listed = false;
  BundleChoice choice;
  choice.logs.clear();
  choice.certificate.seen_by = 0;
  CHECK_FALSE(refusal(signed_file(choice), demand(root)));
  choice.timestamps.clear();
  CHECK(refusal(signed_file(choice), demand(root)) == Code::time_missing);
}

TEST_CASE("every entry of a known log must be right, wherever it stands", "[keyless][SIG-11]") {
  BundleChoice choice;
  choice.logs = {LogChoice(), LogChoice(), LogChoice()};
  const std::size_t wrong = GENERATE(0U, 1U, 2U);
  choice.logs[wrong].digest = Bytes(32, 1);
  CHECK(refusal(signed_file(choice), demand()) == Code::binding_log_entry);
  choice.logs[wrong].by_stranger = true;  // of an unknown one it is no matter
  CHECK_FALSE(refusal(signed_file(choice), demand()));
}

TEST_CASE("a log that had ended holds nothing that was made later", "[keyless]") {
  RootChoice root;
  root.rekor2.end = PretendSigstore::now;  // the timestamp is of two seconds later
  CHECK(refusal(signed_file(), demand(root)) == Code::time_log);
  root.rekor2.end = PretendSigstore::now + 2s;
  CHECK_FALSE(refusal(signed_file(), demand(root)));
  // Another log's time says nothing of when this one took it.
  BundleChoice both;
  both.logs.push_back({.log = PretendLog::Kind::rekor1, .later = 60s});
  CHECK_FALSE(refusal(signed_file(both), demand(root)));
  // Its own promise does.
  BundleChoice promised = BundleChoice::by_rekor1();
  promised.timestamps = {{}};
  root.rekor1.end = PretendSigstore::now + 1s;
  CHECK_FALSE(refusal(signed_file(promised), demand(root)));
}

TEST_CASE("of several authorities that refuse a timestamp the nearest is told", "[keyless]") {
  RootChoice root;
  root.timestamp_authorities[1].end = PretendSigstore::now;
  BundleChoice choice;
  choice.timestamps.front().authority = 1;
  CHECK(refusal(signed_file(choice), demand(root)) == Code::time_timestamp);
}

TEST_CASE("one log is one witness, however many entries it has", "[keyless]") {
  BundleChoice choice;
  choice.logs.push_back(LogChoice());
  choice.timestamps.push_back(choice.timestamps.front());
  Demand two = demand();
  two.thresholds.logs = 2;
  CHECK(refusal(signed_file(choice), two) == Code::signature_log_missing);
  two.thresholds = {1, 2, 1};
  CHECK(refusal(signed_file(choice), two) == Code::time_missing);
  // Two of one operator are one as well.
  RootChoice root;
  root.rekor1.operator_name = root.rekor2.operator_name = "shop.example";
  choice.logs[1].log = PretendLog::Kind::rekor1;
  Demand same = demand(root);
  same.thresholds.logs = 2;
  CHECK(refusal(signed_file(choice), same) == Code::signature_log_missing);
}

TEST_CASE("several instances count one by one", "[keyless]") {
  PretendSigstore stranger;
  Demand both = demand();
  both.instances.insert(both.instances.begin(),
                        {std::make_shared<formats::TrustedRoot>(
                             *formats::TrustedRoot::parse(as_bytes(stranger.root_text()))),
                         "root \"stranger\""});
  CHECK_FALSE(refusal(signed_file(), both));
  both.instances.pop_back();
  CHECK(refusal(signed_file(), both) == Code::certificate_untrusted);
}

TEST_CASE("a log may hold the signature of a key, and must where that is asked", "[keyless]") {
  const Entity signer = sigstore().certify({});
  BundleChoice choice;
  choice.by_key = true;
  Demand by_key;
  by_key.signers = {key_of(signer)};
  by_key.content.kind = WantedContent::Kind::file_signature;
  Demand logged = by_key;
  logged.instances = {instance()};
  logged.require_log = true;
  const auto made = [&] { return sigstore().sign_file(contents, choice, &signer); };

  SECTION("it does") {
    const auto found = judge(made(), logged);
    REQUIRE(found);
    CHECK(found->witnesses.logs.size() == 1);
    CHECK_FALSE(refusal(found, logged));
    CHECK_FALSE(refusal(made(), by_key));
    // Evidence without a log is not enough where one is asked for.
    CHECK(refusal(judge(made(), by_key), logged) == Code::signature_log_missing);
  }
  SECTION("it does not") {
    choice.logs.clear();
    CHECK(refusal(made(), logged) == Code::signature_log_missing);
    logged.require_log = false;
    CHECK_FALSE(refusal(made(), logged));
  }
  SECTION("a log that is not known") {
    choice.logs.front().by_stranger = true;
    CHECK(refusal(made(), logged) == Code::signature_log_missing);
    logged.require_log = false;
    CHECK_FALSE(refusal(made(), logged));
  }
  SECTION("a known one holds something else, which is no matter to nobody") {
    choice.logs.front().signature = Bytes(70, 1);
    CHECK(refusal(made(), logged) == Code::binding_log_entry);
    logged.require_log = false;
    CHECK(refusal(made(), logged) == Code::binding_log_entry);
    CHECK_FALSE(refusal(made(), by_key));
  }
  SECTION("no log is named") {
    logged.instances.clear();
    const auto found = judge(made(), logged);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Code::signature_log_missing);
  }
  SECTION("one of several instances has it") {
    PretendSigstore stranger;
    logged.instances.insert(logged.instances.begin(),
                            {std::make_shared<formats::TrustedRoot>(
                                 *formats::TrustedRoot::parse(as_bytes(stranger.root_text()))),
                             "root \"stranger\""});
    for (const bool required : {true, false}) {
      logged.require_log = required;
      const auto found = judge(made(), logged);
      REQUIRE(found);
      CHECK(found->witnesses.logs.size() == 1);
    }
  }
}

TEST_CASE("a file's signature tells its digest, or is by a key that needs none", "[keyless]") {
  formats::Json bundle = test::bundle_json(signed_file());
  auto* message = const_cast<formats::Json*>(bundle.find("messageSignature"));
  std::erase_if(*message->object(), [](const auto& m) { return m.first == "messageDigest"; });
  const auto found = examine({"", to_bytes(formats::to_text(bundle))}, Artifact::of(contents),
                             demand(), PretendSigstore::now);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Code::format_bundle);

  SigstoreBundle other = signed_file();
  std::get<formats::MessageSignature>(other.content).digest.front() ^= 1;
  CHECK(refusal(other, demand()) == Code::binding_digest);

  const crypto::PrivateKey pure = crypto::PrivateKey::generate(crypto::KeyKind::ed25519);
  Demand by_key;
  by_key.signers = {test::signer(pure)};
  by_key.content.kind = WantedContent::Kind::file_signature;
  std::string text = test::message_bundle(pure, contents);
  const std::size_t at = text.find("\"messageDigest\":{");
  text.erase(at, text.find("},", at) + 2 - at);
  CHECK(examine({"", to_bytes(text)}, Artifact::of(contents), by_key, PretendSigstore::now));
}

TEST_CASE("a file is reported by its digest", "[keyless]") {
  const ImageReport report = verify_file("app.tar", Artifact::of(contents),
                                         {"test", to_bytes(test::bundle_text(signed_file()))},
                                         demand(), test::FixedClock(PretendSigstore::now));
  CHECK(report.decision == Decision::accepted);
  CHECK(report.pinned == crypto::digest_of(contents).to_string());
  CHECK(report.digest == crypto::digest_of(contents));
}

TEST_CASE("reports say who, vouched for by whom, and who saw it when", "[keyless]") {
  ImageReport report;
  report.reference = report.pinned = "app.tar";
  report.decision = Decision::accepted;
  BundleChoice choice;
  choice.logs.push_back({.log = PretendLog::Kind::rekor1});
  report.findings = {{"test", *judge(signed_file(choice), demand())}};
  const std::string text = join(describe(report, demand()), "\n");
  for (const std::string_view part :
       {"release@shop.example, vouched for by https://issuer.example under root \"pretend\"",
        "logged by", "at 2027-01-15T08:00:01Z", "timestamped by"}) {
    CAPTURE(part);
    CHECK(text.contains(part));
  }
  // The log's own time is said once.
  CHECK(text.find("timestamped by") == text.rfind("timestamped by"));
  const std::string json = to_json({report}, demand(), PretendSigstore::now);
  for (const std::string_view part :
       {R"("keyless":{"subject":"release@shop.example","issuer":"https://issuer.example")",
        R"("promised":"2027-01-15T08:00:01Z")", R"("time":"2027-01-15T08:00:02Z"}])"}) {
    CAPTURE(part, json);
    CHECK(json.contains(part));
  }
  CHECK_FALSE(json.contains(R"("time":"2027-01-15T08:00:01Z")"));

  // Refused, it says who was wanted: of each ten in all, and of nobody where nobody was named.
  report.decision = Decision::refused;
  report.reason = Error{Code::identity_mismatch, "why", ""};
  const auto wanted = [&](const Demand& asked) {
    return std::ranges::count_if(describe(report, asked),
                                 [](const auto& line) { return line.starts_with("  wanted: "); });
  };
  Demand many = demand();
  many.instances.resize(12, many.instances.front());
  CHECK(wanted(many) == 10);
  many.authorities.resize(12, pretend_authority());
  CHECK(wanted(many) == 10);
  many.authorities.resize(3, pretend_authority());
  CHECK(wanted(many) == 10);
  many.authorities.clear();
  many.identities.clear();
  CHECK(wanted(many) == 0);
}

TEST_CASE("a statement about a file is no signature of it, and the other way round", "[keyless]") {
  const std::string statement = formats::write_image_signature_statement(
      *Digest::from_hash(crypto::hash(crypto::Hash::sha256, contents)), {});
  const SigstoreBundle attested = sigstore().sign_statement(statement, {});
  CHECK(refusal(attested, demand()) == Code::binding_type);
  Demand any = demand();
  any.content = {WantedContent::Kind::attestation, ""};
  CHECK_FALSE(refusal(attested, any));
  CHECK(refusal(signed_file(), any) == Code::binding_message);
  any.content.predicate_type = "https://slsa.dev/provenance/v1";
  CHECK(refusal(attested, any) == Code::binding_type);
  any.content.predicate_type = formats::image_signature_predicate;
  CHECK_FALSE(refusal(attested, any));
}

namespace {

// cosign's legacy form, with a certificate and Rekor v1's promise in annotations.
struct Legacy {
  Entity signer = sigstore().certify({});
  Bytes manifest = to_bytes("a manifest");
  Bytes payload =
      to_bytes(formats::write_simple_signing(crypto::digest_of(manifest), "shop.example/app", {}));
  Bytes signature = *signer.private_key().sign(Scheme::ecdsa_sha256, payload);
  LogChoice log{.log = PretendLog::Kind::rekor1};
  std::map<std::string, std::string> annotations;

  Legacy() {
    annotations["dev.cosignproject.cosign/signature"] = to_base64(signature);
    annotations["dev.sigstore.cosign/certificate"] = signer.certificate().pem();
    annotations["dev.sigstore.cosign/chain"] =
        sigstore().issuing_certificate().certificate().pem() +
        sigstore().root_certificate().certificate().pem();
    write_log();
  }

  void write_log() {
    test::Logged logged;
    logged.digest = crypto::hash(crypto::Hash::sha256, payload);
    logged.signature = signature;
    logged.signer = signer.certificate().der();
    const formats::LogEntry entry = sigstore().entry(log, logged, logged, false);
    annotations["dev.sigstore.cosign/bundle"] =
        R"({"SignedEntryTimestamp":")" + to_base64(entry.promise) + R"(","Payload":{"body":")" +
        to_base64(entry.body) + R"(","integratedTime":)" + std::to_string(entry.integrated_time) +
        R"(,"logIndex":)" + std::to_string(entry.index) + R"(,"logID":")" + to_hex(entry.log_id) +
        R"("}})";
  }

  void stamp(const test::TimestampChoice& choice = {}) {
    annotations["dev.sigstore.cosign/rfc3161timestamp"] =
        R"({"SignedRFC3161Timestamp":")" + to_base64(sigstore().timestamp(choice, signature)) +
        R"("})";
  }

  std::optional<Code> refusal(Demand demand = verify::demand()) const {
    demand.content = {};
    return verify::refusal(examined(demand), demand);
  }

  Result<Evidence> examined(Demand demand) const {
    demand.content = {};
    const SimpleSigningLayer layer{
        formats::Descriptor{std::string(formats::media_type::simple_signing),
                            crypto::digest_of(payload),
                            payload.size(),
                            "",
                            annotations,
                            {},
                            {}},
        payload};
    return examine({"test", layer}, Artifact::of(manifest), demand, PretendSigstore::now);
  }
};

}  // namespace

TEST_CASE("cosign's legacy form counts by its certificate", "[keyless]") {
  Legacy legacy;
  CHECK_FALSE(legacy.refusal());
  SECTION("and by a timestamp") {
    legacy.stamp();
    CHECK_FALSE(legacy.refusal());
  }
  SECTION("a timestamp from outside the certificate's time") {
    legacy.stamp({.later = 1h});
    CHECK(legacy.refusal() == Code::time_certificate);
  }
  SECTION("the chain is no matter where the root has it") {
    legacy.annotations.erase("dev.sigstore.cosign/chain");
    CHECK_FALSE(legacy.refusal());
  }
  SECTION("another identity") {
    Demand other = demand();
    other.identities = {{TextMatch::exact("other@shop.example"), release.issuer}};
    CHECK(legacy.refusal(other) == Code::identity_mismatch);
  }
  SECTION("no log") {
    legacy.annotations.erase("dev.sigstore.cosign/bundle");
    CHECK(legacy.refusal() == Code::signature_log_missing);
  }
  SECTION("no certificate") {
    legacy.annotations.erase("dev.sigstore.cosign/certificate");
    CHECK(legacy.refusal() == Code::certificate_missing);
  }
  SECTION("a certificate that is none") {
    legacy.annotations["dev.sigstore.cosign/certificate"] = "no PEM";
    const auto found = legacy.examined(demand());
    REQUIRE_FALSE(found);
    CHECK(found.error().code == Code::certificate_malformed);
    CHECK(found.error().message.contains("certificate annotation"));
  }
  SECTION("under an authority the chain leads to its root, which is left out") {
    Demand authority = demand();
    authority.instances.clear();
    authority.authorities = {pretend_authority()};
    authority.authorities.front().trusted.certificate = sigstore().root_certificate().certificate();
    CHECK_FALSE(legacy.refusal(authority));
    legacy.annotations.erase("dev.sigstore.cosign/chain");
    CHECK(legacy.refusal(authority) == Code::certificate_untrusted);
    // A trusted key is enough, whatever the certificate is.
    authority.signers = {key_of(legacy.signer)};
    CHECK_FALSE(legacy.refusal(authority));
  }
  SECTION("only keys are asked for") {
    Demand keys;
    keys.signers = {key_of(sigstore().certify({}))};
    CHECK(legacy.refusal(keys) == Code::certificate_unexpected);
    keys.signers = {key_of(legacy.signer)};
    CHECK_FALSE(legacy.refusal(keys));
  }
}

TEST_CASE("an entry about something else is refused in the legacy form too", "[keyless][SIG-09]") {
  Legacy legacy;
  SECTION("another payload") { legacy.log.digest = Bytes(32, 1); }
  SECTION("another signature") { legacy.log.signature = Bytes(70, 1); }
  SECTION("another signer") { legacy.log.signer = sigstore().certify({}).der; }
  legacy.write_log();
  CHECK(legacy.refusal() == Code::binding_log_entry);
}

TEST_CASE("what is there must hold: broken is not absent", "[keyless][SIG-10]") {
  Legacy legacy;
  SECTION("a log's bundle that is no JSON") {
    legacy.annotations["dev.sigstore.cosign/bundle"] = "garbage";
    CHECK(legacy.refusal() == Code::format_signature);
  }
  SECTION("a promise with a wrong signature") {
    legacy.log.faults.wrong_promise = true;
    legacy.write_log();
    CHECK(legacy.refusal() == Code::signature_log_promise);
  }
  SECTION("no promise") {
    auto& text = legacy.annotations["dev.sigstore.cosign/bundle"];
    text = R"({"SignedEntryTimestamp":"",)" + text.substr(text.find("\"Payload\""));
    CHECK(legacy.refusal() == Code::format_signature);
  }
  SECTION("a timestamp that is no JSON") {
    legacy.annotations["dev.sigstore.cosign/rfc3161timestamp"] = "garbage";
    CHECK(legacy.refusal() == Code::format_signature);
  }
  SECTION("a timestamp that is empty") {
    legacy.annotations["dev.sigstore.cosign/rfc3161timestamp"] = R"({"SignedRFC3161Timestamp":""})";
    CHECK(legacy.refusal() == Code::format_signature);
  }
  SECTION("a timestamp that is not base64") {
    legacy.annotations["dev.sigstore.cosign/rfc3161timestamp"] =
        R"({"SignedRFC3161Timestamp":"*"})";
    CHECK(legacy.refusal() == Code::format_signature);
  }
  SECTION("a certificate that is none") {
    legacy.annotations["dev.sigstore.cosign/certificate"] = "garbage";
    CHECK(legacy.refusal() == Code::certificate_malformed);
  }
  SECTION("a chain that is none") {
    legacy.annotations["dev.sigstore.cosign/chain"] = "garbage";
    CHECK(legacy.refusal() == Code::certificate_malformed);
  }
  SECTION("a chain that is too long") {
    std::string& chain = legacy.annotations["dev.sigstore.cosign/chain"];
    for (int i = 0; i < 5; ++i) chain += chain;
    CHECK(legacy.refusal() == Code::limit_count);
  }
}

}  // namespace touchstone::verify
