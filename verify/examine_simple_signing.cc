#include "verify/examine_simple_signing.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "formats/simple_signing.h"
#include "verify/find_signer.h"
#include "verify/legacy_material.h"

namespace touchstone::verify {
namespace {

using formats::SimpleSigning;

// By a key where keys are asked for and one of them has signed; else by the certificate that lies
// beside, if there is one. What lies beside matters only to those who ask for authorities, or for
// instances.
Result<FoundSigner> signer_of(const formats::Descriptor& layer, const SignedContent& content,
                              ByteView signature, const Policy& policy,
                              std::chrono::sys_seconds at) {
  if (policy.authorities.empty() && policy.instances.empty()) {
    auto by_key = find_signer({content, signature}, policy, at);
    if (by_key || !layer.annotations.contains(std::string(formats::certificate_annotation))) {
      return by_key;
    }
    return Error{Code::certificate_unexpected,
                 "signed with a certificate, and only keys were asked for", ""};
  }
  TS_TRY(const LegacyMaterial material, LegacyMaterial::read(layer));
  SignatureClaim claim{content, signature, {}, {}, material.witnesses(signature)};
  auto by_key = find_signer(claim, policy, at);
  if (by_key || material.certificates.empty()) return by_key;
  claim.certificates = material.certificates;
  return find_signer(claim, policy, at);
}

Result<Bytes> signature_beside(const formats::Descriptor& layer) {
  const auto found = layer.annotations.find(std::string(formats::signature_annotation));
  if (found == layer.annotations.end() || found->second.empty()) {
    return Error{Code::format_signature, "no signature stands beside the payload", ""};
  }
  auto signature = from_base64(found->second);
  if (!signature) {
    return Error{Code::format_signature, "the signature beside the payload is not base64", ""};
  }
  return *std::move(signature);
}

}  // namespace

Result<Evidence> examine_simple_signing(const SimpleSigningLayer& layer, const Artifact& image,
                                        const Policy& policy, std::chrono::sys_seconds at) {
  const formats::Descriptor& descriptor = layer.descriptor;
  if (descriptor.media_type != formats::media_type::simple_signing) {
    return Error{Code::binding_payload,
                 "a layer of type \"" + printable(descriptor.media_type) +
                     "\", not a simple-signing payload",
                 ""};
  }
  TS_TRY(const Bytes signature, signature_beside(descriptor));
  if (crypto::digest_of(layer.payload, descriptor.digest.algorithm()) != descriptor.digest) {
    return Error{Code::digest_mismatch, "the payload is not " + descriptor.digest.to_string(), ""};
  }
  if (policy.content.kind != WantedContent::Kind::image_signature) {
    return Error{Code::binding_type, "a signature of an image, not an attestation", ""};
  }
  const Artifact payload = Artifact::of(layer.payload);
  TS_TRY(FoundSigner found, signer_of(descriptor, SignedContent(payload), signature, policy, at));

  TS_TRY(const SimpleSigning signed_payload, SimpleSigning::parse(layer.payload));
  if (signed_payload.type != formats::image_signature_type) {
    return Error{
        Code::binding_type,
        "a payload of type \"" + printable(signed_payload.type) + "\", not an image signature", ""};
  }
  if (std::ranges::find(image.names(), signed_payload.image) == image.names().end()) {
    return Error{Code::binding_digest, "the signed payload is about another image", ""};
  }
  return Evidence{std::move(found.signer),    found.scheme,
                  signed_payload.annotations, std::move(found.certified),
                  std::move(found.keyless),   std::move(found.witnesses)};
}

}  // namespace touchstone::verify
