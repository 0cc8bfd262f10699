// Simple signing as cosign uses it: what its legacy signatures sign.
//
// Spec: cosign's signature specification; containers/image, "Simple Signing", JSON data format.
// Refused: members beside `critical` and `optional`; under `critical` any but `identity`, `image`
// and `type`, and in those any but the reference and the digest; members that are missing or of the
// wrong kind (only `optional` may be null or left out). Each name is taken in cosign's spelling and
// in the older one that begins with a capital letter; both at once, or any other case, is refused.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"

namespace touchstone::formats {

namespace media_type {
inline constexpr std::string_view simple_signing =
    "application/vnd.dev.cosign.simplesigning.v1+json";
// Of a referrer that holds such layers: cosign's experiment with OCI 1.1.
inline constexpr std::string_view cosign_signature =
    "application/vnd.dev.cosign.artifact.sig.v1+json";
}  // namespace media_type

// `critical.type` of an image signature.
inline constexpr std::string_view image_signature_type = "cosign container image signature";

// Annotations of the layer that holds a payload. Nothing in them is authenticated.
inline constexpr std::string_view signature_annotation = "dev.cosignproject.cosign/signature";
inline constexpr std::string_view certificate_annotation = "dev.sigstore.cosign/certificate";
inline constexpr std::string_view chain_annotation = "dev.sigstore.cosign/chain";
inline constexpr std::string_view log_annotation = "dev.sigstore.cosign/bundle";
inline constexpr std::string_view timestamp_annotation = "dev.sigstore.cosign/rfc3161timestamp";

struct SimpleSigning {
  std::string type;
  Digest image;
  std::string docker_reference;  // where the signer says the image was; may be empty
  std::map<std::string, std::string> annotations;  // of `optional`, those whose values are strings

  // Errors: format.payload, limit.size, limit.depth, limit.count.
  static Result<SimpleSigning> parse(ByteView payload);
};

// The payload of an image signature, byte for byte as cosign writes it.
std::string write_simple_signing(const Digest& image, std::string_view docker_reference,
                                 const std::map<std::string, std::string>& annotations);

}  // namespace touchstone::formats
