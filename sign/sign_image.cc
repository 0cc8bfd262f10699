#include "sign/sign_image.h"

#include <algorithm>

#include "base/limits.h"
#include "base/time.h"
#include "formats/statement.h"

namespace touchstone::sign {
namespace {

using formats::Descriptor;
using formats::Json;

std::map<std::string, std::string> referrer_annotations(const std::string& predicate_type,
                                                        std::chrono::sys_seconds now) {
  return {{"dev.sigstore.bundle.content", "dsse-envelope"},
          {"dev.sigstore.bundle.predicateType", predicate_type},
          {"org.opencontainers.image.created", to_rfc3339(now)}};
}

std::vector<Digest> distinct_digests(const std::vector<Descriptor>& images) {
  std::vector<Digest> digests;
  for (const Descriptor& image : images) {
    if (std::ranges::find(digests, image.digest) == digests.end()) digests.push_back(image.digest);
  }
  return digests;
}

// What a verifier will read in the statement for each image.
Status check_subjects(const std::string& statement, const std::vector<Digest>& images,
                      const std::map<std::string, std::string>& annotations) {
  TS_TRY(const auto parsed, formats::Statement::parse(as_bytes(statement)));
  for (const Digest& image : images) {
    const formats::Subject* subject = parsed.find({image});
    if (subject == nullptr || subject->annotations != annotations) {
      return Error{Code::internal_error, "the statement does not say what was asked for", ""};
    }
  }
  return ok();
}

}  // namespace

Result<std::vector<Descriptor>> with_children(oci::Repository& repository,
                                              const oci::FetchedManifest& top) {
  std::vector<Descriptor> all = {top.descriptor()};
  std::vector<Descriptor> level;
  if (const auto* index = top.manifest.index()) level = index->manifests;
  for (std::size_t depth = 1; !level.empty(); ++depth) {
    if (depth > limits::max_index_depth) {
      return Error{Code::limit_depth, "indexes are nested too deep", ""};
    }
    std::vector<Descriptor> below;
    const auto fetched = repository.manifests(level);
    for (const auto& child : fetched) {
      if (!child) return child.error();
      const bool known = std::ranges::any_of(
          all, [&](const Descriptor& seen) { return seen.digest == child->digest; });
      if (known) continue;
      all.push_back(child->descriptor());
      if (const auto* index = child->manifest.index()) {
        below.insert(below.end(), index->manifests.begin(), index->manifests.end());
      }
      if (all.size() > limits::max_index_entries) {
        return Error{Code::limit_count, "the index holds too many images", ""};
      }
    }
    level = std::move(below);
  }
  return all;
}

Result<SignedImage> sign_images(const Signer& signer, const std::vector<Descriptor>& images,
                                const std::map<std::string, std::string>& annotations) {
  const std::vector<Digest> digests = distinct_digests(images);
  if (digests.size() > limits::max_subjects) {
    return Error{Code::usage_arguments,
                 "one signature is of " + std::to_string(limits::max_subjects) +
                     " images at most, not of " + std::to_string(digests.size()),
                 "sign them in several goes"};
  }
  const std::string statement = formats::write_image_signature_statement(digests, annotations);
  TS_CHECK(check_subjects(statement, digests, annotations));
  const verify::Artifact first = verify::Artifact::of(digests.front());
  TS_TRY(MadeBundle made, make_bundle(signer, {first,
                                               {verify::WantedContent::Kind::image_signature, {}},
                                               to_bytes(statement)}));
  return SignedImage{std::move(made.bundle), std::string(formats::image_signature_predicate)};
}

Result<SignedImage> sign_image(const Signer& signer, const Descriptor& image,
                               const std::map<std::string, std::string>& annotations) {
  return sign_images(signer, {image}, annotations);
}

Result<SignedImage> attest_image(const Signer& signer, const Descriptor& image,
                                 std::string_view name, const Predicate& predicate) {
  const verify::Artifact artifact = verify::Artifact::of(image.digest);
  const std::string statement =
      formats::write_statement(image.digest, name, predicate.type(), predicate.json());
  TS_TRY(MadeBundle made,
         make_bundle(signer, {artifact,
                              {verify::WantedContent::Kind::attestation, predicate.type()},
                              to_bytes(statement)}));
  return SignedImage{std::move(made.bundle), predicate.type()};
}

Status attach(const Target& target, const SignedImage& signed_image, std::chrono::sys_seconds now) {
  return attach_referrer(
      target, {formats::media_type::bundle_v03, formats::media_type::bundle_v03,
               signed_image.bundle, referrer_annotations(signed_image.predicate_type, now)});
}

}  // namespace touchstone::sign
