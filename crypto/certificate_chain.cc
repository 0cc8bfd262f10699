#include "crypto/certificate_chain.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/limits.h"
#include "base/time.h"
#include "crypto/openssl.h"
#include "crypto/verifying_context.h"

namespace touchstone::crypto {
namespace {

using X509Stack = Handle<STACK_OF(X509), [](STACK_OF(X509) * stack) { sk_X509_free(stack); }>;
using X509Store = Handle<X509_STORE, X509_STORE_free>;
using X509StoreContext = Handle<X509_STORE_CTX, X509_STORE_CTX_free>;

constexpr std::string_view any_purpose = "2.5.29.37.0";
constexpr std::string_view server_authentication = "1.3.6.1.5.5.7.3.1";
constexpr int security_level = 2;

std::string_view dotted(Purpose purpose) {
  switch (purpose) {
    case Purpose::code_signing:
      return "1.3.6.1.5.5.7.3.3";
    case Purpose::time_stamping:
      return "1.3.6.1.5.5.7.3.8";
  }
  return "";
}

std::string words(Purpose purpose) {
  return purpose == Purpose::code_signing ? "code signing" : "time stamping";
}

bool has(const std::vector<std::string>& purposes, std::string_view purpose) {
  return std::ranges::find(purposes, purpose) != purposes.end();
}

std::string quoted(const Certificate& certificate) {
  return "\"" +
         (certificate.subject().empty() ? certificate.fingerprint() : certificate.subject()) + "\"";
}

Error usage(const Certificate& certificate, std::string_view why) {
  return Error{Code::certificate_usage,
               "the certificate of " + quoted(certificate) + " " + std::string(why), ""};
}

// By their names and key identifiers; no signature is checked.
bool may_have_issued(const Certificate& authority, const Certificate& subject) {
  const int issued = X509_check_issued(authority.handle(), subject.handle());
  return issued == X509_V_OK || issued == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

Status check_fit(const Certificate& authority, Purpose purpose, std::chrono::sys_seconds at) {
  TS_CHECK(check_authority(authority, purpose));
  return check_validity(authority, at);
}

Error explain(int error) {
  const std::string why = X509_verify_cert_error_string(error);
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_CERT_REJECTED:
      return Error{Code::certificate_untrusted,
                   "the certificate does not lead to an authority asked for (" + why + ")", ""};
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Error{Code::time_certificate, "a certificate is not valid (" + why + ")", ""};
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return Error{Code::certificate_weak, "on the path to the authority: " + why, ""};
    default:
      return Error{Code::certificate_path, "on the path to the authority: " + why, ""};
  }
}

// In place of OpenSSL's step that checks times and signatures of the chain it has built: all times
// have been checked before, and signed_chain() checks the signatures.
int leave_to_us(X509_STORE_CTX*) { return 1; }

// The chain that OpenSSL builds and accepts but for its signatures, or why there is none. The one
// place that asks it.
Result<std::vector<const X509*>> built_chain(const Certificate& leaf,
                                             std::span<const Certificate> candidates,
                                             std::span<const Certificate> anchors,
                                             std::chrono::sys_seconds at) {
  const X509Store store(X509_STORE_new());
  const X509Stack untrusted(sk_X509_new_null());
  const X509StoreContext context(X509_STORE_CTX_new_ex(verifying_library(), nullptr));
  bool good = store && untrusted && context;
  for (const Certificate& anchor : anchors) {
    good = good && X509_STORE_add_cert(store.get(), anchor.handle()) == 1;
  }
  for (const Certificate& candidate : candidates) {
    good = good && sk_X509_push(untrusted.get(), candidate.handle()) > 0;
  }
  good = good && X509_STORE_CTX_init(context.get(), store.get(), leaf.handle(), nullptr) == 1;
  if (!good) {
    drain_errors();
    return Error{Code::internal_error, "OpenSSL cannot check a certificate", ""};
  }
  X509_STORE_CTX_set0_untrusted(context.get(), untrusted.get());
  X509_STORE_CTX_set_verify(context.get(), leave_to_us);
  X509_VERIFY_PARAM* rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(
      rules, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  X509_VERIFY_PARAM_set_auth_level(rules, security_level);
  X509_VERIFY_PARAM_set_depth(rules, static_cast<int>(limits::max_path_depth));
  X509_VERIFY_PARAM_set_time(rules, at.time_since_epoch().count());

  const int verified = X509_verify_cert(context.get());  // 1, 0 or negative
  drain_errors();
  if (verified != 1) return explain(X509_STORE_CTX_get_error(context.get()));
  std::vector<const X509*> chain;
  const STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(found); ++i) chain.push_back(sk_X509_value(found, i));
  return chain;
}

// The same as our certificates, each signed by the next one's key.
Result<std::vector<Certificate>> signed_chain(const Certificate& leaf,
                                              std::span<const Certificate> candidates,
                                              std::span<const Certificate> anchors,
                                              std::chrono::sys_seconds at) {
  TS_TRY(const auto built, built_chain(leaf, candidates, anchors, at));
  std::vector<Certificate> all = {leaf};
  all.insert(all.end(), anchors.begin(), anchors.end());
  all.insert(all.end(), candidates.begin(), candidates.end());
  std::vector<Certificate> chain;
  for (const X509* step : built) {
    const auto found = std::ranges::find(all, step, &Certificate::handle);
    if (found == all.end()) return Error{Code::internal_error, "a path over the unknown", ""};
    chain.push_back(*found);
  }
  if (chain.size() < 2) return explain(X509_V_ERR_CERT_UNTRUSTED);
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (!chain[i].is_signed_by(chain[i + 1])) return explain(X509_V_ERR_CERT_SIGNATURE_FAILURE);
  }
  return chain;
}

// The certificates that may lie on a path, and those that may not.
struct Fit {
  std::vector<Certificate> certificates;
  std::vector<std::pair<Certificate, Error>> others;

