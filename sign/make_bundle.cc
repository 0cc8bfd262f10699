#include "sign/make_bundle.h"

#include "base/text.h"
#include "formats/statement.h"
#include "sign/sign_envelope.h"
#include "verify/examine.h"

namespace touchstone::sign {
namespace {

using formats::DsseEnvelope;
using formats::MessageSignature;
using formats::SigstoreBundle;

// Ed25519 signs the bytes; every other key their digest, which is all that need be at hand.
Result<Bytes> sign_file(const Signer& signer, const verify::Artifact& file) {
  TS_CHECK(can_sign_file(signer.key, file));
  const Scheme scheme = signer.key.signing_scheme();
  const auto hash = verify::hash_of(scheme);
  return hash ? signer.device.sign_digest(scheme, *file.digest(*hash))
              : signer.device.sign(scheme, *file.contents());
}

Result<SigstoreBundle> signed_file(const Signer& signer, const verify::Artifact& file) {
  MessageSignature message;
  TS_TRY(message.signature, sign_file(signer, file));
  message.hash = verify::hash_of(signer.key.signing_scheme());
  if (message.hash) message.digest = *file.digest(*message.hash);
  SigstoreBundle bundle;
  bundle.content = std::move(message);
  return bundle;
}

Result<SigstoreBundle> signed_statement(const Signer& signer, const Bytes& statement) {
  TS_TRY(DsseEnvelope envelope,
         sign_envelope(signer.device, signer.key, formats::in_toto_payload_type, statement));
  SigstoreBundle bundle;
  bundle.content = std::move(envelope);
  return bundle;
}

// What was made must be what a verifier accepts for this very artifact.
Result<verify::Evidence> check(const SigstoreBundle& bundle, verify::Demand demand,
                               const ToSign& what, std::chrono::sys_seconds at) {
  demand.content = what.content;
  auto evidence =
      verify::examine({"", to_bytes(formats::write_bundle(bundle))}, what.artifact, demand, at);
  if (evidence) return evidence;
  return Error{Code::device_signature,
               "the signature just made does not verify: " + evidence.error().message, ""};
}

Status check_certified(const SigstoreBundle& bundle, const CertificateToUse& use,
                       const ToSign& what) {
  if (!use.certificate.authority()) return ok();
  const verify::TrustedAuthority authority{
      trust::TrustedCertificate{*use.certificate.authority(), "", {}, {}, ""},
      "the certificate's chain"};
  TS_TRY(
      const auto evidence,
      check(bundle, {.signers = {}, .annotations = {}, .authorities = {authority}}, what, use.at));
  return evidence.certified ? ok() : Error{Code::internal_error, "nothing certifies the key", ""};
}

Status add_witnesses(const Signer& signer, const ToSign& what, SigstoreBundle& bundle) {
  const auto* envelope = std::get_if<DsseEnvelope>(&bundle.content);
  const verify::SignedContent content =
      envelope != nullptr ? verify::SignedContent(*envelope) : verify::SignedContent(what.artifact);
  TS_CHECK(signer.witnessing->witness(content, signer.key, bundle));
  return signer.witnessing->check({"", to_bytes(formats::write_bundle(bundle))}, what);
}

}  // namespace

Status can_sign_file(const crypto::PublicKey& key, const verify::Artifact& file) {
  const auto hash = verify::hash_of(key.signing_scheme());
  if (hash ? file.digest(*hash).has_value() : file.contents().has_value()) return ok();
  return Error{Code::usage_arguments,
               hash ? "a key of kind " + key.kind_name() + " signs another digest than this"
                    : "a key of kind " + key.kind_name() + " signs a file itself, not its digest",
               "give the file"};
}

Result<MadeBundle> make_bundle(const Signer& signer, const ToSign& what) {
  TS_TRY(SigstoreBundle bundle, what.statement ? signed_statement(signer, *what.statement)
                                               : signed_file(signer, what.artifact));
  bundle.material = formats::KeyHint{signer.key.hint()};
  const verify::TrustedSigner self{trust::TrustedKey{signer.key, "", {}, {}, ""},
                                   "the signing key"};
  TS_TRY(verify::Evidence evidence,
         check(bundle, {.signers = {self}, .annotations = {}}, what, {}));
  if (signer.certificate) {
    bundle.material = signer.certificate->certificate.carried();
    TS_CHECK(check_certified(bundle, *signer.certificate, what));
  }
  if (signer.witnessing != nullptr) {
    TS_CHECK(add_witnesses(signer, what, bundle));
  }
  return MadeBundle{to_bytes(formats::write_bundle(bundle)), std::move(evidence)};
}

}  // namespace touchstone::sign
