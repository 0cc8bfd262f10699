// Something that is attached to an image: an OCI 1.1 referrer of one layer, with an empty
// configuration.
//
// Spec: OCI Image Spec v1.1, manifest.md, "Guidelines for Artifact Usage". Design section 11.9.
#pragma once

#include <chrono>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "crypto/certificate.h"
#include "oci/repository.h"
#include "trust/hardware_vendor.h"

namespace touchstone::sign {

// One thing to attach to: the digest was computed over bytes that were fetched.
struct Target {
  oci::Repository* repository;  // where it lies and what is attached goes
  formats::Descriptor image;    // media type, digest, size
  std::string pinned;           // for people: name@digest
};

struct Referrer {
  std::string_view artifact_type;
  std::string_view layer_type;
  ByteView layer;
  std::map<std::string, std::string> annotations = {};
};

// Pushes it and lists it as a referrer of the image. Idempotent: the same bytes are the same
// referrer. What fails midway leaves blobs that nothing refers to, never a half-written list.
// Errors: network.push, network.*, auth.*.
Status attach_referrer(const Target& target, const Referrer& referrer);

enum class Attached : std::uint8_t { now, before };

// Attaches what a device attests of the signing key, the key's certificate first, then the
// device's: anybody can read there which device it is. A device makes another certificate each time
// it is asked, so nothing is attached where one lies already that says the same of the key, by the
// same device or a maker among `makers`; what others attached counts only if it leads there.
// Errors: as above; network.*, when what lies there cannot be listed.
Result<Attached> attach_key_attestation(const Target& target,
                                        std::span<const crypto::Certificate> chain,
                                        std::span<const trust::HardwareVendor> makers,
                                        std::chrono::sys_seconds now);

}  // namespace touchstone::sign
