#include "tests/support/pretend_sigstore.h"

#include <catch2/catch.hpp>

#include "base/der.h"
#include "base/der_writer.h"
#include "base/encoding.h"
#include "base/time.h"
#include "formats/dsse.h"
#include "formats/statement.h"

namespace touchstone::test {
namespace {

using crypto::Hash;
using crypto::KeyKind;
using formats::Json;
using formats::SigstoreBundle;

constexpr auto certificate_lasts = std::chrono::minutes(10);
constexpr const char* fulcio_arc = "1.3.6.1.4.1.57264.1.";

Json object(std::initializer_list<std::pair<std::string_view, Json>> members) {
  Json out{Json::Object()};
  for (const auto& [name, value] : members) out.set(name, value);
  return out;
}

Json base64(ByteView bytes) { return Json(to_base64(bytes)); }
Json number(std::uint64_t value) { return Json(std::to_string(value)); }

CertificateText authority_text(const std::string& subject, const std::string& usage) {
  CertificateText text = CertificateText::authority(subject);
  return usage.empty() ? text : text.with("extendedKeyUsage", usage);
}

TimestampAuthority stamping_authority(const std::string& name) {
  const Entity root = issue(CertificateText::authority(name + " root"), nullptr);
  CertificateText leaf = TimestampAuthority::leaf_text();
  leaf.subject = name;
  return {root, issue(leaf, &root)};
}

Hash hash_of(const crypto::PublicKey& key) {
  return key.kind() == KeyKind::p384   ? Hash::sha384
         : key.kind() == KeyKind::p521 ? Hash::sha512
                                       : Hash::sha256;
}

Json window(const Listed& listed) {
  Json out{Json::Object()};
  if (listed.begin) out.set("start", Json(to_rfc3339(*listed.begin)));
  if (listed.end) out.set("end", Json(to_rfc3339(*listed.end)));
  return out;
}

Json log_json(const std::string& url, const crypto::PublicKey& key, const Bytes& id,
              const Listed& listed) {
  Json out = object(
      {{"baseUrl", Json(url)},
       {"hashAlgorithm", Json("SHA2_256")},
       {"publicKey",
        object({{"rawBytes", base64(key.der())},
                {"keyDetails",
                 Json(key.kind() == KeyKind::ed25519 ? "PKIX_ED25519" : "PKIX_ECDSA_P256_SHA_256")},
                {"validFor", window(listed)}})},
       {"logId", object({{"keyId", base64(id)}})}});
  if (!listed.operator_name.empty()) out.set("operator", Json(listed.operator_name));
  return out;
}

Json authority_json(const std::string& uri, const std::vector<Bytes>& chain, const Listed& listed) {
  Json::Array certificates;
  for (const Bytes& der : chain) certificates.push_back(object({{"rawBytes", base64(der)}}));
  Json out = object(
      {{"subject", object({{"organization", Json("pretend")}, {"commonName", Json("pretend")}})},
       {"uri", Json(uri)},
       {"certChain", object({{"certificates", Json(std::move(certificates))}})},
       {"validFor", window(listed)}});
  if (!listed.operator_name.empty()) out.set("operator", Json(listed.operator_name));
  return out;
}

}  // namespace

PretendSigstore::PretendSigstore()
    : root_(issue(authority_text("pretend root", ""), nullptr)),
      intermediate_(issue(authority_text("pretend intermediate", "codeSigning"), &root_)),
      strange_root_(issue(authority_text("pretend root", ""), nullptr)),
      strange_intermediate_(
          issue(authority_text("pretend intermediate", "codeSigning"), &strange_root_)),
      rekor1_(PretendLog::Kind::rekor1, "rekor.pretend.example"),
      rekor2_(PretendLog::Kind::rekor2, "log2.pretend.example"),
      strange_rekor1_(PretendLog::Kind::rekor1, "rekor.pretend.example"),
      strange_rekor2_(PretendLog::Kind::rekor2, "log2.pretend.example"),
      stamps_{stamping_authority("first stamps"), stamping_authority("second stamps")},
      strange_stamps_(stamping_authority("first stamps")) {}

Entity PretendSigstore::certify(const CertificateChoice& choice, const Entity* same_key) const {
  CertificateText text = CertificateText::leaf().without("subjectAltName");
  text.subject = "";
  text.key = choice.key;
  text.not_before = choice.not_before.value_or(now);
  text.not_after = choice.not_after.value_or(now + certificate_lasts);
  if (!choice.names.empty()) text = text.with("subjectAltName", "critical," + choice.names);
  const auto as_it_is = [](ByteView value) { return "DER:" + to_hex(value); };
  const auto as_text = [&](const std::string& value) {
    return as_it_is(der::element(0x0C, {as_bytes(value)}));
  };
  if (choice.old_issuer) {
    text = text.with(std::string(fulcio_arc) + "1", as_it_is(as_bytes(*choice.old_issuer)));
  }
  if (choice.issuer) text = text.with(std::string(fulcio_arc) + "8", as_text(*choice.issuer));
  for (const auto& [arc, value] : choice.fields) {
    text = text.with(fulcio_arc + std::to_string(arc), as_text(value));
  }
  const Entity& issuer = choice.by_stranger ? strange_intermediate_ : intermediate_;
  const Entity before = issue(text, &issuer, same_key);

  CertificateLog::Text seen;
  if (choice.seen_at) {
    seen.milliseconds =
        static_cast<std::uint64_t>(choice.seen_at->time_since_epoch().count()) * 1000;
  }
  const crypto::PublicKey by =
      choice.seen_for_other_issuer ? root_.certificate().key() : issuer.certificate().key();
  std::vector<Bytes> timestamps;
  const auto see = [&](const CertificateLog& log) {
    Bytes stamp = log.stamp(to_be_signed(before.der), by, seen);
    if (choice.seen_wrongly) stamp.back() ^= 1;
    timestamps.push_back(std::move(stamp));
  };
  for (std::size_t i = 0; i < choice.seen_by; ++i) see(certificate_logs_[i]);
  if (choice.seen_by_stranger) see(strange_certificate_log_);
  if (timestamps.empty()) return before;
  return issue(with_timestamps(text, timestamp_list(timestamps)), &issuer, &before);
}

formats::LogEntry PretendSigstore::entry(const LogChoice& choice, const Logged& of_content,
                                         const Logged& of_payload, bool envelope) {
  const bool first = choice.log == PretendLog::Kind::rekor1;
  Logged logged = first && envelope ? of_payload : of_content;
  if (choice.digest) logged.digest = *choice.digest;
  if (choice.signature) logged.signature = *choice.signature;
  if (choice.signer) logged.signer = *choice.signer;
  if (!choice.key_details.empty()) logged.key_details = choice.key_details;
  std::string body = choice.body;
  if (body.empty()) {
    body = !first          ? hashed_body_2(logged)
           : !envelope     ? hashed_body(logged)
           : choice.intoto ? intoto_body(logged)
                           : envelope_body(logged);
  }
  PretendLog& log = choice.by_stranger ? (first ? strange_rekor1_ : strange_rekor2_)
                                       : (first ? rekor1_ : rekor2_);
  return log.add(body, now + choice.later, choice.faults);
}

Bytes PretendSigstore::timestamp(const TimestampChoice& choice, ByteView signature) const {
  std::string time = to_compact_utc(now + choice.later);
  time.erase(time.find('T'), 1);
  const TimestampAuthority& authority =
      choice.by_stranger ? strange_stamps_ : stamps_[choice.authority];
  return authority.stamp(choice.of ? ByteView(*choice.of) : signature, time, choice.change);
}

SigstoreBundle PretendSigstore::sign(SigstoreBundle bundle, ByteView signed_bytes,
                                     const BundleChoice& choice, const Entity* signer) {
  CertificateText key_only;
  key_only.key = choice.certificate.key;
  const Entity holder = choice.by_key ? (signer != nullptr ? *signer : issue(key_only, nullptr))
                                      : certify(choice.certificate, signer);
  const crypto::PrivateKey key = holder.private_key();
  auto signature = key.sign(key.public_key().signing_scheme(), signed_bytes);
  REQUIRE(signature);
  if (choice.spoiled) signature->back() ^= 1;

  Logged of_content;
  of_content.hash = hash_of(key.public_key());
  of_content.digest = crypto::hash(of_content.hash, signed_bytes);
  of_content.signature = *signature;
  of_content.by_certificate = !choice.by_key;
  of_content.signer = choice.by_key ? key.public_key().der() : holder.der;
  of_content.key_details = key_details(key.public_key());
  Logged of_payload = of_content;
  auto* envelope = std::get_if<formats::DsseEnvelope>(&bundle.content);
  if (envelope != nullptr) {
    of_payload.hash = Hash::sha256;
    of_payload.digest = crypto::hash(Hash::sha256, envelope->payload);
    envelope->signatures.push_back({*signature, ""});
  } else {
    auto& message = std::get<formats::MessageSignature>(bundle.content);
    message = {of_content.hash, of_content.digest, *signature};
  }

  bundle.minor_version = choice.minor_version;
  if (choice.by_key) {
    bundle.material = formats::KeyHint{key.public_key().hint()};
  } else {
    formats::CertificateChain chain{{holder.der}};
    if (choice.with_issuer) chain.certificates.push_back(intermediate_.der);
    if (choice.with_root) chain.certificates.push_back(root_.der);
    bundle.material = std::move(chain);
  }
  for (const LogChoice& log : choice.logs) {
    bundle.log_entries.push_back(entry(log, of_content, of_payload, envelope != nullptr));
  }
  for (const TimestampChoice& stamp : choice.timestamps) {
    bundle.timestamps.push_back(timestamp(stamp, *signature));
  }
  return bundle;
}

SigstoreBundle PretendSigstore::sign_file(ByteView contents, const BundleChoice& choice,
                                          const Entity* signer) {
  SigstoreBundle bundle;
  bundle.content = formats::MessageSignature();
  return sign(std::move(bundle), contents, choice, signer);
}

SigstoreBundle PretendSigstore::sign_statement(std::string_view statement,
                                               const BundleChoice& choice, const Entity* signer) {
  SigstoreBundle bundle;
  bundle.content =
      formats::DsseEnvelope{std::string(formats::in_toto_payload_type), to_bytes(statement), {}};
  return sign(
      std::move(bundle),
      formats::pre_authentication_encoding(formats::in_toto_payload_type, as_bytes(statement)),
      choice, signer);
}

Json PretendSigstore::root(const RootChoice& choice) const {
  Json::Array logs;
  for (const auto& [log, listed] :
       {std::pair(&rekor1_, &choice.rekor1), std::pair(&rekor2_, &choice.rekor2)}) {
    if (!listed->listed) continue;
    logs.push_back(log_json("https://" + log->host(), log->key(), log->id(), *listed));
  }
  Json::Array authorities;
  if (choice.authority.listed) {
    authorities.push_back(authority_json("https://ca.pretend.example",
                                         {intermediate_.der, root_.der}, choice.authority));
  }
  Json::Array certificate_logs;
  Json::Array stamps;
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string host = std::to_string(i) + ".pretend.example";
    const CertificateLog& log = certificate_logs_[i];
    if (choice.certificate_logs[i].listed) {
      certificate_logs.push_back(
          log_json("https://ct" + host, log.key(), log.id(), choice.certificate_logs[i]));
    }
    if (choice.timestamp_authorities[i].listed) {
      stamps.push_back(authority_json("https://tsa" + host,
                                      {stamps_[i].leaf().der, stamps_[i].root().der},
                                      choice.timestamp_authorities[i]));
    }
  }
  return object({{"mediaType", Json("application/vnd.dev.sigstore.trustedroot+json;version=0.1")},
                 {"tlogs", Json(std::move(logs))},
                 {"certificateAuthorities", Json(std::move(authorities))},
                 {"ctlogs", Json(std::move(certificate_logs))},
                 {"timestampAuthorities", Json(std::move(stamps))}});
}

