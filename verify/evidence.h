// The nouns of a verification, in the order in which they come to be:
// Candidate (bytes that claim to be a signature; nothing in them is believed) -> Evidence (facts
// that hold) or a reason why not -> Verdict.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "crypto/certificate_chain.h"
#include "crypto/public_key.h"
#include "formats/descriptor.h"
#include "formats/statement.h"
#include "formats/trusted_root.h"
#include "trust/trust_store.h"
#include "verify/attestation.h"
#include "verify/keyless.h"
#include "verify/signed_content.h"
#include "verify/text_match.h"
#include "verify/witnesses.h"

namespace touchstone::verify {

// A key that may sign, and where it came from.
struct TrustedSigner {
  trust::TrustedKey trusted;
  std::string source;  // for people: "key release.pub", "root \"release\""
};

// An authority whose code signing certificates may sign, and where it came from.
struct TrustedAuthority {
  trust::TrustedCertificate trusted;
  std::string source;  // for people: "root \"shop\""
};

// The authorities and logs of a sigstore instance, and where they came from.
struct TrustedInstance {
  std::shared_ptr<const formats::TrustedRoot> root;
  std::string source;  // for people: "root \"sigstore\""
};

// Who must hold the certificate: its one alternative name, and who vouched for it.
struct WantedIdentity {
  TextMatch subject;
  std::optional<TextMatch> issuer = {};  // required under a sigstore instance

  bool operator==(const WantedIdentity&) const = default;
};

// What must be signed.
struct WantedContent {
  // any: signatures of images and attestations, for collecting both at once; nothing satisfies it.
  enum class Kind : std::uint8_t { image_signature, file_signature, attestation, any };
  Kind kind = Kind::image_signature;
  std::string predicate_type = {};  // of an attestation, letter for letter; empty for any
};

// What an image or a file must show. Complete when it exists; without signers, authorities and
// instances it accepts nothing.
struct Demand {
  std::vector<TrustedSigner> signers;              // any of them
  std::map<std::string, std::string> annotations;  // each must be signed with this very value
  std::vector<TrustedAuthority> authorities = {};  // or anybody with a certificate of one of these
  // Whose certificate it must be, one of them. Without any, that of anybody counts under the
  // authorities, and that of nobody under the instances.
  std::vector<WantedIdentity> identities = {};
  std::vector<TrustedInstance> instances = {};
  Thresholds thresholds = {};  // for certificates of the instances
  bool require_log = false;    // for keys as well: a log of one of the instances must hold it
  WantedContent content = {};
  std::optional<HardwareDemand> hardware = {};      // a maker must attest the signer's key
  std::vector<trust::HardwareVendor> vendors = {};  // one of these; all that the demand names
  // Given by hand: judged like those that are attached, and like them about any of the keys.
  std::vector<std::vector<crypto::Certificate>> attestations = {};
};

// The forms in which image signatures lie beside an image: sigstore's bundles, and cosign's legacy
// form, simple signing under a tag.
enum class SignatureFormat : std::uint8_t { sigstore, cosign };
std::string_view format_name(SignatureFormat format);  // "sigstore", "cosign"

// A layer of cosign's legacy form: the payload, and a descriptor that claims a signature over it.
struct SimpleSigningLayer {
  formats::Descriptor descriptor;
  Bytes payload;
};

// A layer of cosign's legacy form for attestations: an envelope with its signatures in it.
struct EnvelopeLayer {
  formats::Descriptor descriptor;
  Bytes envelope;  // JSON
};

// Bytes that claim to be a signature.
struct Candidate {
  std::string
      origin;  // the digest of the manifest that carries it (and the layer), or a file's name
  std::variant<Bytes, SimpleSigningLayer, EnvelopeLayer> content;  // a bundle, or a layer

  SignatureFormat format() const {
    return content.index() == 0 ? SignatureFormat::sigstore : SignatureFormat::cosign;
  }
};

// That a signer's key is in a certificate under a trusted authority.
struct Certified {
  crypto::CertificatePath path;  // the signer's certificate first
  TrustedAuthority authority;    // the last of the path
};

// That a signer's certificate is one of a sigstore instance, at every time that counts.
struct Keyless {
  KeylessSigner signer;
  std::string source;  // of the instance
};

// What holds, once a candidate was examined: this signer signed this content, which is about this
// artifact and of the kind that is wanted. A signer is a key, trusted itself or by its certificate:
// the same key is the same signer either way.
struct Evidence {
  TrustedSigner signer;
  Scheme scheme;
  std::map<std::string, std::string> annotations;    // signed
  std::optional<Certified> certified = {};           // when trusted by an authority's certificate
  std::optional<Keyless> keyless = {};               // when by an instance's
  Witnesses witnesses = {};                          // of the instance; empty when none was asked
  std::optional<formats::Statement> statement = {};  // signed; absent for a file's signature
  // Of the signer's key, or why there is none; absent when the demand asks for none.
  std::optional<Result<AttestedKey>> hardware = {};
};

// A candidate and what became of it. An error whose exit status is 3 means that it could not be
// looked at; any other means that it was, and does not count.
struct Finding {
  std::string origin;
  std::variant<Evidence, Error> result;
  SignatureFormat format = SignatureFormat::sigstore;

  const Evidence* evidence() const { return std::get_if<Evidence>(&result); }
  const Error* error() const { return std::get_if<Error>(&result); }
};

}  // namespace touchstone::verify
