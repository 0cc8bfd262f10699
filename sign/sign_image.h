// From a digest to a signature or an attestation that is attached to it.
//
// Spec: cosign v3's image signatures and attestations: a sigstore bundle v0.3 with a DSSE envelope
// over an in-toto statement, attached as an OCI 1.1 referrer. Design sections 11.2, 11.9 and 11.14.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "oci/repository.h"
#include "sign/make_bundle.h"
#include "sign/predicate.h"
#include "sign/referrer.h"

namespace touchstone::sign {

struct SignedImage {
  Bytes bundle;                // as it is pushed
  std::string predicate_type;  // of the statement in it
};

// Every manifest of an index, itself first, and of the indexes in it: what --recursive signs.
// Errors: as oci::Repository::manifests, limit.depth (an index in an index in an index),
// limit.count.
Result<std::vector<formats::Descriptor>> with_children(oci::Repository& repository,
                                                       const oci::FetchedManifest& top);

// Signs the digests with the device, which must be unlocked: one bundle of make_bundle() for all of
// `images`, of which there is one at least.
// Errors: usage.arguments (more images than a statement may have subjects), device.*, and those of
// the witnesses.
Result<SignedImage> sign_images(const Signer& signer,
                                const std::vector<formats::Descriptor>& images,
                                const std::map<std::string, std::string>& annotations);
Result<SignedImage> sign_image(const Signer& signer, const formats::Descriptor& image,
                               const std::map<std::string, std::string>& annotations);

// The same for an attestation: a statement about the image with this predicate. `name` is what the
// subject is called, which is decoration.
// Errors: as above.
Result<SignedImage> attest_image(const Signer& signer, const formats::Descriptor& image,
                                 std::string_view name, const Predicate& predicate);

// Pushes the bundle and lists it as a referrer of the image. Idempotent; what fails midway leaves
// blobs that nothing refers to, never a half-written list.
// Errors: network.push, network.*, auth.*.
Status attach(const Target& target, const SignedImage& signed_image, std::chrono::sys_seconds now);

}  // namespace touchstone::sign
