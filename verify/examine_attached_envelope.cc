#include "verify/examine_attached_envelope.h"

#include "base/text.h"
#include "verify/check_statement.h"
#include "verify/find_signer.h"
#include "verify/legacy_material.h"

namespace touchstone::verify {
namespace {

using formats::DsseEnvelope;

// The first signature that counts, or why the one that came nearest does not. A keyid is a hint,
// and one that nobody needs.
Result<FoundSigner> find_one_signer(const DsseEnvelope& envelope, const EnvelopeLayer& layer,
                                    const Demand& demand, std::chrono::sys_seconds at) {
  const SignedContent content(envelope);
  std::optional<Error> nearest;
  for (const formats::DsseSignature& signature : envelope.signatures) {
    auto found = find_legacy_signer(
        {layer.descriptor, content, signature.signature, layer.envelope, layer.envelope}, demand,
        at);
    if (found) return found;
    if (!nearest || distance(found.error().code) < distance(nearest->code)) {
      nearest = std::move(found).error();
    }
  }
  return *std::move(nearest);
}

}  // namespace

Result<Evidence> examine_attached_envelope(const EnvelopeLayer& layer, const Artifact& image,
                                           const Demand& demand, std::chrono::sys_seconds at) {
  const formats::Descriptor& descriptor = layer.descriptor;
  if (descriptor.media_type != formats::media_type::dsse_envelope) {
    return Error{Code::binding_payload,
                 "a layer of type \"" + printable(descriptor.media_type) + "\", not an envelope",
                 ""};
  }
  if (demand.content.kind != WantedContent::Kind::attestation) {
    return Error{Code::binding_type, "an attestation, not a signature", ""};
  }
  if (crypto::digest_of(layer.envelope, descriptor.digest.algorithm()) != descriptor.digest) {
    return Error{Code::digest_mismatch, "the envelope is not " + descriptor.digest.to_string(), ""};
  }
  auto envelope = DsseEnvelope::parse(layer.envelope);
  if (!envelope) {
    return in_context(std::move(envelope).error(), Code::format_signature, "envelope");
  }
  TS_CHECK(check_payload_type(*envelope));
  TS_TRY(FoundSigner found, find_one_signer(*envelope, layer, demand, at));
  Evidence evidence{std::move(found.signer),
                    found.scheme,
                    {},
                    std::move(found.certified),
                    std::move(found.keyless),
                    std::move(found.witnesses)};
  TS_CHECK(check_statement(*envelope, image, demand.content, evidence));
  return evidence;
}

}  // namespace touchstone::verify
