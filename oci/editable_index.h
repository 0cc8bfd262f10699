// An index of others, changed without harm to what they wrote in it.
//
// Spec: OCI Image Spec v1.1, image-index.md. Entries and members that nobody here understands stay
// as they were, in their order.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "formats/descriptor.h"
#include "formats/json.h"

namespace touchstone::oci {

inline constexpr std::string_view tag_annotation = "org.opencontainers.image.ref.name";

class EditableIndex {
 public:
  EditableIndex();  // an index without entries

  // Refuses what formats::ReferrersList refuses: what cannot be read must not be replaced.
  // Errors: format.referrers, limit.*.
  static Result<EditableIndex> parse(ByteView bytes);

  bool lists(const Digest& digest) const;

  // Adds an entry at the end, unless its digest is listed.
  void add(const formats::Descriptor& entry);

  // Makes `entry` the one that carries the tag. An entry that carried it before loses it, and
  // keeps its place.
  void tag(const formats::Descriptor& entry, std::string_view tag);

  // Removes the entries that carry the tag, and those without any tag that are among `digests`.
  void remove_tagged(std::string_view tag);
  void remove_untagged(const std::set<std::string>& digests);

  // Errors: limit.size.
  Result<std::string> text() const;

 private:
  explicit EditableIndex(formats::Json document) : document_(std::move(document)) {}
  formats::Json::Array& entries();

  formats::Json document_;
};

}  // namespace touchstone::oci
