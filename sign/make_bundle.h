// From what is to be signed to a sigstore bundle. The one place where bundles come to be: the
// device signs, others may witness it, and a verifier must accept the result before anybody sees
// it.
//
// Spec: sigstore client specification, "Signing"; bundles of version 0.3 as cosign v3 writes them.
#pragma once

#include <chrono>
#include <optional>

#include "base/key_device.h"
#include "crypto/public_key.h"
#include "formats/sigstore_bundle.h"
#include "sign/signing_certificate.h"
#include "verify/evidence.h"

namespace touchstone::sign {

// What is signed: an in-toto statement about the artifact, in an envelope, or the artifact itself.
struct ToSign {
  const verify::Artifact& artifact;
  verify::WantedContent content;        // as what a verifier must accept it
  std::optional<Bytes> statement = {};  // absent: the artifact itself, which is a file then
};

// A certificate for the signing key, and the time as of which what was made is verified under its
// authority.
struct CertificateToUse {
  SigningCertificate certificate;
  std::chrono::sys_seconds at;
};

// Those who say more of a signature than its key does: logs, timestamp authorities, and authorities
// that certify a key for this one signature.
class Witnessing {
 public:
  virtual ~Witnessing() = default;

  // `bundle` holds the signature of `content`, verified with `key`, and says by whom it is. Adds
  // log entries and timestamps, may put a certificate in the place of the hint, and leaves alone
  // what was signed.
  virtual Status witness(const verify::SignedContent& content, const crypto::PublicKey& key,
                         formats::SigstoreBundle& bundle) = 0;

  // Whether a verifier who trusts these witnesses accepts the finished bundle.
  virtual Status check(const verify::Candidate& finished, const ToSign& what) = 0;
};

// By whom it is signed. The device must be unlocked.
struct Signer {
  KeyDevice& device;
  const crypto::PublicKey& key;
  std::optional<CertificateToUse> certificate = {};  // else a hint at the key
  Witnessing* witnessing = nullptr;                  // none: the signature stands alone
};

struct MadeBundle {
  Bytes bundle;               // as it is published
  verify::Evidence evidence;  // what a verifier finds in it by the key
};

// Whether the key can sign this artifact as a file: by its digest, or, with a key that signs the
// bytes themselves (Ed25519), whole.
// Errors: usage.arguments, when only a digest is known and it is not the one that the key signs.
Status can_sign_file(const crypto::PublicKey& key, const verify::Artifact& file);

// One signature of the device. It is verified with the key, and the finished bundle under the
// certificate's authority where one was given, and by the witnesses.
// Errors: device.*, usage.arguments as can_sign_file(), those of the witnesses.
Result<MadeBundle> make_bundle(const Signer& signer, const ToSign& what);

}  // namespace touchstone::sign
