// One repository of a registry, or one image-layout folder, behind one interface.
//
// Spec: OCI Distribution Spec v1.1 (pulling, pushing, listing referrers and its fallback tag), OCI
// Image Layout 1.0. Every digest is computed over the bytes received; no header is believed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/http.h"
#include "base/reference.h"
#include "base/result.h"
#include "formats/descriptor.h"
#include "oci/credentials.h"

namespace touchstone::oci {

// A manifest or index as received, and what it says.
struct FetchedManifest {
  Digest digest;  // of `bytes`
  Bytes bytes;
  formats::Manifest manifest;

  formats::Descriptor descriptor() const;   // media type, digest, size
  formats::Descriptor as_referrer() const;  // the same as the referrers API would list it
};

// What one look at a pinned image finds; all was asked for at once.
struct ImageAndReferrers {
  Result<FetchedManifest> image;
  // Descriptors of everything that says it refers to the image. Empty means: listed, and nothing
  // there. A listing that failed or was throttled is an error.
  Result<std::vector<formats::Descriptor>> referrers;
  std::string notice;  // something the user should hear (malformed entries left out), or empty
  // What stands under cosign's tag for the image; absent where there is no such tag.
  Result<std::optional<FetchedManifest>> tagged = std::optional<FetchedManifest>();
  // With Tagged::both, that of attestations; `tagged` is that of signatures.
  Result<std::optional<FetchedManifest>> also_tagged = std::optional<FetchedManifest>();
};

// "sha256-<hex>" and the suffix: where cosign keeps what it attaches to an image (".sig", ".att",
// ".sbom"). Absent for digests that cosign does not know.
std::optional<std::string> cosign_tag(const Digest& image, std::string_view suffix);

// "sha256-<hex>.sig": where cosign keeps the signatures of an image in its legacy form. Absent for
// digests that cosign does not know.
std::optional<std::string> signatures_tag(const Digest& image);

// What of cosign's legacy form is looked for: signatures (".sig"), attestations (".att"), or both,
// whose tag is that of signatures.
enum class Tagged : std::uint8_t { signatures, attestations, both };
std::optional<std::string> cosign_tag(const Digest& image, Tagged tagged);

// Where a repository is. In one registry, blobs can be mounted from another repository.
struct Place {
  std::string registry;    // as it is reached; empty for a layout
  std::string repository;  // or the folder of a layout
};

// A blob on its way into a repository: how it can be had.
struct IncomingBlob {
  formats::Descriptor blob;
  // Gives it, as far as it is right: ok only when all of it came, hashed.
  std::function<Status(ByteSink&)> read;
  std::unique_ptr<ByteSource> source;  // where it lies in a file, or null
  std::string mount_from;              // a repository of the same registry that has it, or empty
  std::string scratch_folder;          // for a file to hold it meanwhile, where one is needed
};

class Repository {
 public:
  virtual ~Repository() = default;

  virtual Place place() const = 0;

  // The manifest that a tag names now.
  // Errors: image.not-found, network.*, auth.*, limit.*, format.manifest, digest.*.
  virtual Result<FetchedManifest> manifest_by_tag(std::string_view tag) = 0;

  // What stands under each of these tags, asked for at once; absent where there is no such tag.
  // Errors: as above.
  virtual std::vector<Result<std::optional<FetchedManifest>>> manifests_by_tag(
      std::span<const std::string> tags) = 0;

  // Manifests by digest, asked for at once; each checked against its digest, size and media type.
  // Where a descriptor embeds its data, nothing is fetched. `size` 0 means unknown.
  virtual std::vector<Result<FetchedManifest>> manifests(
      std::span<const formats::Descriptor> wanted) = 0;

  // The image, what refers to it and what stands under cosign's tag for it, at once: referrers API,
  // then the fallback tag when the API is answered with 404, 400 or 406 (design section 11.8).
  // `artifact_type` is a filter the server may ignore; the answer is filtered again here when it is
  // not empty (an entry without any artifact type is kept).
  virtual ImageAndReferrers image_and_referrers(const Digest& image, std::string_view artifact_type,
                                                Tagged tagged) = 0;
  ImageAndReferrers image_and_referrers(const Digest& image, std::string_view artifact_type) {
    return image_and_referrers(image, artifact_type, Tagged::signatures);
  }

