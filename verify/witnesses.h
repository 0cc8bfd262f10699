// Who witnessed a signature, and when it was made: transparency logs and timestamp authorities of
// one trusted root.
//
// Spec: sigstore client specification, "Establishing a time for the signature"; RFC 3161.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "formats/sigstore_bundle.h"
#include "verify/transparency.h"

namespace touchstone::verify {

// How many distinct witnesses a signature needs. Zero: none, but what is there must be right.
struct Thresholds {
  std::size_t logs = 1;
  std::size_t times = 1;
  std::size_t certificate_logs = 1;

  // The same, asking nothing of logs where the root names none. A time is always asked for.
  Thresholds under(const formats::TrustedRoot& root) const;

  bool operator==(const Thresholds&) const = default;
};

// What lies beside a signature to prove when and where it was made. Refers to what it was made of.
struct WitnessMaterial {
  std::span<const formats::LogEntry> log_entries = {};
  std::span<const Bytes> timestamps = {};  // RFC 3161's TimeStampResp, DER
  ByteView stamped = {};                   // what the timestamps are of
  ProofDemand demand = ProofDemand::inclusion;

  static WitnessMaterial of(const formats::SigstoreBundle& bundle);
};

// A time that somebody who is trusted established.
struct TimeFact {
  Instant time;
  std::string authority;  // the log, or the timestamp authority
  bool by_log = false;    // a log's promise; else a timestamp
};

struct Witnesses {
  std::vector<LogFact> logs;    // entries that are proven, several of one log perhaps
  std::vector<TimeFact> times;  // all that are established, several by one authority perhaps

  std::size_t distinct_logs() const;
  std::size_t distinct_times() const;
};

// Every entry of a log of the root must be right, and does not count when the log is unknown. A
// timestamp that no authority of the root has made as it should be does not count; when too few
// times are established, the error says what was wrong with it.
// Errors: as check_log_entry(); signature.log-missing, time.missing, and as
// crypto::verify_timestamp() where a timestamp would have been needed; time.log when a log's key
// had ended before the time of a timestamp.
Result<Witnesses> find_witnesses(const WitnessMaterial& material, const formats::TrustedRoot& root,
                                 const LoggedSignature& logged, const Thresholds& thresholds);

}  // namespace touchstone::verify
