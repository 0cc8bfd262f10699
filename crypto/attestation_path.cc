#include "crypto/attestation_path.h"

#include <openssl/x509v3.h>

#include <algorithm>

#include "base/limits.h"
#include "crypto/key_attestation.h"
#include "crypto/openssl.h"

namespace touchstone::crypto {
namespace {

constexpr int weakest_bits = 112;  // of a signature's hash: SHA-256's 128, not SHA-1's 63

std::string quoted(const Certificate& certificate) { return "\"" + certificate.subject() + "\""; }

Error broken(const Certificate& certificate, std::string_view why) {
  return Error{Code::hardware_path,
               "the certificate of " + quoted(certificate) + " " + std::string(why), ""};
}

Bytes name_der(const X509_NAME* name) {
  const std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  static_cast<void>(X509_NAME_get0_der(name, &bytes, &size));  // of a parsed name: always there
  return {bytes, bytes + size};
}

bool is_named_as_issuer(const Certificate& issuer, const Certificate& subject) {
  const Bytes name = name_der(X509_get_issuer_name(subject.handle()));
  return name == name_der(X509_get_subject_name(issuer.handle()));
}

bool has_signed(const Certificate& issuer, const Certificate& subject) {
  int strength = 0;  // stays so where it cannot be told
  static_cast<void>(
      X509_get_signature_info(subject.handle(), nullptr, nullptr, &strength, nullptr));
  const bool verified = strength >= weakest_bits &&
                        X509_verify(subject.handle(), X509_get0_pubkey(issuer.handle())) == 1;
  drain_errors();
  return verified;
}

Status check_alone(const Certificate& certificate, std::chrono::sys_seconds at) {
  if ((X509_get_extension_flags(certificate.handle()) & EXFLAG_CRITICAL) != 0) {
    return broken(certificate, "has a critical extension that is unknown");
  }
  const auto valid = check_validity(certificate, at);
  if (!valid) return Error{Code::hardware_time, valid.error().message, ""};
  return ok();
}

// Whether `issuer` may be above `below` certificates of authorities.
Status check_issuer(const Certificate& issuer, std::size_t below, bool need_not_say) {
  if (attests_key(issuer)) return broken(issuer, "attests a key, and issues nothing");
  if (!issuer.is_authority() && !need_not_say) return broken(issuer, "is that of no authority");
  if (!issuer.may_issue()) return broken(issuer, "is not for issuing certificates (key usage)");
  const long room = X509_get_pathlen(issuer.handle());  // -1: any
  if (room >= 0 && below > static_cast<std::size_t>(room)) {
    return broken(issuer, "allows fewer certificates below it");
  }
  return ok();
}

// Climbs from the attestation, taking each certificate that was given once at most.
class Climb {
 public:
  Climb(std::span<const Certificate> chain, const AttestationAnchors& anchors,
        std::chrono::sys_seconds at)
      : rest_(chain.begin() + 1, chain.end()), anchors_(anchors), at_(at) {
    path_.push_back(chain.front());
  }

  Result<CertificatePath> run() {
    TS_CHECK(check_alone(path_.front(), at_));
    // What made the attestation is the device, and nothing else of the file.
    if (!rest_.empty()) {
      const Certificate device = rest_.front();
      rest_.erase(rest_.begin());
      if (!is_issued_by(device)) return why_;
      path_.push_back(device);
    }
    while (!ends_at_anchor()) {
      const auto next = std::ranges::find_if(
          rest_, [&](const Certificate& candidate) { return is_issued_by(candidate); });
      if (next == rest_.end()) return why_;
      path_.push_back(*next);
      rest_.erase(next);
    }
    return finished();
  }

 private:
  // Whether the last of the path leads to an anchor, which is then the last.
  bool ends_at_anchor() {
    const bool device_is_anchor =
        path_.size() > 1 &&
        std::ranges::find(anchors_.certificates, path_.back()) != anchors_.certificates.end();
    if (device_is_anchor) return may_be_above_last_but_one();
    for (const Certificate& anchor : anchors_.certificates) {
      if (!is_issued_by(anchor)) continue;
      path_.push_back(anchor);
      if (may_be_above_last_but_one()) return true;
      path_.pop_back();
    }
    return false;
  }

  // By name and signature; remembers the gravest reason why not.
  bool is_issued_by(const Certificate& issuer) {
    if (!is_named_as_issuer(issuer, path_.back())) {
      remember({Code::hardware_untrusted,
                "the certificate of " + quoted(path_.back()) + " was issued by \"" +
                    path_.back().issuer() + "\", who does not count",
                ""});
      return false;
    }
    if (has_signed(issuer, path_.back())) return true;
    remember({Code::hardware_signature,
              "the certificate of " + quoted(path_.back()) + " does not verify with the key of " +
                  quoted(issuer),
              ""});
    return false;
  }

  bool may_be_above_last_but_one() {
    for (std::size_t i = 1; i < path_.size(); ++i) {
      // The attestation is no authority, and does not count against a path's length.
      const bool device_below_anchor = i == 1 && path_.size() == 3 && anchors_.issue_devices_alone;
      auto fit = check_issuer(path_[i], i - 1, device_below_anchor);
      if (fit) fit = check_alone(path_[i], at_);
      if (fit) continue;
      remember(fit.error());
      return false;
    }
    return true;
  }

  // The reason that says most: a rule broken on the way, then a signature, then a name.
  void remember(Error error) {
    const auto weight = [](Code code) {
      return code == Code::hardware_untrusted ? 0 : code == Code::hardware_signature ? 1 : 2;
    };
    if (weight(error.code) >= weight(why_.code)) why_ = std::move(error);
  }

  CertificatePath finished() {
    CertificatePath path{path_, path_.front().not_before(), path_.front().not_after()};
    for (const Certificate& certificate : path_) {
      path.not_before = std::max(path.not_before, certificate.not_before());
      path.not_after = std::min(path.not_after, certificate.not_after());
    }
    return path;
  }

  std::vector<Certificate> path_;
  std::vector<Certificate> rest_;
  const AttestationAnchors& anchors_;
  std::chrono::sys_seconds at_;
  Error why_{Code::hardware_untrusted, "no maker was named to whom the attestation could lead", ""};
};

}  // namespace

Result<CertificatePath> find_attestation_path(std::span<const Certificate> chain,
                                              const AttestationAnchors& anchors,
                                              std::chrono::sys_seconds at) {
  if (chain.empty() || chain.size() > limits::max_attestation_certificates) {
    return Error{Code::hardware_malformed, "the attestation has no certificates, or too many", ""};
  }
  return Climb(chain, anchors, at).run();
}

}  // namespace touchstone::crypto
