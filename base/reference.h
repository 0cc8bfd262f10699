// What the user wrote to name an image, normalised as containerd and Docker do.
//
// Spec: the grammar of distribution/reference. "nginx" is docker.io/library/nginx:latest; the first
// part is a registry when it has a '.' or ':', or is "localhost"; "index.docker.io" and
// "registry-1.docker.io" are docker.io; host names are lower-cased. With both a tag and a digest,
// the digest decides.
// Also "oci-layout:DIR", "oci-layout:DIR:TAG" and "oci-layout:DIR@DIGEST" for an image-layout
// folder (a path that ends in ":text" without '/' after the colon is read as DIR:TAG).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace touchstone {

class Reference {
 public:
  // Refuses upper case in the repository, empty parts, names over 255 bytes, tags over 128, ports
  // over 65535, image IDs, anything outside the grammar; layout folders whose name is no UTF-8 or
  // holds control or bidirectional characters.
  // Errors: reference.malformed.
  static Result<Reference> parse(std::string_view text);

  bool is_layout() const { return !folder_.empty(); }
  const std::string& folder() const { return folder_; }          // of a layout
  const std::string& registry() const { return registry_; }      // host[:port], lower case
  const std::string& repository() const { return repository_; }  // "library/nginx"
  const std::optional<std::string>& tag() const { return tag_; }
  const std::optional<Digest>& digest() const { return digest_; }

  // Where to connect: docker.io is served by registry-1.docker.io. No other name is rewritten.
  std::string api_host() const;

  // "docker.io/library/nginx" or "oci-layout:DIR".
  std::string name() const;
  std::string to_string() const;                   // name, with tag and digest as far as known
  std::string pinned(const Digest& digest) const;  // name@digest

 private:
  Reference() = default;
  static Result<Reference> parse_layout(std::string_view text);

  std::string folder_;
  std::string registry_;
  std::string repository_;
  std::optional<std::string> tag_;
  std::optional<Digest> digest_;
};

// Whether `text` is a tag: [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}.
bool is_tag(std::string_view text);

}  // namespace touchstone
