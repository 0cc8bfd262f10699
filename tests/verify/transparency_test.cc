// Each step of the verifier of a log's entry, on entries of the pretend instance that are changed
// in one place.
#include "verify/transparency.h"

#include <sodium.h>

#include <array>
#include <catch2/catch.hpp>

#include "base/encoding.h"
#include "formats/dsse.h"
#include "formats/statement.h"
#include "tests/support/pretend_sigstore.h"

namespace touchstone::verify {
namespace {

using formats::LogEntry;
using formats::TrustedRoot;
using test::BundleChoice;
using test::Logged;
using test::PretendLog;
using test::PretendSigstore;
using namespace std::chrono_literals;

PretendSigstore& sigstore() {
  static PretendSigstore instance;
  return instance;
}

TrustedRoot root_of(const test::RootChoice& choice = {}) {
  auto root = TrustedRoot::parse(as_bytes(sigstore().root_text(choice)));
  REQUIRE(root);
  return *std::move(root);
}

const Bytes contents = to_bytes("contents");

// A signature with one entry, which a test changes, and what checking it says.
struct Entry {
  formats::SigstoreBundle bundle;
  Artifact file = Artifact::of(contents);
  TrustedRoot root = root_of();
  ProofDemand demand = ProofDemand::inclusion;

  explicit Entry(const BundleChoice& choice = {})
      : bundle(sigstore().sign_file(contents, choice)) {}

  LogEntry& entry() { return bundle.log_entries.front(); }
  crypto::Certificate signer() const {
    const auto& chain = std::get<formats::CertificateChain>(bundle.material);
    return *crypto::Certificate::from_der(chain.certificates.front());
  }
  Result<std::optional<LogFact>> check(std::optional<ByteView> envelope_file = {}) const {
    const auto* envelope = std::get_if<formats::DsseEnvelope>(&bundle.content);
    const SignedContent content =
        envelope != nullptr ? SignedContent(*envelope) : SignedContent(file);
    const crypto::Certificate leaf = signer();
    return check_log_entry(bundle.log_entries.front(), root,
                           {content, bundle.signature(), &leaf, envelope_file}, demand);
  }
  std::string outcome(std::optional<ByteView> envelope_file = {}) const {
    const auto fact = check(envelope_file);
    if (!fact) return std::string(slug(fact.error().code));
    return *fact ? "held" : "unknown log";
  }
};

BundleChoice rekor1() { return BundleChoice::by_rekor1(); }

// A key that signs Ed25519 in both ways, and what it signs the checkpoint of an entry with.
struct TwoWayKey {
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> open;
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret;

  TwoWayKey() { crypto_sign_keypair(open.data(), secret.data()); }

