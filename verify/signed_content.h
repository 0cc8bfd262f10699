// What a signature is over.
//
// Spec: sigstore client specification, "Signing" and "Verification"; DSSE v1 for envelopes.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "crypto/hash.h"
#include "crypto/public_key.h"
#include "formats/dsse.h"

namespace touchstone::verify {

// What is judged, a file or an image's manifest: its digests, and its bytes where they are at hand.
class Artifact {
 public:
  // All of it. Refers to `contents`.
  static Artifact of(ByteView contents);

  // A file of which nothing more is known than this.
  static Artifact of(const Digest& digest);

  // A file that was read through once: its digests by each algorithm.
  static Artifact of(std::map<crypto::Hash, Bytes> digests);

  // Absent where it is not known.
  std::optional<Bytes> digest(crypto::Hash hash) const;
  const std::optional<ByteView>& contents() const { return contents_; }

  // Those by which statements name artifacts: sha256 and sha512, as far as they are known.
  std::vector<Digest> names() const;

  // The first of them, by which it is called.
  std::optional<Digest> name() const;

 private:
  Artifact() = default;
  std::optional<Digest> name_by(crypto::Hash hash) const;

  mutable std::map<crypto::Hash, Bytes> digests_;  // known, or computed when asked for
  std::optional<ByteView> contents_;
};

// The bytes under a signature: an artifact, or the encoding of an envelope. Refers to what it was
// made of.
class SignedContent {
 public:
  explicit SignedContent(const Artifact& artifact) : artifact_(&artifact) {}
  explicit SignedContent(const formats::DsseEnvelope& envelope);

  const formats::DsseEnvelope* envelope() const { return envelope_; }  // null for an artifact

  // Absent where it is not known.
  std::optional<Bytes> digest(crypto::Hash hash) const;

  // The scheme by which `signature` is over this with `key`, of the closed table of key and hash
  // pairs; absent when there is none. Pure Ed25519 needs the bytes themselves.
  std::optional<Scheme> matching_scheme(const crypto::PublicKey& key, ByteView signature) const;

 private:
  const Artifact* artifact_ = nullptr;
  const formats::DsseEnvelope* envelope_ = nullptr;
  Bytes encoding_;  // of the envelope
};

// The hash that a scheme signs; absent for pure Ed25519.
std::optional<crypto::Hash> hash_of(Scheme scheme);

}  // namespace touchstone::verify