Json entry_json(const formats::LogEntry& entry) {
  Json out = object(
      {{"logIndex", number(entry.index)},
       {"logId", object({{"keyId", base64(entry.log_id)}})},
       {"kindVersion", object({{"kind", Json(entry.kind)}, {"version", Json(entry.version)}})}});
  if (entry.integrated_time != 0) out.set("integratedTime", number(entry.integrated_time));
  if (!entry.promise.empty()) {
    out.set("inclusionPromise", object({{"signedEntryTimestamp", base64(entry.promise)}}));
  }
  if (entry.proof) {
    Json::Array hashes;
    for (const Bytes& hash : entry.proof->hashes) hashes.push_back(base64(hash));
    Json proof =
        object({{"logIndex", number(entry.proof->index)}, {"hashes", Json(std::move(hashes))}});
    if (!entry.proof->root_hash.empty()) proof.set("rootHash", base64(entry.proof->root_hash));
    if (entry.proof->tree_size != 0) proof.set("treeSize", number(entry.proof->tree_size));
    if (!entry.proof->checkpoint.empty()) {
      proof.set("checkpoint", object({{"envelope", Json(entry.proof->checkpoint)}}));
    }
    out.set("inclusionProof", std::move(proof));
  }
  out.set("canonicalizedBody", base64(entry.body));
  return out;
}

