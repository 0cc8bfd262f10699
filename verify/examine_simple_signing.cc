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
                                        const Demand& demand, std::chrono::sys_seconds at) {
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
  if (demand.content.kind != WantedContent::Kind::image_signature) {
    return Error{Code::binding_type, "a signature of an image, not an attestation", ""};
  }
  const Artifact payload = Artifact::of(layer.payload);
  const SignedContent content(payload);
  TS_TRY(FoundSigner found,
         find_legacy_signer({descriptor, content, signature, signature}, demand, at));

  TS_TRY(const SimpleSigning signed_payload, SimpleSigning::parse(layer.payload));
  if (signed_payload.type != formats::image_signature_type) {
    return Error{
        Code::binding_type,
        "a payload of type \"" + printable(signed_payload.type) + "\", not an image signature", ""};
  }
  const std::vector<Digest> names = image.names();
  if (std::ranges::find(names, signed_payload.image) == names.end()) {
    return Error{Code::binding_digest, "the signed payload is about another image", ""};
  }
  return Evidence{std::move(found.signer),    found.scheme,
                  signed_payload.annotations, std::move(found.certified),
                  std::move(found.keyless),   std::move(found.witnesses)};
}

}  // namespace touchstone::verify
