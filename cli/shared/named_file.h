// A file that a user names to be signed or judged, or its digest.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "verify/signed_content.h"

namespace touchstone::cli {

class NamedFile {
 public:
  // `name` is a path, or sha256:HEX where no file is called that. A file over
  // limits::max_blob_in_memory_bytes is read through once, and only its digests are kept.
  // Errors: usage.file.
  static Result<NamedFile> read(const std::string& name);

  // Refers to this.
  verify::Artifact artifact() const;

  bool is_digest() const { return digest_.has_value(); }
  bool is_whole() const { return digests_.empty() && !digest_; }

  // All of it, or as much as was kept of a large one: its beginning. Empty for a digest.
  ByteView beginning() const { return contents_; }

 private:
  Bytes contents_;
  std::map<crypto::Hash, Bytes> digests_;  // of a large file
  std::optional<Digest> digest_;
};

}  // namespace touchstone::cli
