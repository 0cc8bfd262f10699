#include "sign/simple_signing.h"

#include "base/encoding.h"
#include "base/limits.h"
#include "formats/simple_signing.h"
#include "sign/signature_manifest.h"
#include "verify/examine.h"

namespace touchstone::sign {
namespace {

using formats::Descriptor;

Scheme scheme_for(const crypto::PublicKey& key) {
  switch (key.kind()) {
    case crypto::KeyKind::rsa:
      return Scheme::rsa_pkcs1_sha256;
    case crypto::KeyKind::ed25519:
      return Scheme::ed25519;
    default:
      return Scheme::ecdsa_sha256;
  }
}

Descriptor layer_of(const SimpleSignature& made) {
  return Descriptor{
      .media_type = std::string(formats::media_type::simple_signing),
      .digest = crypto::digest_of(made.payload),
      .size = made.payload.size(),
      .artifact_type = "",
      .annotations = {{std::string(formats::signature_annotation), to_base64(made.signature)}},
      .platform = std::nullopt,
      .data = std::nullopt};
}

// What was made must be what a verifier of this very key accepts for this very image.
Status check(const SimpleSignature& made, const crypto::PublicKey& key, const Digest& image,
             const std::map<std::string, std::string>& annotations) {
  const verify::TrustedSigner self{trust::TrustedKey{key, "", std::nullopt, std::nullopt, ""},
                                   "the signing key"};
  const verify::Candidate candidate{"", verify::SimpleSigningLayer{layer_of(made), made.payload}};
  const auto evidence = verify::examine(candidate, verify::Artifact::of(image),
                                        {.signers = {self}, .annotations = {}}, {});
  if (!evidence) {
    return Error{Code::device_signature,
                 "the signature just made does not verify: " + evidence.error().message, ""};
  }
  if (evidence->annotations != annotations) {
    return Error{Code::internal_error, "the signed annotations are not the ones asked for", ""};
  }
  return ok();
}

// The configuration that the manifest names, as it lies there.
Result<std::optional<ExistingSignatures>> existing(oci::Repository& repository,
                                                   const oci::FetchedManifest* manifest) {
  if (manifest == nullptr) return std::optional<ExistingSignatures>();
  const formats::ImageManifest* image = manifest->manifest.image();
  if (image == nullptr) {
    return Error{Code::format_manifest, "an index stands under cosign's tag", ""};
  }
  const auto config = repository.blobs(std::span(&image->config, 1), limits::max_manifest_bytes);
  if (!config.front()) return config.front().error();
  return std::optional(ExistingSignatures{manifest->bytes, *config.front()});
}

}  // namespace

std::string docker_reference(const Reference& reference) {
  if (reference.is_layout()) return "";
  const bool hub = reference.registry() == "docker.io";
  return (hub ? "index.docker.io" : reference.registry()) + "/" + reference.repository();
}

Result<SimpleSignature> sign_simple(KeyDevice& device, const crypto::PublicKey& key,
                                    const Descriptor& image, std::string_view docker_reference,
                                    const std::map<std::string, std::string>& annotations) {
  if (!oci::signatures_tag(image.digest)) {
    return Error{Code::usage_arguments, "cosign's format knows sha256 digests only",
                 "leave out --format cosign"};
  }
  SimpleSignature made;
  made.payload =
      to_bytes(formats::write_simple_signing(image.digest, docker_reference, annotations));
  TS_TRY(made.signature, device.sign(scheme_for(key), made.payload));
  TS_CHECK(check(made, key, image.digest, annotations));
  return made;
}

Status attach_tagged(const Target& target, const SimpleSignature& signature) {
  oci::Repository& repository = *target.repository;
  const Descriptor layer = layer_of(signature);
  TS_CHECK(repository.push_blob(layer.digest, signature.payload));
  using Changed = Result<std::optional<oci::Repository::NewManifest>>;
  return repository.change_tagged(
      *oci::signatures_tag(target.image.digest), [&](const oci::FetchedManifest* there) -> Changed {
        TS_TRY(const auto before, existing(repository, there));
        TS_TRY(auto made, with_signature(before, layer));
        if (!made) return std::optional<oci::Repository::NewManifest>();
        TS_CHECK(repository.push_blob(crypto::digest_of(as_bytes(made->config)),
                                      as_bytes(made->config)));
        return std::optional(
            oci::Repository::NewManifest{std::move(made->media_type), std::move(made->manifest)});
      });
}

}  // namespace touchstone::sign
