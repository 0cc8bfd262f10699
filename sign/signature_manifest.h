// The manifest under cosign's tag, with one more signature in it.
//
// Spec: cosign's signature specification: an image manifest whose layers are payloads, each with
// its signature as an annotation; its configuration lists their digests as `diff_ids`. Everything
// else that stands there, members that nobody here understands included, stays as it was.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "formats/descriptor.h"

namespace touchstone::sign {

// What stands there: bytes that hash to their digests.
struct ExistingSignatures {
  Bytes manifest;
  Bytes config;
};

struct SignatureManifest {
  std::string config;
  std::string manifest;
  std::string media_type;  // of the manifest
};

// Adds `layer` at the end. Absent when a layer of this digest with this signature stands there.
// Errors: format.manifest (what cannot be read must not be replaced), limit.*; limit.count when
// limits::max_signature_layers stand there.
Result<std::optional<SignatureManifest>> with_signature(
    const std::optional<ExistingSignatures>& before, const formats::Descriptor& layer);

}  // namespace touchstone::sign
