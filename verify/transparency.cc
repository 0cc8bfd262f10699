#include "verify/transparency.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/merkle.h"
#include "formats/checkpoint.h"

namespace touchstone::verify {
namespace {

using crypto::KeyKind;
using crypto::PublicKey;
using formats::Checkpoint;
using formats::InclusionProof;
using formats::LogBody;
using formats::LogEntry;
using formats::NoteSignature;
using formats::TransparencyLog;

constexpr std::size_t note_key_bytes = 4;

// A log's key signs text as it is: Ed25519 purely, the others over its hash.
bool verifies(const PublicKey& key, std::string_view text, ByteView signature) {
  return std::ranges::any_of(key.verification_schemes(), [&](Scheme scheme) {
    return scheme != Scheme::ed25519ph && key.verify(scheme, as_bytes(text), signature);
  });
}

std::string log_name(const TransparencyLog& log) {
  if (!log.operator_name.empty()) return log.operator_name;
  return log.url.empty() ? to_hex(log.id) : log.url;
}

const TransparencyLog* find_log(const formats::TrustedRoot& root, const LogEntry& entry) {
  const TransparencyLog* found = nullptr;
  const Instant time{std::chrono::seconds(entry.integrated_time)};
  for (const TransparencyLog& log : root.logs) {
    if (log.id != entry.log_id) continue;
    if (found == nullptr || (!found->validity.contains(time) && log.validity.contains(time))) {
      found = &log;
    }
  }
  return found;
}

// Step 4. RFC 8785: these four members in this order, without blanks.
Status check_promise(const LogEntry& entry, const TransparencyLog& log) {
  const std::string text = R"({"body":")" + to_base64(entry.body) + R"(","integratedTime":)" +
                           std::to_string(entry.integrated_time) + R"(,"logID":")" +
                           to_hex(entry.log_id) + R"(","logIndex":)" + std::to_string(entry.index) +
                           "}";
  if (!verifies(log.key, text, entry.promise)) {
    return Error{Code::signature_log_promise,
                 "the promise of " + printable(log_name(log)) + " does not verify", ""};
  }
  if (!log.validity.contains(Instant(std::chrono::seconds(entry.integrated_time)))) {
    return Error{Code::time_log,
                 printable(log_name(log)) + " took the signature at a time when it did not count",
                 ""};
  }
  return ok();
}

// "https://host:port/path/" without its scheme and last slash.
std::string_view without_scheme(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != url.npos) url.remove_prefix(scheme + 3);
  while (url.ends_with('/')) url.remove_suffix(1);
  return url;
}

// The first four bytes of a hash say which key a line of a note is by. C2SP signed-note.md; Rekor
// v1's ECDSA keys leave the name out.
Bytes note_key_id(const PublicKey& key, std::string_view name) {
  Bytes hashed;
  if (key.kind() == KeyKind::ed25519 || key.kind() == KeyKind::rsa) {
    hashed = to_bytes(name);
    hashed.push_back('\n');
    if (key.kind() == KeyKind::ed25519) {
      constexpr std::size_t key_bytes = 32;
      hashed.push_back(0x01);
      hashed.insert(hashed.end(), key.der().end() - key_bytes, key.der().end());
    } else {
      constexpr std::string_view type = "PKIX-RSA-PKCS#1v1.5";
      hashed.push_back(0xFF);
      hashed.insert(hashed.end(), type.begin(), type.end());
      hashed.insert(hashed.end(), key.der().begin(), key.der().end());
    }
  } else {
    hashed = key.der();
  }
  Bytes id = crypto::hash(crypto::Hash::sha256, hashed);
  id.resize(note_key_bytes);
  return id;
}

// Whether a checkpoint with this origin is the log's, when signed under `name`. Rekor v2 signs by
// its host's name, or its URL without the scheme, and that is the origin; the trees of Rekor v1 put
// their number behind a name that need not be the URL's.
bool is_by_log(const Checkpoint& checkpoint, std::string_view name, const TransparencyLog& log) {
  if (checkpoint.origin != name) {
    return log.key.kind() != KeyKind::ed25519 &&
           checkpoint.origin.starts_with(std::string(name) + " - ");
  }
  const std::string_view whole = without_scheme(log.url);
  const std::string_view authority = whole.substr(0, whole.find('/'));
  return name == whole || name == authority || name == authority.substr(0, authority.find(':'));
}

// Step 5.
Result<Checkpoint> check_checkpoint(const InclusionProof& proof, const TransparencyLog& log) {
  TS_TRY(Checkpoint checkpoint, Checkpoint::parse(proof.checkpoint));
  const auto error = [](std::string why) {
    return Error{Code::signature_checkpoint, "the checkpoint " + std::move(why), ""};
  };
  bool signed_by_log = false;
  for (const NoteSignature& line : checkpoint.signatures) {
    const Bytes& id =
        log.checkpoint_id.empty() ? note_key_id(log.key, line.name) : log.checkpoint_id;
    if (line.key_id != id || !is_by_log(checkpoint, line.name, log)) continue;  // somebody else's
    if (!verifies(log.key, checkpoint.text, line.signature)) {
      return error("has a signature of the log that does not verify");
    }
    signed_by_log = true;
  }
  if (!signed_by_log) return error("is not signed by " + printable(log_name(log)));
  if ((proof.tree_size != 0 && proof.tree_size != checkpoint.tree_size) ||
      (!proof.root_hash.empty() && proof.root_hash != checkpoint.root_hash)) {
    return error("is of another tree than the inclusion proof");
  }
  return checkpoint;
}

