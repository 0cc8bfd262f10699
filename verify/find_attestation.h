// Whose attestation of the signing key counts: of those kept with the key, given by hand, and
// attached to the image. The part that decides is HardwareDemand, in decide().
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "oci/repository.h"
#include "verify/evidence.h"

namespace touchstone::verify {

// The attestation of a key, attached to an image as an OCI 1.1 referrer (docs/decisions/0012): one
// layer, PEM.
inline constexpr std::string_view key_attestation_type =
    "application/vnd.touchstone.key-attestation.v1";
inline constexpr std::string_view key_attestation_layer = "application/pem-certificate-chain";

// What claims to be attestations. Nothing in them is believed.
struct AttachedAttestations {
  std::vector<std::vector<crypto::Certificate>> chains = {};
  std::optional<Error> failure = {};  // one could not be had; its exit status is 3
};

// Fetches those among the image's `referrers`, limits::max_key_attestations at most. What is
// malformed, or names another subject, is left out.
AttachedAttestations fetch_attestations(oci::Repository& repository, const Digest& image,
                                        std::span<const formats::Descriptor> referrers);

// The attestation of the signer's key that holds at `at` under one of the demand's makers: the
// first that is as it demands, else the first. The key's own come first, then those of the demand.
// Errors: the reason of the one that came nearest, as judge_attestation(); hardware.other-key when
// all are of other keys, hardware.missing when there is none; the failure to have one when that
// might have been it.
Result<AttestedKey> find_attestation(const TrustedSigner& signer,
                                     const AttachedAttestations& attached, const Demand& demand,
                                     std::chrono::sys_seconds at);

}  // namespace touchstone::verify
