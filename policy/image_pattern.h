// Which images a rule is for.
//
//   registry.example.com/prod/**         all below prod/
//   docker.io/library/debian:12*         by tag; normalised as references are: "debian:12*"
//   *.example.com/app@sha256:9f86...     one digest; "@sha256:*" for images named by a digest
//   oci-layout:**                        image-layout folders, whatever is in them
//   **                                   all
//
// Host, path, tag and digest are matched one by one, after normalisation. `*` stands for anything
// within one component, `**` for any number of components of the path, also none. A host matches
// whole, with its port; its first label alone may be `*`. A pattern without a tag matches any tag
// and any digest; one with a tag does not match an image that is named by its digest, whatever tag
// is said beside it. There is no other way to say a pattern: no regular expression, no upper case
// in host or path; a pattern that begins with `*` names its registry, or is "**".
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/reference.h"
#include "base/result.h"

namespace touchstone::policy {

class ImagePattern {
 public:
  // Errors: policy.value.
  static Result<ImagePattern> parse(std::string_view text);

  // `reference` as it was asked for, `digest` as it was resolved.
  bool matches(const Reference& reference, const Digest& digest) const;

  // Whether some image could match both. Never false where one could.
  bool overlaps(const ImagePattern& other) const;

  // The same, and neither is more specific than the other.
  bool ties_with(const ImagePattern& other) const;

  // The total order of specificity (docs/reference/policy.md): literal components before `*`
  // before `**`, from the left; then the longer one; then one with a digest, one with a tag.
  // Greater is more specific.
  std::weak_ordering compare_specificity(const ImagePattern& other) const;

  // Whether every image that `other` matches is matched by this one too.
  bool covers(const ImagePattern& other) const;

  // Of a pattern that ends with `**`: one for what lies deeper, and one for what does not. Together
  // they match what it matches. Of any other: none.
  std::vector<ImagePattern> cases() const;

  bool matches_all() const { return host_ == "**" && path_.empty(); }
  const std::string& text() const { return text_; }  // normalised

 private:
  ImagePattern() = default;
  Status set_name(std::string_view text, std::string_view name);

  std::string text_;
  std::string host_;  // "**" for any; "*.example.com"
  std::vector<std::string> path_;
  std::optional<std::string> tag_;
  std::optional<std::string> digest_;  // "sha256:*" or a digest
};

}  // namespace touchstone::policy
