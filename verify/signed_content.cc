#include "verify/signed_content.h"

#include <utility>

namespace touchstone::verify {

using crypto::Hash;

Artifact Artifact::of(ByteView contents) {
  Artifact artifact;
  artifact.contents_ = contents;
  return artifact;
}

Artifact Artifact::of(const Digest& digest) {
  const bool is_sha256 = digest.algorithm() == Digest::Algorithm::sha256;
  return of({{is_sha256 ? Hash::sha256 : Hash::sha512,
              Bytes(digest.hash().begin(), digest.hash().end())}});
}

Artifact Artifact::of(std::map<Hash, Bytes> digests) {
  Artifact artifact;
  artifact.digests_ = std::move(digests);
  return artifact;
}

std::optional<Bytes> Artifact::digest(Hash hash) const {
  const auto found = digests_.find(hash);
  if (found != digests_.end()) return found->second;
  if (!contents_) return std::nullopt;
  return digests_[hash] = crypto::hash(hash, *contents_);
}

std::optional<Digest> Artifact::name_by(Hash hash) const {
  const auto bytes = digest(hash);
  if (!bytes) return std::nullopt;
  const auto name = Digest::from_hash(*bytes);
  return name ? std::optional(*name) : std::nullopt;
}

std::vector<Digest> Artifact::names() const {
  std::vector<Digest> names;
  for (const Hash hash : {Hash::sha256, Hash::sha512}) {
    if (const auto name = name_by(hash)) names.push_back(*name);
  }
  return names;
}

std::optional<Digest> Artifact::name() const {
  const auto first = name_by(Hash::sha256);
  return first ? first : name_by(Hash::sha512);
}

SignedContent::SignedContent(const formats::DsseEnvelope& envelope)
    : envelope_(&envelope),
      encoding_(formats::pre_authentication_encoding(envelope.payload_type, envelope.payload)) {}

std::optional<Bytes> SignedContent::digest(Hash hash) const {
  return artifact_ != nullptr ? artifact_->digest(hash) : crypto::hash(hash, encoding_);
}

std::optional<Scheme> SignedContent::matching_scheme(const crypto::PublicKey& key,
                                                     ByteView signature) const {
  for (const Scheme scheme : key.verification_schemes()) {
    bool good = false;
    if (envelope_ != nullptr) {
      good = key.verify(scheme, encoding_, signature);
    } else if (const auto hash = hash_of(scheme)) {
      const auto digest = artifact_->digest(*hash);
      good = digest && key.verify_prehashed(scheme, *digest, signature);
    } else if (artifact_->contents()) {
      good = key.verify(scheme, *artifact_->contents(), signature);
    }
    if (good) return scheme;
  }
  return std::nullopt;
}

std::optional<Hash> hash_of(Scheme scheme) {
  switch (scheme) {
    case Scheme::ecdsa_sha256:
    case Scheme::rsa_pkcs1_sha256:
    case Scheme::rsa_pss_sha256:
      return Hash::sha256;
    case Scheme::ecdsa_sha384:
    case Scheme::rsa_pkcs1_sha384:
    case Scheme::rsa_pss_sha384:
      return Hash::sha384;
    case Scheme::ecdsa_sha512:
    case Scheme::rsa_pkcs1_sha512:
    case Scheme::rsa_pss_sha512:
    case Scheme::ed25519ph:
      return Hash::sha512;
    case Scheme::ed25519:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace touchstone::verify
