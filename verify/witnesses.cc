#include "verify/witnesses.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "crypto/timestamp_token.h"

namespace touchstone::verify {
namespace {

using formats::CertificateAuthority;

// The time that one of the root's authorities put on the signature, or why none did: the reason of
// the authority that came nearest.
Result<TimeFact> check_timestamp(ByteView response, ByteView stamped,
                                 const formats::TrustedRoot& root) {
  TS_TRY(const crypto::TimestampToken token, crypto::TimestampToken::parse(response));
  Error reason{Code::signature_timestamp, "the trusted root names no timestamp authority", ""};
  for (const CertificateAuthority& authority : root.timestamp_authorities) {
    const auto verified = crypto::verify_timestamp(
        token, stamped, {authority.chain, authority.validity.start, authority.validity.end});
    if (verified) return TimeFact{verified->time, authority.identity()};
    // A stranger's token is nobody's in particular.
    if (reason.code == Code::signature_timestamp || reason.code == Code::certificate_untrusted) {
      reason = verified.error();
    }
  }
  return reason;
}

}  // namespace

Thresholds Thresholds::under(const formats::TrustedRoot& root) const {
  Thresholds needed = *this;
  if (root.logs.empty()) needed.logs = 0;
  if (root.certificate_logs.empty()) needed.certificate_logs = 0;
  return needed;
}

WitnessMaterial WitnessMaterial::of(const formats::SigstoreBundle& bundle) {
  return {bundle.log_entries, bundle.timestamps, bundle.signature(),
          bundle.minor_version == 1 ? ProofDemand::promise : ProofDemand::inclusion};
}

std::size_t Witnesses::distinct_logs() const {
  std::set<std::string> names;
  for (const LogFact& fact : logs) names.insert(fact.log);
  return names.size();
}

std::size_t Witnesses::distinct_times() const {
  std::set<std::string> names;
  for (const TimeFact& fact : times) names.insert(fact.authority);
  return names.size();
}

Result<Witnesses> find_witnesses(const WitnessMaterial& material, const formats::TrustedRoot& root,
                                 const LoggedSignature& logged, const Thresholds& thresholds) {
  Witnesses witnesses;
  for (const formats::LogEntry& entry : material.log_entries) {
    TS_TRY(const auto fact, check_log_entry(entry, root, logged, material.demand));
    if (!fact) continue;
    witnesses.logs.push_back(*fact);
    if (fact->promised) witnesses.times.push_back({*fact->promised, fact->log, true});
  }
  std::optional<Error> unusable;
  for (const Bytes& response : material.timestamps) {
    auto time = check_timestamp(response, material.stamped, root);
    if (time) {
      witnesses.times.push_back(*std::move(time));
    } else if (!unusable) {
      unusable = std::move(time).error();
    }
  }

  if (witnesses.distinct_logs() < thresholds.logs) {
    const bool none = material.log_entries.empty();
    return Error{Code::signature_log_missing,
                 none ? "no transparency log holds the signature"
                      : std::to_string(witnesses.distinct_logs()) +
                            " of the transparency logs that hold it are trusted; " +
                            std::to_string(thresholds.logs) + " are wanted",
                 ""};
  }
  if (witnesses.distinct_times() < thresholds.times) {
    if (unusable) return *std::move(unusable);
    return Error{Code::time_missing, "nothing that is trusted says when the signature was made",
                 ""};
  }
  // Without its promise, an entry was made after the timestamps: not by a log that had ended.
  for (const LogFact& fact : witnesses.logs) {
    if (fact.promised || !fact.validity.end) continue;
    for (const TimeFact& time : witnesses.times) {
      if (!time.by_log && *fact.validity.end < time.time) {
        return Error{Code::time_log, printable(fact.log) + " had ended when the signature was made",
                     ""};
      }
    }
  }
  return witnesses;
}

}  // namespace touchstone::verify