  Fit(std::span<const Certificate> list, Purpose purpose, std::chrono::sys_seconds at) {
    for (const Certificate& certificate : list) {
      const auto fits = check_fit(certificate, purpose, at);
      if (fits) {
        certificates.push_back(certificate);
      } else {
        others.emplace_back(certificate, fits.error());
      }
    }
  }

  // Why one that may have issued `subject` was left out.
  std::optional<Error> gap_above(const Certificate& subject) const {
    for (const auto& [authority, error] : others) {
      if (may_have_issued(authority, subject)) return error;
    }
    return std::nullopt;
  }
};

// Explains a path that was not found by what was left out of it.
Error explain_gap(Error error, const Certificate& leaf, std::span<const Certificate> candidates,
                  const Fit& above, const Fit& between) {
  if (error.code != Code::certificate_untrusted) return error;
  for (const Fit* fit : {&between, &above}) {
    if (auto gap = fit->gap_above(leaf)) return *std::move(gap);
    for (const Certificate& candidate : candidates) {
      if (auto gap = fit->gap_above(candidate)) return *std::move(gap);
    }
  }
  return error;
}

}  // namespace

Status check_leaf(const Certificate& leaf, Purpose purpose) {
  const bool stamps = purpose == Purpose::time_stamping;
  if (leaf.is_authority()) {
    return usage(leaf, std::string("is that of an authority, which signs no ") +
                           (stamps ? "timestamps" : "images"));
  }
  // RFC 5280 section 4.2.1.12, of id-kp-timeStamping: "digitalSignature and/or nonRepudiation".
  if (!leaf.may_sign() && !(stamps && leaf.may_commit())) {
    return usage(leaf, "is not for signatures (key usage)");
  }
  if (!leaf.purposes() || !has(*leaf.purposes(), dotted(purpose))) {
    return usage(leaf, "is not for " + words(purpose) + " (extended key usage)");
  }
  // RFC 3161 section 2.3: "only one instance of the extended key usage field extension [...]. This
  // extension MUST be critical."
  const bool too_much =
      stamps ? leaf.purposes()->size() != 1
             : has(*leaf.purposes(), any_purpose) || has(*leaf.purposes(), server_authentication);
  if (too_much) {
    return usage(leaf, "is for too much beside " + words(purpose) + " (extended key usage)");
  }
  if (stamps && !leaf.purposes_are_critical()) {
    return usage(leaf, "does not say critically that it is for time stamping alone");
  }
  return ok();
}

Status check_authority(const Certificate& authority, Purpose purpose) {
  if (!authority.is_authority()) return usage(authority, "is not that of an authority");
  if (!authority.has_key_usage() || !authority.may_issue()) {
    return usage(authority, "is not for issuing certificates (key usage)");
  }
  const auto& purposes = authority.purposes();
  if (purposes && !has(*purposes, dotted(purpose)) && !has(*purposes, any_purpose)) {
    return usage(authority,
                 "is for other purposes than " + words(purpose) + " (extended key usage)");
  }
  return ok();
}

Status check_validity(const Certificate& certificate, std::chrono::sys_seconds at) {
  if (at < certificate.not_before()) {
    return Error{Code::time_certificate,
                 "the certificate of " + quoted(certificate) + " is not valid before " +
                     to_rfc3339(certificate.not_before()),
                 ""};
  }
  if (at > certificate.not_after()) {
    return Error{Code::time_certificate,
                 "the certificate of " + quoted(certificate) + " ended at " +
                     to_rfc3339(certificate.not_after()),
                 ""};
  }
  return ok();
}

Result<CertificatePath> find_path(const Certificate& leaf, std::span<const Certificate> candidates,
                                  std::span<const Certificate> anchors, Purpose purpose,
                                  std::chrono::sys_seconds at) {
  if (candidates.size() > limits::max_chain_certificates) {
    return Error{Code::certificate_path, "more certificates than a signature may carry", ""};
  }
  // Sigstore's client specification: a chain "MUST NOT" bring its root.
  if (std::ranges::any_of(candidates, &Certificate::is_self_signed)) {
    return Error{Code::certificate_path, "the signature carries a self-signed certificate", ""};
  }
  TS_CHECK(check_leaf(leaf, purpose));
  TS_CHECK(check_validity(leaf, at));
  // No leaf is an authority, and every anchor is one: no leaf vouches for itself.
  const Fit above(anchors, purpose, at);
  const Fit between(candidates, purpose, at);
  auto chain = signed_chain(leaf, between.certificates, above.certificates, at);
  if (!chain) return explain_gap(chain.error(), leaf, candidates, above, between);

  CertificatePath path{*std::move(chain), leaf.not_before(), leaf.not_after()};
  for (const Certificate& step : path.certificates) {
    path.not_before = std::max(path.not_before, step.not_before());
    path.not_after = std::min(path.not_after, step.not_after());
  }
  return path;
}

}  // namespace touchstone::crypto
