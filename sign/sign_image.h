// From a digest to a signature that is attached to it.
//
// Spec: cosign v3's image signature: a sigstore bundle v0.3 with a DSSE envelope over an in-toto
// statement, attached as an OCI 1.1 referrer. Design sections 11.2, 11.9 and 11.14.
#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/key_device.h"
#include "crypto/public_key.h"
#include "oci/repository.h"
#include "sign/signing_certificate.h"

namespace touchstone::sign {

// One thing to sign: the digest was computed over bytes that were fetched.
struct Target {
  oci::Repository* repository;  // where it lies and the signature goes
  formats::Descriptor image;    // media type, digest, size
  std::string pinned;           // for people: name@digest
};

struct SignedImage {
  Bytes bundle;  // as it is pushed
};

// Every manifest of an index, itself first, and of the indexes in it: what --recursive signs.
// Errors: as oci::Repository::manifests, limit.depth (an index in an index in an index),
// limit.count.
Result<std::vector<formats::Descriptor>> with_children(oci::Repository& repository,
                                                       const oci::FetchedManifest& top);

// A certificate for the signing key, and the time as of which what was made is verified under its
// authority.
struct CertificateToUse {
  SigningCertificate certificate;
  std::chrono::sys_seconds at;
};

// Signs the image's digest with the device, which must be unlocked, and verifies the result with
// the same code that `verify` runs, before anybody sees it. The bundle carries the certificate, if
// there is one, and else a hint at the key.
// Errors: device.*.
Result<SignedImage> sign_image(KeyDevice& device, const crypto::PublicKey& key,
                               const formats::Descriptor& image,
                               const std::map<std::string, std::string>& annotations,
                               const std::optional<CertificateToUse>& certificate = {});

// Pushes the bundle and lists it as a referrer of the image. Idempotent; what fails midway leaves
// blobs that nothing refers to, never a half-written list.
// Errors: network.push, network.*, auth.*.
Status attach(const Target& target, const SignedImage& signed_image, std::chrono::sys_seconds now);

}  // namespace touchstone::sign
