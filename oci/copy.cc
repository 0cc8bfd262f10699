#include "oci/copy.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/limits.h"
#include "base/text.h"

namespace touchstone::oci {
namespace {

using formats::Descriptor;
namespace media_type = formats::media_type;

constexpr std::array<std::string_view, 2> other_tags = {".att", ".sbom"};  // besides ".sig"
constexpr std::size_t batch = 32;

bool is_manifest_type(std::string_view type) {
  return type == media_type::oci_manifest || type == media_type::oci_index ||
         type == media_type::docker_manifest || type == media_type::docker_list;
}

// Layers that only their makers may distribute: a registry need not hold them.
bool is_not_distributable(std::string_view type) {
  return type.starts_with("application/vnd.oci.image.layer.nondistributable.") ||
         type.starts_with("application/vnd.docker.image.rootfs.foreign.");
}

std::string name_of(const Place& place) {
  return place.registry.empty() ? "oci-layout:" + place.repository
                                : place.registry + "/" + place.repository;
}

Error at(const Place& place, Error error) {
  error.message = name_of(place) + ": " + error.message;
  return error;
}

class Planner {
 public:
  Planner(Repository& from, const FetchedManifest& root)
      : from_(from),
        plan_{.root = root, .blobs = {}, .parts = {}, .attached = {}, .tagged = {}, .notices = {}} {
  }

  Result<CopyPlan> run() {
    TS_CHECK(add_tree(plan_.root, 0));
    add_part(plan_.root);
    plan_.images = plan_.parts.size();
    for (std::size_t depth = 1; !subjects_.empty(); ++depth) {
      std::vector<Digest> subjects = std::move(subjects_);
      subjects_.clear();
      const std::size_t before = known_.size();
      for (const Digest& subject : subjects) TS_CHECK(add_referrers(subject));
      TS_CHECK(add_tagged(subjects));
      if (known_.size() > before && depth > limits::max_attachment_depth) {
        return Error{Code::limit_depth, "what is attached to what is attached goes too deep", ""};
      }
    }
    return std::move(plan_);
  }

 private:
  void add_part(const FetchedManifest& manifest) {
    if (parts_.insert(manifest.digest).second) plan_.parts.push_back(manifest);
  }

  // All that a manifest leads to; itself is for the caller to put where it belongs.
  Status add_tree(const FetchedManifest& manifest, std::size_t depth) {
    if (!known_.insert(manifest.digest).second) return ok();
    manifest_bytes_ += manifest.bytes.size();
    if (known_.size() > limits::max_copied_manifests) {
      return Error{Code::limit_count, "too many manifests belong to the image", ""};
    }
    if (manifest_bytes_ > limits::max_copied_manifest_bytes) {
      return Error{Code::limit_size, "the manifests that belong to the image are too large", ""};
    }
    subjects_.push_back(manifest.digest);
    if (const auto* image = manifest.manifest.image()) {
      TS_CHECK(add_blob(image->config));
      for (const Descriptor& layer : image->layers) TS_CHECK(add_blob(layer));
      return ok();
    }
    if (depth == limits::max_index_depth) {
      return Error{Code::limit_depth, "indexes are nested too deep", ""};
    }
    std::vector<Descriptor> children;
    for (const Descriptor& entry : manifest.manifest.index()->manifests) {
      if (is_manifest_type(entry.media_type)) {
        children.push_back(entry);
      } else {
        TS_CHECK(add_blob(entry));  // so a build cache lists its layers
      }
    }
    for (const auto& child : from_.manifests(children)) {
      if (!child) return child.error();
      TS_CHECK(add_tree(*child, depth + 1));
      add_part(*child);
    }
    return ok();
  }

  Status add_blob(const Descriptor& blob) {
    const auto [seen, is_new] = sizes_.emplace(blob.digest, blob.size);
    if (is_new) plan_.blobs.push_back(blob);
    if (seen->second == blob.size) return ok();
    return Error{Code::format_manifest,
                 "two descriptors of " + blob.digest.to_string() + " disagree on its size", ""};
  }