  crypto::PublicKey key() const {
    Bytes der = *from_hex("302a300506032b6570032100");
    der.insert(der.end(), open.begin(), open.end());
    return *crypto::PublicKey::from_der(der);
  }
  void sign(LogEntry& entry, const std::string& host, bool prehashed) const {
    std::string& note = entry.proof->checkpoint;
    const std::string text = note.substr(0, note.find("\n\n") + 1);
    const Bytes bytes = to_bytes(text);
    Bytes signature(crypto_sign_BYTES);
    if (prehashed) {
      crypto_sign_ed25519ph_state state;
      crypto_sign_ed25519ph_init(&state);
      crypto_sign_ed25519ph_update(&state, bytes.data(), bytes.size());
      crypto_sign_ed25519ph_final_create(&state, signature.data(), nullptr, secret.data());
    } else {
      crypto_sign_detached(signature.data(), nullptr, bytes.data(), bytes.size(), secret.data());
    }
    Bytes line = PretendLog::note_key_id(key(), host);
    line.insert(line.end(), signature.begin(), signature.end());
    note = text + "\n\xE2\x80\x94 " + host + " " + to_base64(line) + "\n";
  }
};

}  // namespace

TEST_CASE("an entry of either version is held by its log", "[transparency]") {
  Entry second;
  CHECK(second.outcome() == "held");
  CHECK(Entry(rekor1()).outcome() == "held");
  second.root.logs.clear();
  CHECK(second.outcome() == "unknown log");
}

TEST_CASE("a log's time counts for version 1, signed or not", "[transparency]") {
  BundleChoice choice = rekor1();
  const auto at = PretendSigstore::now + choice.logs.front().later;
  const auto promised = *Entry(choice).check();
  CHECK(promised->promised == at);
  CHECK(promised->claimed == at);
  choice.logs.front().faults.no_promise = true;
  Entry unsigned_time(choice);
  CHECK((*unsigned_time.check())->promised == std::nullopt);
  CHECK((*unsigned_time.check())->claimed == at);
  unsigned_time.entry().integrated_time = 0;
  CHECK((*unsigned_time.check())->claimed == std::nullopt);

  // Version 2 signs neither time nor promise: what stands there is nobody's.
  Entry second;
  second.entry().integrated_time = 7;
  second.entry().promise = Bytes(70, 1);
  const auto fact = second.check();
  REQUIRE(fact);
  CHECK((*fact)->claimed == std::nullopt);
  CHECK((*fact)->promised == std::nullopt);
}

TEST_CASE("each version must bring its proofs, whatever the bundle's demands", "[transparency]") {
  Entry second;
  second.demand = ProofDemand::promise;
  CHECK(second.outcome() == "held");
  second.entry().proof.reset();
  CHECK(second.outcome() == "signature.log-proof");

  BundleChoice choice = rekor1();
  choice.logs.front().faults.no_promise = true;
  Entry first(choice);
  CHECK(first.outcome() == "held");
  first.demand = ProofDemand::promise;
  CHECK(first.outcome() == "signature.log-promise");
}

TEST_CASE("an entry of version 2 stands where its proof says", "[transparency]") {
  Entry second;
  second.entry().index += 1;
  CHECK(second.outcome() == "signature.log-proof");
}

TEST_CASE("of a log's several keys the one that counted then decides", "[transparency]") {
  const auto at = PretendSigstore::now + 1s;
  Entry entry(rekor1());
  const auto log = std::ranges::find_if(
      entry.root.logs, [&](const auto& one) { return one.id == entry.entry().log_id; });
  formats::TransparencyLog other = *log;
  SECTION("the first had ended") {
    log->validity.end = at - 1s;
    other.validity.start = at;
  }
  SECTION("the second had ended") {
    log->validity.start = at;
    other.validity.end = at - 1s;
  }
  entry.root.logs.push_back(other);
  CHECK(entry.outcome() == "held");
  // And if none did.
  for (auto& one : entry.root.logs) one.validity.end = at - 1s;
  CHECK(entry.outcome() == "time.log");
}

TEST_CASE("a checkpoint is by the log's own key, purely, under the log's name", "[transparency]") {
  const PretendLog& log = sigstore().log(PretendLog::Kind::rekor2);
  BundleChoice choice;
  SECTION("by Ed25519, and not by Ed25519ph") {
    const TwoWayKey key;
    Entry entry;
    entry.root.logs = {{"https://" + log.host(), "", key.key(), entry.entry().log_id, {}, {}}};
    key.sign(entry.entry(), log.host(), false);
    CHECK(entry.outcome() == "held");
    key.sign(entry.entry(), log.host(), true);
    CHECK(entry.outcome() == "signature.checkpoint");
  }
  SECTION("another key's line under the log's name is somebody else's") {
    choice.logs.front().faults.more_lines = PretendLog::note_line(
        crypto::PrivateKey::generate(crypto::KeyKind::ed25519), log.host(), "something else");
    CHECK(Entry(choice).outcome() == "held");
  }
  SECTION("version 2 has no numbers of trees") {
    choice.logs.front().faults.origin = log.host() + " - 1";
    CHECK(Entry(choice).outcome() == "signature.checkpoint");
  }
  SECTION("version 1 has nothing but") {
    choice = rekor1();
    choice.logs.front().faults.origin = "other.example";
    CHECK(Entry(choice).outcome() == "signature.checkpoint");
  }
}

TEST_CASE("logs sign with keys of every kind", "[transparency]") {
  const auto kind = GENERATE(crypto::KeyKind::p256, crypto::KeyKind::p384, crypto::KeyKind::rsa,
                             crypto::KeyKind::ed25519);
  PretendLog log(PretendLog::Kind::rekor1, "log.example", kind);
  Entry entry(rekor1());
  Logged logged;
  logged.digest = crypto::hash(crypto::Hash::sha256, contents);
  logged.signature = entry.bundle.signature();
  logged.signer = entry.signer().der();
  PretendLog::Faults faults;
  if (kind == crypto::KeyKind::ed25519) faults.origin = "log.example";
  entry.entry() = log.add(test::hashed_body(logged), PretendSigstore::now, faults);
  entry.root.logs = {{"https://log.example", "", log.key(), log.id(), {}, {}}};
  CHECK(entry.outcome() == "held");
}

TEST_CASE("proof and checkpoint are of one tree", "[transparency]") {
  Entry entry;
  REQUIRE(entry.outcome() == "held");
  SECTION("its size") { entry.entry().proof->tree_size += 1; }
  SECTION("its root") { entry.entry().proof->root_hash.front() ^= 1; }
  CHECK(entry.outcome() == "signature.checkpoint");
}

TEST_CASE("the algorithm that version 2 names is one of the key, with that hash",
          "[transparency]") {
  BundleChoice choice;
  SECTION("another kind of key") {
    choice.logs.front().key_details = "PKIX_RSA_PKCS1V15_2048_SHA256";
  }
  SECTION("another hash") {
    choice.certificate.key = "P-384";
    choice.logs.front().key_details = "PKIX_ECDSA_P384_SHA_256";
  }
  CHECK(Entry(choice).outcome() == "binding.log-entry");
}

TEST_CASE("a certificate that is logged as a key is not the signer's", "[transparency]") {
  Entry entry;
  Logged logged;
  logged.digest = crypto::hash(crypto::Hash::sha256, contents);
  logged.signature = entry.bundle.signature();
  logged.signer = entry.signer().der();
  const auto log = [&] {
    entry.entry() = sigstore()
                        .log(PretendLog::Kind::rekor2)
                        .add(test::hashed_body_2(logged), PretendSigstore::now);
    return entry.outcome();
  };
  CHECK(log() == "held");
  logged.by_certificate = false;
  CHECK(log() == "binding.log-entry");
}

TEST_CASE("of a file that is known by one digest, an entry by another says nothing",
          "[transparency]") {
  BundleChoice choice;
  choice.certificate.key = "P-384";
  Entry entry(choice);
  REQUIRE(entry.outcome() == "held");
  entry.file = Artifact::of(crypto::digest_of(contents));
  CHECK(entry.outcome() == "binding.log-entry");
}

TEST_CASE("the oldest kind of entry is about an envelope's text", "[transparency]") {
  const std::string statement =
      formats::write_image_signature_statement(crypto::digest_of(contents), {});
  Entry entry(rekor1());
  entry.bundle = sigstore().sign_statement(statement, rekor1());
  const Bytes text = to_bytes("an envelope's text");
  const auto log = [&](const Bytes& logged) {
    const std::string pem = entry.signer().pem();
    entry.entry() = sigstore()
                        .log(PretendLog::Kind::rekor1)
                        .add(R"({"apiVersion":"0.0.1","kind":"intoto","spec":{"content":{"hash":)"
                             R"({"algorithm":"sha256","value":")" +
                                 to_hex(crypto::hash(crypto::Hash::sha256, logged)) +
                                 R"("}},"publicKey":")" + to_base64(as_bytes(pem)) + R"("}})",
                             PretendSigstore::now);
  };
  log(text);
  CHECK(entry.outcome(text) == "held");
  CHECK(entry.outcome() == "binding.log-entry");  // in a bundle it is no text
  log(to_bytes("another"));
  CHECK(entry.outcome(text) == "binding.log-entry");
}

}  // namespace touchstone::verify
