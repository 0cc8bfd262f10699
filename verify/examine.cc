#include "verify/examine.h"

#include "base/text.h"
#include "formats/sigstore_bundle.h"
#include "formats/statement.h"
#include "verify/examine_simple_signing.h"

namespace touchstone::verify {
namespace {

using formats::CertificateChain;
using formats::DsseEnvelope;
using formats::KeyHint;
using formats::SigstoreBundle;
using formats::Statement;

struct Match {
  TrustedSigner signer;
  Scheme scheme;
  std::optional<Certified> certified = {};
};

std::optional<Scheme> matching_scheme(const crypto::PublicKey& key, ByteView signed_bytes,
                                      ByteView signature) {
  for (const Scheme scheme : key.verification_schemes()) {
    if (key.verify(scheme, signed_bytes, signature)) return scheme;
  }
  return std::nullopt;
}

// The hint is nobody's word: it orders the attempts and explains a failure, and selects nothing.
Result<Match> find_signer(const DsseEnvelope& envelope, std::string_view hint,
                          std::span<const TrustedSigner> signers) {
  const Bytes signed_bytes =
      formats::pre_authentication_encoding(envelope.payload_type, envelope.payload);
  const Bytes& signature = envelope.signatures.front().signature;
  const auto is_hinted = [&](const TrustedSigner& signer) {
    return signer.trusted.key.hint() == hint;
  };
  std::vector<const TrustedSigner*> order;
  for (const TrustedSigner& signer : signers) {
    if (is_hinted(signer)) order.push_back(&signer);
  }
  const bool hinted = !order.empty();
  for (const TrustedSigner& signer : signers) {
    if (!is_hinted(signer)) order.push_back(&signer);
  }

  for (const TrustedSigner* signer : order) {
    if (const auto scheme = matching_scheme(signer->trusted.key, signed_bytes, signature)) {
      return Match{*signer, *scheme};
    }
  }
  if (hinted || hint.empty()) {
    return Error{Code::signature_invalid,
                 hinted ? "the signature does not verify with the key it names"
                        : "the signature does not verify with any key asked for",
                 ""};
  }
  return Error{Code::identity_mismatch, "signed by another key, with hint " + printable(hint), ""};
}

Result<Match> certified_signer(const DsseEnvelope& envelope, const CertificateChain& chain,
                               const Authorities& authorities) {
  TS_TRY(CertifiedSigner found, certify(chain, authorities));
  const auto scheme =
      matching_scheme(found.signer.trusted.key,
                      formats::pre_authentication_encoding(envelope.payload_type, envelope.payload),
                      envelope.signatures.front().signature);
  if (!scheme) {
    return Error{Code::signature_invalid,
                 "the signature does not verify with the key of its certificate", ""};
  }
  return Match{std::move(found.signer), *scheme, std::move(found.certified)};
}

// Step 2.
Status check_material(const SigstoreBundle& bundle, bool keys_asked_for,
                      bool authorities_asked_for) {
  const bool by_key = std::holds_alternative<KeyHint>(bundle.material);
  if (!by_key && !authorities_asked_for) {
    return Error{Code::certificate_unexpected,
                 "signed with a certificate, and only keys were asked for", ""};
  }
  if (by_key && !keys_asked_for && authorities_asked_for) {
    return Error{Code::certificate_missing,
                 "signed with a key, and only certificates were asked for", ""};
  }
  return ok();
}

}  // namespace

std::string_view format_name(SignatureFormat format) {
  return format == SignatureFormat::sigstore ? "sigstore" : "cosign";
}

Image Image::of(const Digest& digest, ByteView manifest) {
  return Image{digest,
               {crypto::digest_of(manifest, Digest::Algorithm::sha256),
                crypto::digest_of(manifest, Digest::Algorithm::sha512)}};
}

Result<Evidence> examine(const Candidate& candidate, const Image& image,
                         std::span<const TrustedSigner> signers, const Authorities& authorities) {
  if (const auto* layer = std::get_if<SimpleSigningLayer>(&candidate.content)) {
    if (signers.empty() && !authorities.trusted.empty()) {
      return Error{Code::certificate_missing,
                   "a signature in cosign's older form, which counts by keys alone", ""};
    }
    return examine_simple_signing(*layer, image, signers);
  }
  TS_TRY(const SigstoreBundle bundle, SigstoreBundle::parse(std::get<Bytes>(candidate.content)));

  TS_CHECK(check_material(bundle, !signers.empty(), !authorities.trusted.empty()));
  const auto* envelope = std::get_if<DsseEnvelope>(&bundle.content);
  if (envelope == nullptr) {
    return Error{Code::binding_message, "a bare message signature, which signs no image", ""};
  }
  if (envelope->payload_type != formats::in_toto_payload_type) {
    return Error{Code::binding_payload,
                 "the envelope holds \"" + printable(envelope->payload_type) +
                     "\", not an in-toto statement",
                 ""};
  }
  const auto* key = std::get_if<KeyHint>(&bundle.material);
  auto found =
      key != nullptr
          ? find_signer(*envelope, key->hint, signers)
          : certified_signer(*envelope, std::get<CertificateChain>(bundle.material), authorities);
  TS_TRY(Match match, std::move(found));

  TS_TRY(const Statement statement, Statement::parse(envelope->payload));
  const formats::Subject* subject = statement.find(image.digests);
  if (subject == nullptr) {
    return Error{Code::binding_digest, "the signed statement is about another artifact", ""};
  }
  if (statement.predicate_type != formats::image_signature_predicate) {
    return Error{Code::binding_type,
                 "an attestation of type \"" + printable(statement.predicate_type) +
                     "\", not an image signature",
                 ""};
  }
  return Evidence{std::move(match.signer), match.scheme, subject->annotations,
                  std::move(match.certified)};
}

}  // namespace touchstone::verify
