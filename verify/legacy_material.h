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
#include "verify/witnesses.h"

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

}  // namespace touchstone::verify
