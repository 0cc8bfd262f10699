// From a digest to a signature in cosign's legacy form.
//
// Spec: cosign's signature specification: a simple-signing payload, a signature over its bytes with
// SHA-256 whatever the key (design section 11.2), both in a layer under the tag "sha256-<hex>.sig".
#pragma once

#include <map>
#include <string>

#include "base/reference.h"
#include "sign/sign_image.h"

namespace touchstone::sign {

struct SimpleSignature {
  Bytes payload;
  Bytes signature;
};

// What cosign calls the repository: Docker Hub by its old name, layout folders not at all.
std::string docker_reference(const Reference& reference);

// Signs the image's digest with the device, which must be unlocked, and verifies the result with
// the same code that `verify` runs, before anybody sees it. With an Ed25519 key the signature is
// pure.
// Errors: device.*; usage.arguments for an image whose digest cosign does not know.
Result<SimpleSignature> sign_simple(KeyDevice& device, const crypto::PublicKey& key,
                                    const formats::Descriptor& image,
                                    std::string_view docker_reference,
                                    const std::map<std::string, std::string>& annotations);

// Adds the signature to those under the image's tag. What stands there stays; what fails midway
// leaves blobs that nothing refers to. A signature that stands there already is not added again.
// Errors: network.push, network.*, auth.*, format.manifest and limit.* (what cannot be read is
// never replaced).
Status attach_tagged(const Target& target, const SimpleSignature& signature);

}  // namespace touchstone::sign