  // Blobs, asked for at once, each at most `max_bytes` and checked against size and digest.
  virtual std::vector<Result<Bytes>> blobs(std::span<const formats::Descriptor> wanted,
                                           std::uint64_t max_bytes) = 0;

  // Passes a blob of any size on as it comes. Ok only when all of it was right; what was passed on
  // before an error is void.
  // Errors: image.not-found, digest.mismatch, network.*, auth.*, those of `sink`.
  virtual Status read_blob(const formats::Descriptor& blob, ByteSink& sink) = 0;

  // The same from a file that holds it; null where only read_blob() can give it.
  // Errors: image.not-found, digest.mismatch, format.layout.
  virtual Result<std::unique_ptr<ByteSource>> blob_source(const formats::Descriptor& blob) = 0;

  // Which of these blobs are here, asked for at once.
  virtual Result<std::vector<bool>> holds(std::span<const formats::Descriptor> blobs) = 0;

  // Writing. Each is idempotent; what is there already is not sent again.
  // Errors: network.*, auth.*, limit.*.
  virtual Status push_blob(const Digest& digest, ByteView bytes) = 0;
  virtual Status push_manifest(std::string_view media_type, ByteView bytes,
                               std::string_view tag) = 0;  // tag may be empty: by digest

  // A blob of any size; nothing is stored unless all of it was right.
  // Errors: those of `incoming.read` and `incoming.source`, network.*, auth.*, format.layout.
  virtual Status write_blob(IncomingBlob incoming) = 0;

  // A manifest by its digest. It is neither tagged nor listed: others lead to it.
  virtual Status push_part(const FetchedManifest& manifest) = 0;

  // Pushes a manifest that has a `subject`, and sees to it that it is listed as its referrer:
  // by the referrers API, or, where the registry has none, by merging it into the index under the
  // fallback tag (design section 11.9), reading again until the entry stands. Its blobs must be
  // there already. `entry` is how it is listed there.
  // Errors: network.push (with what to do), network.*, auth.*, format.referrers (an index that
  // cannot be read is never replaced).
  virtual Status attach(const formats::Descriptor& entry, ByteView manifest,
                        const Digest& subject) = 0;

  // Changes the image manifest under a tag while no other process of this host does. `change` is
  // given what stands there (nothing: no such tag) and says what shall stand there instead, or
  // nothing when all is well. It is asked again after writing, until all is well; so it must be
  // ready to be asked more than once. It may push blobs.
  // Errors: network.push (others write there too, and ours does not stay), network.*, auth.*,
  // format.manifest (what cannot be read is never replaced), and those of `change`.
  struct NewManifest {
    std::string media_type;
    std::string text;
  };
  using ManifestChange =
      std::function<Result<std::optional<NewManifest>>(const FetchedManifest* manifest)>;
  virtual Status change_tagged(std::string_view tag, const ManifestChange& change) = 0;
};

// How registries are reached.
struct Access {
  std::vector<std::string> plain_http_hosts;  // besides loopback, where plain HTTP is the default
  bool tls_for_loopback = false;              // --registry-ca was given
  std::vector<std::string> auth_realm_hosts;  // login servers on other hosts that may be asked
  CredentialSource* credentials = nullptr;    // null: only anonymous logins
  std::string lock_folder;  // where writers of one host lock the fallback tag; empty: no lock
};

// Opens repositories; shares connections and tokens among them.
class Registries {
 public:
  Registries(HttpClient& http, const Clock& clock, Access access);
  ~Registries();

  // No request is made yet.
  // Errors: format.layout, image.not-found (no such layout folder).
  Result<std::unique_ptr<Repository>> open(const Reference& reference);

  // Logs in to a registry (host[:port]) with its credentials, and reads nothing. False: it demands
  // no login, so nothing was checked. Credentials that may not be sent are an error here.
  // Errors: auth.*, network.*, limit.*.
  Result<bool> check_login(const std::string& registry);

  // Until when all work must be done; each request gets what is left, at most 30 s.
  void set_deadline(std::chrono::steady_clock::time_point deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace touchstone::oci
