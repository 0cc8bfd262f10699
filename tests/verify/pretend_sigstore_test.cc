// The pretend sigstore instance, as a verifier sees it: what it makes is right, and each of its
// faults is told from the others.
#include "tests/support/pretend_sigstore.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/signing.h"
#include "verify/decide.h"
#include "verify/examine.h"

namespace touchstone::verify {
namespace {

using test::BundleChoice;
using test::LogChoice;
using test::PretendLog;
using test::PretendSigstore;
using test::RootChoice;
using test::TimestampChoice;

// One instance for all: its certificates take a while.
PretendSigstore& sigstore() {
  static PretendSigstore instance;
  return instance;
}

Demand demand(const RootChoice& choice = {}) {
  auto root = formats::TrustedRoot::parse(as_bytes(sigstore().root_text(choice)));
  if (!root) INFO(root.error().message);
  REQUIRE(root);
  Demand demand;
  demand.instances.push_back(
      {std::make_shared<formats::TrustedRoot>(*std::move(root)), "root \"pretend\""});
  demand.identities.push_back(
      {TextMatch::exact("release@shop.example"), TextMatch::exact("https://issuer.example")});
  return demand;
}

const Bytes contents = to_bytes("contents");
const std::string statement = formats::write_image_signature_statement(
    *Digest::from_hash(crypto::hash(crypto::Hash::sha256, contents)), {});

Result<Evidence> judge(const formats::SigstoreBundle& bundle, Demand demand) {
  const bool envelope = std::holds_alternative<formats::DsseEnvelope>(bundle.content);
  demand.content.kind =
      envelope ? WantedContent::Kind::image_signature : WantedContent::Kind::file_signature;
  return examine({"test", to_bytes(test::bundle_text(bundle))}, Artifact::of(contents), demand,
                 PretendSigstore::now);
}

TEST_CASE("what the pretend instance makes verifies", "[sigstore]") {
  struct Row {
    const char* what;
    std::function<void(BundleChoice&)> change;
  };
  const auto row = GENERATE(values<Row>({
      {"Rekor v2 and a timestamp", [](BundleChoice&) {}},
      {"Rekor v1 alone", [](BundleChoice& c) { c = BundleChoice::by_rekor1(); }},
      {"Rekor v1 for intoto",
       [](BundleChoice& c) {
         c = BundleChoice::by_rekor1();
         c.logs[0].intoto = true;
       }},
      {"both", [](BundleChoice& c) { c.logs.push_back({.log = PretendLog::Kind::rekor1}); }},
      {"version 0.1",
       [](BundleChoice& c) {
         c = BundleChoice::by_rekor1();
         c.minor_version = 1;
         c.logs[0].faults.no_proof = true;
       }},
      {"version 0.2", [](BundleChoice& c) { c.minor_version = 2; }},
      {"P-384", [](BundleChoice& c) { c.certificate.key = "P-384"; }},
      {"RSA", [](BundleChoice& c) { c.certificate.key = "RSA-2048"; }},
      {"two logs of certificates, two authorities",
       [](BundleChoice& c) {
         c.certificate.seen_by = 2;
         c.timestamps.push_back({.authority = 1});
       }},
      {"strange lines in the checkpoint",
       [](BundleChoice& c) {
         c.logs[0].faults.more_lines = c.logs[0].faults.lines_before =
             PretendLog::note_line(crypto::PrivateKey::generate(crypto::KeyKind::ed25519),
                                   "witness.example", "something else");
       }},
  }));
  CAPTURE(row.what);
  BundleChoice choice;
  row.change(choice);
  for (const bool envelope : {false, true}) {
    CAPTURE(envelope);
    const auto found = judge(envelope ? sigstore().sign_statement(statement, choice)
                                      : sigstore().sign_file(contents, choice),
                             demand());
    if (!found) FAIL(slug(found.error().code) << ": " << found.error().message);
    CHECK(found->keyless);
  }
}

TEST_CASE("each fault of the pretend instance is told", "[sigstore]") {
  struct Row {
    const char* what;
    Code code;
    std::function<void(BundleChoice&, RootChoice&)> change;
  };
  constexpr auto first = [](BundleChoice& c) -> LogChoice& {
    c = BundleChoice::by_rekor1();
    return c.logs[0];
  };
  const auto row = GENERATE_COPY(values<Row>({
      // the logs
      {"wrong promise", Code::signature_log_promise,
       [=](BundleChoice& c, RootChoice&) { first(c).faults.wrong_promise = true; }},
      {"promise of another entry", Code::signature_log_promise,
       [=](BundleChoice& c, RootChoice&) { first(c).faults.promise_of_other = true; }},
      {"SIG-14 no promise, no timestamp", Code::time_missing,
       [=](BundleChoice& c, RootChoice&) { first(c).faults.no_promise = true; }},
      {"no proof", Code::signature_log_proof,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.no_proof = true; }},
      {"no checkpoint", Code::signature_log_proof,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.no_checkpoint = true; }},
      {"wrong hash", Code::signature_log_proof,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.wrong_hash = true; }},
      {"a hash too few", Code::signature_log_proof,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.one_hash_less = true; }},
      {"proof of another entry", Code::signature_log_proof,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.proof_index = 1; }},
      {"wrong checkpoint", Code::signature_checkpoint,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.wrong_checkpoint = true; }},
      {"wrong checkpoint of version 1", Code::signature_checkpoint,
       [=](BundleChoice& c, RootChoice&) { first(c).faults.wrong_checkpoint = true; }},
      {"checkpoint by another key", Code::signature_checkpoint,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.other_key = true; }},
      {"checkpoint of another tree", Code::signature_log_proof,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.other_tree = true; }},
      {"checkpoint of another log", Code::signature_checkpoint,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.origin = "other.example"; }},
      {"checkpoint signed by another name", Code::signature_checkpoint,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.name = "other.example"; }},
      {"another artifact", Code::binding_log_entry,
       [](BundleChoice& c, RootChoice&) { c.logs[0].digest = Bytes(32, 1); }},
      {"another signature", Code::binding_log_entry,
       [](BundleChoice& c, RootChoice&) { c.logs[0].signature = Bytes(70, 1); }},
      {"another signer", Code::binding_log_entry,
       [](BundleChoice& c, RootChoice&) { c.logs[0].signer = sigstore().certify({}).der; }},
      {"another algorithm", Code::binding_log_entry,
       [](BundleChoice& c, RootChoice&) { c.logs[0].key_details = "PKIX_ED25519_PH"; }},
      {"another kind than the body's", Code::binding_log_entry,
       [](BundleChoice& c, RootChoice&) { c.logs[0].faults.kind = "dsse"; }},
      {"an unknown log", Code::signature_log_missing,
       [](BundleChoice& c, RootChoice&) { c.logs[0].by_stranger = true; }},
      {"no log", Code::signature_log_missing,
       [](BundleChoice& c, RootChoice&) { c.logs.clear(); }},
      {"the log is not in the root", Code::signature_log_missing,
       [](BundleChoice&, RootChoice& r) { r.rekor2.listed = false; }},
      {"the log had ended", Code::time_log,
       [=](BundleChoice& c, RootChoice& r) {
         first(c);
         r.rekor1.end = PretendSigstore::now;
       }},
      // the certificate
      {"a stranger's certificate", Code::certificate_untrusted,
       [](BundleChoice& c, RootChoice&) { c.certificate.by_stranger = true; }},
      {"ended before it was used", Code::time_certificate,
       [](BundleChoice& c, RootChoice&) { c.certificate.not_after = PretendSigstore::now; }},
      {"used before it began", Code::time_certificate,
       [](BundleChoice& c, RootChoice&) {
         c.certificate.not_before = PretendSigstore::now + std::chrono::seconds(60);
       }},
      {"the authority had ended", Code::time_certificate,
       [](BundleChoice&, RootChoice& r) { r.authority.end = PretendSigstore::now; }},
      {"seen by no log", Code::certificate_transparency,
       [](BundleChoice& c, RootChoice&) { c.certificate.seen_by = 0; }},
      {"seen by an unknown log", Code::certificate_transparency,
       [](BundleChoice& c, RootChoice&) {
         c.certificate.seen_by = 0;
         c.certificate.seen_by_stranger = true;
       }},
      {"seen for another issuer", Code::certificate_transparency,
       [](BundleChoice& c, RootChoice&) { c.certificate.seen_for_other_issuer = true; }},
      {"seen wrongly", Code::certificate_transparency,
       [](BundleChoice& c, RootChoice&) { c.certificate.seen_wrongly = true; }},
      {"seen when the log did not count", Code::certificate_transparency,
       [](BundleChoice& c, RootChoice&) {
         c.certificate.seen_at = test::certificate_begin - std::chrono::seconds(1);
       }},
      // the time
      {"no timestamp", Code::time_missing,
       [](BundleChoice& c, RootChoice&) { c.timestamps.clear(); }},
      {"of other bytes", Code::binding_timestamp,
       [](BundleChoice& c, RootChoice&) { c.timestamps[0].of = Bytes(8, 1); }},
      {"by a stranger", Code::certificate_untrusted,
       [](BundleChoice& c, RootChoice&) { c.timestamps[0].by_stranger = true; }},
      {"the timestamp authority had ended", Code::time_timestamp,
       [](BundleChoice&, RootChoice& r) {
         r.timestamp_authorities[0].end = PretendSigstore::now;
       }},
      {"one of two times does not fit", Code::time_certificate,
       [](BundleChoice& c, RootChoice&) {
         c.timestamps.push_back({.authority = 1, .later = std::chrono::hours(1)});
       }},
      // the rest
      {"spoiled", Code::signature_invalid,
       [](BundleChoice& c, RootChoice&) { c.spoiled = true; }},
      {"an entry twice", Code::format_bundle, nullptr},
  }));
  CAPTURE(row.what);
  BundleChoice choice;
  RootChoice root;
  if (row.change) row.change(choice, root);
  auto bundle = sigstore().sign_file(contents, choice);
  if (!row.change) bundle.log_entries.push_back(bundle.log_entries.front());
  const auto found = judge(bundle, demand(root));
  REQUIRE_FALSE(found);
  CAPTURE(found.error().message);
  CHECK(slug(found.error().code) == slug(row.code));
}