  Status add_referrers(const Digest& subject) {
    const ImageAndReferrers found = from_.image_and_referrers(subject, "");
    if (!found.image) return found.image.error();
    if (!found.referrers) return found.referrers.error();
    if (!found.tagged) return found.tagged.error();
    if (!found.notice.empty()) notice(subject, found.notice);
    std::span<const Descriptor> left = *found.referrers;
    while (!left.empty()) {
      const auto some = left.first(std::min(left.size(), batch));
      left = left.subspan(some.size());
      for (const auto& referrer : from_.manifests(some)) {
        if (!referrer) return referrer.error();
        TS_CHECK(add_referrer(subject, *referrer));
      }
    }
    if (!*found.tagged) return ok();
    return add_tagged(*cosign_tag(subject, ".sig"), **found.tagged);
  }

  Status add_referrer(const Digest& subject, const FetchedManifest& referrer) {
    const auto& named = referrer.manifest.subject();
    if (!named || named->digest != subject) {
      notice(subject, referrer.digest.to_string() + " is listed there, but names another subject");
      return ok();
    }
    if (!attached_.insert(referrer.digest).second) return ok();
    TS_CHECK(add_tree(referrer, 0));
    plan_.attached.push_back({referrer, subject});
    return ok();
  }

  Status add_tagged(const std::vector<Digest>& subjects) {
    std::vector<std::string> tags;
    for (const Digest& subject : subjects) {
      for (const std::string_view suffix : other_tags) {
        if (auto tag = cosign_tag(subject, suffix)) tags.push_back(*std::move(tag));
      }
    }
    const auto found = from_.manifests_by_tag(tags);
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (!found[i]) return found[i].error();
      if (*found[i]) TS_CHECK(add_tagged(tags[i], **found[i]));
    }
    return ok();
  }

  Status add_tagged(const std::string& tag, const FetchedManifest& manifest) {
    TS_CHECK(add_tree(manifest, 0));
    plan_.tagged.push_back({tag, manifest});
    return ok();
  }

  void notice(const Digest& subject, const std::string& what) {
    plan_.notices.push_back("left out, attached to " + subject.to_string() + ": " + what);
  }

  Repository& from_;
  CopyPlan plan_;
  std::set<Digest> known_;                 // manifests whose trees were added
  std::set<Digest> parts_;                 // of plan_.parts
  std::set<Digest> attached_;              // of plan_.attached
  std::map<Digest, std::uint64_t> sizes_;  // of plan_.blobs
  std::vector<Digest> subjects_;           // what may have something attached, not looked at yet
  std::uint64_t manifest_bytes_ = 0;
};

// What a signature under cosign's tag is: a layer with its annotations.
using Layer = std::pair<Digest, std::map<std::string, std::string>>;

std::set<Layer> layers_of(const FetchedManifest& manifest) {
  std::set<Layer> layers;
  if (const auto* image = manifest.manifest.image()) {
    for (const Descriptor& layer : image->layers) layers.insert({layer.digest, layer.annotations});
  }
  return layers;
}

class Carrier {
 public:
  Carrier(const CopyPlan& plan, Repository& from, Repository& to, const CopyOptions& options)
      : plan_(plan), from_(from), to_(to), options_(options) {}

  Result<CopyCounts> run() {
    std::span<const Descriptor> left = plan_.blobs;
    while (!left.empty()) {
      const auto some = left.first(std::min(left.size(), batch));
      left = left.subspan(some.size());
      TS_CHECK(carry(some));
    }
    if (auto pushed = push_manifests(); !pushed) return at(to_.place(), std::move(pushed).error());
    return std::move(counts_);
  }

 private:
  Status carry(std::span<const Descriptor> blobs) {
    const auto there = to_.holds(blobs);
    if (!there) return at(to_.place(), there.error());
    for (std::size_t i = 0; i < blobs.size(); ++i) {
      options_.on_next(blobs[i].digest.to_string());
      if ((*there)[i]) {
        ++counts_.blobs_there;
        continue;
      }
      TS_CHECK(carry(blobs[i]));
    }
    return ok();
  }

