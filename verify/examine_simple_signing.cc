#include "verify/examine_simple_signing.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/text.h"
#include "formats/simple_signing.h"

namespace touchstone::verify {
namespace {

using formats::SimpleSigning;

struct Match {
  const TrustedSigner* signer;
  Scheme scheme;
};

// Nothing says whose signature it is: every key is tried.
std::optional<Match> find_signer(ByteView payload, ByteView signature,
                                 std::span<const TrustedSigner> signers) {
  for (const TrustedSigner& signer : signers) {
    for (const Scheme scheme : signer.trusted.key.verification_schemes()) {
      if (signer.trusted.key.verify(scheme, payload, signature)) return Match{&signer, scheme};
    }
  }
  return std::nullopt;
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

Result<Evidence> examine_simple_signing(const SimpleSigningLayer& layer, const Image& image,
                                        std::span<const TrustedSigner> signers) {
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
  const auto match = find_signer(layer.payload, signature, signers);
  if (!match) {
    if (descriptor.annotations.contains(std::string(formats::certificate_annotation))) {
      return Error{Code::certificate_unexpected,
                   "signed with a certificate, and only keys were asked for", ""};
    }
    return Error{Code::signature_invalid, "the signature does not verify with any key asked for",
                 ""};
  }

  TS_TRY(const SimpleSigning payload, SimpleSigning::parse(layer.payload));
  if (payload.type != formats::image_signature_type) {
    return Error{Code::binding_type,
                 "a payload of type \"" + printable(payload.type) + "\", not an image signature",
                 ""};
  }
  if (std::ranges::find(image.digests, payload.image) == image.digests.end()) {
    return Error{Code::binding_digest, "the signed payload is about another image", ""};
  }
  return Evidence{*match->signer, match->scheme, payload.annotations};
}

}  // namespace touchstone::verify