TEST_CASE("a log's entry of another envelope does not do", "[sigstore][ATT-15]") {
  BundleChoice choice = BundleChoice::by_rekor1();
  LogChoice& logged = choice.logs.front();
  logged.intoto = GENERATE(false, true);
  REQUIRE(judge(sigstore().sign_statement(statement, choice), demand()));
  SECTION("its payload") { logged.digest = Bytes(32, 1); }
  SECTION("its signature") { logged.signature = Bytes(70, 1); }
  SECTION("its signer") { logged.signer = sigstore().certify({}).der; }
  const auto found = judge(sigstore().sign_statement(statement, choice), demand());
  REQUIRE_FALSE(found);
  CHECK(slug(found.error().code) == "binding.log-entry");
}

TEST_CASE("an entry for files does for no envelope, nor the other way round",
          "[sigstore][ATT-16]") {
  const BundleChoice choice = BundleChoice::by_rekor1();
  const auto refused_with = [&](formats::SigstoreBundle bundle, ByteView signed_bytes,
                                bool as_envelope) {
    // All of it is right but its kind.
    test::Logged logged;
    logged.digest = crypto::hash(crypto::Hash::sha256, signed_bytes);
    logged.signature = bundle.signature();
    logged.signer = std::get<formats::CertificateChain>(bundle.material).certificates.front();
    bundle.log_entries = {sigstore().entry(choice.logs.front(), logged, logged, as_envelope)};
    const auto found = judge(bundle, demand());
    return found ? std::string("accepted") : std::string(slug(found.error().code));
  };
  const auto envelope = sigstore().sign_statement(statement, choice);
  const auto file = sigstore().sign_file(contents, choice);
  const Bytes encoding =
      formats::pre_authentication_encoding(formats::in_toto_payload_type, as_bytes(statement));
  CHECK(refused_with(envelope, as_bytes(statement), true) == "accepted");
  CHECK(refused_with(file, contents, false) == "accepted");
  CHECK(refused_with(envelope, encoding, false) == "binding.log-entry");
  CHECK(refused_with(file, contents, true) == "binding.log-entry");
}

TEST_CASE("witnesses are counted by who they are", "[sigstore]") {
  BundleChoice choice;
  choice.timestamps.push_back({.authority = 1});
  choice.logs.push_back({.log = PretendLog::Kind::rekor1});
  choice.certificate.seen_by = 2;
  const auto bundle = sigstore().sign_file(contents, choice);
  Demand two = demand();
  two.thresholds = {2, 2, 2};
  CHECK(judge(bundle, two));
  const auto refuses = [&](const Thresholds& thresholds, const RootChoice& root, Code code) {
    Demand wanted = demand(root);
    wanted.thresholds = thresholds;
    const auto found = judge(bundle, wanted);
    REQUIRE_FALSE(found);
    CHECK(slug(found.error().code) == slug(code));
  };
  refuses({3, 1, 1}, {}, Code::signature_log_missing);
  refuses({1, 4, 1}, {}, Code::time_missing);
  refuses({1, 1, 3}, {}, Code::certificate_transparency);
}

}  // namespace
}  // namespace touchstone::verify
