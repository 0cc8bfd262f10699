// Whose signature it is: the one place where keys, certificates and witnesses of a signature are
// joined, for every form in which it lies.
//
// Spec: sigstore client specification, "Verification", steps for certificates and for managed keys.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "verify/certify.h"
#include "verify/evidence.h"

namespace touchstone::verify {

// A signature and what lies beside it. Refers to what it was made of; nothing in it is believed.
struct SignatureClaim {
  const SignedContent& content;
  ByteView signature;
  std::span<const Bytes> certificates = {};  // DER, the signer's first; empty when signed by a key
  std::string_view hint = {};                // of the key; orders the attempts, selects nothing
  WitnessMaterial witnesses = {};
  std::optional<ByteView> envelope_file = {};  // as LoggedSignature has it
};

struct FoundSigner {
  TrustedSigner signer;
  Scheme scheme;
  std::optional<Certified> certified = {};
  std::optional<Keyless> keyless = {};
  Witnesses witnesses = {};
};

// By a certificate of one of the demand's authorities, all of whose path is valid at `at`, or of
// one of its instances, as certify_keyless() says; by one of its keys where there is no
// certificate. Where the demand names instances, what their logs say of a key's signature must be
// right as well.
// Errors: certificate.unexpected, certificate.missing, signature.invalid, identity.mismatch, and as
// certify(), find_witnesses() and certify_keyless().
Result<FoundSigner> find_signer(const SignatureClaim& claim, const Demand& demand,
                                std::chrono::sys_seconds at);

// How near to being accepted a refusal came: the smaller, the nearer.
std::size_t distance(Code code);

}  // namespace touchstone::verify
