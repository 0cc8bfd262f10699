// An image with everything that is attached to it, from one repository to another: between
// registries and layout folders, in any combination.
//
// Spec: OCI Distribution Spec v1.1 (pushing, mounting, referrers and their fallback tag), cosign's
// tags (".sig", ".att", ".sbom"). Bytes are never changed: each is hashed on its way, and what does
// not hash to its digest ends the copy. First it is found out what there is (plan_copy), then it is
// carried over (carry_out): blobs, manifests from the leaves up, what is attached, and the tag
// last. So a copy that was cut off leaves no tag that leads to half an image, and the same copy
// once more sends only what is missing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "oci/repository.h"

namespace touchstone::oci {

// All that belongs to an image, and in which order it goes.
struct CopyPlan {
  struct Attached {
    FetchedManifest manifest;
    Digest subject;
  };
  struct Tagged {
    std::string tag;
    FetchedManifest manifest;
  };
  FetchedManifest root;
  std::vector<formats::Descriptor> blobs;  // each once
  std::vector<FetchedManifest> parts;      // by digest alone: what is below comes before; with the
                                           // root, without what is attached
  std::vector<Attached> attached;          // to the image before what is attached to that
  std::vector<Tagged> tagged;              // under cosign's tags
  std::size_t images = 0;                  // of `parts`, those of the image itself
  std::vector<std::string> notices;        // what was left out, and why
};

// Reads all manifests: those of an index, what refers to each of them or stands under cosign's tags
// for it, and what is attached to that, limits::max_attachment_depth deep. What is listed must be
// there. Only entries of a list that are malformed, or whose manifest names another subject, are
// left out.
// Errors: image.not-found, network.*, auth.*, format.*, digest.*, limit.*.
Result<CopyPlan> plan_copy(Repository& from, const FetchedManifest& root);

struct CopyOptions {
  std::string tag;             // of the image at the destination; empty: none
  std::string scratch_folder;  // where a layer lies between two registries
  // Called before each of plan.blobs and each manifest, with its name.
  std::function<void(const std::string&)> on_next = [](const std::string&) {};
};

struct CopyCounts {
  std::size_t blobs_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::size_t blobs_there = 0;       // at the destination already
  std::vector<std::string> notices;  // layers that may not be distributed, and are not there
};

// Errors: digest.mismatch, image.not-found, network.*, auth.*, format.layout, limit.*;
// network.push where a tag of cosign's at the destination holds what would be lost.
Result<CopyCounts> carry_out(const CopyPlan& plan, Repository& from, Repository& to,
                             const CopyOptions& options);

}  // namespace touchstone::oci
