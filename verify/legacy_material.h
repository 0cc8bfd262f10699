// What cosign's legacy form keeps in annotations beside a signature: certificates, the log's
// promise and timestamps. Nothing in them is believed.
//
// Spec: cosign's signature specification, "Properties" and "Rekor bundle".
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "formats/descriptor.h"
#include "formats/log_entry.h"
#include "verify/find_signer.h"

namespace touchstone::verify {

struct LegacyMaterial {
  std::vector<Bytes> certificates;  // DER, the signer's first; self-signed ones are left out
  std::vector<formats::LogEntry> log_entries;
  std::vector<Bytes> timestamps;

  // Refused: annotations that are there and malformed. Absent is not broken.
  // Errors: format.signature, certificate.malformed, limit.*.
  static Result<LegacyMaterial> read(const formats::Descriptor& layer);

  WitnessMaterial witnesses(ByteView stamped) const {
    return {log_entries, timestamps, stamped, ProofDemand::promise};
  }
};

// A signature, and the layer with what lies beside it. Refers to what it was made of.
struct LegacySignature {
  const formats::Descriptor& layer;
  const SignedContent& content;
  ByteView signature;
  ByteView stamped;                            // what timestamps are of
  std::optional<ByteView> envelope_file = {};  // as LoggedSignature has it
};

// By a key where keys are asked for and one of them has signed; else by the certificate that lies
// beside, if there is one. What lies beside matters only to those who ask for authorities, or for
// instances.
// Errors: as LegacyMaterial::read() and find_signer().
Result<FoundSigner> find_legacy_signer(const LegacySignature& signature, const Demand& demand,
                                       std::chrono::sys_seconds at);

}  // namespace touchstone::verify
