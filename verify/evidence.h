// The nouns of a verification, in the order in which they come to be:
// Candidate (bytes that claim to be a signature; nothing in them is believed) -> Evidence (facts
// that hold) or a reason why not -> Verdict.
#pragma once

#include <map>
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
#include "trust/trust_store.h"

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

// What an image must show. Complete when it exists; without signers and authorities it accepts
// nothing.
struct Policy {
  std::vector<TrustedSigner> signers;              // any of them
  std::map<std::string, std::string> annotations;  // each must be signed with this very value
  std::vector<TrustedAuthority> authorities = {};  // or anybody with a certificate of one of these
  std::optional<std::string> identity = {};        // which holds this alternative name and no other
};

// The image that is judged: the digest that names it, and all digests of its manifest's bytes.
struct Image {
  Digest digest;
  std::vector<Digest> digests;  // sha256 and sha512

  static Image of(const Digest& digest, ByteView manifest);
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

// Bytes that claim to be a signature.
struct Candidate {
  std::string
      origin;  // the digest of the manifest that carries it (and the layer), or a file's name
  std::variant<Bytes, SimpleSigningLayer> content;  // a bundle, or a layer

  SignatureFormat format() const {
    return content.index() == 0 ? SignatureFormat::sigstore : SignatureFormat::cosign;
  }
};

// That a signer's key is in a certificate under a trusted authority.
struct Certified {
  crypto::CertificatePath path;  // the signer's certificate first
  TrustedAuthority authority;    // the last of the path
};

// What holds, once a candidate was examined: this signer signed this statement about this image,
// and the statement is an image signature. A signer is a key, trusted itself or by its certificate:
// the same key is the same signer either way.
struct Evidence {
  TrustedSigner signer;
  Scheme scheme;
  std::map<std::string, std::string> annotations;  // signed
  std::optional<Certified> certified = {};         // when trusted by its certificate
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