Json bundle_json(const SigstoreBundle& bundle) {
  Json material{Json::Object()};
  if (const auto* key = std::get_if<formats::KeyHint>(&bundle.material)) {
    material.set("publicKey", object({{"hint", Json(key->hint)}}));
  } else {
    Json::Array certificates;
    for (const Bytes& der : std::get<formats::CertificateChain>(bundle.material).certificates) {
      certificates.push_back(object({{"rawBytes", base64(der)}}));
    }
    if (bundle.minor_version == 3 && certificates.size() == 1) {
      material.set("certificate", certificates.front());
    } else {
      material.set("x509CertificateChain",
                   object({{"certificates", Json(std::move(certificates))}}));
    }
  }
  Json::Array entries;
  for (const formats::LogEntry& entry : bundle.log_entries) entries.push_back(entry_json(entry));
  if (!entries.empty()) material.set("tlogEntries", Json(std::move(entries)));
  Json::Array stamps;
  for (const Bytes& stamp : bundle.timestamps) {
    stamps.push_back(object({{"signedTimestamp", base64(stamp)}}));
  }
  if (!stamps.empty()) {
    material.set("timestampVerificationData",
                 object({{"rfc3161Timestamps", Json(std::move(stamps))}}));
  }

  const std::string version = "0." + std::to_string(bundle.minor_version);
  Json out = object(
      {{"mediaType", Json(bundle.minor_version == 3
                              ? "application/vnd.dev.sigstore.bundle.v0.3+json"
                              : "application/vnd.dev.sigstore.bundle+json;version=" + version)},
       {"verificationMaterial", std::move(material)}});
  if (const auto* envelope = std::get_if<formats::DsseEnvelope>(&bundle.content)) {
    Json::Array signatures;
    for (const formats::DsseSignature& signature : envelope->signatures) {
      signatures.push_back(object({{"sig", base64(signature.signature)}}));
    }
    out.set("dsseEnvelope", object({{"payload", base64(envelope->payload)},
                                    {"payloadType", Json(envelope->payload_type)},
                                    {"signatures", Json(std::move(signatures))}}));
  } else {
    const auto& message = std::get<formats::MessageSignature>(bundle.content);
    const char* algorithm = message.hash == Hash::sha384   ? "SHA2_384"
                            : message.hash == Hash::sha512 ? "SHA2_512"
                                                           : "SHA2_256";
    out.set("messageSignature",
            object({{"messageDigest",
                     object({{"algorithm", Json(algorithm)}, {"digest", base64(message.digest)}})},
                    {"signature", base64(message.signature)}}));
  }
  return out;
}

std::string key_details(const crypto::PublicKey& key) {
  switch (key.kind()) {
    case KeyKind::p256:
      return "PKIX_ECDSA_P256_SHA_256";
    case KeyKind::p384:
      return "PKIX_ECDSA_P384_SHA_384";
    case KeyKind::p521:
      return "PKIX_ECDSA_P521_SHA_512";
    case KeyKind::ed25519:
      return "PKIX_ED25519_PH";
    case KeyKind::rsa:
      return "PKIX_RSA_PKCS1V15_2048_SHA256";
  }
  return "";
}

}  // namespace touchstone::test
