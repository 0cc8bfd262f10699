#include "verify/keyless.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "crypto/certificate_timestamp.h"

namespace touchstone::verify {
namespace {

using crypto::Certificate;
using crypto::CertificatePath;
using formats::CertificateAuthority;
using std::chrono::sys_seconds;

// All times at which the certificate must have been valid.
std::vector<Instant> times_of(const Witnesses& witnesses) {
  std::vector<Instant> times;
  for (const TimeFact& fact : witnesses.times) times.push_back(fact.time);
  for (const LogFact& fact : witnesses.logs) {
    if (fact.claimed) times.push_back(*fact.claimed);
  }
  return times;
}

Result<CertificatePath> path_to(const CertificateAuthority& authority, const Certificate& leaf,
                                std::span<const Certificate> candidates, sys_seconds at) {
  std::vector<Certificate> between(candidates.begin(), candidates.end());
  const auto anchor = authority.chain.end() - 1;
  between.insert(between.end(), authority.chain.begin(), anchor);
  return crypto::find_path(leaf, between, std::span(&*anchor, 1), crypto::Purpose::code_signing,
                           at);
}

Result<CertificatePath> path_at_all(const CertificateAuthority& authority, const Certificate& leaf,
                                    std::span<const Certificate> candidates,
                                    std::span<const Instant> times) {
  // Certificates have whole seconds: a fraction after the last one is after the end.
  const auto first = std::chrono::floor<std::chrono::seconds>(std::ranges::min(times));
  const auto last = std::chrono::ceil<std::chrono::seconds>(std::ranges::max(times));
  TS_TRY(CertificatePath path, path_to(authority, leaf, candidates, first));
  if (last > path.not_after) {
    return Error{Code::time_certificate,
                 "a certificate had ended when the signature was made, at " + to_rfc3339(last), ""};
  }
  for (const Instant time : times) {
    if (authority.validity.contains(time)) continue;
    return Error{Code::time_certificate,
                 "the authority \"" + printable(authority.identity()) + "\" did not count at " +
                     to_rfc3339(std::chrono::floor<std::chrono::seconds>(time)),
                 ""};
  }
  return path;
}

// The path under the first authority that has one, or why the one that came nearest has none.
template <class Find>
Result<CertificatePath> first_path(const formats::TrustedRoot& root, Find find) {
  Error reason{Code::certificate_untrusted, "the trusted root names no authority", ""};
  for (const CertificateAuthority& authority : root.authorities) {
    auto path = find(authority);
    if (path) return path;
    if (reason.code == Code::certificate_untrusted) reason = std::move(path).error();
  }
  return reason;
}

Status check_certificate_logs(const CertificatePath& path, const formats::TrustedRoot& root,
                              std::size_t threshold) {
  if (threshold == 0) return ok();
  std::vector<crypto::CertificateLog> logs;
  for (const formats::TransparencyLog& log : root.certificate_logs) {
    logs.push_back({log.id, log.key, *log.validity.start, log.validity.end});
  }
  TS_TRY(const std::size_t count,
         crypto::count_certificate_logs(path.certificates[0], path.certificates[1], logs));
  if (count < threshold) {
    return Error{Code::certificate_transparency,
                 std::to_string(count) + " logs of certificates have seen the certificate; " +
                     std::to_string(threshold) + " are wanted",
                 ""};
  }
  return ok();
}

}  // namespace

Result<KeylessSigner> certify_keyless(const Certificate& leaf,
                                      std::span<const Certificate> candidates,
                                      const formats::TrustedRoot& root, const Witnesses& witnesses,
                                      const Thresholds& thresholds) {
  const std::vector<Instant> times = times_of(witnesses);
  if (times.empty()) {
    return Error{Code::time_missing, "nothing that is trusted says when the signature was made",
                 ""};
  }
  TS_TRY(CertificatePath path, first_path(root, [&](const CertificateAuthority& authority) {
           return path_at_all(authority, leaf, candidates, times);
         }));
  TS_CHECK(check_certificate_logs(path, root, thresholds.certificate_logs));
  TS_TRY(crypto::FulcioFields fields, crypto::fulcio_fields(leaf));
  if (fields.issuer.empty()) {
    return Error{Code::certificate_issuer,
                 "the certificate does not say who vouched for its holder", ""};
  }
  return KeylessSigner{std::move(path), std::move(fields)};
}

Status check_issued(const Certificate& leaf, std::span<const Certificate> candidates,
                    const formats::TrustedRoot& root) {
  const auto path = first_path(root, [&](const CertificateAuthority& authority) {
    return path_to(authority, leaf, candidates, leaf.not_before());
  });
  return path ? ok() : Status(path.error());
}

}  // namespace touchstone::verify
