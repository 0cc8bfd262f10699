// From a reference to the image and the candidates attached to it. The only place where
// verification reads a registry or a layout.
//
// Spec: cosign's bundle specification (signatures as OCI 1.1 referrers) and signature specification
// (layers of a manifest under the image's tag); design section 7 for the number of round trips.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/reference.h"
#include "oci/repository.h"
#include "verify/evidence.h"

namespace touchstone::verify {

// The image that a reference names, resolved once. `referrers` came with it when the digest was
// known beforehand.
struct ResolvedImage {
  Digest digest;
  oci::FetchedManifest manifest;
  std::optional<oci::ImageAndReferrers> looked_up;
};

// Resolves a tag, then picks the image for `platform` from an index when one is asked for. With
// something attached wanted, and the digest known beforehand, the list of referrers is asked for at
// once, and of cosign's tags the one that holds such.
// Errors: image.not-found, reference.platform, network.*, auth.*, format.manifest, digest.*.
enum class Attached : std::uint8_t { not_wanted, signatures, attestations, both };
Result<ResolvedImage> resolve(oci::Repository& repository, const Reference& reference,
                              const std::optional<formats::Platform>& platform, Attached attached);

// The descriptor of the one image for `platform` in an index.
// Errors: reference.platform (none, or several with different digests).
Result<formats::Descriptor> pick_platform(const formats::ImageIndex& index,
                                          const formats::Platform& platform);

// What of cosign's legacy form holds such content.
oci::Tagged tagged_form(const WantedContent& content);
Attached attached_form(const WantedContent& content);

// Whether what was fetched is wrong by what it says: it was looked at and does not count. All other
// errors of fetching mean that it could not be looked at.
bool is_malformed(Code code);

// Fetches candidates a batch at a time, so that a good one early costs no more than itself.
class CandidateReader {
 public:
  // `found` is what was listed for `image` and what stands under its tag; entries and layers of
  // other types than those for what is wanted are set aside. In order: referrers, then layers under
  // the tag, then those that say they are something else.
  CandidateReader(oci::Repository& repository, const Digest& image, WantedContent wanted,
                  oci::ImageAndReferrers found);

  std::size_t candidates() const { return candidates_; }
  std::size_t other_referrers() const { return others_; }

  // The next candidates, or reasons why one could not be had: format.referrer and binding.subject
  // (looked at, does not count), anything with exit status 3 (could not be looked at; a list or a
  // tag that could not be had is one of these). Empty when there are no more. After
  // limits::max_candidates or the limit of bytes the last entry is limit.candidates or limit.size.
  struct Item {
    std::string origin;
    Result<Candidate> candidate;
    SignatureFormat format = SignatureFormat::sigstore;
  };
  std::vector<Item> next();

 private:
  // A layer that claims to be a signature, or to hold one.
  struct Claim {
    std::string origin;
    formats::Descriptor layer;
    SignatureFormat format;
  };
  // What is still to be looked at: a referrer's manifest, or a layer whose manifest was had.
  using Wanted = std::variant<formats::Descriptor, Claim>;

  void add_tagged(const Result<std::optional<oci::FetchedManifest>>& tagged, oci::Tagged form,
                  std::vector<Wanted>& last);
  std::vector<Wanted> signature_layers(const std::string& manifest,
                                       const std::vector<formats::Descriptor>& layers);
  void read_manifests(const std::vector<formats::Descriptor>& wanted, std::vector<Claim>& claims,
                      std::vector<Item>& items);
  void fetch(const std::vector<Claim>& claims, std::vector<Item>& items);

  bool may_be_wanted(const formats::Descriptor& referrer) const;
  bool says_other(const std::map<std::string, std::string>& annotations,
                  std::string_view name) const;
  bool holds_wanted(const formats::Descriptor& layer) const;

  oci::Repository& repository_;
  Digest image_;
  WantedContent content_;
  std::vector<Wanted> wanted_;
  std::vector<Item> failures_;  // told first
  std::size_t candidates_ = 0;
  std::size_t others_ = 0;
  std::size_t next_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace touchstone::verify
