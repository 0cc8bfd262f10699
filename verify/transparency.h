// Whether a transparency log that is trusted holds a signature.
//
// Spec: sigstore client specification, "Transparency log entry"; Rekor v1's signed entry timestamps
// (RFC 8785 for the bytes under one); RFC 9162 section 2.1.3 for inclusion proofs; C2SP
// tlog-checkpoint.md and signed-note.md for checkpoints. In the order of the steps:
//   1. the entry's log is one of the trusted root            does not count otherwise
//   2. the entry is of a kind that is known                  binding.log-entry
//   3. it has the proofs that its bundle's version demands   signature.log-proof,
//                                                            signature.log-promise
//   4. the log's promise verifies, where there is one, and   signature.log-promise, time.log
//      its time is one at which the log counted
//   5. the checkpoint is one that the log signed             signature.checkpoint
//   6. the inclusion proof leads from the entry to it        signature.log-proof
//   7. what the log holds is this signature, by this signer, binding.log-entry
//      over this content
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/result.h"
#include "crypto/certificate.h"
#include "formats/log_entry.h"
#include "formats/trusted_root.h"
#include "verify/signed_content.h"

namespace touchstone::verify {

// A signature, as a log must have recorded it. Refers to what it was made of.
struct LoggedSignature {
  const SignedContent& content;
  ByteView signature;
  std::variant<const crypto::Certificate*, const crypto::PublicKey*> signer;
  // The envelope as text, where it is a file of its own: an old kind of entry is about that.
  std::optional<ByteView> envelope_file = {};
};

// Which proofs each entry must bring. A bundle of version 0.1 and cosign's annotation need the
// log's promise alone; later bundles need an inclusion proof. Entries of Rekor v2 need one always.
enum class ProofDemand : std::uint8_t { promise, inclusion };

// That a log holds the signature.
struct LogFact {
  std::string log;  // whose: the operator, else the URL
  std::uint64_t index;
  std::optional<std::chrono::sys_seconds> promised;  // when the log says it took it, signed by it
  std::optional<std::chrono::sys_seconds> claimed;   // the same, whether signed or not
  formats::Validity validity;                        // of the log's key
};

// Absent: the log is none of the trusted root's.
Result<std::optional<LogFact>> check_log_entry(const formats::LogEntry& entry,
                                               const formats::TrustedRoot& root,
                                               const LoggedSignature& logged, ProofDemand demand);

}  // namespace touchstone::verify
