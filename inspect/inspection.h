// Everything that is attached to an image, as a tree.
//
// Spec: OCI Distribution Spec v1.1 (referrers), cosign's tags (".sig", ".att", ".sbom"), BuildKit's
// attestations within an index, Notary Project's signatures by their type.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inspect/claims.h"
#include "oci/repository.h"

namespace touchstone::inspect {

// One layer of what is attached.
struct Content {
  formats::Descriptor layer;
  std::optional<Claims> claims;  // absent for what is not read
  std::optional<Error> fault;    // it could not be had
};

struct Attached {
  enum class Kind : std::uint8_t {
    sigstore_bundle,
    cosign_signature,
    cosign_attestation,
    notary_signature,
    build_attestation,  // BuildKit's, in the index; nobody signed it
    sbom,
    other
  };
  Kind kind = Kind::other;
  std::string tag;  // of cosign's, under which it stands; else empty
  // As it says of itself; as it is listed where it could not be read. What stands under a tag and
  // could not be read has no digest: `has_digest` is false then.
  formats::Descriptor manifest;
  bool has_digest = true;
  std::vector<Error> faults;  // of the manifest
  std::vector<Content> contents;
  std::vector<Attached> attached;  // to this
};

struct Manifest {
  formats::Descriptor manifest;  // with its platform, where the index names one
  bool is_index = false;
  std::vector<Error> faults;
  std::vector<std::string> notices;
  std::vector<Attached> attached;
};

struct Inspection {
  std::vector<Manifest> manifests;  // what was asked for, then the images of the index
};

// Errors: a list or a tag that could not be had: network.*, auth.*, format.referrers, limit.*;
// image.not-found.
Result<Inspection> inspect(oci::Repository& repository, const oci::FetchedManifest& image);

}  // namespace touchstone::inspect