// Steps 5 and 6.
Status check_inclusion(const LogEntry& entry, const InclusionProof& proof,
                       const TransparencyLog& log) {
  TS_TRY(const Checkpoint checkpoint, check_checkpoint(proof, log));
  const auto root = crypto::inclusion_root(proof.index, checkpoint.tree_size,
                                           crypto::leaf_hash(entry.body), proof.hashes);
  if (!root || *root != checkpoint.root_hash) {
    return Error{Code::signature_log_proof, "the inclusion proof does not lead to the checkpoint",
                 ""};
  }
  return ok();
}

Error other_entry(std::string_view what) {
  return Error{Code::binding_log_entry, "the log's entry is about another " + std::string(what),
               ""};
}

// Rekor v2 says with which algorithm a key signs; one that the key cannot have was not checked.
bool fits(std::string_view details, const PublicKey& key, crypto::Hash hash) {
  struct Row {
    std::string_view details;
    KeyKind kind;
    crypto::Hash hash;
  };
  constexpr std::array<Row, 9> rows = {{
      {"PKIX_ECDSA_P256_SHA_256", KeyKind::p256, crypto::Hash::sha256},
      {"PKIX_ECDSA_P384_SHA_384", KeyKind::p384, crypto::Hash::sha384},
      {"PKIX_ECDSA_P384_SHA_256", KeyKind::p384, crypto::Hash::sha256},
      {"PKIX_ECDSA_P521_SHA_512", KeyKind::p521, crypto::Hash::sha512},
      {"PKIX_ECDSA_P521_SHA_256", KeyKind::p521, crypto::Hash::sha256},
      {"PKIX_ED25519_PH", KeyKind::ed25519, crypto::Hash::sha512},
      {"PKIX_RSA_PKCS1V15_2048_SHA256", KeyKind::rsa, crypto::Hash::sha256},
      {"PKIX_RSA_PKCS1V15_3072_SHA256", KeyKind::rsa, crypto::Hash::sha256},
      {"PKIX_RSA_PKCS1V15_4096_SHA256", KeyKind::rsa, crypto::Hash::sha256},
  }};
  return std::ranges::any_of(rows, [&](const Row& row) {
    return row.details == details && row.kind == key.kind() && row.hash == hash;
  });
}

// Step 7.
Status check_body(const LogBody& body, const LoggedSignature& logged) {
  const formats::DsseEnvelope* envelope = logged.content.envelope();
  std::optional<Bytes> digest;
  switch (body.kind) {
    case LogBody::Kind::hashed_artifact:
      if (envelope != nullptr) return other_entry("kind of content: a file, not an envelope");
      digest = logged.content.digest(body.hash);
      break;
    case LogBody::Kind::envelope:
      if (envelope == nullptr) return other_entry("kind of content: an envelope, not a file");
      digest = crypto::hash(body.hash, envelope->payload);
      break;
    case LogBody::Kind::envelope_file:
      if (!logged.envelope_file) return other_entry("kind of content: an envelope's text");
      digest = crypto::hash(body.hash, *logged.envelope_file);
      break;
    case LogBody::Kind::hashed_artifact_2:
      digest = logged.content.digest(body.hash);
      break;
  }
  if (!digest || *digest != body.digest) return other_entry("artifact");
  // The text of an envelope holds its signature.
  if (body.kind != LogBody::Kind::envelope_file &&
      !std::ranges::equal(body.signature, logged.signature)) {
    return other_entry("signature");
  }

  const auto* certificate = std::get_if<const crypto::Certificate*>(&logged.signer);
  const PublicKey& key =
      certificate != nullptr ? (*certificate)->key() : *std::get<const PublicKey*>(logged.signer);
  if (body.by_certificate != (certificate != nullptr) ||
      body.signer != (certificate != nullptr ? (*certificate)->der() : key.der())) {
    return other_entry("signer");
  }
  if (body.kind == LogBody::Kind::hashed_artifact_2 && !fits(body.key_details, key, body.hash)) {
    return other_entry("algorithm than the signer's key has");
  }
  return ok();
}

}  // namespace

Result<std::optional<LogFact>> check_log_entry(const LogEntry& entry,
                                               const formats::TrustedRoot& root,
                                               const LoggedSignature& logged, ProofDemand demand) {
  const TransparencyLog* log = find_log(root, entry);
  if (log == nullptr) return std::optional<LogFact>();
  auto body = LogBody::parse(entry);
  if (!body) return in_context(std::move(body).error(), Code::binding_log_entry, "log entry");

  const bool second = body->kind == LogBody::Kind::hashed_artifact_2;
  if (second || demand == ProofDemand::inclusion) {
    if (!entry.proof || entry.proof->checkpoint.empty()) {
      return Error{Code::signature_log_proof,
                   "a log entry has no inclusion proof with a checkpoint", ""};
    }
  } else if (entry.promise.empty()) {
    return Error{Code::signature_log_promise, "a log entry has no promise of its log", ""};
  }
  if (second && entry.proof->index != entry.index) {
    return Error{Code::signature_log_proof, "the inclusion proof is of another entry", ""};
  }
  LogFact fact{log_name(*log), entry.index, {}, {}, log->validity};
  if (!second && entry.integrated_time != 0) {
    fact.claimed = std::chrono::sys_seconds(std::chrono::seconds(entry.integrated_time));
  }
  if (!second && !entry.promise.empty()) {
    TS_CHECK(check_promise(entry, *log));
    fact.promised = fact.claimed;
  }
  if (entry.proof) {
    TS_CHECK(check_inclusion(entry, *entry.proof, *log));
  }
  TS_CHECK(check_body(*body, logged));
  return std::optional<LogFact>(std::move(fact));
}

}  // namespace touchstone::verify
