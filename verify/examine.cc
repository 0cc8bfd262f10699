#include "verify/examine.h"

#include "formats/sigstore_bundle.h"
#include "verify/check_statement.h"
#include "verify/examine_attached_envelope.h"
#include "verify/examine_simple_signing.h"
#include "verify/find_signer.h"

namespace touchstone::verify {
namespace {

using formats::CertificateChain;
using formats::DsseEnvelope;
using formats::KeyHint;
using formats::MessageSignature;
using formats::SigstoreBundle;

Evidence evidence_of(FoundSigner found) {
  return Evidence{std::move(found.signer),
                  found.scheme,
                  {},
                  std::move(found.certified),
                  std::move(found.keyless),
                  std::move(found.witnesses)};
}

SignatureClaim claim_of(const SigstoreBundle& bundle, const SignedContent& content) {
  SignatureClaim claim{content, bundle.signature(), {}, {}, WitnessMaterial::of(bundle)};
  if (const auto* key = std::get_if<KeyHint>(&bundle.material)) {
    claim.hint = key->hint;
  } else {
    claim.certificates = std::get<CertificateChain>(bundle.material).certificates;
  }
  return claim;
}

Result<Evidence> examine_envelope(const SigstoreBundle& bundle, const DsseEnvelope& envelope,
                                  const Artifact& artifact, const Demand& demand,
                                  std::chrono::sys_seconds at) {
  TS_CHECK(check_payload_type(envelope));
  const SignedContent content(envelope);
  TS_TRY(FoundSigner found, find_signer(claim_of(bundle, content), demand, at));
  Evidence evidence = evidence_of(std::move(found));
  TS_CHECK(check_statement(envelope, artifact, demand.content, evidence));
  return evidence;
}

Result<Evidence> examine_message(const SigstoreBundle& bundle, const MessageSignature& message,
                                 const Artifact& artifact, const Demand& demand,
                                 std::chrono::sys_seconds at) {
  // The digest beside the signature is a hint, but one that contradicts the file is no accident.
  if (message.hash && artifact.digest(*message.hash) != message.digest) {
    return Error{Code::binding_digest, "the signature says that it is of another file", ""};
  }
  const SignedContent content(artifact);
  TS_TRY(FoundSigner found, find_signer(claim_of(bundle, content), demand, at));
  if (!message.hash && found.signer.trusted.key.kind() != crypto::KeyKind::ed25519) {
    return Error{Code::format_bundle, "bundle: messageSignature.messageDigest: missing", ""};
  }
  return evidence_of(std::move(found));
}

}  // namespace

std::string_view format_name(SignatureFormat format) {
  return format == SignatureFormat::sigstore ? "sigstore" : "cosign";
}

Result<Evidence> examine(const Candidate& candidate, const Artifact& artifact, const Demand& demand,
                         std::chrono::sys_seconds at) {
  if (const auto* layer = std::get_if<SimpleSigningLayer>(&candidate.content)) {
    return examine_simple_signing(*layer, artifact, demand, at);
  }
  if (const auto* layer = std::get_if<EnvelopeLayer>(&candidate.content)) {
    return examine_attached_envelope(*layer, artifact, demand, at);
  }
  TS_TRY(const SigstoreBundle bundle, SigstoreBundle::parse(std::get<Bytes>(candidate.content)));
  const auto* chain = std::get_if<CertificateChain>(&bundle.material);
  if (chain != nullptr && chain->certificates.size() > 1 && bundle.minor_version == 3 &&
      demand.authorities.empty() && !demand.instances.empty()) {
    return Error{Code::format_bundle,
                 "bundle: version 0.3 carries one certificate, and no chain, for an instance", ""};
  }
  const bool wants_message = demand.content.kind == WantedContent::Kind::file_signature;
  if (const auto* envelope = std::get_if<DsseEnvelope>(&bundle.content)) {
    if (wants_message) {
      return Error{Code::binding_type, "an attestation about the file, not a signature of it",
                   "--type TYPE asks for attestations"};
    }
    return examine_envelope(bundle, *envelope, artifact, demand, at);
  }
  if (!wants_message) {
    return Error{Code::binding_message, "a bare message signature, which signs no image", ""};
  }
  return examine_message(bundle, std::get<MessageSignature>(bundle.content), artifact, demand, at);
}

}  // namespace touchstone::verify