  Status carry(const Descriptor& blob) {
    Status read = ok();
    IncomingBlob incoming{.blob = blob,
                          .read =
                              [&](ByteSink& sink) {
                                read = from_.read_blob(blob, sink);
                                return read;
                              },
                          .source = nullptr,
                          .mount_from = mount_source(),
                          .scratch_folder = options_.scratch_folder};
    if (!blob.data) {
      auto source = from_.blob_source(blob);
      if (!source) {
        read = source.error();
      } else {
        incoming.source = *std::move(source);
      }
    }
    Status done = !read       ? read
                  : blob.data ? to_.push_blob(blob.digest, *blob.data)
                              : to_.write_blob(std::move(incoming));
    if (done) {
      ++counts_.blobs_sent;
      counts_.bytes_sent += blob.size;
      return ok();
    }
    if (!read && read.error().code == Code::image_not_found &&
        is_not_distributable(blob.media_type)) {
      counts_.notices.push_back("left out: " + blob.digest.to_string() +
                                ", a layer that its maker alone distributes");
      return ok();
    }
    const bool at_source = !read || done.error().code == Code::digest_mismatch;
    return at((at_source ? from_ : to_).place(), std::move(done).error());
  }

  std::string mount_source() const {
    const Place here = from_.place();
    const Place there = to_.place();
    const bool other = !here.registry.empty() && here.registry == there.registry &&
                       here.repository != there.repository;
    return other ? here.repository : "";
  }

  Status push_manifests() {
    for (const FetchedManifest& part : plan_.parts) {
      options_.on_next(part.digest.to_string());
      TS_CHECK(to_.push_part(part));
    }
    for (const auto& [manifest, subject] : plan_.attached) {
      options_.on_next(manifest.digest.to_string());
      TS_CHECK(to_.attach(manifest.as_referrer(), manifest.bytes, subject));
    }
    for (const auto& [tag, manifest] : plan_.tagged) {
      options_.on_next(tag);
      TS_CHECK(push_tagged(tag, manifest));
    }
    const bool listed_by_digest = to_.place().registry.empty();
    if (options_.tag.empty() && !listed_by_digest) return ok();
    return to_.push_manifest(plan_.root.manifest.media_type, plan_.root.bytes, options_.tag);
  }

  // Others may have signed at the destination too. Nothing that they wrote is lost.
  Status push_tagged(const std::string& tag, const FetchedManifest& ours) {
    return to_.change_tagged(
        tag, [&](const FetchedManifest* there) -> Result<std::optional<Repository::NewManifest>> {
          if (there != nullptr && there->digest == ours.digest) {
            return std::optional<Repository::NewManifest>();
          }
          if (there != nullptr) {
            const auto theirs = layers_of(*there);
            const auto own = layers_of(ours);
            const bool images = there->manifest.image() != nullptr && ours.manifest.image();
            if (images && std::ranges::includes(theirs, own)) {
              return std::optional<Repository::NewManifest>();
            }
            if (!images || !std::ranges::includes(own, theirs)) {
              return Error{Code::network_push, "what stands under " + tag + " there would be lost",
                           "copy it somewhere else, or remove that tag there"};
            }
          }
          return std::optional(Repository::NewManifest{
              ours.manifest.media_type, std::string(ours.bytes.begin(), ours.bytes.end())});
        });
  }

  const CopyPlan& plan_;
  Repository& from_;
  Repository& to_;
  const CopyOptions& options_;
  CopyCounts counts_;
};

}  // namespace

Result<CopyPlan> plan_copy(Repository& from, const FetchedManifest& root) {
  auto plan = Planner(from, root).run();
  if (!plan) return at(from.place(), std::move(plan).error());
  return plan;
}

Result<CopyCounts> carry_out(const CopyPlan& plan, Repository& from, Repository& to,
                             const CopyOptions& options) {
  return Carrier(plan, from, to, options).run();
}

}  // namespace touchstone::oci
